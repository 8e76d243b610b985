"""Tables in JSON: what their rows leave unsaid, what they write otherwise, titles, and columns of their own."""

from __future__ import annotations

import hashlib
import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.column_words import cell_words, fold_column
from candor.formats.columns import (
    LEAST_COLUMNS,
    IdsUnknownError,
    OtherColumnsError,
    field_named,
    likely_columns,
    post_types,
    replied_in,
    take_titles_and_accepted,
)
from candor.formats.forum_texts import kind_of_first
from candor.formats.inner_posts import with_inner_posts
from candor.formats.nested import (
    decoded,
    dotted_names,
    has_types,
    holds_record,
    inner_records,
    with_dotted,
    without_types,
)
from candor.formats.other_lists import Found, found_in, not_of_posts
from candor.scoring.activity import MAPPED, RECORD_TYPES, THREAD, TITLE, title_column
from candor.scoring.hidden_records import is_hidden
from candor.scoring.loose_values import id_of
from candor.scoring.markup import QUOTES, own_html, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_LOOKED_AT = 20
TOPIC = "topic of the post"
_OF_POSTS = (("id", "published", "content"), ("answer_id", "answer_published", "answer_content"))
"""Fields that say something of the post of a row itself, and of the answer in it."""
_NOTHING = ("-1", "-1.0", -1, "00000000-0000-0000-0000-000000000000")
_ON_NOTHING = re.compile(rb'"object"\s*:\s*(?:(?:0|-1)(?:\.0)?\s*[,}]|"(?:0|-1)(?:\.0)?")')
_NUMBERED = re.compile(r"\s*(?:#|n[°ºo]\.?|nr\.?|№)\s*(\d+)\s*", re.IGNORECASE)
_WITH_GAPS = re.compile(r"(\d+)\.0")
"""Whole numbers as pandas writes them in a column of which a cell is empty."""
_TELLING = ("actor", "published", "content", TITLE, "object", THREAD)
_ID_BYTES = 12
_ANCESTORS = frozenset({"references", "ancestors", "ancestorids", "parents"})
"""Columns that list what a post replies to, the first post of its thread first."""
_APART = re.compile(r"[\s,;|\[\]\"'<>]+")
_LETTERS = {"q": "question", "a": "answer", "c": "reply"}
_HIDDEN = ("_hidden", "_queued")
"""Behind the type of a row in Question2Answer that nobody is to see."""
_OF_PHPBB = "posterid"
_OF_PHPBB_TABLES = frozenset({"post_text", "poster"})
"""Columns of phpBB, of PunBB and FluxBB, beside which the guest has the number 1."""
_OF_MEMBERS = frozenset({_OF_PHPBB, "userid", "uid", "idmember", "memberid", "postauthor", "authorid"})
"""Columns of members by their numbers, in tables of forums."""


def posts_in(rows: Iterator[Any], ours: dict[str, str]) -> Iterator[Any]:
    """Yield rows of JSON with their type, where `ours` says which keys stand for fields and the first row has no type.

    Raises OtherColumnsError where the first has no two keys that are fields of ours or stand for them, or no type of
    ours and its time under another name.
    """
    taken_out, rows = _taken_out_first(rows, ours)
    if taken_out:
        return chain(taken_out, posts_in(rows, ours))
    first, rows = _peek(with_inner_posts(rows, ours))
    if (record := decoded(first)) is None:
        return rows
    known, time = {*MAPPED, *ours.values()}, ours.get("published", "published")
    if dotted := [name for name in ours.values() if "." in name and name not in record]:
        posts, answers = ({ours[field] for field in some if ours.get(field) in dotted} for some in _OF_POSTS)
        rows = with_dotted(rows, dotted, posts, answers)
    elif time not in record and holds_record(record, known, time):
        rows = inner_records(rows, known, time)
    elif has_types(record, time):
        rows = without_types(rows)
    first, rows = _peek(rows)
    record = decoded(first) or {}
    if len(record.keys() & known) < LEAST_COLUMNS:
        rows = (_in_our_letters(row, ours) for row in rows)
    elif not {"id", ours.get("id")} & record.keys() and "_id" in record:
        rows = _with_ids_of_mongodb(rows)
    first, rows = _peek(rows)
    record = decoded(first) or {}
    if len(record.keys() & known) < LEAST_COLUMNS:
        raise not_of_posts(_lists_in(islice(rows, _LOOKED_AT)))
    if time not in record:
        looked_at = list(islice(rows, _LOOKED_AT))
        rows = chain(looked_at, rows)
        _check_time(looked_at, time)
    replied = replied_in(list(record), ours) if MAPPED & ours.keys() else None
    return rows if replied is None else _posts(rows, replied, ours)


