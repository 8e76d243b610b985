"""Acts compared: what of others' use of somebody's help is new, gone or counts otherwise between two scores."""

from __future__ import annotations

import hashlib
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from candor.scoring.document import Act, ScoreDocument

MOST_ACTS = 100
_Key = tuple[str, str, str, str]


class ActCompared(msgspec.Struct, frozen=True, kw_only=True):
    """One act of recognition on the topic in the earlier and the later score."""

    by: Annotated[str, Meta(description="Who did it.")]
    kind: Annotated[str, Meta(description="Kind of recognition.")]
    record: Annotated[str | None, Meta(description="Id of the record by which it was done; null if it is not said.")]
    of: Annotated[str, Meta(description="Id of what was taken up.")]
    at: Annotated[str, Meta(description="When.")]
    before: Annotated[float | None, Meta(description="Its strength in the earlier score; null where it is new.")]
    now: Annotated[float | None, Meta(description="Its strength in the later one; null where it is gone.")]

    @property
    def size(self) -> float:
        """By how much its strength differs; what is not there has none."""
        return abs((self.now or 0.0) - (self.before or 0.0))


class ActsCompared(msgspec.Struct, frozen=True, kw_only=True):
    """What others did with an account's help on the topic, in the earlier and the later score.

    Of each list there are the hundred that differ most. What people count, whom others trust more or less, differs
    beside it: that is in the voices of both documents.
    """

    complete: Annotated[
        bool,
        Meta(
            description="Whether all acts were compared. If not, the whole evidence of one score is no longer kept, "
            "and only acts of the twenty people who count most on each were compared."
        ),
    ]
    new: Annotated[tuple[ActCompared, ...], Meta(description="Acts in the later one only.")]
    gone: Annotated[
        tuple[ActCompared, ...],
        Meta(description="Acts in the earlier one only: too old by now, taken out, or another took their place."),
    ]
    aged: Annotated[
        tuple[ActCompared, ...],
        Meta(description="Acts in both that count otherwise: an act counts less the older it is."),
    ]
    new_total: Annotated[int, Meta(description="How many are new.")]
    gone_total: Annotated[int, Meta(description="How many are gone.")]
    aged_total: Annotated[int, Meta(description="How many count otherwise.")]


def compare_acts(before: ScoreDocument, after: ScoreDocument) -> ActsCompared:
    """Compare the acts on the topic in two documents of one account, the earlier one first."""
    then, now = _on_topic(before), _on_topic(after)
    rows = [_row(key, then.get(key), now.get(key)) for key in sorted({*then, *now})]
    rows.sort(key=lambda row: -row.size)
    new = [row for row in rows if row.before is None]
    gone = [row for row in rows if row.now is None]
    aged = [row for row in rows if None not in (row.before, row.now) and row.before != row.now]
    return ActsCompared(
        complete=all(each.expertise.evidence_shown == "all" for each in (before, after)),
        new=tuple(islice(new, MOST_ACTS)),
        gone=tuple(islice(gone, MOST_ACTS)),
        aged=tuple(islice(aged, MOST_ACTS)),
        new_total=len(new),
        gone_total=len(gone),
        aged_total=len(aged),
    )


def digest_of_acts(document: ScoreDocument) -> str:
    """Return a digest of which acts are behind expertise on any topic, whatever each of them counts."""
    keys = {_key(voice.by, act) for voice in document.expertise.evidence for act in voice.acts}
    return f"sha256:{hashlib.sha256(msgspec.json.encode(sorted(keys))).hexdigest()}"


def _on_topic(document: ScoreDocument) -> Mapping[_Key, Act]:
    return dict(_acts(document))


def _acts(document: ScoreDocument) -> Iterator[tuple[_Key, Act]]:
    for voice in document.expertise.evidence:
        if voice.scope == "on_topic":
            yield from ((_key(voice.by, act), act) for act in voice.acts)


def _key(by: str, act: Act) -> _Key:
    return by, act.kind, "" if act.record is msgspec.UNSET else act.record, act.of


def _row(key: _Key, before: Act | None, now: Act | None) -> ActCompared:
    by, kind, record, of = key
    return ActCompared(
        by=by,
        kind=kind,
        record=record or None,
        of=of,
        at=now.at if now else before.at if before else "",
        before=before.strength if before else None,
        now=now.strength if now else None,
    )
