"""The badge of a score: how it looks on a light and on a dark page, and what to copy into one."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from flask import redirect, request

from service.api.pictures import link_to
from service.api.scores import read_document
from service.auth import owner
from service.context import context
from service.drawing import Look, draw_badge
from service.drawing.card import BADGE_WIDTH, badge_alternative
from service.web.rendering import current_words, render_page, with_topic_in

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from candor.scoring.document import ScoreDocument
    from service.drawing import Theme
    from service.words import Words

SHADES: tuple[Theme, ...] = ("light", "dark")
_DARK = "(prefers-color-scheme: dark)"


@dataclass(frozen=True)
class Embedding:
    """What to copy into pages of one sort: light, dark, or both as the reader prefers."""

    fits: str
    code: str


def show_badge(score_id: str) -> Response:
    """Show the badge on a light and on a dark page, and the code for each where a link was made."""
    words = current_words()
    document = with_topic_in(read_document(score_id), words)
    linked = any(
        link.resource_id == score_id and link.opens == "pictures" for link in context().store.links.list(owner())
    )
    return render_page(
        "badge.html",
        document=document,
        badges={shade: draw_badge(document, Look(words, theme=shade, name=f"badge-{shade}")) for shade in SHADES},
        embeddings=list(_embeddings(document, words)) if linked else [],
    )


def change_badge(score_id: str) -> AnyResponse:
    """Make the link that the code needs, or revoke it."""
    if request.form.get("revoke"):
        context().store.links.revoke_all(owner(), score_id)
    else:
        link_to(score_id, "pictures", None)
    return redirect(f"/card/{score_id}/badge", 303)


def _embeddings(document: ScoreDocument, words: Words) -> list[Embedding]:
    """Write what to copy: the badge, which leads to the whole picture."""
    link, root, alt = (
        link_to(document.id, "pictures", None),
        request.url_root.rstrip("/"),
        badge_alternative(document, words),
    )
    chart, light, dark = (
        escape(f"{root}{url}&lang={words.language}{theme}")
        for url, theme in ((link.chart_url, ""), (link.badge_url, "&theme=light"), (link.badge_url, "&theme=dark"))
    )
    both = f'<picture><source media="{_DARK}" srcset="{dark}">{_image(light, alt)}</picture>'
    codes = (("light", _image(light, alt)), ("dark", _image(dark, alt)), ("both", both))
    return [Embedding(fits, f'<a href="{chart}">{code}</a>') for fits, code in codes]


def _image(address: str, alt: str) -> str:
    return f'<img src="{address}" width="{BADGE_WIDTH}" alt="{escape(alt)}">'
