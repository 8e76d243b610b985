"""What a post says in its author's own words: plain text, without quotes of others, whatever program wrote it."""

from __future__ import annotations

import html
import re

from candor.scoring.markup import QUOTES, own_html, plain

_SIGNS = (">", "&", "[", "---")
"""Each text that holds more than its author's own words has one of these."""
_HTML = re.compile(
    r"</?(?:p|div|li|[uo]l|blockquote|h[1-6]|table|t[rdh]|pre|br|hr|a|b|i|u|em|strong|span|code|img)(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8}\d{0,2});")
_PASSED_ON = re.compile(
    r"^-{3,} ?(?:original|origin[aá]l|ursprüngliche|weitergeleitete|message d.origine|message transf"
    r"|mensaje (?:original|reenv)|messaggio (?:originale|inoltrato)|mensagem (?:original|encaminhada)|oorspronkelijk"
    r"|doorgestuurd|oryginaln|wiadomość|forwarded|ursprungligt|opprinnelig|oprindelig|alkuperäinen|исходное"
    r"|пересылаемое)[^\n]{0,40}-{3,}[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
"""What mail programs put above the message that is answered or passed on."""
_FENCE = ("```", "~~~")
_PROMPT = ">>> "
_MARK = re.compile(r"\[(/?)quote[^\[\]]{0,300}\]", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")


def _is_of_forums(text: str) -> bool:
    return text.startswith(("<t>", "<r>")) and text.rstrip().endswith(("</t>", "</r>"))


def without_bbcode_quotes(text: str) -> str:
    """Return a text without what it quotes in BBCode, and as its author typed it where a forum keeps it as XML.

    phpBB and Flarum keep texts as XML of s9e TextFormatter: the typed text with tags put in. Quotes that do not close
    stay.
    """
    if _is_of_forums(text):
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


_WRITES = re.compile(r"[:：]\s*$")  # noqa: RUF001 # the second is of Chinese and Japanese
_SAYS_WHEN = re.compile(
    r"\d{4}|\d:\d\d|@|\b(?:wrote|writes|said|schrieb|schreibt|écrit|escribió|scritto|escreveu|schreef|napisała?|skrev"
    r"|kirjoitti|írta|napsala?|пишет|писала?|написала?|пише)\b",
    re.IGNORECASE,
)
_LONGEST_WROTE = 3


def own_text(text: str) -> str:
    """Return what the author of a post wrote, as plain text.

    Left out are quotes in BBCode, blockquotes and asides of HTML, lines that begin with > as in Markdown and mails with
    the line above that says who wrote them, and a message below one that is called the original; then tags, of which
    lines stay, and entities are the signs that they stand for. What stands in code, the prompt of Python (>>>) and a
    text without any of that stay as they are.
    """
    if not may_hold_more(text):
        return text
    has_markup = not _is_of_forums(text)  # which say what was typed, tags that are spoken of among it
    text = without_bbcode_quotes(text)
    if has_markup and "`" not in text and _HTML.search(text):  # in the code of Markdown too they are spoken of
        text = plain(own_html(text, QUOTES))
    elif has_markup and _ENTITY.search(text):
        text = html.unescape(text)
    if (passed_on := _PASSED_ON.search(text)) is not None:
        text = text[: passed_on.start()].rstrip()
    return without_quoted_lines(text).strip() if ">" in text else text


def may_hold_more(text: str) -> bool:
    """Say False only where a text is its author's own words as it stands."""
    return any(sign in text for sign in _SIGNS)


def without_quoted_lines(text: str) -> str:
    """Return a text without the lines that begin with >, and without those above that say who wrote them, and when."""
    kept: list[str] = []
    quote_end, in_quote, in_code = 0, False, False
    for line in text.splitlines():
        begins = line.lstrip(" ")
        in_code ^= begins.startswith(_FENCE)
        is_quoted = not in_code and begins.startswith(">") and (in_quote or not begins.startswith(_PROMPT))
        if is_quoted and not in_quote:
            del kept[_first_of_who_wrote(kept, quote_end) :]
        if is_quoted:
            quote_end = len(kept)
        else:
            kept.append(line)
        in_quote = is_quoted
    return "\n".join(kept)


def _first_of_who_wrote(lines: list[str], start: int) -> int:
    """Return the place of the lines at the end that say who wrote what is quoted, and when; the end where none do."""
    end = len(lines)
    while end > start and not lines[end - 1].strip():
        end -= 1
    first = end
    while first > start and lines[first - 1].strip():
        first -= 1
    told = lines[first:end]
    says = 0 < len(told) <= _LONGEST_WROTE and _WRITES.search(told[-1]) and _SAYS_WHEN.search(" ".join(told))
    return first if says else len(lines)
