"""Plain text of the HTML that networks put into posts, and what a post says in its author's own words."""

from __future__ import annotations

import re
from html import unescape

LONGEST = 200_000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)?+[^<>]*+>")
_NEW_LINE = frozenset({"br", "p", "div", "li", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "tr"})
_NOT_TEXT = frozenset({"script", "style", "aside"})
_QUOTE_LINK = re.compile(r"""\sclass=["'](?:[^"'<>]*\s)?quote-inline[\s"']""")
QUOTES = frozenset({"blockquote", *_NOT_TEXT})
_OF_OTHERS = frozenset({"code", "pre", *QUOTES})
_FENCED = re.compile(r"^ {0,3}(`{3,}+|~{3,}+)[^\n]*+\n.*?(?:^ {0,3}\1[`~]*+[ \t]*+$|\Z)", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:\A|(?<=\n\n))(?:(?: {4}|\t)[^\n]*+(?:\n|\Z))++")
_QUOTED = re.compile(r"^ {0,3}>[^\n]*+(?:\n|\Z)", re.MULTILINE)
_TICKS = re.compile(r"`++")


def plain(html: str) -> str:
    """Return the text of the author: no tags, entities decoded, a line for each block; at most 200,000 signs.

    An aside holds the words of others: a quoted post, or a preview of a page. So does what Mastodon and its kin call
    quote-inline, the address of a quoted post for software that shows no quotes. Takes time in proportion to the length
    whatever is in it; html.parser of Python 3.11 needs minutes for 200,000 signs of `<a <a <a`.
    """
    parts: list[str] = []
    hidden = done = depth = 0
    quote_link = ""
    html = _without_comments(html[:LONGEST])
    for tag in _TAG.finditer(html):
        if not hidden:
            parts.append(html[done : tag.start()])
        done = tag.end()
        name = (tag[2] or "").lower()
        if not hidden and not tag[1] and _QUOTE_LINK.search(tag[0]):
            quote_link, depth, hidden = name, 1, 1
        elif quote_link:
            depth += 0 if name != quote_link else -1 if tag[1] else 1
            quote_link, hidden = (quote_link, 1) if depth else ("", 0)
        elif name in _NOT_TEXT:
            hidden = max(0, hidden - 1) if tag[1] else hidden + 1
        elif name in _NEW_LINE:
            parts.append("\n")
    if not hidden:
        parts.append(html[done:])
    lines = (" ".join(line.split()) for line in unescape("".join(parts)).splitlines())
    return "\n".join(line for line in lines if line)


def _without_comments(html: str) -> str:
    before, start, rest = html.partition("<!--")
    return before + "".join(part.partition("<!--")[0] for part in rest.split("-->")[1:]) if start else html


def own_words(markdown: str) -> str:
    """Return what a text in Markdown says itself: without code, what it quotes, and comments of HTML."""
    text = _without_comments(markdown[:LONGEST])
    for each in (_FENCED, _QUOTED, _INDENTED):
        text = each.sub("", text)
    return _without_ticked(text)


def own_html(html: str, others: frozenset[str] = _OF_OTHERS) -> str:
    """Return the HTML that its author wrote as words: without the elements that hold code, quotes and previews."""
    parts: list[str] = []
    hidden = done = 0
    html = _without_comments(html[:LONGEST])
    for tag in _TAG.finditer(html):
        if (tag[2] or "").lower() in others:
            if not hidden:
                parts.append(html[done : tag.start()])
            done = tag.end()
            hidden = max(0, hidden - 1) if tag[1] else hidden + 1
    return "".join(parts) + ("" if hidden else html[done:])


def _without_ticked(text: str) -> str:
    """Leave out what stands between two rows of as many backticks."""
    runs = list(_TICKS.finditer(text))
    following: dict[int, int] = {}
    closing: list[int | None] = []
    for place in reversed(range(len(runs))):
        closing.append(following.get(len(runs[place][0])))
        following[len(runs[place][0])] = place
    parts, done, place = [], 0, 0
    while place < len(runs):
        closed = closing[-1 - place]
        if closed is not None:
            parts.append(text[done : runs[place].start()])
            done, place = runs[closed].end(), closed
        place += 1
    return "".join([*parts, text[done:]])
