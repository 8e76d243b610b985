"""Drawing: scores, boards, curves and histories as SVG. Pure: no request, no store, no clock."""

from service.drawing.canvas import NARROWEST, THEMES, WIDEST, Look, Picture, Theme, stylesheet, stylesheet_source
from service.drawing.card import Circumstances, badge, chart, circumstances, waterfall
from service.drawing.plane import plane
from service.drawing.plotted import curve, published_curve
from service.drawing.side import SIDES
from service.drawing.timeline import Step, history

__all__ = [
    "NARROWEST",
    "SIDES",
    "THEMES",
    "WIDEST",
    "Circumstances",
    "Look",
    "Picture",
    "Step",
    "Theme",
    "badge",
    "chart",
    "circumstances",
    "curve",
    "history",
    "plane",
    "published_curve",
    "stylesheet",
    "stylesheet_source",
    "waterfall",
]
