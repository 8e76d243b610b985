"""Score documents as plain text: one from top to bottom with every part of each number, or several side by side."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from candor.messages.earned import only_replies
from candor.scoring.kinds import KINDS
from service.drawing.provenance import position_brief, position_sentence, rough_document
from service.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from candor.scoring.document import Expertise, Feature, Interest, Interval, Reasons, ScoreDocument, VoiceTotals
    from candor.scoring.made_from import TrustRootRef

WIDTH = 100
LABEL_WIDTH = 32
NOTHING = "-"
KINDS_OF_ACCOUNT = {"unknown": "account of unknown kind"}
_DID = {
    None: "used this account's help",
    "asker": "who had asked replied to this account's answers (a reply may also object)",
    "anybody": "replied to this account's answers (a reply may also object)",
}
KIND_LABELS = {kind.id: kind.label for kind in KINDS}


def show(document: ScoreDocument) -> str:
    """Return the document's breakdown, lines of at most a hundred columns where the names allow it."""
    return "\n".join([*_head(document), "", *_expertise(document), "", *_interest(document.interest), ""])


def name_of(document: ScoreDocument) -> str:
    """Return what to call the account."""
    account = document.account
    return printable(f"{account.name} ({account.account})" if account.name else account.account)


def span(interval: Interval | None) -> str:
    """Return the limits of an interval."""
    return "" if interval is None else f"{interval.low:.1f} to {interval.high:.1f}"


def printable(text: str) -> str:
    """Return the text without what would move a terminal's cursor, or worse."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def wrapped(text: str, indent: str, sign: str = "") -> list[str]:
    """Return the text in lines, each behind the indent, the first behind the sign as well."""
    following = indent + " " * len(sign)
    return textwrap.wrap(printable(text), WIDTH, initial_indent=indent + sign, subsequent_indent=following)


def _head(document: ScoreDocument) -> Iterator[str]:
    title = f"{name_of(document)} on {printable(document.topic.label)}"
    yield title
    yield "=" * min(len(title), WIDTH)
    facts = (
        f"{KINDS_OF_ACCOUNT.get(document.account.kind, document.account.kind)} on {document.account.network}",
        _who_is_trusted(document.trust_root),
        f"as of {document.as_of}, {document.window_days:,} days back",
        f"method {document.method.version}, profile {document.method.profile}",
        f"{document.inputs.activities:,} records, {document.matched.records:,} of the account's own on the topic",
    )
    yield from wrapped("; ".join(facts), "")
    yield f"document {document.id}"


def _who_is_trusted(root: TrustRootRef) -> str:
    if root.kind == "network":
        return "everyone counts equally"
    return "no trust root" if root.kind == "none" else f"trust root of {root.size:,} accounts"


def _expertise(document: ScoreDocument) -> Iterator[str]:
    part = document.expertise
    yield _line("EXPERTISE", part)
    yield from wrapped(rough_document(document, words("en")), "  ")
    yield from wrapped(position_sentence(part.position, words("en")), "  ")
    people = f"{part.people:,} {'person' if part.people == 1 else 'people'} {_DID[only_replies(part)]}"
    yield from wrapped(
        f"{people}, and trust reaches {part.people_with_standing:,} of them, directly or through others "
        f"({part.standing_sum:.2f} together)",
        "  ",
    )
    yield from _seeds(part)
    yield from _features(part.features, counted=part.score is not None)
    yield from _reasons(part.reasons)
    yield from _unknown(part.coverage.unknown)
    if (face := part.at_face_value) is not None and part.status != "face_value":
        number = "no score" if face.score is None else f"{face.score:.1f} of 100, {span(face.interval)}"
        place = position_brief(face.position, words("en"))
        told = f"{number}; {place}" if place else number
        yield from wrapped(f"If everyone counted equally: {told}. {face.warning}", "  ")


def _seeds(part: Expertise) -> Iterator[str]:
    """Say how many trusted people stand behind the supporters; nothing without anybody."""
    people = [backer for backer in part.backers if backer.scope == "on_topic"]
    if people and part.totals.backed is not None:
        voices = min(part.totals.all_kinds, part.totals.help + part.totals.posts)
        yield from wrapped(
            f"{voices:.2f} supporters, by the trust of {len(people):,} of the people you trust; "
            f"{part.totals.on_topic:.2f} of them count",
            "  ",
        )


def _unknown(kinds: Mapping[str, str]) -> Iterator[str]:
    for reason in dict.fromkeys(kinds.values()):
        labels = ", ".join(KIND_LABELS.get(kind, kind) for kind, why in kinds.items() if why == reason)
        yield from wrapped(f"unknown, not zero: {labels} ({reason})", "  ", "? ")


def _interest(part: Interest) -> Iterator[str]:
    yield _line("INTEREST", part)
    yield from wrapped(f"{part.own_acts:,} acts of its own within a year", "  ")
    yield from _features(part.features, counted=part.score is not None)
    yield from _reasons(part.reasons)


def _line(title: str, part: Expertise | Interest) -> str:
    if part.score is None:
        needs = f"; needs {part.needs}" if part.needs else ""
        return "\n".join(wrapped(f"no score ({part.status.replace('_', ' ')}{needs})", "", f"{title:<10} "))
    meant = " (everyone counted equally: easy to manipulate)" if part.status == "face_value" else ""
    return f"{title:<10} {part.score:.6f} of 100, 90% interval {span(part.interval)}{meant}"


def _features(features: Sequence[Feature], *, counted: bool) -> Iterator[str]:
    shown = [feature for feature in features if feature.weight or feature.contribution]
    if shown and not counted:
        yield "  Points so far; not a score:"
    for feature in shown:
        points = f"{feature.contribution:9.6f} of {feature.weight:g} points"
        yield f"  {feature.label:<20} {amount(feature):>16} → {points}"
        for share in feature.by_kind or ():
            label = KIND_LABELS.get(share.kind, share.kind)
            yield f"    {label:<42} {share.contribution:9.6f}   ({share.voices:.2f} supporters)"


def amount(feature: Feature) -> str:
    """Return a feature's raw value with its unit."""
    if feature.unit == "share":
        return f"{100 * feature.raw:.1f}%"
    return f"{feature.raw:.2f} {words('en').get(f'unit.{feature.unit}', feature.unit)}"


