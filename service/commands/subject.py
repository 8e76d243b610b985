"""`candor subject`: what is kept of a person, and the end of it; for the operator, over all owners."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from candor.names.networks import UnknownNetworkError, network_of
from service.commands.store import store_at_hand
from service.commands.trouble import Trouble, misuse, say

if TYPE_CHECKING:
    from candor.settings import Settings


def show(settings: Settings, network: str, account: str) -> None:
    """Print everything that is kept of an account as JSON, by kind of thing, with where it is.

    Each thing stands there once and in its place, though Redis names keys in any order and some twice.
    """
    _check(network)
    found: dict[str, set[bytes]] = {}
    with store_at_hand(settings) as store:
        for kind, what in store.eraser.show(network, account):
            found.setdefault(kind, set()).add(msgspec.json.encode(what))
        kept_out = bool(store.suppression.among(network, [account]))
    things = {kind: [msgspec.Raw(each) for each in sorted(found[kind])] for kind in sorted(found)}
    said = {"network": network, "account": account, "kept_out": kept_out, "found": things}
    click.echo(msgspec.json.format(msgspec.json.encode(said), indent=1))


def erase(settings: Settings, network: str, account: str) -> None:
    """Erase an account from everything of all owners, and keep it out. Raises Trouble when something may be left.

    What jobs still write that are running now, the workers erase once those have ended.
    """
    _check(network)
    with store_at_hand(settings) as store:
        erasure = store.erasures.create(None, network, account)
        begun = store.erasures.begin(erasure.id)
        try:
            erasure = erasure if begun is None else store.eraser.run(begun)
        except OSError as error:
            raise Trouble(f"not all is erased: {error}. Ask again; {account} is kept out already") from None
    for kind, count in sorted(erasure.erased.items()):
        click.echo(f"{kind}\t{count}")
    say(f"{account} is kept out of this service from now on.")
    if not erasure.ended:
        say("Jobs were running; the workers look once more when those have ended.")


def suppress(settings: Settings, network: str, account: str) -> None:
    """Keep an account out from now on; what is kept of it stays until its time is over."""
    _check(network)
    with store_at_hand(settings) as store:
        store.suppression.add(network, [account])
    say(f"{account} is kept out of this service from now on.")


def allow(settings: Settings, network: str, account: str) -> None:
    """Let an account in again. Raises Trouble when it was not kept out."""
    _check(network)
    with store_at_hand(settings) as store:
        was_out = store.suppression.remove(network, account)
    if not was_out:
        raise Trouble(f"{account} was not kept out of {network}")
    say(f"{account} can be scored again.")


def _check(network: str) -> None:
    try:
        network_of(network)
    except UnknownNetworkError as error:
        raise misuse(str(error)) from None
