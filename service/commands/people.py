"""`candor subject` and `candor disputes`: what the people scored may ask for; for the operator, over all owners."""

from __future__ import annotations

import os
import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click
import msgspec

from candor.names.account_text import UnknownAccountError
from candor.names.accounts import account_name, lenient_namer, may_have_aliases
from candor.names.networks import UnknownNetworkError, network_name
from candor.settings import read_settings
from candor.store.disputes import DisputeStatus
from service.commands.errors import CommandError, print_row, say, usage_error
from service.store_at_hand import store_at_hand

if TYPE_CHECKING:
    from candor.store import Store
    from candor.store.datasets import Datasets
    from candor.store.erasure import Erasure

_MOST_CALLED = 10
_MOST_WAITED_S, _LOOK_AGAIN_S = 60, 0.2
ERASED_IN_WORDS = {
    "documents": "scores of the account",
    "redacted": "scores of others that named the account, now without it",
    "histories": "histories of its scores",
    "boards": "rankings it was taken out of",
    "datasets": "data sets it was taken out of",
    "jobs": "requests it was taken out of",
    "disputes": "disputes",
    "account_kinds": "statements of what the account is",
    "claims": "proofs that the account is somebody's",
    "findings": "answers to questions about a community, with it in them",
    "trust_roots": "lists of trusted people it was taken out of",
    "job_roots": "lists of trusted people for requests it was taken out of",
    "followed_boards": "rankings that are followed and named it as trusted",
    "vouches": "records of who vouched for whom, with it in them",
    "sources": "sources followed that named it",
    "dataset_examples": "examples of records that were read for a data set, with it in them",
    "question_words": "words of the questions in a community, with its own among them",
    "cached_responses": "answers of networks, kept for a short time",
    "idempotent_responses": "kept answers to repeated requests",
    "damaged": "damaged things that may have named it",
}


@click.group()
def subject() -> None:
    """Show, erase or suppress an account, for everybody who uses this service."""


@subject.command("show")
@click.argument("network")
@click.argument("account")
def show_subject(network: str, account: str) -> None:
    """Print everything that is kept of an account, as JSON."""
    # Each thing stands there once and in its place, though Redis names keys in any order and some twice.
    network, account = _named(network, account)
    found: dict[str, set[bytes]] = {}
    with store_at_hand(read_settings(os.environ)) as store:
        for kind, what in store.eraser.kept_of(network, account):
            found.setdefault(kind, set()).add(msgspec.json.encode(what))
        suppressed = bool(store.suppression.among(network, [account]))
        if not found:
            say(
                f"Nothing is kept of {account} on {network}.{_called(store, network, account)}"
                f"{_elsewhere(store, network, account)}"
            )
    things = {kind: [msgspec.Raw(each) for each in sorted(found[kind])] for kind in sorted(found)}
    said = {"network": network, "account": account, "suppressed": suppressed, "found": things}
    click.echo(msgspec.json.format(msgspec.json.encode(said), indent=1))


@subject.command("erase")
@click.argument("network")
@click.argument("account")
def erase_subject(network: str, account: str) -> None:
    """Erase an account from everything, and suppress it. It has to be known; `suppress` keeps out whoever is not."""
    # What jobs still write that are running now, the workers erase once those have ended.
    network, account = _named(network, account)
    with store_at_hand(read_settings(os.environ)) as store:
        _require_known(store, network, account)
        erasure = _carried_out(store, store.erasures.create(None, network, account))
        called, elsewhere = _called(store, network, account), _elsewhere(store, network, account)
    for kind, count in sorted(erasure.erased.items()):
        if count:
            click.echo(f"{kind}\t{count}\t{ERASED_IN_WORDS.get(kind, kind)}")
    say(f"{account} is suppressed from now on.{called}{elsewhere}")
    if erasure.waits_for is not None:
        say(f"It may go by other names: workers ask {network} for them, and erase what is kept under those too.")
    elif not erasure.ended:
        say(f"It is not over ({erasure.id}): the workers end it once jobs have ended that were running.")
    elif not any(erasure.erased.values()):
        say("Nothing was kept of it.")


