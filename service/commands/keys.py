"""`candor keys`: makes, lists and revokes API keys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from service.commands.store import store_at_hand
from service.commands.trouble import Trouble, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from candor.settings import Settings
    from candor.store.models import Scope


def create(settings: Settings, owner: str, name: str, scopes: Sequence[Scope], days: int | None) -> None:
    """Make a key and print its secret on stdout, this once."""
    expires_at = None if days is None else datetime.now(UTC) + timedelta(days=days)
    with store_at_hand(settings) as store:
        key, secret = store.keys.create(owner, name, scopes, expires_at)
    say(f"Made {key.id} for {owner}, which may {', '.join(key.scopes)}. Its secret is shown only now:")
    click.echo(secret)


def show_all(settings: Settings, owner: str | None) -> None:
    """Print the keys, one a line: id, owner, scopes, when made, when it expires, when last used, name."""
    with store_at_hand(settings) as store:
        found = store.keys.list(owner)
    for key in found:
        until = "never expires" if key.expires_at is None else f"expires {key.expires_at:%Y-%m-%d}"
        used = "never used" if key.last_used_at is None else f"used {key.last_used_at:%Y-%m-%d}"
        columns = (key.id, key.owner, ",".join(key.scopes), f"made {key.created_at:%Y-%m-%d}", until, used, key.name)
        click.echo("\t".join(_printable(column) for column in columns))
    if not found:
        say("There are no keys.")


def revoke(settings: Settings, key_id: str) -> None:
    """Forget a key at once. Raises Trouble when there is none of that id."""
    with store_at_hand(settings) as store:
        known = store.keys.revoke(key_id)
    if not known:
        raise Trouble(f"there is no key {key_id}")
    say(f"Revoked {key_id}.")


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
