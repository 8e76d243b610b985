"""`candor disputes`: the operator sees what is contested, whoever owns the score, and decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.store.test_store_disputes import dispute

if TYPE_CHECKING:
    from candor.store import Store
    from tests.cli.conftest import Candor


@pytest.fixture
def there(redis_url: str, store: Store) -> dict[str, str]:
    """The environment that names the tests' own server, which has two disputes of two owners."""
    store.disputes.open(dispute(1, reason="one\tline\nonly\x1b[31m"))
    store.disputes.open(dispute(2, owner="ada"))
    return {"CANDOR_REDIS_URL": redis_url}


def test_disputes_of_all_owners_are_listed_one_a_line(candor: Candor, there: dict[str, str]) -> None:
    lines = candor("disputes", "list", env=there).stdout.splitlines()
    assert [line.split("\t")[:3] for line in lines] == [["dsp_1", "local", "open"], ["dsp_2", "ada", "open"]]
    assert lines[0].split("\t")[8:] == ["one line only [31m", "me@example.org"]


def test_whoever_left_no_address_has_none_in_the_list(candor: Candor, redis_url: str, store: Store) -> None:
    store.disputes.open(dispute(1, contact=None))
    (line,) = candor("disputes", "list", env={"CANDOR_REDIS_URL": redis_url}).stdout.splitlines()
    assert line.split("\t")[8:] == ["It is the same person.", ""]


def test_a_rejection_says_why_and_agreeing_need_not(candor: Candor, there: dict[str, str], store: Store) -> None:
    assert "--note" in candor("disputes", "reject", "dsp_1", env=there).stderr
    assert candor("disputes", "accept", "dsp_1", env=there).exit_code == 0
    assert store.disputes.get("local", "dsp_1").status == "accepted"


def test_the_list_can_be_of_one_owner_or_status(candor: Candor, there: dict[str, str]) -> None:
    candor("disputes", "reject", "dsp_1", "--note=No.", env=there)
    assert candor("disputes", "list", "--status=open", env=there).stdout.startswith("dsp_2")
    assert candor("disputes", "list", "--owner=local", "--status=open", env=there).stdout == ""


@pytest.mark.parametrize(("command", "status"), [("accept", "accepted"), ("reject", "rejected")])
def test_a_dispute_is_decided(candor: Candor, there: dict[str, str], store: Store, command: str, status: str) -> None:
    assert candor("disputes", command, "dsp_2", "--note=Seen.", env=there).exit_code == 0
    decided = store.disputes.get("ada", "dsp_2")
    assert (decided.status, decided.note) == (status, "Seen.")


def test_an_unknown_dispute_is_said_to_be_unknown(candor: Candor, there: dict[str, str]) -> None:
    result = candor("disputes", "accept", "dsp_9", env=there)
    assert result.exit_code != 0
    assert "there is no dispute dsp_9" in result.stderr
