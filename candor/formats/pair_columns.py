"""Columns of tables of which each row holds a question and its answer: which field of which of the two each is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from candor.formats.column_parts import MOST_IN_PARTS, Parts, parts_of, shared_words
from candor.formats.column_words import cell_words, fold_column, known_columns, last_columns, pair_words, part_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_OF_ANSWERS = ("id", "actor", "published", "content")
_LAST = 9_999
"""Behind all others: a column that is called only Asked."""
_OF_ROWS = frozenset({"id", "actor", "published", "title", "tags", "accepted"})
"""Fields of a question that a column may stand for whose name says nothing of questions and answers."""


class _Said(NamedTuple):
    """What a column's name says: of which side it is, its kind of word for that, and its other words."""

    is_answer: bool
    kind: str
    rest: Parts


def pair_columns(names: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Return by field the columns of a table of questions with their answers, and those that say neither.

    Empty where rows are no pairs, of which both have a text.
    """
    counted = Counter(iter(names))
    if len(counted) > MOST_IN_PARTS:
        return {}, []
    named = {name: parts_of(name) for name, times in counted.items() if times == 1}
    shared = shared_words(named.values())
    found: dict[str, list[tuple[int, str]]] = {}
    neutral: list[str] = []
    for name, parts in named.items():
        said = _side(parts[1:] if len(parts) > 1 and parts[0] in shared else parts)
        if said is None:
            neutral.append(name)
        elif (told := _field(said)) is not None:
            field, rank = told
            key = f"answer_{field}" if said.is_answer and field in _OF_ANSWERS else field
            found.setdefault(key, []).append((rank, name))
    fields = {field: min(ranked)[1] for field, ranked in found.items()}
    if not fields.keys() >= {"content", "answer_content"}:
        return {}, []
    if "title" not in fields and len(texts := sorted(found["content"])) > 1:  # Question, and Question details
        fields["title"], fields["content"] = texts[0][1], texts[1][1]
    return fields, neutral


def completed_pair(fields: Mapping[str, str], likely: Mapping[str, str], neutral: Iterable[str]) -> dict[str, str]:
    """Return the fields of pairs with those of the row; empty where nothing says who wrote the answers.

    `likely` is what the `neutral` columns stand for, whose names say nothing of questions and answers.
    """
    others, pair = {field: name for field, name in likely.items() if field in _OF_ROWS}, dict(fields)
    if fold_column(others.get("title", "")) in last_columns()["title"]:
        others.setdefault("tags", others.pop("title"))  # as questions have a text of their own
    if "answer_actor" not in pair and "actor" in pair and "actor" in others:
        pair["answer_actor"] = others.pop("actor")  # whoever asked has a column of their own
    found = others | pair
    if "published" not in found and "answer_published" in found:
        found["published"] = found["answer_published"]
    thanked = next((name for name in neutral if fold_column(name) in pair_words("thanked")), None)
    if thanked is not None:
        found.setdefault("accepted", thanked)
    return found if "answer_actor" in found else {}


def _side(parts: Parts) -> _Said | None:
    """Return what the name of a column says of a question or of an answer; None where of neither, or of both."""
    words = tuple(each for part in parts for each in _SHORT.get(part) or _cut(part))
    if not part_words("counting").isdisjoint(words) or not part_words("several").isdisjoint(words):
        return None
    kinds = {word: kind for word in words for kind in _KINDS if word in _words(kind)}
    sides = {_KINDS[kind] for kind in kinds.values()}
    if len(sides) != 1:
        return None
    kind = max(kinds.values(), key=_AGENTS.__contains__)
    return _Said(sides.pop(), kind, tuple(word for word in words if word not in kinds))


_KINDS = {"question": False, "asked": False, "asker": False, "answer": True, "answered": True, "answerer": True}
"""Words for a question, for asking, and for who asks; and of answers: whether they are of these."""


_SHORT = {"qid": ("question", "id"), "aid": ("answer", "id")}
_AGENTS = ("asker", "answerer")


def _words(kind: str) -> frozenset[str]:
    if kind in {"question", "answer"}:
        return frozenset(map(fold_column, cell_words(kind))) | pair_words(kind)
    return pair_words(kind)


def _cut(part: str) -> tuple[str, ...]:
    """Return the two words of one that languages write together, such as Fragedatum and Antworttext."""
    for noun in (*_words("question"), *_words("answer")):
        rest = part.removeprefix(noun)
        if rest != part and (rest in _all_known() or (rest := rest.removeprefix("s")) in _all_known()):
            return noun, rest
    return (part,)


def _all_known() -> frozenset[str]:
    return frozenset(
        word for field in (*_OF_ANSWERS, "title", "accepted") for word in known_columns()[field]
    ) | part_words("id")


def _field(said: _Said) -> tuple[str, int] | None:
    """Return which field a column may be, and how far its name is from saying that alone; None where it is none."""
    rest = set(said.rest)
    if said.kind in _AGENTS:
        return ("actor", 1 + len(rest)) if rest <= part_words("name") | part_words("id") else None
    if not rest:
        return {"question": ("content", 0), "answer": ("content", 0), "asked": ("published", _LAST)}.get(said.kind)
    if rest <= pair_words("by") | part_words("name") | part_words("id") and rest & pair_words("by"):
        return "actor", len(rest) - 1
    if said.is_answer and rest <= part_words("best") | part_words("right"):
        return "accepted", 0
    known = (
        ("published", pair_words("on") | part_words("time")),
        ("id", part_words("id")),
        ("content", part_words("form")),
    )
    if (field := next((field for field, words in known if rest <= words), None)) is not None:
        return field, 1
    return _known("".join(said.rest), is_answer=said.is_answer)


def _known(whole: str, *, is_answer: bool) -> tuple[str, int] | None:
    """Return the field that a word is known for, in the order in which columns are taken for it."""
    for field in (*_OF_ANSWERS, "accepted" if is_answer else "title"):
        if whole in (known := known_columns()[field]):
            return field, 2 + known.index(whole)
    return None
