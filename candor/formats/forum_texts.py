"""Posts of forums as they are kept: which post a quote is of, whether it says anything, and its subject."""

from __future__ import annotations

import html
import re

from candor.scoring.own_text import own_text, without_bbcode_quotes

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
_QUOTED_PERSON = re.compile(
    r"""
      \[quote=(?:"(?P<quoted>[^"\]\[,;:]{1,60})|'(?P<single>[^'\]\[,;:]{1,60})|(?P<bare>[^"'\]\[,;:]{1,60}))  # BBCode
    | <(?:aside|blockquote)\b[^<>]{0,200}?\sdata-username="(?P<discourse>[^"]{1,60})"
    | \A(?:<p>)?\s*@(?P<called>[\w.\-]{2,60})
    """,
    re.IGNORECASE | re.VERBOSE,
)
_QUOTED_NUMBER = re.compile(
    r"""\[quote=[^\]\[]{1,80},\s?post:\s?(?P<raw>\d{1,9}),\s?topic:|<aside\b[^<>]{0,200}?\sdata-post="(?P<html>\d{1,9})\"""",
    re.IGNORECASE,
)
_ANSWERS = re.compile(
    r"\s*(?:\[[^\]]*\]\s*)*(?:re|aw|sv|vs|antw|antwort|r|r[ée]f|res|rif|odp|ynt|vá|回复|回覆|答复|答覆)"
    r"\s*(?:\[\d+\]|\(\d+\)|\^\d+)?\s*[:：]",  # noqa: RUF001 # as they are written there
    re.IGNORECASE,
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


def quoted_number(text: str) -> str | None:
    """Return the number within its topic of the first post that a text quotes, as Discourse writes it."""
    found = _QUOTED_NUMBER.search(text)
    return found and found[found.lastgroup or 0]


def quoted_person(text: str) -> str | None:
    """Return whom a text quotes first by name, or calls at its beginning, as in `@bo`."""
    found = _QUOTED_PERSON.search(text)
    return found and found[found.lastgroup or 0].strip()


_ASKS = ("?", "\uff1f", "\u061f")
_OPENED_BY = {">": "<", ";": "&", "]": "["}
_MARK = re.compile(r"</?[a-z][^<>]{0,200}>|&(?:nbsp|#160|#xa0);|\[/\w{1,20}\]", re.IGNORECASE)
"""What may stand behind the last sign of a text, beside blanks: tags of HTML and BBCode."""
_LOOKED_AT = 500


def is_answers_subject(subject: str) -> bool:
    """Say whether a subject has the mark of an answer, as `Re:`."""
    return _ANSWERS.match(subject) is not None


def says_nothing(text: str) -> bool:
    """Say whether a text has no word: a dot or an emoji moves a thread up, and answers nobody."""
    if text[:1].isalnum():
        return False
    text = without_bbcode_quotes(text)
    return _WORDLESS.fullmatch(text) is not None and _WORDLESS.fullmatch(html.unescape(text)) is not None


_WORDLESS = re.compile(r"(?:<[^<>]{0,2000}>|&\#?[a-zA-Z0-9]{1,10};|:[a-zA-Z0-9_+-]{2,60}:|[\W_])*+")


def own_subject(subject: str) -> str:
    """Return a subject without the marks of answers, what is passed on, and lists."""
    found = _SUBJECT_TAG.match(subject)
    return subject[found.end() :] if found else subject


def asks(text: object) -> bool:
    """Say whether a title or a text ends with a question mark, behind which marks of HTML and BBCode may stand."""
    return isinstance(text, str) and _without_marks_behind(own_text(text)[-_LOOKED_AT:]).endswith(_ASKS)


def kind_of_first(kind: str, title: object) -> str:
    """Return of what type a post is that replies to nothing: one that would be a note asks where its title does."""
    is_question = kind == "note" and isinstance(title, str) and asks(title) and not is_answers_subject(title)
    return "question" if is_question else kind


def _without_marks_behind(text: str) -> str:
    while True:
        text = text.rstrip()
        begin = text.rfind(_OPENED_BY.get(text[-1:], "\0"))
        if begin < 0 or not _MARK.fullmatch(text, begin):
            return text
        text = text[:begin]
