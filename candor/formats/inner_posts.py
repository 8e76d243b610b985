"""Posts that stand inside others or inside topics in JSON, as rows of one table: each with what it replies to."""

from __future__ import annotations

import hashlib
from itertools import chain, islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from candor.formats.column_parts import parts_of
from candor.formats.column_words import cell_words, part_words
from candor.formats.columns import likely_columns
from candor.formats.forum_texts import asks
from candor.formats.hidden_rows import HiddenRows
from candor.formats.inner_lists import InnerList, at_path, is_empty_list, kind_of, lists_in, without
from candor.formats.nested import decoded, dotted_names, is_hidden_on_way
from candor.scoring.activity import ACCEPTED, MAPPED, RECORD_TYPES, THREAD, TITLE
from candor.scoring.hidden_records import is_hidden
from candor.scoring.loose_values import id_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LOOKED_AT = 20
_DEEPEST = 100
"""Posts may stand in so many others; what is deeper stays a field of the last one, which is counted as not known."""
_MOST_SHAPES = 1_000
_DIGEST_BYTES = 8
_LONGEST_COUNT = 15
"""Digits of an id that may be one of several tables, each with its own; longer ones are the same in none."""
_TAKEN = ("id", "actor", "published", "content", TITLE, "object", ACCEPTED, "tags", "name", THREAD)
_OF_THE_POST = ("id", "published", "content")
_PUBLIC = ("public", "unlisted")
_TELLING = ("actor", "published", "content", TITLE)
_LOOKED_INTO = 4


class _Around(NamedTuple):
    """What stands around an object: the post that it is in, the thread, and what is said of all in these."""

    post: str | None = None
    thread: object = None
    title: object = None
    tags: object = None
    published: object = None
    visibility: object = None
    is_hidden: bool = False
    depth: int = 0
    list_name: str = ""
    kind: str = ""
    kind_above: str = ""
    has_answers: bool = False
    beside: Mapping[str, str] = MappingProxyType({})  # the ids of the posts in the list, by what they are there


class _Object(NamedTuple):
    """An object without the lists in it, under which names it holds fields, its id, and whether it is hidden."""

    own: dict[str, Any]
    fields: Mapping[str, str]
    lists: list[InnerList]
    id: str
    is_hidden: bool

    def value(self, field: str) -> Any:  # noqa: ANN401 JSON
        """Return what it holds of a field."""
        return at_path(self.own, self.fields[field]) if field in self.fields else None


def with_inner_posts(rows: Iterator[Any], ours: dict[str, str]) -> Iterator[Any]:
    """Yield rows of JSON, and behind each the posts that stand in it as rows of their own.

    What stands in a post replies to it, or to the one beside it that it names; what stands in a topic, channel or page
    without a text is in its thread, where it has a title, with that title and its tags. Whatever is hidden hides what
    stands in it. `ours` says which columns stand for fields; columns of inner posts with other names are known by
    these, and it notes those for threads, titles and what was accepted where posts in others say so. Small numbers
    that are ids get the name of their list before them, as those of questions and answers may be the same.
    """
    looked_at = list(islice(rows, _LOOKED_AT))
    nests = _Nests(ours)
    for record in filter(None, map(decoded, looked_at)):
        nests.is_nested |= nests.has_inner(record)
    rows = chain(looked_at, rows)
    return chain.from_iterable(map(nests.rows, rows)) if nests.is_nested or nests.is_mapped else rows


