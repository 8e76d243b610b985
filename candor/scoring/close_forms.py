"""Close forms: words in texts that a term does not find and that may be other forms of it, such as its plural."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from candor.scoring.words import is_text, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LEAST, _LONGER = 3, 4
_LEAST_CHANGED = 5
"""Letters of a word whose last one may be another: książka, książki."""
_MOST_EACH, _MOST = 5, 50


class CloseForm(msgspec.Struct, frozen=True, kw_only=True):
    """A word that a term does not find."""

    term: Annotated[str, Meta(description="The term.")]
    form: Annotated[str, Meta(description="What begins like it and is another word: it counts only as a term itself.")]
    records: Annotated[int, Meta(description="In how many of the records that were looked at it stands.")]


class CloseForms:
    """Looks in texts, one after the other, for words that begin as terms do; a phrase may go on otherwise at its end.

    Words with up to four letters more are close, and such as have another last letter and one more at most.
    """

    def __init__(self, terms: Sequence[str]) -> None:
        self._terms: dict[tuple[str, ...], str] = {}
        self._begins: dict[str, list[tuple[str, ...]]] = {}
        for term in terms:
            phrase = tuple(tokens(term))
            if phrase and all(map(is_text, phrase)):
                self._terms.setdefault(phrase, term)
        for phrase in self._terms:
            word = phrase[-1]
            if len(word) >= _LEAST and word.isalpha():
                self._begins.setdefault(_beginning(word), []).append(phrase)
        self._sizes = sorted({len(beginning) for beginning in self._begins})
        self._found: Counter[tuple[tuple[str, ...], str]] = Counter()

    def note(self, text: str | None) -> None:
        """Look in the text of a record."""
        if text and self._begins:
            self._found.update(set(self._forms_in(tokens(text))))

    def _forms_in(self, spoken: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
        for at, word in enumerate(spoken):
            if not word.isalpha():
                continue
            for size in self._sizes:
                for phrase in self._begins.get(word[:size], ()) if len(word) >= size else ():
                    before = tuple(spoken[max(0, at + 1 - len(phrase)) : at])
                    if _is_close(word, phrase[-1]) and before == phrase[:-1] and (*before, word) not in self._terms:
                        yield phrase, " ".join((*before, word))

    def found(self) -> list[CloseForm]:
        """Return what was found, five forms of a term at most, those first that stand in most records."""
        most: Counter[tuple[str, ...]] = Counter()
        listed = []
        for (phrase, form), records in sorted(self._found.items(), key=lambda each: (-each[1], each[0])):
            most[phrase] += 1
            if most[phrase] <= _MOST_EACH:
                listed.append(CloseForm(term=self._terms[phrase], form=form, records=records))
        return listed[:_MOST]


def _is_close(word: str, to: str) -> bool:
    return word != to and len(word) <= len(to) + (_LONGER if word.startswith(to) else 1)


def _beginning(word: str) -> str:
    return word[:-1] if len(word) >= _LEAST_CHANGED else word
