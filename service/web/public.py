"""What anybody may read of a service: the model card, and what is kept of people."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markupsafe import Markup

from service.api.facts import kept_rows
from service.web.rendering import current_words, render_page

if TYPE_CHECKING:
    from flask import Response


def show_model_card() -> Response:
    """Show how good the numbers are, as measured; its pictures are left out."""
    return render_page("model_card.html", card=Markup(_model_card(current_words().language)))  # noqa: S704 # ours, and rendered without HTML


def show_kept() -> Response:
    """Show what this service keeps of people."""
    return render_page("kept.html", rows=[row for row in kept_rows() if row.people is not None])


@cache
def _model_card(language: str) -> str:
    name = "model-card.fr.md" if language == "fr" else "model-card.md"
    card = resources.files("service.web").joinpath("templates", name).read_text("utf-8")
    text = re.sub(r"<!--.*?-->|!\[[^\]]*\]\([^)]*\)", "", card)
    text = text.replace("](method.md", "](/method").replace("](model-card.md", "](/model-card?lang=en")
    html: str = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    scrolled = html.replace("<table>", '<div class="scroll" tabindex="0"><table class="figures">')
    return scrolled.replace("</table>", "</table></div>")
