"""`candor disputes`: what is contested, and the operator's decision about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from service.commands.store import store_at_hand
from service.commands.trouble import Trouble, say

if TYPE_CHECKING:
    from candor.settings import Settings


def show_all(settings: Settings, owner: str | None, status: str | None) -> None:
    """Print the disputes, oldest first, one a line: id, owner, status, when made, whose score, topic, voice, reason."""
    with store_at_hand(settings) as store:
        found = list(store.disputes.everybodys()) if owner is None else store.disputes.of_owner(owner)
    wanted = sorted((each for each in found if status in {None, each.status}), key=lambda each: each.created_at)
    for each in wanted:
        whose = f"{each.network} {each.account}"
        what = each.by if each.of is None else f"{each.by} about {each.of}"
        columns = (
            each.id,
            each.owner,
            each.status,
            f"{each.created_at:%Y-%m-%d}",
            whose,
            each.topic,
            what,
            each.reason,
        )
        click.echo("\t".join(_printable(column) for column in columns))
    if not wanted:
        say("There are no such disputes.")


def decide(settings: Settings, dispute_id: str, *, accept: bool, note: str | None) -> None:
    """Accept or reject a dispute, whoever owns the score. Raises Trouble when there is none of that id."""
    with store_at_hand(settings) as store:
        owner = next((each.owner for each in store.disputes.everybodys() if each.id == dispute_id), None)
        if owner is None or store.disputes.decide(owner, dispute_id, accept=accept, note=note) is None:
            raise Trouble(f"there is no dispute {dispute_id}")
    say(f"{'Accepted' if accept else 'Rejected'} {dispute_id}.")


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
