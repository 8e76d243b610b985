"""Changes of a Gerrit server, as its REST interface gives them with messages, labels and accounts in detail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from candor.formats.dumps.dump import Format, FormatFacts, Run
from candor.formats.dumps.objects import objects_in
from candor.formats.reading import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from candor.scoring.activity import Activity

FACTS = FormatFacts(
    id="gerrit",
    label="Gerrit changes",
    files="/changes/?o=MESSAGES&o=DETAILED_LABELS&o=DETAILED_ACCOUNTS as an array or one change a line",
    network="git:NAME",
    account="e-mail address",
    question="none: a change is a note, tagged with its project, topic and hashtags",
    answer="a message of a person on a change is a reply",
    accept="a merged change, by who submitted it, where that is not its owner",
    review="a Code-Review vote other than 0, as +1 or -1; a Tested or Verified vote above 0 is a test",
    lost="patches, comments in the code, votes that were taken back, who was only asked",
)
_TESTS = frozenset({"tested", "verified"})


class _Account(msgspec.Struct):
    email: str | None = None
    tags: list[str] = []

    @property
    def name(self) -> str | None:
        """Return the address of a person; a service user has none here."""
        return None if self.email is None or "SERVICE_USER" in self.tags else self.email.lower()


class _Vote(_Account):
    value: int = 0
    date: str | None = None


class _Label(msgspec.Struct):
    all: list[_Vote] = []


class _Note(msgspec.Struct):
    id: str
    date: str
    message: str = ""
    author: _Account | None = None


class _Change(msgspec.Struct):
    number: int = msgspec.field(name="_number")
    project: str
    created: str
    owner: _Account
    status: str = ""
    subject: str = ""
    topic: str | None = None
    hashtags: list[str] = []
    updated: str | None = None
    submitted: str | None = None
    submitter: _Account | None = None
    labels: dict[str, _Label] = {}
    messages: list[_Note] = []
    is_private: bool = False


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of changes. Raises UnreadableError."""
    for path in paths:
        yield from run.each(objects_in(path), _Change, lambda change: _said(change, run))


def _said(change: _Change, run: Run) -> Iterator[Activity]:
    if change.is_private:
        run.left_out["private"] += 1
        return
    key, owner = str(change.number), change.owner.name
    tags = [tag for tag in (change.project, change.topic, *change.hashtags) if tag]
    yield record(type="note", id=key, actor=owner, published=_at(change.created), content=change.subject, tags=tags)
    for note in change.messages:
        by = note.author.name if note.author else None
        if by is not None:
            said = {"object": key, "content": note.message, "published": _at(note.date)}
            yield record(type="reply", id=f"{key}/{note.id}", actor=by, **said)
    yield from _votes(change, key, owner)
    by = change.submitter.name if change.submitter else None
    if change.status == "MERGED" and by is not None and by != owner and change.submitted:
        yield record(type="accept", id=f"{key}/merge", actor=by, object=key, published=_at(change.submitted))


def _votes(change: _Change, key: str, owner: str | None) -> Iterator[Activity]:
    for label, votes in change.labels.items():
        for vote in votes.all:
            by, at = vote.name, vote.date or change.submitted or change.updated
            if by is None or by == owner or vote.value == 0 or at is None:
                continue
            act = {"actor": by, "object": key, "published": _at(at)}
            if label == "Code-Review":
                yield record(type="review", id=f"{key}/review/{by}", value=1.0 if vote.value > 0 else -1.0, **act)
            elif label.lower() in _TESTS and vote.value > 0:
                yield record(type="test", id=f"{key}/test/{by}", **act)


def _at(written: str) -> datetime:
    """Read a time as Gerrit writes it: UTC, with nanoseconds, and without saying so."""
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


FORMAT = Format(FACTS, read)
