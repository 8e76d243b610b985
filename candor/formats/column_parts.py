"""Parts of column names: what a column says, once the words for whatever it belongs to are taken off its name.

`message.post_time`, `p_time` (where most columns begin with p) and `Date du message` are times as `time` is.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from candor.formats.column_words import fold_column, known_columns, part_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

Parts: TypeAlias = tuple[str, ...]
MOST_IN_PARTS = 500
"""Columns whose names are worth taking apart: those of tables of posts are 10 to 50, and each costs 25 µs."""
_CUT = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")
_NUMBER_SIGN = re.compile(r"(?<!\w)(?:[nN](?:[°˚]|\.(?!\w))|[čČ]\.)|#")
_LEAST_SHARED = 3
_HELPING = frozenset({"is", "has", "as"})
_TAKEN_OFF: Mapping[str, tuple[str, ...]] = {
    "actor": ("id", "name", "replies"),
    "object": ("id", "asked", "thread"),
    "thread": ("id",),
    "tags": ("name", "thread"),
    "title": ("asked", "thread", "replies"),
    "content": ("asked", "thread", "replies", "form"),
    "published": ("replies", "time"),
}
"""By field the lists of `[parts]` of which words may stand before and behind its own."""
_OF_PAIRS = frozenset({"asked", "replies"})
_WITH_IDS: Mapping[str, tuple[str, str]] = {"thread": ("thread", "threadid"), "object": ("asked", "parentid")}
"""Fields that words of a list stand for together with one for ids, as a column that is known does."""
OF_THE_POST = frozenset({"id", "actor", "published", "content", "name", "type", "accepted"})
"""Fields that say something of the post of a row, and of nothing around it."""


class NamedColumns(NamedTuple):
    """The names of a table's columns in parts, with which words most begin, and whether rows are pairs of posts.

    Of a pair, a question and its answer, nothing tells which of the two a column is for that is called after one.
    `of_others` are columns of what the post of a row stands in: of the article, where rows are of its comments.
    """

    columns: Mapping[str, Parts]
    shared: frozenset[str]
    of_pairs: bool
    of_others: frozenset[str]

    @classmethod
    def of(cls, names: Iterable[str]) -> NamedColumns:
        """Cut names. A first word is shared where three columns or more, and most of all, begin with it."""
        columns = {name: parts_of(name) for name in names}
        others = _of_others(columns)
        of_pairs = _are_of_pairs(parts for name, parts in columns.items() if name not in others)
        return cls(columns, shared_words(columns.values()), of_pairs, others)

    def probable(self, field: str, but: Collection[str], id_column: str | None) -> str | None:
        """Return which column probably stands for a field, of those that are for none yet; None where none does."""
        known = {word: rank for rank, word in reversed([*enumerate(known_columns()[field])])}
        but = {*but, *(self.of_others if field in OF_THE_POST else ())}
        found = (
            (known[word], taken_off, name)
            for name, parts in self.columns.items()
            if name not in but
            for taken_off, word in enumerate(self._readings(field, parts, id_column))
            if word in known
        )
        if (best := min(found, default=None)) is not None:
            return best[2]
        others = ((name, parts) for name, parts in self.columns.items() if name not in but)
        return next((name for name, parts in others if field == "accepted" and _says_accepted(parts)), None)

    def _readings(self, field: str, parts: Parts, id_column: str | None) -> Iterator[str]:
        """Yield what a name may say, with ever more taken off."""
        shared = len(parts) > 1 and parts[0] in self.shared
        bare = _without_ends(parts[shared:], part_words("post"))
        if field == "name":  # of whoever wrote: the name of a post is another
            whose = _without_ends(bare, part_words("name"))
            yield field if whose != bare and "".join(whose) in known_columns()["actor"] else "".join(parts)
            return
        yield "".join(bare)
        if field == "id" and bare[-1:] and bare[-1] in part_words("id"):
            yield "".join((*bare[:-1], "id"))
            if len(inner := _without_ends(bare, part_words("places"))) > 1:
                yield "".join(inner)
        inner = bare if field != "object" or self._are_ids_alike(parts, id_column) else ()
        for kind in _TAKEN_OFF.get(field, ()):
            if self.of_pairs and kind in _OF_PAIRS:
                continue
            before, inner = inner, _without_ends(inner, part_words(kind))
            said = "".join(_without_ends(inner, part_words("post")))
            words, meant = _WITH_IDS.get(field, ("", ""))
            if field == "actor" and len(inner) > 1 and set(inner) <= {*known_columns()["actor"]}:  # owner.member.id
                said = "user"
            yield meant if words and kind == "id" and inner != before and said in part_words(words) else said
            if field == "object":  # Parent comment, parentReplyId
                yield "".join(inner[:-1]) if inner[-1:] and inner[-1] in part_words("replies") else ""

    def _are_ids_alike(self, parts: Parts, id_column: str | None) -> bool:
        """Say whether a column tells posts by what the column of ids holds: not by numbers that another column has."""
        numbers = part_words("number")
        others = (each for name, each in self.columns.items() if name != id_column and each != parts)
        return numbers.isdisjoint(parts) or all(map(numbers.isdisjoint, others))

    def without_shared(self, name: str) -> str:
        """Return a column's name without the word that most begin with; its other words are parted by `_` then."""
        parts = parts_of(name)
        return "_".join(parts[1:]) if len(parts) > 1 and parts[0] in self.shared else name

    def has_bare_prefix(self) -> bool:
        """Say whether most columns begin with a word that says nothing itself, nor whose of several levels they are."""
        others = (parts for parts in self.columns.values() if len(parts) > 1 and parts[0] not in self.shared)
        levels = part_words("post") | part_words("replies") | part_words("asked")
        is_bare = bool(self.shared) and self.shared.isdisjoint(_meaningful())
        return is_bare and all(map(levels.isdisjoint, others))

    def has_places(self) -> bool:
        """Say whether columns tell of places for topics, such as forums."""
        places = tuple(part_words("places"))
        return any(part.startswith(places) for parts in self.columns.values() for part in parts)

    def counts_replies(self) -> bool:
        """Say whether a column counts replies: each row is what begins a thread then."""
        counting, replies = part_words("counting"), part_words("replies")
        counted = counting | replies | part_words("post") | part_words("thread")
        told = [set(parts) for parts in self.columns.values() if len(parts) > 1]
        of_several = counting | part_words("several")
        return any(parts <= counted and parts & replies and parts & of_several for parts in told)


