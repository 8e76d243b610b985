"""What operators put on record of accounts: it decides what documents and boards say, until it is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from candor.scoring.redaction import DataSubject
from candor.store.account_kinds import AccountKindRecord

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from candor.store import Store

ADDRESS = "/v1/accounts/custom:town/u5/kind"
WORD = {"kind": "organisation", "said_by": "operator", "why": "it is a shop of u7"}


def test_what_is_put_on_record_can_be_read_listed_and_taken_back(client: FlaskClient) -> None:
    written = client.put(ADDRESS, json=WORD)
    assert (written.status_code, client.put(ADDRESS, json=WORD).status_code) == (201, 200)
    assert client.get(ADDRESS).json == written.json
    assert client.get("/v1/account-kinds").json["data"] == [written.json]
    assert client.get(ADDRESS, headers={"If-None-Match": written.headers["ETag"]}).status_code == 304
    assert client.delete(ADDRESS).status_code == 204
    assert [client.get(ADDRESS).status_code, client.delete(ADDRESS).status_code] == [404, 404]


@pytest.mark.parametrize("wrong", [{"kind": "brand"}, {"why": ""}, {"said_by": "somebody"}])
def test_a_wrong_word_is_refused(client: FlaskClient, wrong: dict[str, Any]) -> None:
    assert client.put(ADDRESS, json=WORD | wrong).status_code == 422


def test_an_erasure_takes_what_is_on_record_along(store: Store, client: FlaskClient) -> None:
    client.put(ADDRESS, json=WORD)
    client.put("/v1/accounts/custom:town/u6/kind", json=WORD | {"why": "u5 says so"})
    subject = DataSubject(network="custom:town", names=("u5",))
    assert len(list(store.account_kinds.kept_of(subject, "local"))) == 2
    assert store.account_kinds.erase(subject, "local") == {"account_kinds": 2}
    (left,) = store.account_kinds.list("local")
    assert isinstance(left, AccountKindRecord)
    assert (left.account, "u5" in left.why) == ("u6", False)
    assert store.account_kinds.erase(subject, None) == {"account_kinds": 0}


def test_nothing_is_put_on_record_of_who_is_suppressed(client: FlaskClient) -> None:
    client.delete("/v1/accounts/custom:town/u5")
    assert client.put(ADDRESS, json=WORD).status_code == 403
