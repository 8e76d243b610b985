"""The score card: both numbers side by side, never added up, and beneath each part what it was made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from candor.scoring.explain import LABELS
from service.auth import owner
from service.context import context
from service.documents import read_document
from service.drawing import SIDES, Look, circumstances, curve, waterfall
from service.drawing.circumstances import made_long
from service.web.backing import backing_shown
from service.web.language import spoken
from service.web.related import others_like
from service.web.rendering import page, topic_label

if TYPE_CHECKING:
    from flask import Response

    from candor.scoring.document import Feature, ScoreDocument
    from service.drawing import Picture
    from service.drawing.side import SideName
    from service.words import Words

WIDE, NARROW = 500, 300
VOICES_SHOWN = 5


@dataclass(frozen=True)
class Part:
    """A feature as the card shows it: with its curve, and whether it can give points at all."""

    feature: Feature
    curve: Picture
    counts: bool


@dataclass(frozen=True)
class SideShown:
    """One side of the card; `wide` and `narrow` are the same picture for two widths of a screen."""

    name: SideName
    wide: Picture
    narrow: Picture
    parts: tuple[Part, ...]


def show_card(score_id: str) -> Response:
    """Show a score."""
    words = spoken()
    document = _in_words(read_document(score_id), words)
    voices = document.expertise.evidence
    return page(
        "card.html",
        document=document,
        sides=[_side(document, name, words) for name in SIDES],
        first_voices=[voice for voice in voices if voice.scope == "on_topic"][:VOICES_SHOWN],
        more_voices=[voice for voice in voices if voice.scope == "on_topic"][VOICES_SHOWN:],
        backing=backing_shown(document),
        others=others_like(document),
        circumstances=made_long(circumstances(document), words),
        link_of=web_address,
        kind_labels=LABELS,
        disputes=context().store.disputes.of_score(
            owner(), document.account.network, document.account.account, score_id
        ),
        recompute_words=_recompute_words(words),
    )


def web_address(url: str | None) -> str | None:
    """Return an address that a page may link: of the web, or none. What networks say is not to be trusted further."""
    return url if url is not None and url.startswith(("https://", "http://")) else None


def _in_words(document: ScoreDocument, words: Words) -> ScoreDocument:
    """Name the topic in the reader's language, for the pictures too."""
    return replace(document, topic=replace(document.topic, label=topic_label(document.topic, words)))


def _side(document: ScoreDocument, name: SideName, words: Words) -> SideShown:
    part = document.expertise if name == "expertise" else document.interest
    return SideShown(
        name=name,
        wide=waterfall(document, name, Look(words, WIDE, name=f"{name}-wide")),
        narrow=waterfall(document, name, Look(words, NARROW, name=f"{name}-narrow")),
        parts=tuple(_part(feature, words) for feature in part.features),
    )


def _part(feature: Feature, words: Words) -> Part:
    return Part(feature, curve(feature, Look(words, 420, name=f"curve-{feature.id}")), feature.weight > 0)


def _recompute_words(words: Words) -> dict[str, str]:
    """Return what the script says; it fills the placeholders in itself."""
    mark = "recompute."
    said = {key.removeprefix(mark): text for key, text in words.texts.items() if key.startswith(mark)}
    return {**said, **{name: words(f"side.{name}") for name in SIDES}}
