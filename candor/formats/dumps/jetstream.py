"""Lines of Bluesky's Jetstream: what people did in public, one event a line."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.compression import UnreadableError
from candor.formats.dumps import tap
from candor.formats.dumps.bluesky_records import TELLING, Accounts
from candor.formats.dumps.dump import Format, FormatFacts, Run
from candor.formats.dumps.objects import objects_in
from candor.formats.reading import MALFORMED, read_item
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from candor.scoring.activity import Activity

FACTS = FormatFacts(
    id="jetstream",
    label="Bluesky Jetstream",
    files="events, one a line, also .zst; lines of Tap, or of goat where they say whose records they are",
    network="bluesky",
    account="DID",
    question="none: a post that answers none is a note",
    answer="a reply; a post with a post in it is a quote, a repost a reshare; places on curated lists and in starter "
    "packs",
    accept="none: answers cannot be accepted there",
    lost="what the events delete later, and all of accounts that are gone or ask not to be shown to strangers, "
    "counted; edits, blocks, pictures; who is not among the events",
)
_CREATES, _UPDATES, _DELETES = ({"create", "c"}, {"update", "u"}, {"delete", "d"})
"""As it is written, and as it was in the first months of Jetstream."""
_TELLING = re.compile(
    rb'"(?:delete|d|account|acc|app\.bsky\.(?:actor\.profile|graph\.list|graph\.starterpack|feed\.postgate))"'
)


_WRAPPING = ("data", "value", "event", "message")
_IS_EVENT = re.compile(rb'\{\s*"(?:did"|time_us"|kind"|commit"|account"|type"\s*:\s*"(?:com|acc|id)")')


class _Commit(msgspec.Struct):
    collection: str
    rkey: str
    operation: str = ""
    type: str = ""
    record: dict[str, Any] = {}

    @property
    def done(self) -> set[str]:
        return {self.operation, self.type}

    @property
    def key(self) -> str:
        return f"{self.collection}/{self.rkey}"


class _State(msgspec.Struct):
    active: bool = True


class _Event(msgspec.Struct):
    did: str
    time_us: int | None
    commit: _Commit | None = None
    account: _State | None = None


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of events. Raises UnreadableError."""
    accounts = Accounts()
    for path in paths:
        with suppress(UnreadableError):  # which is counted when it is read again
            for thing in _events(path):
                if not isinstance(thing, msgspec.Raw) or _TELLING.search(thing):
                    _take_in(thing, accounts)
    yield from accounts.declined()
    yield from run.each_file(
        paths, lambda path: run.each(_events(path), _Event, lambda event: _said(event, accounts, run))
    )


def _events(path: Path) -> Iterator[Any]:
    """Yield events, also where each stands in a row of a table or a message of a queue, and those of other tools."""
    for thing in objects_in(path):
        if isinstance(thing, msgspec.Raw) and _IS_EVENT.match(thing) is None:
            yield _bare(thing)
        else:
            yield thing


def _bare(thing: msgspec.Raw) -> Any:  # noqa: ANN401 JSON
    """Return the event in a row, or what a line of another tool says as one. Raises DumpError."""
    try:
        row = read_item(thing, dict[str, Any])
    except MALFORMED:
        return thing
    event = next((row[name] for name in _WRAPPING if name in row), None) if b'"time_us"' in bytes(thing) else None
    return event or tap.event_of(row) or row


def _take_in(thing: Any, accounts: Accounts) -> None:  # noqa: ANN401 JSON
    """Note what an event says of others. One that is odd is counted when it is read again."""
    with suppress(*MALFORMED):
        event = read_item(thing, _Event)
        at, _ = time_of(event.time_us)
        if at is None:
            return
        if event.account is not None:
            accounts.set_active(event.did, at, active=event.account.active)
        elif event.commit is not None and event.commit.done & _DELETES:
            accounts.take_out(event.did, event.commit.key)
        elif event.commit is not None and event.commit.collection in TELLING:
            accounts.take_in(event.did, event.commit.key, event.commit.record, at)


def _said(event: _Event, accounts: Accounts, run: Run) -> Iterator[Activity]:
    done, (at, _) = event.commit, time_of(event.time_us)
    is_new = done is not None and (done.done & _CREATES or (done.done & _UPDATES and done.collection in TELLING))
    if done is None or not is_new:
        run.left_out["other"] += 1
    elif at is None:
        run.left_out["undated"] += 1
    else:
        yield from accounts.records_of(event.did, done.key, done.record, at, run)


FORMAT = Format(FACTS, read)
