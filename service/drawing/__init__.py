"""Drawing: scores, boards, curves and histories as SVG. Pure: no request, no store, no clock."""

from service.drawing.canvas import NARROWEST, THEMES, WIDEST, Look, Picture, Theme, stylesheet, stylesheet_source
from service.drawing.card import draw_badge, draw_chart
from service.drawing.curves import draw_curve, draw_published_curve
from service.drawing.history import HistoryPoint, draw_history
from service.drawing.map import MapLinks, draw_map
from service.drawing.path import draw_path, outline, path_facts, path_sentences, uptake_sentences
from service.drawing.provenance import Provenance, provenance_of, provenance_sentence
from service.drawing.waterfall import SIDES, SideName, draw_waterfall, name_of, points_shown

__all__ = [
    "NARROWEST",
    "SIDES",
    "THEMES",
    "WIDEST",
    "HistoryPoint",
    "Look",
    "MapLinks",
    "Picture",
    "Provenance",
    "SideName",
    "Theme",
    "draw_badge",
    "draw_chart",
    "draw_curve",
    "draw_history",
    "draw_map",
    "draw_path",
    "draw_published_curve",
    "draw_waterfall",
    "name_of",
    "outline",
    "path_facts",
    "path_sentences",
    "points_shown",
    "provenance_of",
    "provenance_sentence",
    "stylesheet",
    "stylesheet_source",
    "uptake_sentences",
]