def _carried_out(store: Store, erasure: Erasure) -> Erasure:
    """Have an erasure done by a worker, or where none is there by this command: two at once count half of it each.

    Raises CommandError.
    """
    until = time.monotonic() + _MOST_WAITED_S
    while store.workers.alive() and time.monotonic() < until:
        now = store.erasures.find(erasure.id) or erasure
        if now.ended or now.waits_for is not None:
            return now
        time.sleep(_LOOK_AGAIN_S)
    if store.workers.alive() or (begun := store.erasures.start(erasure.id)) is None:
        return store.erasures.find(erasure.id) or erasure
    try:
        unasked = (
            "no worker has asked yet" if any(may_have_aliases(begun.network, name) for name in begun.names) else None
        )
        return store.eraser.run(begun, unasked=unasked)
    except OSError as error:
        said = f"not all is erased: {error}. Ask again; {', '.join(begun.names)} is suppressed already"
        raise CommandError(said) from None


@subject.command("again")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def leave_again(file: Path) -> None:
    """Suppress and erase again everybody whom the file `left` of a data directory says to have left."""
    # For a back-up that was put back together with its own `left`: then the newer one is read, kept elsewhere.
    with store_at_hand(read_settings(os.environ)) as store:
        begun = store.leave_again(file)
    if begun:
        say(f"The workers erase {len(begun)} {'account' if len(begun) == 1 else 'accounts'} again.")
    else:
        say("Nothing is kept of anybody who was erased. All who left are suppressed.")


@subject.command("link")
@click.argument("network")
@click.argument("account")
def link_subject(network: str, account: str) -> None:
    """Print a one-time link for the person behind an account, once you have made sure that it is theirs."""
    # It works once, within seven days; it opens everything that is held of the account, for an hour.
    network, account = _named(network, account)
    settings = read_settings(os.environ)
    with store_at_hand(settings) as store:
        _require_known(store, network, account)
        code = store.claims.make_code(network, account)
        called = _called(store, network, account)
    click.echo(f"{(settings.public_url or '').rstrip('/')}/about-me/code?code={code}")
    if called:
        say(f"This is for {account} alone, case and accents included.{called}")
    in_front = "" if settings.public_url else "Put the address of your service in front (or set CANDOR_PUBLIC_URL). "
    say(f"{in_front}Send it to that person alone. It works once, for seven days.")


@subject.command("suppress")
@click.argument("network")
@click.argument("account")
def suppress_subject(network: str, account: str) -> None:
    """Suppress an account from now on, known or not; what is kept of it stays until its time is over."""
    network, account = _named(network, account)
    with store_at_hand(read_settings(os.environ)) as store:
        store.suppression.add(network, [account])
        called, elsewhere = _called(store, network, account), _elsewhere(store, network, account)
    say(f"{account} is suppressed from now on.{called}{elsewhere}")


@subject.command("allow")
@click.argument("network")
@click.argument("account")
def allow_subject(network: str, account: str) -> None:
    """Lift the suppression of an account."""
    network, account = _named(network, account)
    with store_at_hand(read_settings(os.environ)) as store:
        was_out = store.suppression.remove(network, account)
    if not was_out:
        raise CommandError(f"{account} was not suppressed on {network}")
    say(f"{account} can be scored again.")


def _require_known(store: Store, network: str, account: str) -> None:
    """Refuse an account of which nothing is kept, unless it may be by another name. Raises CommandError."""
    if may_have_aliases(network, account):
        return
    try:
        is_known = any(kind != "claims" for kind, _ in store.eraser.kept_of(network, account))  # begun on the page
    except OSError:  # a damaged file may hold anybody
        is_known = True
    if not is_known:
        suppress = f"candor subject suppress {shlex.quote(network)} {shlex.quote(account)}"
        raise CommandError(
            f"nothing is kept of {account} on {network}.{_called(store, network, account)}"
            f"{_elsewhere(store, network, account)} "
            f"To keep it out from now on all the same: {suppress}"
        )


