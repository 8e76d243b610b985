"""The sample's card in small: the expertise of one person, as the first page shows it before anything was asked."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from candor.scoring.document import ScoreDocument
from service.drawing import Look, draw_waterfall
from service.drawing.position import position_sentence
from service.web.rendering import topic_label
from service.words import words

if TYPE_CHECKING:
    from service.drawing import Picture

PATH = resources.files("service.web").joinpath("sample_card.json")
WIDTH = 440  # pixels


@cache
def sample_card(language: str) -> tuple[str, str, Picture]:
    """Return the name, the place among others and the picture of somebody in the sample."""
    said = words(language)
    document = msgspec.json.decode(PATH.read_bytes(), type=ScoreDocument)
    document = replace(document, topic=replace(document.topic, label=topic_label(document.topic, said)))
    place = position_sentence(document.expertise.position, said)
    return document.account.name or "", place, draw_waterfall(document, "expertise", Look(said, WIDTH, name="sample"))
