"""Posts of forums as they are kept: which post a quote is of, and what is left of a text without quotes and markup."""

from __future__ import annotations

import html
import re

_QUOTES = re.compile(
    r"""
      \[quote[^\[\]]{0,200}?\bpost_id=["']?(?P<phpbb>\d{1,19})           # phpBB since 3.2
    | <QUOTE\b[^<>]{0,400}?\bpost_id="(?P<phpbb_xml>\d{1,19})"           # the same, as phpBB keeps it
    | \[quote="?[^\[\]";]{0,80},\s?post:\s?(?P<xenforo>\d{1,19}),\s?member:  # XenForo
    | \[quote=[^\[\];]{1,80};n?(?P<vbulletin>\d{1,19})\]                 # vBulletin
    | \[quote[^\[\]]{0,80}?\bpid=["'](?P<mybb>\d{1,19})["']              # MyBB
    | \[quote[^\[\]]{0,80}?\blink=[^\s\[\]]{0,80}\bmsg=?(?P<smf>\d{1,19})  # SMF
    | <POSTMENTION\b[^<>]{0,400}?\sid="(?P<flarum>\d{1,19})"             # Flarum
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SUBJECT_TAG = re.compile(
    r"(?:\s*(?:re|aw|sv|vs|antw|antwort|r|ref|r[ée]f|res|rif|odp|ynt|vá|fwd?|wg|vb|tr|enc|i|pd|ilt"
    r"|回复|回覆|答复|答覆|转发|轉寄)\s*(?:\[\d+\]|\(\d+\)|\^\d+)?\s*[:：]\s*|\s*\[[^\]]*\]\s*)+",  # noqa: RUF001 # as they are written there
    re.IGNORECASE,
)


def quoted_post(text: str) -> str | None:
    """Return the number of the first post that a text quotes, as six forums write it."""
    found = _QUOTES.search(text)
    return found and found[found.lastgroup or 0]


def says_nothing(text: str) -> bool:
    """Say whether a text has no word: a dot or an emoji moves a thread up, and answers nobody."""
    if text[:1].isalnum():
        return False
    text = own_text(text)
    return _WORDLESS.fullmatch(text) is not None and _WORDLESS.fullmatch(html.unescape(text)) is not None


_WORDLESS = re.compile(r"(?:<[^<>]{0,2000}>|&\#?[a-zA-Z0-9]{1,10};|:[a-zA-Z0-9_+-]{2,60}:|[\W_])*+")
_MARK = re.compile(r"\[(/?)quote[^\[\]]{0,300}\]", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")


def own_text(text: str) -> str:
    """Return a text without what it quotes in BBCode, and as its author typed it where a forum keeps it as XML.

    phpBB and Flarum keep texts as XML of s9e TextFormatter: the typed text with tags put in. Quotes that do not close
    stay.
    """
    if text.startswith(("<t>", "<r>")) and text.rstrip().endswith(("</t>", "</r>")):
        text = html.unescape(_TAG.sub("", text))
    if "[" not in text:
        return text
    kept, depth, begin = list[str](), 0, 0
    for mark in _MARK.finditer(text):
        closes = bool(mark[1])
        if not depth and not closes:
            kept.append(text[begin : mark.start()])
        depth = max(0, depth - 1) if closes else depth + 1
        if not depth and closes:
            begin = mark.end()
    return text if depth or not kept else "".join([*kept, text[begin:]]).strip()


def own_subject(subject: str) -> str:
    """Return a subject without the marks of answers, what is passed on, and lists."""
    found = _SUBJECT_TAG.match(subject)
    return subject[found.end() :] if found else subject