def _called(store: Store, network: str, name: str) -> str:
    """Say which accounts show that name, or are written so but for case and accents: few know how they are named."""
    meant = store.datasets.written_alike(network, name)[:_MOST_CALLED]
    if len(meant) == 1:
        return f" So called, or written much like it, is the account {meant[0]}: did you mean that one?"
    accounts = ", ".join(meant)
    return (
        f" So called, or written much like it, are the accounts {accounts}: did you mean one of them?" if meant else ""
    )


def _elsewhere(store: Store, network: str, account: str) -> str:
    """Say on which other networks somebody goes by the same name: nothing said of one holds for another."""
    networks = _networks_naming(store.datasets, account, but=network)
    return f" The same name occurs on {', '.join(networks)}, of which this says nothing." if networks else ""


def _named(network: str, account: str) -> tuple[str, str]:
    """Return the one names of a network and an account. Raises CommandError where they can be none."""
    try:
        return network_name(network), account_name(network, account)
    except (UnknownNetworkError, UnknownAccountError) as error:
        raise usage_error(str(error)) from None


@click.group()
def disputes() -> None:
    """List what people contest in scores, and decide."""


@disputes.command("list")
@click.option("--owner", help="Only this owner's.")
@click.option("--status", type=click.Choice(get_args(DisputeStatus)), help="Only those.")
def list_disputes(owner: str | None, status: str | None) -> None:
    """List disputes, oldest first: id, owner, status, made, due, whose score, topic, what is wrong, reason, contact."""
    with store_at_hand(read_settings(os.environ)) as store:
        found = list(store.disputes.all()) if owner is None else store.disputes.all(owner)
    wanted = sorted((each for each in found if status in {None, each.status}), key=lambda each: each.created_at)
    for each in wanted:
        whose = f"{each.network} {each.account}"
        what = each.about if each.by is None else each.by if each.of is None else f"{each.by} about {each.of}"
        what = " ".join(filter(None, (what, each.kind, each.url)))
        made = f"{each.created_at:%Y-%m-%d}"
        due = "" if each.answer_by is None or each.status != "open" else f"{each.answer_by:%Y-%m-%d}"
        print_row(each.id, each.owner, each.status, made, due, whose, each.topic, what, each.reason, each.contact or "")
    if not wanted:
        say("There are no such disputes.")


@disputes.command("accept")
@click.argument("dispute_id", metavar="DISPUTE_ID")
@click.option("--note", help="What you say to it, if anything; whoever contests the score reads it.")
def accept_dispute(dispute_id: str, note: str | None) -> None:
    """Agree with a dispute. The next score leaves evidence out and goes by a kind put right; you correct all else."""
    _decide(dispute_id, accept=True, note=note)


@disputes.command("reject")
@click.argument("dispute_id", metavar="DISPUTE_ID")
@click.option("--note", required=True, help="Why, in words; whoever contests the score reads it.")
def reject_dispute(dispute_id: str, note: str | None) -> None:
    """Disagree with a dispute: scores stay as they are."""
    _decide(dispute_id, accept=False, note=note)


def _decide(dispute_id: str, *, accept: bool, note: str | None) -> None:
    with store_at_hand(read_settings(os.environ)) as store:
        owner = next((each.owner for each in store.disputes.all() if each.id == dispute_id), None)
        decided = None if owner is None else store.disputes.decide(owner, dispute_id, accept=accept, note=note)
        if decided is None:
            raise CommandError(f"there is no dispute {dispute_id}")
        store.claims.collect_about(decided.network, decided.account)
    said = f"{'Accepted' if accept else 'Rejected'} {dispute_id}."
    by_itself = decided.about in {"evidence", "wrong_kind"}
    say(said if by_itself or not accept else f"{said} Nothing changes by itself: correct the records, then score anew.")


def _networks_naming(datasets: Datasets, account: str, but: str) -> list[str]:
    """Return the networks beside one in whose data sets somebody goes by the account's name."""
    found = {
        network
        for network, table in datasets.tables(lambda network: network != but)
        if table.people.has(lenient_namer(network)(account))
    }
    return sorted(found)
