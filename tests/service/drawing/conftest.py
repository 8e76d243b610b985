"""Fixtures of drawing: documents, boards and histories, and a reader of what was drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from xml.etree import ElementTree as ET

import msgspec
import pytest
from msgspec.structs import replace

from candor.scoring.board_row import BoardRow, LastActive, Reachability, Side
from candor.scoring.document import Interval, Position, ScoreDocument
from service.api.scores import score_example
from service.drawing import Look, Picture, Provenance
from service.words import words

if TYPE_CHECKING:
    from collections.abc import Callable

SVG = "{http://www.w3.org/2000/svg}"


@dataclass
class Drawn:
    """A picture as its file says it."""

    root: ET.Element

    def of_class(self, *names: str) -> list[ET.Element]:
        """Everything that has all these classes."""
        return [found for found in self.root.iter() if set(names) <= set(found.get("class", "").split())]

    def texts(self) -> list[str]:
        """All that is written in it."""
        return ["".join(text.itertext()) for text in self.root.iter(f"{SVG}text")]

    @property
    def title(self) -> str:
        return str(self.root.findtext(f"{SVG}title"))

    @property
    def desc(self) -> str:
        return str(self.root.findtext(f"{SVG}desc"))


class NewRow(Protocol):
    def __call__(self, rank: int, know: float | None, care: float | None, **more: Any) -> BoardRow: ...


@pytest.fixture
def read() -> Callable[[Picture], Drawn]:
    """Reads a picture's file."""
    return lambda picture: Drawn(ET.fromstring(picture.file))


@pytest.fixture
def document() -> ScoreDocument:
    """An expertise in two parts, and no interest."""
    return msgspec.convert(score_example(), ScoreDocument)


@pytest.fixture
def unknown(document: ScoreDocument) -> ScoreDocument:
    """Nobody trusted behind it: neither number."""
    missing = {"score": None, "interval": None}
    expertise = replace(
        document.expertise, status="unverified", needs="2 more people you trust, or whom they vouch for", **missing
    )
    return replace(document, expertise=expertise)


@pytest.fixture
def look() -> Look:
    return Look(words("en"), width=400)


@pytest.fixture
def french() -> Look:
    return Look(words("fr"), width=400)


def side(score: float | None, why: str) -> Side:
    if score is None:
        return Side(status=why, score=None, interval=None, contributions={})
    interval = Interval(low=max(0.0, score - 5), high=min(100.0, score + 5), level=0.9)
    return Side(status="ok", score=score, interval=interval, contributions={})


@pytest.fixture
def new_side() -> Callable[[float | None, str], Side]:
    """Makes a side; without a number, for which reason."""
    return side


@pytest.fixture
def new_row() -> NewRow:
    """Makes a row of a board."""

    def make(rank: int, know: float | None, care: float | None, **more: Any) -> BoardRow:
        facts = {"account": f"u{rank}", "kind": "person", "name": None, **more}
        return BoardRow(
            row=rank,
            rank=None if know is None else rank,
            position=Position(status="no_number"),
            standing="exact",
            expertise=side(know, "unverified"),
            interest=side(care, "not_enough_evidence"),
            people=7,
            people_with_standing=6,
            reachability=Reachability(value=None, n=0),
            last_active=LastActive(on_topic=None, anywhere=None, answered=None),
            **facts,
        )

    return make


@pytest.fixture
def about() -> Provenance:
    return Provenance("Hops", "2026-11-01T00:00:00Z", "1.0.0", "brewers", "accounts", 41)
