"""Provenance: as of when, by which method and under which trust root numbers were made, and which are rough for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from candor.scoring import curves
from candor.scoring.document import Position
from candor.scoring.method import load_method
from service.drawing.canvas import wrap

if TYPE_CHECKING:
    from msgspec import UnsetType

    from candor.scoring.board_row import BoardRow
    from candor.scoring.document import Feature, ScoreDocument
    from candor.scoring.method import BackingRule
    from service.words import Words


@dataclass(frozen=True)
class Provenance:
    """What numbers depend on: `topic` is its label, `as_of` RFC 3339; the root has an id, or a kind that says all."""

    topic: str
    as_of: str
    method: str
    root_id: str | None
    root_kind: str
    root_size: int

    @property
    def names_people(self) -> bool:
        """Whether the root names whom it trusts."""
        return self.root_kind not in ("network", "none")


def provenance_of(document: ScoreDocument) -> Provenance:
    """Return what a document's numbers depend on."""
    root = document.trust_root
    return Provenance(document.topic.label, document.as_of, document.method.version, root.id, root.kind, root.size)


def provenance_lines(about: Provenance, words: Words, size: float, room: float) -> list[str]:
    """Say it briefly, in as few lines as fit."""
    return wrap(words("picture.made", **_parts(about, words)), size, room, between=" · ")


def provenance_sentence(about: Provenance, words: Words) -> str:
    """Say it in a sentence."""
    return words("picture.made_long", **_parts(about, words))


def _parts(about: Provenance, words: Words) -> dict[str, str]:
    return {"date": words.date(about.as_of), "method": about.method, "root": _root(about, words)}


def _root(about: Provenance, words: Words) -> str:
    if not about.names_people:
        return words(f"root.{about.root_kind}")
    if about.root_id == "sample":  # which only the sample's can be called
        return words("root.sample")
    return about.root_id or words.count("root.unnamed", about.root_size)


def rough_document(document: ScoreDocument, words: Words) -> str:
    """Say why a document's expertise is a rough figure; nothing where it is none."""
    part = document.expertise
    if not part.little_evidence:
        return ""
    return _rough(part.people, part.people_with_standing, provenance_of(document), words)


def rough_row(row: BoardRow, about: Provenance, words: Words) -> str:
    """Say it of a row of a board."""
    return "" if row.expertise.score is None else _rough(row.people, row.people_with_standing, about, words)


def _rough(people: int, trusted: int, about: Provenance, words: Words) -> str:
    few, of_root = load_method().status.few_people, about.root_kind != "network"
    behind = trusted if of_root else people
    if behind < few:
        return words.count("rough.people", behind)
    return words.count("rough.root", about.root_size) if of_root and about.root_size < few else ""


def position_sentence(position: Position | UnsetType, words: Words) -> str:
    """Say the place and how many have none, or that there is no community; nothing where there is no number."""
    if not isinstance(position, Position) or position.status in ("no_number", "opted_out"):
        return ""
    if position.share_below is None:
        return words(f"position.{position.status}")
    said = words("position.sentence", place=_place(position, words))
    others = (position.active or 0) - (position.of or 0)
    return said + words.count("position.without", others) if others > 0 else said


def position_brief(position: Position | UnsetType, words: Words) -> str:
    """Say place and range, where there is a place."""
    return _place(position, words) if isinstance(position, Position) and position.rank is not None else ""


def range_words(position: Position | UnsetType, words: Words) -> str:
    """Say what is said of such a place, where there is one."""
    known = isinstance(position, Position) and position.rank is not None and position.range is not None
    return words(f"position.range.{position.range}") if known else ""  # type: ignore[union-attr] # known says so


def _place(position: Position, words: Words) -> str:
    """Say the place among those with a number, with its range."""
    figures = {name: words.number(getattr(position, name) or 0) for name in ("rank", "of")}
    place = words("position.tied" if position.tied else "position.place", **figures)
    if position.range is None:
        return place
    return words("position.with_range", place=place, range=words(f"position.range.{position.range}"))


def ceiling_of(document: ScoreDocument) -> float | None:
    """Return the most points that all the trusted people together allow; None where nobody's trust bounds a number."""
    expertise, method = document.expertise, load_method()
    bounded = document.method.version == method.version and expertise.totals.most_per_trusted is not None
    if not bounded or not expertise.features:
        return None
    known = trusted_people(document)
    most = most_voices(method.backing, known, known)
    return sum(_points(feature, most) for feature in expertise.features)


def trusted_people(document: ScoreDocument) -> int:
    """Return how many people of the trust root could stand behind the account."""
    known = document.expertise.totals.trusted_people
    return document.trust_root.size if known is None else known


def is_trusted(document: ScoreDocument) -> bool:
    """Say whether the account itself is one of the trusted people, whose own word does not count for it."""
    return document.trust_root.kind == "accounts" and trusted_people(document) < document.trust_root.size


def most_voices(rule: BackingRule, seeds: int, behind: int) -> float:
    """Return how many voices nobody exceeds behind whom so many of a trust root's people stand, all in full."""
    share = behind / max(seeds, 1)
    return float(behind * (rule.alone + rule.together / max(seeds, 1) * share**rule.shared_power))


def _points(feature: Feature, voices: float) -> float:
    """Return what a feature of expertise gives at most where both A and R are below so many voices."""
    return feature.weight * curves.curve(voices, feature.curve.p50, feature.curve.p90)
