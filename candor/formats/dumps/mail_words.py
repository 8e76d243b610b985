"""What the sender of a mail wrote: without quotes, signatures, and what programs and lists put around it."""

from __future__ import annotations

import re

_SUBJECT_TAG = re.compile(
    r"(?:\s*(?:re|aw|sv|vs|antw|antwort|r|ref|r[ée]f|res|rif|odp|ynt|vá|fwd?|wg|vb|tr|enc|i|pd|ilt"
    r"|回复|回覆|答复|答覆|转发|轉寄)\s*(?:\[\d+\]|\(\d+\)|\^\d+)?\s*[:：]\s*|\s*\[[^\]]*\]\s*)+",  # noqa: RUF001 # as they are written there
    re.IGNORECASE,
)
_SIGNED = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Za-z-]+: [^\n]*\n)*\n?")
_SIGNATURE = re.compile(r"^-----BEGIN PGP SIGNATURE-----$", re.MULTILINE)
_OTHERS = re.compile(
    r"^(?:-{3,} ?(?!BEGIN |END )[^\W\d_][^\n-]{4,40}[^\W_] ?-{3,}|_{20,})\s*\n+(?=[*>]*[^\W\d_][\w -]{0,20}:)",
    re.MULTILINE,
)
"""What stands above a mail that is answered or passed on: a line that names it, or none, and its headers."""
_FOOTER = re.compile(r"^_{40,}\s*\n[^\n]{1,120}\n(?=[^\n]*(?:@|https?://))", re.MULTILINE)
"""What Mailman puts below: the name of the list and its addresses."""
_WRITES = re.compile(r"[:：]\s*$")  # noqa: RUF001 # the second is of Chinese and Japanese
_SAYS_WHEN = re.compile(r"\d{4}|\d:\d\d|@")
_LONGEST_WROTE = 3


def own_text(whole: str) -> str:
    """Return what the sender wrote: no quotes, no signature, and nothing of a mail that stands below."""
    text = _SIGNED.sub("", whole.replace("\r\n", "\n"), count=1)
    for cut in (_SIGNATURE, _OTHERS, _FOOTER):
        found = cut.search(text)
        text = text[: found.start()] if found else text
    kept: list[str] = []
    in_quote, quote_end = False, 0
    for line in text.partition("\n-- \n")[0].splitlines():
        if line.startswith(">"):
            if not in_quote:
                del kept[_first_of_who_wrote(kept, quote_end) :]
            quote_end = len(kept)
        else:
            kept.append(line)
        in_quote = line.startswith(">")
    return "\n".join(kept).strip()


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


def own_subject(subject: str) -> str:
    """Return a subject without the marks of answers, what is passed on, and lists."""
    found = _SUBJECT_TAG.match(subject)
    return subject[found.end() :] if found else subject
