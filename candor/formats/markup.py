"""Plain text of the HTML that networks put into posts."""

from __future__ import annotations

import re
from html import unescape

LONGEST = 200_000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)?+[^<>]*+>")
_NEW_LINE = frozenset({"br", "p", "div", "li", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "tr"})
_NOT_TEXT = frozenset({"script", "style", "aside"})


def plain(html: str) -> str:
    """Return the text of the author: no tags, entities decoded, a line for each block; at most 200,000 signs.

    An aside holds the words of others: a quoted post, or a preview of a page. Takes time in proportion to the length
    whatever is in it; html.parser of Python 3.11 needs minutes for 200,000 signs of `<a <a <a`.
    """
    parts: list[str] = []
    hidden = done = 0
    html = _without_comments(html[:LONGEST])
    for tag in _TAG.finditer(html):
        if not hidden:
            parts.append(html[done : tag.start()])
        done = tag.end()
        name = (tag[2] or "").lower()
        if name in _NOT_TEXT:
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
