"""Show: a score document as plain text that a person reads from top to bottom, every part of each number in it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from candor.scoring.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from candor.scoring.document import Expertise, Feature, Interest, Interval, Reasons, ScoreDocument, TrustRootRef

WIDTH = 100
KINDS_OF_ACCOUNT = {"unknown": "account of unknown kind"}
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
        _whose_word(document.trust_root),
        f"as of {document.as_of}, {document.window_days:,} days back",
        f"method {document.method.version}, profile {document.method.profile}",
        f"{document.inputs.activities:,} records, {document.matched.records:,} of the account's own on the topic",
    )
    yield from wrapped("; ".join(facts), "")
    yield f"document {document.id}"


def _whose_word(root: TrustRootRef) -> str:
    if root.kind == "network":
        return "everybody's word counts"
    return "no trust root" if root.kind == "none" else f"trust root of {root.size:,} accounts"


def _expertise(document: ScoreDocument) -> Iterator[str]:
    part = document.expertise
    yield _line("EXPERTISE", part)
    yield from wrapped(
        f"{part.people:,} people took up something of the account here, {part.people_with_standing:,} of them with "
        f"standing ({part.standing_sum:.2f} together)",
        "  ",
    )
    yield from _backing(part)
    yield from _features(part.features, counted=part.score is not None)
    yield from _reasons(part.reasons)
    yield from _unknown(part.coverage.unknown)
    if (face := part.at_face_value) is not None and part.status != "face_value":
        number = "no number" if face.score is None else f"{face.score:.1f} of 100, {span(face.interval)}"
        yield from wrapped(f"At face value: {number}. {face.warning}", "  ")


def _backing(part: Expertise) -> Iterator[str]:
    """Say whose trust the voices rest on, where the method asks; nothing without anybody."""
    people = [backer for backer in part.backers if backer.scope == "on_topic"]
    if people and part.totals.backed is not None:
        voices = min(part.totals.all_kinds, part.totals.help + part.totals.posts)
        behind = "1 person" if len(people) == 1 else f"{len(people):,} people"
        yield from wrapped(
            f"{voices:.2f} voices, which rest on {behind} of the root: these allow {part.totals.backed:.2f}, and the "
            "less of both counts",
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
        return "\n".join(wrapped(f"no number ({part.status.replace('_', ' ')}{needs})", "", f"{title:<10} "))
    meant = " (at face value: easy to game)" if part.status == "face_value" else ""
    return f"{title:<10} {part.score:.6f} of 100, 90 % interval {span(part.interval)}{meant}"


def _features(features: Sequence[Feature], *, counted: bool) -> Iterator[str]:
    shown = [feature for feature in features if feature.weight or feature.contribution]
    if shown and not counted:
        yield "  What is there so far, which is not a score:"
    for feature in shown:
        points = f"{feature.contribution:9.6f} of {feature.weight:g} points"
        yield f"  {feature.label:<20} {amount(feature):>16} → {points}"
        for share in feature.by_kind or ():
            label = KIND_LABELS.get(share.kind, share.kind)
            yield f"    {label:<42} {share.contribution:9.6f}   ({share.voices:.2f} voices)"


def amount(feature: Feature) -> str:
    """Return a feature's raw value with its unit."""
    return f"{100 * feature.raw:.1f} %" if feature.unit == "share" else f"{feature.raw:.2f} {feature.unit}"


def _reasons(reasons: Reasons) -> Iterator[str]:
    for reason in reasons.up:
        yield from wrapped(reason, "  ", "+ ")
    for reason in reasons.down:
        yield from wrapped(reason, "  ", "- ")
