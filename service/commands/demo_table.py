"""The demo's table: one column a person, so that each number stands above the parts it is the sum of."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from service.commands.show import KIND_LABELS, WIDTH, name_of, span, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from candor.scoring.document import Feature, ScoreDocument, Totals

LABEL_WIDTH = 32
NOTHING = "-"


def table(documents: Sequence[ScoreDocument], roles: Sequence[str]) -> str:
    """Return the table of the people and, under it, the reasons in words."""
    return "\n".join([*_introduction(documents[0]), *_rows(documents, roles), "", *_reasons(documents, roles)])


def _introduction(document: ScoreDocument) -> Iterator[str]:
    yield ""
    yield from wrapped(
        f"Who knows about {document.topic.label}, and who cares? {document.inputs.activities:,} records of a made-up "
        f"community, up to {document.as_of[:10]}. {document.trust_root.size} members are declared trusted (the trust "
        "root); everybody else's word counts as far as their trust reaches. Points, 0 to 100.",
        "",
    )
    yield ""


def _rows(documents: Sequence[ScoreDocument], roles: Sequence[str]) -> Iterator[str]:
    known = [document.expertise for document in documents]
    caring = [document.interest for document in documents]
    face = [part.at_face_value for part in known]
    rule = "-" * (LABEL_WIDTH + len(documents) * _width(documents))
    yield from _row(documents, "", [name_of(document) for document in documents])
    yield from _row(documents, "", roles)
    yield rule
    yield from _row(documents, "EXPERTISE", [_number(part) for part in known])
    yield from _row(documents, "  90 % interval", [span(part.interval) for part in known])
    yield from _row(documents, "  status", [part.status.replace("_", " ") for part in known])
    yield from _row(documents, "  people, of them trusted", [f"{p.people}, {p.people_with_standing}" for p in known])
    yield from _row(documents, "  voices, of them backed", [_backing(p.totals) for p in known])
    yield from _by_kind(documents, [part.features for part in known])
    yield rule
    yield from _row(documents, "INTEREST", [_number(part) for part in caring])
    yield from _row(documents, "  90 % interval", [span(part.interval) for part in caring])
    yield from _by_feature(documents, [part.features for part in caring])
    yield rule
    yield from _row(documents, "AT FACE VALUE, easy to game", [_number(part) for part in face])
    yield from _by_kind(documents, [part.features if part else () for part in face])


def _width(documents: Sequence[ScoreDocument]) -> int:
    return (WIDTH - LABEL_WIDTH) // len(documents)


def _row(documents: Sequence[ScoreDocument], label: str, cells: Sequence[str]) -> Iterator[str]:
    """Set one row; what is too long for its column goes on below."""
    width = _width(documents)
    first, *columns = [_fold(label, LABEL_WIDTH - 1), *(_fold(cell, width - 1) for cell in cells)]
    for line in range(max(map(len, [first, *columns]))):
        beside, *parts = [column[line] if line < len(column) else "" for column in [first, *columns]]
        yield f"{beside:<{LABEL_WIDTH}}{''.join(f'{part:>{width}}' for part in parts)}".rstrip()


def _fold(text: str, width: int) -> list[str]:
    indent = " " * (len(text) - len(text.lstrip()))
    return textwrap.wrap(text, width, initial_indent="", subsequent_indent=indent + "  ") or [""]


def _reasons(documents: Sequence[ScoreDocument], roles: Sequence[str]) -> Iterator[str]:
    for document, role in zip(documents, roles, strict=True):
        known, caring = document.expertise, document.interest
        yield f"{name_of(document)}, {role}"
        if known.needs:
            yield from wrapped(f"no expertise number; needs {known.needs}", "  ", "! ")
        for sign, reasons in (("+ ", known.reasons.up), ("- ", known.reasons.down)):
            for reason in reasons:
                yield from wrapped(f"expertise: {reason}", "  ", sign)
        yield from wrapped(f"interest: {'; '.join(caring.reasons.up) or caring.needs}", "  ", "+ ")
        if (reach := document.facts.get("reachability")) and reach.value is not None:
            yield from wrapped(
                f"answers {100 * float(reach.value):.0f} % of the {reach.n} people who addressed it", "  ", "= "
            )
        yield ""


def _backing(totals: Totals) -> str:
    """Write what the voices count by themselves, and what those of the root allow on whose trust they rest."""
    voices = min(totals.all_kinds, totals.help + totals.posts)
    return f"{voices:.1f}, {totals.on_topic:.1f}"


def _number(part: object) -> str:
    score = getattr(part, "score", None)
    return "none" if score is None else f"{score:.1f}"


def _by_kind(documents: Sequence[ScoreDocument], features: Sequence[Sequence[Feature]]) -> Iterator[str]:
    points = [
        _summed((share.kind, share.contribution) for feature in each for share in feature.by_kind or ())
        for each in features
    ]
    for kind, label in KIND_LABELS.items():
        yield from _parts(documents, label, [of.get(kind, 0.0) for of in points])


def _by_feature(documents: Sequence[ScoreDocument], features: Sequence[Sequence[Feature]]) -> Iterator[str]:
    labels = {feature.id: feature.label.lower() for each in features for feature in each}
    points = [_summed((feature.id, feature.contribution) for feature in each) for each in features]
    for name, label in labels.items():
        yield from _parts(documents, label, [of.get(name, 0.0) for of in points])


def _parts(documents: Sequence[ScoreDocument], label: str, points: Sequence[float]) -> Iterator[str]:
    if any(points):
        cells = [f"{value:.2f}" if value else NOTHING for value in points]
        yield from _row(documents, f"  {label}", cells)


def _summed(parts: Iterator[tuple[str, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for name, value in parts:
        total[name] = total.get(name, 0.0) + value
    return total
