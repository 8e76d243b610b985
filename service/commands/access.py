"""`candor keys` and `candor store`: who may use the service, and with which data its store may be used."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from candor.settings import read_settings
from candor.signatures import new_key
from candor.store.models import ALL_SCOPES, LOCAL_OWNER
from service.commands.errors import CommandError, print_row, say
from service.store_at_hand import store_at_hand

if TYPE_CHECKING:
    from candor.store.models import Scope

OWNER_HELP = "Whose. On loopback, where no key is asked for, everything belongs to `local`."


@click.group()
def keys() -> None:
    """Make, list and revoke API keys."""


@keys.command("create")
@click.option("--name", required=True, help="What the key is for.")
@click.option("--owner", default=LOCAL_OWNER, show_default=True, help=OWNER_HELP)
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(ALL_SCOPES),
    multiple=True,
    default=("read", "write"),
    show_default=True,
    help="What it may do.",
)
@click.option("--expires-days", type=click.IntRange(1, 36_500), help="Days until it expires; never by default.")
def create_key(name: str, owner: str, scopes: tuple[Scope, ...], expires_days: int | None) -> None:
    """Make a key; its secret goes to stdout, this once."""
    expires_at = None if expires_days is None else datetime.now(UTC) + timedelta(days=expires_days)
    with store_at_hand(read_settings(os.environ), may_begin=True) as store:
        key, secret = store.keys.create(owner, name, scopes, expires_at)
    say(f"Made {key.id} for {owner}, which may {', '.join(key.scopes)}. Its secret is shown only now:")
    click.echo(secret)


@keys.command("signing")
def make_signing_key() -> None:
    """Print a new key that scores are signed with, and its public key."""
    private, public = new_key()
    click.echo(f"CANDOR_SIGNING_KEY={private}")
    say(f"Its public key, for CANDOR_OLD_SIGNING_KEYS once another has taken its place: {public}")


@keys.command("list")
@click.option("--owner", help="Only this owner's.")
def list_keys(owner: str | None) -> None:
    """List the keys, without their secrets: id, owner, scopes, when made, when it expires, when last used, name."""
    with store_at_hand(read_settings(os.environ)) as store:
        found = store.keys.list(owner)
    for key in found:
        made = f"made {key.created_at:%Y-%m-%d}"
        until = "never expires" if key.expires_at is None else f"expires {key.expires_at:%Y-%m-%d}"
        used = "never used" if key.last_used_at is None else f"used {key.last_used_at:%Y-%m-%d}"
        print_row(key.id, key.owner, ",".join(key.scopes), made, until, used, key.name)
    if not found:
        say("There are no keys.")


@keys.command("revoke")
@click.argument("key_id", metavar="KEY_ID")
def revoke_key(key_id: str) -> None:
    """Revoke a key at once."""
    with store_at_hand(read_settings(os.environ)) as store:
        known = store.keys.revoke(key_id)
    if not known:
        raise CommandError(f"there is no key {key_id}")
    say(f"Revoked {key_id}.")


@click.group("store")
def store_group() -> None:
    """Let the store be used with this machine's data directory."""


@store_group.command("adopt")
def adopt_store() -> None:
    """Use the store with this machine's secret and data directory from now on, instead of those it was used with."""
    settings = read_settings(os.environ)
    with store_at_hand(settings, checked=False) as store:
        is_new_secret = store.identity.adopt()
    say(f"The store is used with {settings.data_dir} from now on; restart what runs with another directory.")
    if is_new_secret:
        say(
            "The secret is another one, so links to pictures and secrets of webhooks made before are void, "
            "and nobody is suppressed any more: suppress again who was."
        )
