"""The card says when somebody last answered on the topic, and beside it what else is later."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from candor.scoring.document import Fact, ScoreDocument
from service.web.card import ACTIVE, last_active
from service.words import words

DOCUMENT = msgspec.json.decode(
    (Path(__file__).parents[1] / "golden" / "qa.json").read_bytes(), type=ScoreDocument, strict=False
)
MAY, JUNE, JULY = "2026-05-02T10:00:00Z", "2026-06-03T10:00:00Z", "2026-07-04T10:00:00Z"


def said(language: str, *dates: str | None) -> str:
    """What the card of a document with these dates says."""
    facts = {name: Fact(value=date) for name, date in zip(ACTIVE, dates, strict=True)}
    return last_active(msgspec.structs.replace(DOCUMENT, facts=facts), words(language))


@pytest.mark.parametrize(
    ("dates", "wanted"),
    [
        ((MAY, MAY, MAY), "Last answered on this topic 2 May 2026."),
        ((MAY, JUNE, JUNE), "Last answered on this topic 2 May 2026. Last active on this topic 3 June 2026."),
        ((MAY, MAY, JULY), "Last answered on this topic 2 May 2026. Last active on any topic 4 July 2026."),
        (
            (MAY, JUNE, JULY),
            "Last answered on this topic 2 May 2026. Last active on this topic 3 June 2026, on any topic 4 July 2026.",
        ),
        ((None, JUNE, JUNE), "No answers on this topic. Last active on this topic 3 June 2026."),
        ((None, None, JULY), "Not active on this topic; last active on another 4 July 2026."),
        ((None, None, None), ""),
    ],
)
def test_the_card_says_once_when_somebody_last_answered_and_was_last_active(
    dates: tuple[str | None, ...], wanted: str
) -> None:
    assert said("en", *dates) == wanted


def test_the_french_card_says_it_too() -> None:
    assert said("fr", MAY, MAY, MAY) == "Dernière réponse sur ce sujet\u00a0: 2 mai 2026."