def shared_words(columns: Collection[Parts]) -> frozenset[str]:
    """Return the words that three columns or more, and most of all, begin with, but for those that say who or whom."""
    first = Counter(parts[0] for parts in columns if len(parts) > 1)
    things = {word for field in ("actor", "object") for word in known_columns()[field]}
    often = {word for word, times in first.items() if times >= _LEAST_SHARED and 2 * times > len(columns)}
    return frozenset(often - things)


def says_of_answers(parts: Parts) -> bool:
    """Say whether a name has a word for answers in it."""
    return not part_words("replies").isdisjoint(parts)


@cache
def _meaningful() -> frozenset[str]:
    """Return the words that say by themselves what a column is, or of what."""
    whole = {word for words in known_columns().values() for word in words}
    kinds = ("post", "thread", "asked", "id", "number", "name", "time", "clock", "places", "replies", "best", "form")
    return frozenset(whole).union(*map(part_words, kinds))


def _of_others(columns: Mapping[str, Parts]) -> frozenset[str]:
    """Return the columns of what the post of each row stands in, where both have columns of the same kinds."""
    levels = [part_words("thread") | part_words("asked"), part_words("post"), part_words("replies")]
    told: dict[str, tuple[int, Parts]] = {}
    for name, parts in columns.items():
        of = [
            max(at for at, words in enumerate(levels) if part in words)
            for part in parts
            if part in frozenset().union(*levels)
        ]
        if len(of) == 1 and len(parts) > 1:
            told[name] = of[0], tuple(part for part in parts if part not in frozenset().union(*levels))
    row = max((level for level, _ in told.values()), default=0)
    ours = {rest for level, rest in told.values() if level == row}
    others = {name for name, (level, rest) in told.items() if level < row}
    shares = any(rest in ours for name, (_, rest) in told.items() if name in others)
    return frozenset(others) if shares and len(ours) >= _LEAST_SHARED else frozenset()


