"""Names that differ in case and accents alone: who asks to erase one is told of the others, and of nobody else."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from candor.store.storage import StorageAwayError

NETWORK = "custom:astro"
LINES = [
    b'{"type":"note","id":"a","actor":"Jos\xc3\xa9 \xc3\x81lvarez","published":"2026-10-01T00:00:00Z","content":"A"}',
    b'{"type":"note","id":"b","actor":"u7","published":"2026-10-02T00:00:00Z","content":"B"}',
    b'{"type":"account","actor":"u7","published":"2026-10-02T00:00:00Z","name":"Jose Alvarez"}',
]


@pytest.fixture(autouse=True)
def kept(store):
    for owner in ("local", "bob"):
        store.datasets.put(owner, owner, network=NETWORK, profile="forum", granted_rights=False, lines=LINES)


def note(client, account: str, network: str = NETWORK) -> str | None:
    answer = client.delete(f"/v1/accounts/{network}/{quote(account)}")
    assert answer.status_code == 202
    later = client.get(answer.json["urls"]["self"]).json
    left = f"which were left as they are: {answer.json['note'].count(chr(34)) // 2}." if answer.json["note"] else None
    assert later["note"] is None if left is None else left in later["note"]
    assert later["note"] is None or "Álvarez" not in later["note"]
    return answer.json["note"]


def test_who_erases_another_spelling_is_told_who_is_left(client):
    left = 'Left as they are, though written alike or called so: "José Álvarez", "u7".'
    assert note(client, "JOSÉ ÁLVAREZ") == left


@pytest.mark.parametrize(
    ("account", "network"), [("Josefa Álvarez", NETWORK), ("JOSÉ ÁLVAREZ", "custom:other"), ("u8", NETWORK)]
)
def test_nobody_else_is_named(client, account, network):
    assert note(client, account, network) is None


def test_an_at_sign_before_a_name_is_no_part_of_it(client, store):
    assert note(client, "@u7") is None
    assert store.suppression.among(NETWORK, ["u7"]) == {"u7"}
    assert note(client, "acct:@JOSÉ.ÁLVAREZ") == 'Left as they are, though written alike or called so: "José Álvarez".'


def test_whoever_erases_somebody_of_whom_nothing_was_kept_is_told_so_when_it_ends(client, store):
    asked = client.delete(f"/v1/accounts/{NETWORK}/u8").json
    store.erasures.finish(store.erasures.get("local", asked["id"]), {"documents": 0})
    done = client.get(asked["urls"]["self"]).json
    assert (done["status"], done["note"]) == ("succeeded", "Nothing was kept of an account of this name.")


def test_whoever_left_is_not_named(client, store):
    store.suppression.add(NETWORK, ["José Álvarez", "u7"])
    assert note(client, "JOSÉ ÁLVAREZ") is None


def test_an_erasure_is_taken_while_the_storage_is_away(client, store, monkeypatch):
    def away(*_args: object) -> None:
        raise StorageAwayError("the storage does not answer")

    monkeypatch.setattr(store.datasets, "_found", away)
    assert note(client, "JOSÉ ÁLVAREZ") is None


@pytest.mark.parametrize(("owner", "scopes"), [("bob", ("erase",)), ("eve", ("erase", "read"))])
def test_a_key_that_may_not_read_them_is_told_of_nobody(caller, owner, scopes):
    answer = caller(owner, *scopes)("DELETE", f"/v1/accounts/{NETWORK}/{quote('JOSÉ ÁLVAREZ')}")
    assert (answer.status_code, answer.json["note"]) == (202, None)