def _reasons(reasons: Reasons) -> Iterator[str]:
    for reason in reasons.up:
        yield from wrapped(reason, "  ", "+ ")
    for reason in reasons.down:
        yield from wrapped(reason, "  ", "- ")


def table(documents: Sequence[ScoreDocument], roles: Sequence[str]) -> str:
    """Return the table of the people and, under it, the reasons in words."""
    return "\n".join([*_introduction(documents[0]), *_rows(documents, roles), "", *_reasons_of_each(documents, roles)])


def _introduction(document: ScoreDocument) -> Iterator[str]:
    yield ""
    yield from wrapped(
        f"Who knows {document.topic.label}, and who is keen on it? {document.inputs.activities:,} acts in a made-up "
        f"community, up to {document.as_of[:10]}. {document.trust_root.size} members are named as trusted (the trust "
        "root); everyone else counts as far as trust reaches them. Points, 0 to 100.",
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
    yield from _row(documents, "  90% interval", [span(part.interval) for part in known])
    yield from _row(documents, "  status", [_status(part) for part in known])
    yield from _row(documents, "  people, reached by trust", [f"{p.people}, {p.people_with_standing}" for p in known])
    yield from _row(documents, "  supporters, after the cap", [_supporters(p.totals) for p in known])
    yield from _by_kind(documents, [part.features for part in known])
    yield rule
    yield from _row(documents, "INTEREST", [_number(part) for part in caring])
    yield from _row(documents, "  90% interval", [span(part.interval) for part in caring])
    yield from _by_feature(documents, [part.features for part in caring])
    yield rule
    yield from _row(documents, "EVERYONE COUNTED EQUALLY", [_number(part) for part in face])
    yield from _row(documents, "  90% interval", [span(part.interval) if part else NOTHING for part in face])
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


def _reasons_of_each(documents: Sequence[ScoreDocument], roles: Sequence[str]) -> Iterator[str]:
    for document, role in zip(documents, roles, strict=True):
        known, caring = document.expertise, document.interest
        yield f"{name_of(document)}, {role}"
        if known.needs:
            yield from wrapped(f"no expertise score; needs {known.needs}", "  ", "! ")
        for sign, reasons in (("+ ", known.reasons.up), ("- ", known.reasons.down)):
            for reason in reasons:
                yield from wrapped(f"expertise: {reason}", "  ", sign)
        yield from wrapped(f"interest: {'; '.join(caring.reasons.up) or caring.needs}", "  ", "+ ")
        if (reach := document.facts.get("reachability")) and reach.value is not None:
            yield from wrapped(
                f"replied to {float(reach.value) * (reach.n or 0):.0f} of {reach.n} people who asked by name",
                "  ",
                "= ",
            )
        for fact, did in (("last_answered_on_topic", "answered"), ("last_active_on_topic", "active")):
            if (last := document.facts.get(fact)) and last.value is not None:
                yield from wrapped(f"last {did} on the topic on {str(last.value)[:10]}", "  ", "= ")
        yield ""


def _supporters(totals: VoiceTotals) -> str:
    """Write what the supporters count by themselves, and what the trusted people behind them allow."""
    voices = min(totals.all_kinds, totals.help + totals.posts)
    return f"{voices:.1f}, {totals.on_topic:.1f}"


def _status(part: Expertise) -> str:
    """Write the status, and where the number is a rough figure."""
    return part.status.replace("_", " ") + (", rough figure" if part.little_evidence else "")


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