class _Nests:
    """Takes posts out of objects of one table."""

    def __init__(self, ours: dict[str, str]) -> None:
        self.is_nested = False
        self.is_mapped = not MAPPED.isdisjoint(ours)
        self._ours = ours
        self._columns = {field: ours.get(field, field) for field in _TAKEN}
        self._type = ours.get("type", "type")
        self._visibility = ours.get("visibility", "visibility")
        self._least = [ours[field] for field in ("published", "content") if field in ours]
        self._shapes: dict[tuple[str, ...], dict[str, str]] = {}
        self._hidden: dict[str, HiddenRows] = {}

    def has_inner(self, record: dict[str, Any], depth: int = _LOOKED_INTO) -> bool:
        """Say whether posts stand in an object, and note in `ours` which columns they have beside theirs."""
        found = False
        for inner in lists_in(record, self._least) if depth else ():
            in_topic = self._is_topic(record, inner.kind) and not self._is_post(record, inner.kind)
            for each in inner.objects[:_LOOKED_AT]:
                is_post = self._is_post(each)
                found |= self.has_inner(each, depth - 1) or is_post
                if is_post:
                    self._note(each, in_topic=in_topic)
        return found

    def _note(self, post: dict[str, Any], *, in_topic: bool) -> None:
        told = {ACCEPTED} & self._fields(post).keys() | ({THREAD, TITLE} if in_topic else set())
        for field in told - self._ours.keys():
            self._ours[field] = self._columns[field]

    def rows(self, row: Any) -> Iterator[Any]:  # noqa: ANN401 JSON
        """Yield a row, and the posts in it."""
        if (record := decoded(row)) is None:
            yield row
            return
        waiting = [(record, _Around())]
        while waiting:
            each, around = waiting.pop()
            lists = self._lists(each) if around.depth < _DEEPEST else []
            if not lists and not around.depth and not self.is_nested:
                yield record
                continue
            found = self._object(each, around, lists)
            kinds = {kind_of(name) or "" for name, value in each.items() if is_empty_list(name, value)}
            is_post = self._is_post(found.own, *kinds, *(inner.kind for inner in lists))
            if is_post or not (lists or kinds):
                yield self._row(found, around)
            inside = (self._inside(inner, found, around, is_post=is_post) for inner in lists)
            below = [(one, place) for inner, place in zip(lists, inside, strict=True) for one in inner.objects]
            waiting.extend(reversed(below))

    def _lists(self, record: dict[str, Any]) -> list[InnerList]:
        """Return the lists in an object in which posts stand, or what holds some."""
        return [inner for inner in lists_in(record, self._least) if any(map(self._holds_posts, inner.objects))]

    def _holds_posts(self, record: dict[str, Any]) -> bool:
        return self._is_post(record) or any(any(map(self._is_post, inner.objects)) for inner in lists_in(record))

    def _fields(self, record: dict[str, Any]) -> dict[str, str]:
        """Return by field under which name an object holds it: as `ours` says, else by what its names probably mean."""
        told = {field: column for field, column in self._columns.items() if at_path(record, column) is not None}
        if not self.is_mapped:
            return told
        names = tuple(dotted_names(record))
        if (likely := self._shapes.get(names)) is None:
            likely = {field: name for field, name in likely_columns(names).items() if field in _TAKEN}
            if len(self._shapes) < _MOST_SHAPES:
                self._shapes[names] = likely
        return {field: name for field, name in likely.items() if name not in told.values()} | told

    def _is_post(self, record: dict[str, Any], *kinds: str) -> bool:
        """Say whether an object with lists of these kinds in it is a post: it has a time, and a text or a type of ours.

        A title will do where an author is told and no whole thread stands in it.
        """
        fields = self._fields(record)
        if "published" not in fields or "threads" in kinds:
            return False
        return (
            record.get(self._type) in RECORD_TYPES
            or "content" in fields
            or ({"actor", TITLE} <= fields.keys() and "posts" not in kinds)
        )

    def _is_topic(self, record: dict[str, Any], kind: str) -> bool:
        return kind != "threads" and TITLE in self._fields(record)

    def _object(self, record: dict[str, Any], around: _Around, lists: list[InnerList]) -> _Object:
        own = without(record, {inner.path for inner in lists}) if lists else record
        fields = self._fields(own)
        hidden = around.is_hidden or self._is_hidden(own, fields, around.list_name)
        return _Object(own, fields, lists, self._id(own, fields, around), hidden)

    def _inside(self, inner: InnerList, outer: _Object, around: _Around, *, is_post: bool) -> _Around:
        """Return what is around the objects of a list."""
        seen = str(outer.own.get(self._visibility, "public")).lower()
        place = around._replace(
            post=outer.id if is_post else around.post,
            thread=outer.value(THREAD) or around.thread,
            tags=outer.value("tags") or around.tags,
            published=outer.value("published") or around.published,
            visibility=around.visibility if seen in _PUBLIC else outer.own[self._visibility],
            is_hidden=outer.is_hidden,
            depth=around.depth + 1,
            list_name=inner.name,
            kind=inner.kind,
            kind_above=around.kind,
            has_answers=_has_answers(outer),
        )
        if not is_post and self._is_topic(outer.own, inner.kind):
            number = outer.value("id") or outer.value(THREAD) or outer.id
            place = place._replace(thread=number, title=outer.value(TITLE))
        told = [(each, fields) for each in inner.objects if "id" in (fields := self._fields(each))]
        beside = {id_of(at_path(each, fields["id"])) or "": self._id(each, fields, place) for each, fields in told}
        return place._replace(beside=beside)

    def _id(self, own: dict[str, Any], fields: Mapping[str, str], around: _Around) -> str:
        raw = id_of(at_path(own, fields["id"])) if "id" in fields else None
        if raw is None:
            told = [around.post, around.thread, *(at_path(own, fields[each]) for each in _TELLING if each in fields)]
            digest = hashlib.blake2b(msgspec.json.encode(told), digest_size=_DIGEST_BYTES).hexdigest()
            return f"{around.list_name or 'row'}-{digest}"
        is_count = raw.isdecimal() and len(raw) <= _LONGEST_COUNT
        return f"{around.list_name}-{raw}" if is_count and self.is_mapped and around.post is not None else raw

    def _is_hidden(self, own: dict[str, Any], fields: Mapping[str, str], list_name: str) -> bool:
        """Say whether an object is hidden by what it says itself, or what its text or its time stands in."""
        hidden = self._hidden.setdefault(list_name, HiddenRows(self._ours))
        ways = [fields[field].split(".") for field in _OF_THE_POST if "." in fields.get(field, "")]
        return hidden.takes({**own}) or is_hidden(own) or any(is_hidden_on_way(own, way) for way in ways)

    def _row(self, post: _Object, around: _Around) -> dict[str, Any]:
        """Return the row for a post: its fields under the columns of the table, and what follows from its place."""
        row, column = self._renamed(post) if around.depth else {**post.own}, self._columns
        row = {name: value for name, value in row.items() if not is_empty_list(name, value)}
        if around.depth or post.lists or "id" in post.fields:
            row[column["id"]] = post.id
        told = {"tags": around.tags} | {
            field: getattr(around, field) for field in (THREAD, TITLE) if field in self._ours
        }
        for field, said in told.items():
            if said is not None:
                row.setdefault(column[field], said)
        if around.post is not None:
            row[column["object"]] = self._replied(post, around)
        if around.visibility is not None:
            row[self._visibility] = around.visibility
        if post.is_hidden:
            row = {column["published"]: around.published} | row | {"deleted": True}
        self._name_accepted(row, post, around)
        if not self._is_type(row.pop(self._type, None), row) and (around.post is not None or around.thread is None):
            row[self._type] = self._kind(row, post, around)
        return row

    def _name_accepted(self, row: dict[str, Any], post: _Object, around: _Around) -> None:
        """Put the id of the accepted answer as the rows have it, where a post names one of those in it."""
        named = id_of(row.get(self._columns[ACCEPTED]))
        for inner in post.lists if named is not None else ():
            beside = self._inside(inner, post, around, is_post=True).beside
            if named in beside:
                row[self._columns[ACCEPTED]] = beside[str(named)]

    def _renamed(self, post: _Object) -> dict[str, Any]:
        """Return an object with each field under the column of the table for it."""
        others = {field: name for field, name in post.fields.items() if name != self._columns[field]}
        gone = {name if name in post.own else name.partition(".")[0] for name in others.values()}
        kept = {self._columns[field].partition(".")[0] for field in post.fields if field not in others}
        left = {name: value for name, value in post.own.items() if name not in gone - kept}
        return left | {self._columns[field]: post.value(field) for field in others}

    def _replied(self, post: _Object, around: _Around) -> str | None:
        """Return what a post in another replies to: the one beside it that it names, else the one that it stands in."""
        said, mine = id_of(post.value("object")), id_of(post.value("id"))
        is_of_above = not part_words("asked").isdisjoint(parts_of(post.fields.get("object", "")))
        return around.post if said is None or is_of_above or said == mine else around.beside.get(said, around.post)

    def _is_type(self, said: object, row: dict[str, Any]) -> bool:
        """Say whether a word for a type means one of ours, and put it back then."""
        known = {*RECORD_TYPES, *self._ours, *cell_words("question"), *cell_words("answer")}
        is_known = isinstance(said, str) and (said in known or said.strip().casefold() in known)
        if is_known:
            row[self._type] = said
        return is_known

    def _kind(self, row: Mapping[str, Any], post: _Object, around: _Around) -> str:
        """Return of what type a post is by where it stands, and by what stands in it."""
        tells_accepted = ACCEPTED in self._ours
        if around.post is not None:
            is_first = around.kind_above not in {"answers", "replies"}
            is_answer = around.kind == "answers" or (tells_accepted and not around.has_answers)
            return "answer" if is_answer and is_first else "reply"
        text = row.get(self._columns[TITLE]) or at_path(row, self._columns["content"])
        return "question" if tells_accepted or _has_answers(post) or asks(text) else "note"


def _has_answers(post: _Object) -> bool:
    return any(kind_of(name) == "answers" for name in (*post.own, *(inner.name for inner in post.lists)))
