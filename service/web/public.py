"""What anybody may read of a service: the method in words, the model card, and what is kept of people."""

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

_ADDRESSES = (
    ("method.fr.md", "/method-in-words?lang=fr"),
    ("method.md", "/method-in-words?lang=en"),
    ("model-card.fr.md", "/model-card?lang=fr"),
    ("model-card.md", "/model-card?lang=en"),
)


def show_model_card() -> Response:
    """Show how good the numbers are, as measured; its pictures are left out."""
    return _show("model-card", "model_card.title")


def show_method_in_words() -> Response:
    """Show how the numbers are made: first in plain words, then with every formula."""
    return _show("method", "method.in_words")


def _show(document: str, title: str) -> Response:
    """Show a page of docs/ in the reader's language."""
    text = Markup(_rendered(document, current_words().language))  # noqa: S704 # ours, and rendered without HTML
    return render_page("written.html", title=title, text=text)


def show_kept() -> Response:
    """Show what this service keeps of people."""
    return render_page("kept.html", rows=[row for row in kept_rows() if row.people is not None])


@cache
def _rendered(document: str, language: str) -> str:
    """Return a page of docs/ as HTML; what it names among pages that the service does not have is no link."""
    name = f"{document}{'.fr' if language == 'fr' else ''}.md"
    written = resources.files("service.web").joinpath("templates", name).read_text("utf-8")
    text = re.sub(r"<!--.*?-->|!\[[^\]]*\]\([^)]*\)", "", written)
    text = re.sub(r"\[([^\]]*)\]\((?:adr/|glossary)[^)]*\)", r"\1", text)
    for ours, address in _ADDRESSES:
        text = text.replace(f"]({ours})", f"]({address})")
    html: str = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    html = re.sub(r"<h2>(.*?)</h2>", lambda head: f'<h2 id="{_anchor(head[1])}">{head[1]}</h2>', html)
    html = html.replace("<table>", '<table class="columns-of-text">')
    return re.sub(r"<(table|pre)\b.*?</\1>", r'<div class="scroll" tabindex="0">\g<0></div>', html, flags=re.DOTALL)


def _anchor(heading: str) -> str:
    """Return what a link within the page calls a heading, as forges that show these pages do."""
    return re.sub(r"[^\w-]", "", heading.lower().replace(" ", "-"))
