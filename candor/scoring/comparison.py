"""Comparison: which features put one score above another, in words and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from candor.scoring.acts_compared import ActsCompared, compare_acts
from candor.scoring.kinds import LABELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from candor.scoring.document import Expertise, Feature, Interest, KindShare, ScoreDocument

_DATE = len("2026-12-01")
_ALIKE = 0.05  # points: less than this is not worth a word


class NotComparableError(ValueError):
    """Two scores were not made the same way; the message says how they differ."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What one feature, or one kind of recognition, gives each of the two."""

    id: Annotated[str, Meta(description="Id of the feature or kind.")]
    label: Annotated[str, Meta(description="What it is called.")]
    a: Annotated[float, Meta(description="Points of the first.")]
    b: Annotated[float, Meta(description="Points of the second.")]
    difference: Annotated[float, Meta(description="The first less the second, in points.")]
    raw_a: Annotated[
        float | None, Meta(description="The first's raw value, in the feature's unit; null for kinds.")
    ] = None
    raw_b: Annotated[
        float | None, Meta(description="The second's raw value, in the feature's unit; null for kinds.")
    ] = None
    unit: Annotated[str | None, Meta(description="Unit of the raw values; null for kinds.")] = None


class SideCompared(msgspec.Struct, frozen=True, kw_only=True):
    """Expertise or interest of both."""

    a: Annotated[float | None, Meta(description="Score of the first, 0 to 100, or null.")]
    b: Annotated[float | None, Meta(description="Score of the second, 0 to 100, or null.")]
    difference: Annotated[
        float | None, Meta(description="Points: the first less the second; null unless both have a number.")
    ]
    overlap: Annotated[
        bool | None,
        Meta(description="Whether the intervals overlap: then the order may be chance. Null unless both have one."),
    ]
    by_feature: Annotated[tuple[Difference, ...], Meta(description="By feature; the differences add up to the whole.")]
    by_kind: Annotated[
        tuple[Difference, ...],
        Meta(description="The same by kind of recognition, the largest first; empty for interest."),
    ]
    words: Annotated[
        tuple[str, ...],
        Meta(description="The same in words; the difference is split twice, by feature and by what others did."),
    ]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two accounts side by side on one topic, or one at two times."""

    score_a: Annotated[str, Meta(description="Id of the first score.")]
    score_b: Annotated[str, Meta(description="Id of the second score.")]
    account_a: Annotated[str, Meta(description="The first account.")]
    account_b: Annotated[str, Meta(description="The second account.")]
    topic: Annotated[str, Meta(description="Id of the topic.")]
    expertise: Annotated[SideCompared, Meta(description="Who knows more?")]
    interest: Annotated[SideCompared, Meta(description="Who cares more?")]
    acts: Annotated[
        ActsCompared | None,
        Meta(description="Of one account at two times: which acts of others are new, gone or count otherwise."),
    ] = None


def compare(a: ScoreDocument, b: ScoreDocument) -> Comparison:
    """Compare two documents. Raises NotComparableError unless they were made the same way on one topic.

    Only those of one account may speak of two times: what came of its acts in between is then in `acts`.
    """
    is_one = a.account.account == b.account.account
    if unlike := [name for name, of in _MADE_ALIKE if of(a) != of(b) and not (is_one and name == "time")]:
        raise NotComparableError(f"the two scores differ in {', '.join(f'their {name}' for name in unlike)}")
    names = (a.account.account, b.account.account)
    if is_one:
        names = (f"{names[0]} ({a.as_of[:_DATE]})", f"{names[1]} ({b.as_of[:_DATE]})")
    return Comparison(
        score_a=a.id,
        score_b=b.id,
        account_a=a.account.account,
        account_b=b.account.account,
        topic=a.topic.id,
        expertise=_side(a.expertise, b.expertise, names, "expertise"),
        interest=_side(a.interest, b.interest, names, "interest"),
        acts=compare_acts(*sorted((a, b), key=lambda document: document.as_of)) if is_one else None,
    )


_MADE_ALIKE: tuple[tuple[str, Callable[[ScoreDocument], object]], ...] = (
    ("network", lambda document: document.account.network),
    ("topic", lambda document: document.topic.digest),
    ("method", lambda document: document.method.digest),
    ("profile", lambda document: document.method.profile),
    ("trust root", lambda document: document.trust_root.digest),
    ("time", lambda document: document.as_of),
    ("window", lambda document: document.window_days),
)


def _side(a: Expertise | Interest, b: Expertise | Interest, names: tuple[str, str], what: str) -> SideCompared:
    difference = None if a.score is None or b.score is None else round(a.score - b.score, 6)
    return SideCompared(
        a=a.score,
        b=b.score,
        difference=difference,
        overlap=_overlap(a, b),
        by_feature=_by_feature(a.features, b.features),
        by_kind=_by_kind(a.features, b.features),
        words=tuple(_words(a, b, names, what)),
    )


def _overlap(a: Expertise | Interest, b: Expertise | Interest) -> bool | None:
    if a.interval is None or b.interval is None:
        return None
    return a.interval.overlaps(b.interval)


def _by_feature(a: Sequence[Feature], b: Sequence[Feature]) -> tuple[Difference, ...]:
    return tuple(
        Difference(
            id=one.id,
            label=one.label,
            a=one.contribution,
            b=other.contribution,
            difference=round(one.contribution - other.contribution, 6),
            raw_a=one.raw,
            raw_b=other.raw,
            unit=one.unit,
        )
        for one, other in zip(a, b, strict=False)
    )


def _by_kind(a: Sequence[Feature], b: Sequence[Feature]) -> tuple[Difference, ...]:
    ours, theirs = _points_of_kinds(a), _points_of_kinds(b)
    rows = (
        Difference(
            id=kind,
            label=LABELS[kind],
            a=ours.get(kind, 0.0),
            b=theirs.get(kind, 0.0),
            difference=round(ours.get(kind, 0.0) - theirs.get(kind, 0.0), 6),
        )
        for kind in sorted({*ours, *theirs})
    )
    return tuple(sorted(rows, key=lambda row: (-abs(row.difference), row.id)))


def _points_of_kinds(features: Sequence[Feature]) -> dict[str, float]:
    points: dict[str, float] = {}
    shares: Iterator[KindShare] = (share for feature in features for share in feature.by_kind or ())
    for share in shares:
        points[share.kind] = round(points.get(share.kind, 0.0) + share.contribution, 6)
    return points


def _words(a: Expertise | Interest, b: Expertise | Interest, names: tuple[str, str], what: str) -> Iterator[str]:
    for name, side in zip(names, (a, b), strict=True):
        if side.score is None:
            yield f"{name} has no number for {what}: {side.status.replace('_', ' ')}"
    if a.score is None or b.score is None:
        return
    lead = a.score - b.score
    if abs(lead) < _ALIKE:
        yield f"{names[0]} and {names[1]} are level on {what}"
    else:
        ahead, behind = names if lead > 0 else names[::-1]
        yield f"{ahead} stands {abs(lead):.1f} points above {behind} on {what}"
    if _overlap(a, b):
        yield "their intervals overlap: the order may be chance"
    yield from _split("by feature", _by_feature(a.features, b.features), names)
    yield from _split("by what others did", _by_kind(a.features, b.features), names)


def _split(how: str, rows: Sequence[Difference], names: tuple[str, str]) -> Iterator[str]:
    for row in sorted(rows, key=lambda row: -abs(row.difference)):
        if abs(row.difference) >= _ALIKE:
            points, ahead = abs(row.difference), names[row.difference < 0]
            yield f"{how}: {points:.1f} points more for {ahead} from {row.label.lower()}"
