"""Guides: pages of docs/ that whoever uses the service needs, in the reader's language where they are written in it."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markupsafe import Markup

from service.problems import ProblemError
from service.web.rendering import GUIDES_PATH, current_words, render_page

if TYPE_CHECKING:
    from flask import Response

GUIDES = ("method", "model-card", "formats", "following", "networks", "questions", "glossary")
"""By the name of its file, in the order of the list of them. `guides.{name}` is what the page's words call each."""

_FOLDER = resources.files("service.web").joinpath("templates")
_IN_BOTH = "glossary"  # one page says it in both languages
_LINK = re.compile(r"\[([^\]]*)\]\((?!https?:|#)([^)#]*)(#[^)]*)?\)")
_NOT_SHOWN = re.compile(r"<!--.*?-->|!\[[^\]]*\]\([^)]*\)", re.DOTALL)


def show_guides() -> Response:
    """List the guides."""
    return render_page("guides.html", names=GUIDES)


def show_guide(name: str) -> Response:
    """Show a guide. Raises ProblemError 404 for what is none."""
    if name not in GUIDES:
        raise ProblemError("not_found", "There is no such guide.")
    language = current_words().language
    text = Markup(_rendered(name, language))  # noqa: S704 # ours, and rendered without HTML
    is_said = name == _IN_BOTH or _language_of(name, language) == language
    return render_page("written.html", title=f"guides.{name}", text=text, written_in=None if is_said else "en")


@cache
def _rendered(name: str, language: str) -> str:
    """Return a guide as HTML; pictures are left out, and what it names among files that are no guides is no link."""
    written_in = _language_of(name, language)
    written = _FOLDER.joinpath(_file(name, written_in)).read_text("utf-8")
    text = _LINK.sub(lambda link: _led_to(link, written_in, language), _NOT_SHOWN.sub("", written))
    html: str = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    html = re.sub(r"<h2>(.*?)</h2>", lambda head: f'<h2 id="{_anchor(head[1])}">{head[1]}</h2>', html)
    html = html.replace("<table>", '<table class="columns-of-text">')
    return re.sub(r"<(table|pre)\b.*?</\1>", r'<div class="scroll" tabindex="0">\g<0></div>', html, flags=re.DOTALL)


def _led_to(link: re.Match[str], written_in: str, reader: str) -> str:
    """Return a link to a guide with its address here; of a link to any other file only its words.

    It leads to the guide in the reader's language, where headings have other names, unless it says that it leads from
    one language to the other.
    """
    said, file, place = link[1], link[2], link[3] or ""
    language = "fr" if file.endswith(".fr.md") else "en"
    name = file.removesuffix(".md").removesuffix(".fr")
    if name not in GUIDES or not file.endswith(".md"):
        return said
    if language != written_in:
        return f"[{said}]({GUIDES_PATH}{name}?lang={language}{place})"
    return f"[{said}]({GUIDES_PATH}{name}{place if reader == written_in else ''})"


def _language_of(name: str, wanted: str) -> str:
    """Return the language that a guide is shown in to whoever wants another, maybe."""
    return wanted if _FOLDER.joinpath(_file(name, wanted)).is_file() else "en"


def _file(name: str, language: str) -> str:
    return f"{name}.md" if language == "en" else f"{name}.{language}.md"


def _anchor(heading: str) -> str:
    """Return what a link within the page calls a heading, as forges that show these pages do."""
    return re.sub(r"[^\w-]", "", heading.lower().replace(" ", "-"))
