"""How often a worker asks the store: not once for every account that a job names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from candor.store import utc_now
from candor.store.account_kinds import AccountKindRecord

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis.connection import Connection

    from candor.store import Store

NETWORK = "custom:demo"
MANY = [f"u{number}" for number in range(50)]


@pytest.fixture
def round_trips(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What is sent to the server from here on, one item a round trip."""
    store.redis.ping()
    kind, sent = type(store.redis.connection_pool.get_connection()), list[object]()
    send = kind.send_packed_command

    def note(self: Connection, command: object, check_health: bool = True) -> None:
        sent.append(command)
        send(self, command, check_health)

    monkeypatch.setattr(kind, "send_packed_command", note)
    store.redis.ping()
    sent.clear()
    return sent


@pytest.mark.parametrize(
    "ask",
    [
        lambda store, accounts: store.disputes.contested("local", NETWORK, accounts),
        lambda store, accounts: store.account_kinds.said("local", NETWORK, accounts),
    ],
    ids=["disputes", "kinds"],
)
def test_fifty_accounts_are_asked_about_at_once(
    store: Store, round_trips: list[object], ask: Callable[[Store, list[str]], object]
) -> None:
    ask(store, MANY)
    assert len(round_trips) == 1


def test_kinds_are_those_of_the_accounts_asked_about(store: Store) -> None:
    for account, kind in (("u3", "bot"), ("u7", "person"), ("other", "bot")):
        record = AccountKindRecord(
            network=NETWORK, account=account, kind=kind, said_by="operator", why="known", at=utc_now()
        )
        store.account_kinds.put("local", record)
    found = store.account_kinds.said("local", NETWORK, MANY)
    assert [(each.account, each.kind) for each in found] == [("u3", "bot"), ("u7", "person")]
    assert store.account_kinds.said("local", NETWORK, []) == ()
