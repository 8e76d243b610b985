"""Plain text of the HTML that networks put into posts."""

from __future__ import annotations

from html.parser import HTMLParser

LONGEST = 200_000
_NEW_LINE = frozenset({"br", "p", "div", "li", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "tr"})
_NOT_TEXT = frozenset({"script", "style"})


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        self._hidden += tag in _NOT_TEXT
        if tag in _NEW_LINE:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _NOT_TEXT and self._hidden > 0
        if tag in _NEW_LINE:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def plain(html: str) -> str:
    """Return the text that a reader sees: no tags, entities decoded, a line for each block; at most 200,000 signs."""
    parser = _Text()
    parser.feed(html[:LONGEST])
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.parts).splitlines())
    return "\n".join(line for line in lines if line)