def _taken_out_first(rows: Iterator[Any], ours: Mapping[str, str]) -> tuple[list[Any], Iterator[Any]]:
    """Return the rows at the beginning that say of an id no more than that it is hidden by now, and the others."""
    found: list[Any] = []
    for row in rows:
        record = decoded(row)
        is_bare = record is not None and not record.keys() & {"type", ours.get("published", "published")}
        if record is None or not is_bare or ours.get("id", "id") not in record or not is_hidden(record):
            return found, chain((row,), rows)
        found.append(row)
    return found, rows


def names_nothing_by_number(row: object) -> bool:
    """Say whether a line of JSON has 0 or -1 for what it acts on, as programs write nothing."""
    return isinstance(row, bytes) and _ON_NOTHING.search(row) is not None


def _posts(rows: Iterator[Any], replied: str, ours: dict[str, str]) -> Iterator[Any]:
    looked_at = list(islice(rows, _LOOKED_AT))
    take_titles_and_accepted(_names(looked_at), ours)
    title = title_column(ours) if "object" in ours or replied in _names(looked_at) else None
    return _typed(chain(looked_at, rows), replied, post_types(ours), title)


def _check_time(rows: Iterable[Any], time: str) -> None:
    """Raise UnreadableError for rows of which other columns tell the time, or that hold lists of posts."""
    lists = _lists_in(rows)
    if time in lists[0].names:
        return
    if "published" in likely_columns(lists[0].names):
        raise OtherColumnsError(lists[0].names, without_time=True)
    if any(each.likeness[0] for each in lists):
        raise not_of_posts(lists)


def _lists_in(rows: Iterable[Any]) -> list[Found]:
    """Return what the first rows and the lists of objects in them hold."""
    looked_at = list(filter(None, map(decoded, rows)))
    return [Found(("",), _names(looked_at)), *found_in(("",), looked_at)[1:]]


def _names(rows: Iterable[Any]) -> list[str]:
    """Return the names in the first rows, of which each may leave out some."""
    names = dict.fromkeys(name for row in islice(rows, _LOOKED_AT) for name in dotted_names(decoded(row) or {}))
    return [name for name in names if not any(other.startswith(f"{name}.") for other in names)]


def without_replies_to_zero(rows: Iterator[Any], ours: Mapping[str, str]) -> Iterator[Any]:
    """Yield the rows of a table, in which a reply to 0 or to itself is one to nothing, as much software writes it.

    `ours` says which columns stand for fields. Where a row before has the id 0 it is a reply to that. Of #12, No. 12
    and 12.0 the number is what is replied to, where ids are numbers alone.
    """
    post, replied, kind = (ours.get(field, field) for field in ("id", "object", "type"))
    (reply, other), has_zero, title = post_types(ours), False, title_column(ours)
    names_ancestors = fold_column(replied) in _ANCESTORS
    for row in rows:
        record = decoded(row)
        on = record and record.get(replied)
        if record is not None and names_ancestors and isinstance(on, list | str):
            told = [each for each in (_APART.split(on) if isinstance(on, str) else on) if each]
            on = record[replied] = told[-1] if told else _NOTHING[0]
        if record is None or on is None:
            has_zero = has_zero or (record is not None and _is_zero(record.get(post)))
            yield row
            continue
        own = record.get(post)
        has_zero = has_zero or _is_zero(own)
        if on in (own, *_NOTHING) or (not has_zero and _is_zero(on)):
            left = {name: value for name, value in record.items() if name != replied}
            first = kind_of_first(other, record.get(title or ""))
            yield {**left, kind: first} if left.get(kind) == reply else left
        elif isinstance(on, str) and (numbered := _number_in(on)) and str(own).isdecimal():
            yield {**record, replied: numbered[1]}
        else:
            yield row


def _number_in(on: str) -> re.Match[str] | None:
    return _WITH_GAPS.fullmatch(on) or _NUMBERED.fullmatch(on)


def begins_topics(rows: Iterable[Any], ours: Mapping[str, str]) -> bool:
    """Say whether types of some rows tell what begins a topic from what replies in it, as WordPress's forums do.

    `ours` says which columns stand for fields; where it renames such a type, that holds.
    """
    kind = ours.get("type", "type")
    words = {row.get(kind) for row in rows if isinstance(row, dict)}
    return "object" in ours and "topic" in words and not {"topic", "reply"} & ours.keys()