def _are_of_pairs(columns: Iterable[Parts]) -> bool:
    """Say whether two columns tell the same of a question and of an answer."""
    found: dict[Parts, set[bool]] = {}
    for parts in columns:
        rest = tuple(word for word in parts if word not in part_words("asked") | part_words("replies"))
        if 0 < len(rest) < len(parts):
            found.setdefault(rest, set()).add(not part_words("asked").isdisjoint(parts))
    return any(len(told) > 1 for told in found.values())


def parts_of(name: str) -> Parts:
    """Return the words of a name, folded, without those that only join others."""
    words = tuple(filter(None, map(fold_column, _CUT.split(_NUMBER_SIGN.sub(" no ", name)))))
    return tuple(word for word in words[:-1] if word not in part_words("joining")) + words[-1:]


def is_of_page(name: str) -> bool:
    """Say whether a column is named after an article, a video or a product, below which comments are written."""
    parts = parts_of(name)
    is_of_wordpress = parts[:2] == ("comment", "post")
    is_thread = not part_words("thread").isdisjoint(parts)
    return is_of_wordpress or (not is_thread and not part_words("pages").isdisjoint(parts))


@lru_cache(maxsize=256)
def numbers_within(replied: str, names: tuple[str, ...], id_column: str) -> str | None:
    """Return which column numbers the posts of each thread, after which the one for what they reply to is called.

    So is `reply_to_post_number` after `post_number`. None where no column does, or it is that of their ids.
    """
    said, numbers = parts_of(replied), part_words("number") | part_words("place")
    if not said or not said[-1].endswith(tuple(numbers)):
        return None
    told = ((name, parts_of(name)) for name in names if name not in {replied, id_column})
    found = (
        (len(parts), name)
        for name, parts in told
        if not numbers.isdisjoint(parts) and parts != said and "".join(said).endswith("".join(parts))
    )
    return max(found, default=(0, None))[1]


def says_html(name: str) -> bool:
    """Say whether a column's name says that its texts are HTML."""
    return not part_words("html").isdisjoint(parts_of(name)) or fold_column(name).endswith("html")


def without_post(name: str) -> str:
    """Return a name, folded, without words for whatever each row is: a post, a question or an answer."""
    words = part_words("post") | part_words("asked") | (part_words("replies") - part_words("several"))
    return "".join(_without_ends(parts_of(name), words))


def _without_ends(parts: Parts, words: Collection[str]) -> Parts:
    """Return parts without such words before and behind them, all but one."""
    first, last = 0, len(parts)
    while last - first > 1 and parts[last - 1] in words:
        last -= 1
    while last - first > 1 and parts[first] in words:
        first += 1
    return parts[first:last]


def _says_accepted(parts: Parts) -> bool:
    """Say whether a name says of answers, and of nothing else, that they are the best."""
    said = {*parts} - _HELPING
    best, right, replies, *others = map(part_words, ("best", "right", "replies", "id", "time", "post"))
    is_told = len(said & best) > 1 or not said.isdisjoint(replies) or not said.isdisjoint(best.union(*others) - best)
    is_best = not said.isdisjoint(best) or (not said.isdisjoint(right) and not said.isdisjoint(replies))
    is_one = said.isdisjoint(part_words("several"))
    return is_told and is_best and is_one and said <= best.union(right, replies, *others)