def with_topics(rows: Iterable[Any], ours: Mapping[str, str]) -> Iterator[Any]:
    """Yield the rows of such a table, those of topics and replies with `TOPIC` for what type they are and reply to."""
    post, replied, kind = (ours.get(field, field) for field in ("id", "object", "type"))
    for row in rows:
        word = row.get(kind) if isinstance(row, dict) else None
        if word in {"topic", "reply"}:
            topic = row.get(post if word == "topic" else replied)
            yield {name: value for name, value in row.items() if name not in {kind, replied}} | {TOPIC: topic}
        else:
            yield row


def with_guests(rows: Iterable[Any], ours: Mapping[str, str]) -> Iterator[Any]:
    """Yield the rows of a table; the number that forums give to all guests names nobody: 0, and 1 of phpBB and PunBB.

    `ours` says which columns stand for fields.
    """
    column = ours.get("actor", "actor")
    if fold_column(column) not in _OF_MEMBERS:
        yield from rows
        return
    is_numbered_from_1 = fold_column(column) == _OF_PHPBB
    for row in rows:
        record = decoded(row)
        who = record and record.get(column)
        is_first = is_numbered_from_1 and who in {1, "1"} and not _OF_PHPBB_TABLES.isdisjoint(record or ())
        if record is not None and (_is_zero(who) or is_first):
            yield {name: value for name, value in record.items() if name != column}
        else:
            yield row


def _is_zero(value: object) -> bool:
    return value in ("0", "0.0") or (value == 0 and isinstance(value, int | float))


def says_types(rows: Iterable[Any], ours: Mapping[str, str]) -> bool:
    """Say whether types of some rows are words for questions and answers in some language, or say only: a post."""
    column = ours.get("type", "type")
    told = [decoded(row) for row in rows]
    words = _words_for_types(told, column)
    return any(_type_of(row, column, ours, words) is not None or _is_post(row, column, ours) for row in told)


def with_types(rows: Iterator[Any], ours: Mapping[str, str]) -> Iterator[Any]:
    """Yield the rows of a table with our types for words that mean the same; `Q_HIDDEN` is a question that is hidden.

    `ours` says which columns stand for fields, and may rename such a word, which stays then.
    """
    column, looked_at = ours.get("type", "type"), list(islice(rows, _LOOKED_AT))
    words = _words_for_types(map(decoded, looked_at), column)
    for row in chain(looked_at, rows):
        record = decoded(row)
        kind = _type_of(record, column, ours, words)
        if record is None or kind is None:
            yield row
            continue
        hidden = {"deleted": True} if record[column].strip().casefold().endswith(_HIDDEN) else {}
        yield {**record, column: kind, **hidden}


def with_types_of_posts(rows: Iterable[Any], ours: Mapping[str, str]) -> Iterator[Any]:
    """Yield the rows of a table; types that say no more than that these are posts become one by what they reply to.

    `ours` says which columns stand for fields, and may rename such a type, which stays then.
    """
    column, replied, (reply, other) = ours.get("type", "type"), ours.get("object", "object"), post_types(ours)
    for row in rows:
        record = decoded(row)
        if record is not None and _is_post(record, column, ours):
            title = record.get(title_column(ours) or "")
            yield {**record, column: reply if record.get(replied) else kind_of_first(other, title)}
        else:
            yield row


def _words_for_types(rows: Iterable[dict[str, Any] | None], column: str) -> Mapping[str, str]:
    """Return which type of ours each word means; single letters as in Question2Answer only where one is Q."""
    words = {word: kind for kind in ("question", "answer") for word in cell_words(kind)}
    has_letters = any(row is not None and str(row.get(column)).strip() == "Q" for row in rows)
    return words | _LETTERS if has_letters else words


def _type_of(row: object, column: str, ours: Mapping[str, str], words: Mapping[str, str]) -> str | None:
    """Return which type of ours a row's own word for it means; None where it has ours, or one that is not known."""
    word = row.get(column) if isinstance(row, dict) else None
    if not isinstance(word, str) or word in ours:
        return None
    plain = word.strip().casefold()
    plain = plain.rpartition("#")[2]  # as in youtube#comment
    for state in _HIDDEN:
        plain = plain.removesuffix(state)
    return None if plain in RECORD_TYPES else words.get(plain)


def _is_post(row: object, column: str, ours: Mapping[str, str]) -> bool:
    word = row.get(column) if isinstance(row, dict) else None
    return (
        isinstance(word, str) and word not in ours and word.strip().casefold().rpartition("#")[2] in cell_words("post")
    )


def _peek(rows: Iterator[Any]) -> tuple[Any, Iterator[Any]]:
    first = next(rows, None)
    return first, chain(() if first is None else (first,), rows)


def _in_our_letters(row: Any, ours: Mapping[str, str]) -> Any:  # noqa: ANN401 JSON
    """Return a row with fields of ours written as ours, where databases write them ID and ACTOR."""
    record = decoded(row)
    return row if record is None else {field_named(name, ours): value for name, value in record.items()}


def _with_ids_of_mongodb(rows: Iterator[Any]) -> Iterator[Any]:
    for row in rows:
        record = decoded(row)
        yield (
            row
            if record is None or "id" in record
            else {("id" if key == "_id" else key): record[key] for key in record}
        )


def _typed(rows: Iterator[Any], replied: str, types: tuple[str, str], title: str | None) -> Iterator[Any]:
    reply, other = types
    for row in rows:
        if (record := decoded(row)) is None:
            yield row
            continue
        if record.get(replied) == "":  # as what came from a spreadsheet has it
            del record[replied]
        is_reply = record.get(replied) is not None
        yield {"type": reply if is_reply else kind_of_first(other, record.get(title or "")), **record}


def with_plain_text(rows: Iterable[Any], ours: Mapping[str, str]) -> Iterator[Any]:
    """Yield the rows of a table whose column of texts is called after HTML, with plain text without quotes for each."""
    column = ours.get("content", "content")
    for row in rows:
        record = decoded(row)
        text = record and record.get(column)
        if record is not None and isinstance(text, str):
            yield {**record, column: plain(own_html(text, QUOTES))}
        else:
            yield row


def with_titles(rows: Iterable[Any], column: str, ours: Mapping[str, str]) -> Iterator[Any]:
    """Yield the rows of a table without the column of titles, each of which stands before the text of its row then.

    `ours` says which columns stand for fields. Whatever is no row of a table stays as it is.
    """
    text = ours.get("content", "content")
    for row in rows:
        if (record := decoded(row)) is None:
            yield row
            continue
        title = record.pop(column, None)
        if isinstance(title, str) and title.strip():
            said = record.get(text)
            record[text] = f"{title.strip()}\n\n{said}" if isinstance(said, str) and said.strip() else title.strip()
        yield record


def with_made_ids(rows: Iterator[Any], ours: Mapping[str, str]) -> Iterator[Any]:
    """Yield the rows of a table; one without an id has one made of what it says, the same each time that it is sent.

    `ours` says which columns stand for fields. Where the column that should have ids is nowhere rows stay as they are.
    Raises IdsUnknownError where posts are named and none has an id.
    """
    column, replied = ours.get("id", "id"), ours.get("object", "object")
    telling = [ours.get(field, field) for field in _TELLING]
    looked_at = list(islice(rows, _LOOKED_AT))
    records = [record for row in looked_at if (record := decoded(row)) is not None]
    has_none = not any(record.get(column) not in (None, "") for record in records)
    if has_none and "id" not in ours and any(record.get(replied) for record in records):
        raise IdsUnknownError(replied)
    for row in chain(looked_at, rows):
        record = decoded(row)
        if record is None or record.get(column) not in (None, "") or (has_none and "id" in ours):
            yield row
        else:
            said = msgspec.json.encode([record.get(name) for name in telling])
            yield {**record, column: f"row-{hashlib.blake2b(said, digest_size=_ID_BYTES).hexdigest()}"}


def with_names(rows: Iterable[Any], column: str, ours: Mapping[str, str]) -> Iterator[Any]:
    """Yield the rows of a table of posts, and behind them what each author calls itself, as `column` said last.

    `ours` says which columns stand for fields. Whatever is no row of a table stays as it is.
    """
    actor, time, kind = (ours.get(field, field) for field in ("actor", "published", "type"))
    told: dict[str, tuple[str, object]] = {}
    for row in rows:
        record = decoded(row)
        if record is not None and record.get(kind) != "account" and not is_hidden(record):
            who, name = id_of(record.get(actor)), record.pop(column, None)
            if who is not None and isinstance(name, str) and name.strip() not in {"", who}:
                told[who] = name.strip(), record.get(time)
        yield row if record is None else record
    for who, (name, seen) in told.items():
        yield {kind: "account", actor: who, time: seen, column: name}
