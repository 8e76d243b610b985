"""Tables as text, those of exports too: CSV and its kin, whatever cuts columns, quotes cells and stands above names."""

from __future__ import annotations

import csv
import hashlib
import re
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from candor.formats.archive import ArchiveError
from candor.formats.column_words import fold_column
from candor.formats.columns import (
    LEAST_COLUMNS,
    IdsUnknownError,
    check_named,
    check_time,
    field_named,
    is_of_posts,
    likely_columns,
    other_columns,
    post_types,
    refuse_answers,
    replied_in,
    take_titles_and_accepted,
)
from candor.formats.compression import UnreadableError
from candor.formats.encodings import CHARSETS, is_utf_8, probable_charset
from candor.formats.forum_texts import kind_of_first
from candor.formats.lines import LONGEST_LINE_BYTES
from candor.scoring.activity import FIELDS, THREAD, title_column
from candor.scoring.long_numbers import cut_off_words, is_cut_off, may_be_cut_off, whole_number
from candor.scoring.loose_values import ABSENT
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from candor.formats.reading import Entry

_SAID_DELIMITER = re.compile(r"sep=(.)\s*", re.IGNORECASE)
"""The first line of what Excel writes where it says how columns are cut."""
_DELIMITERS = ",;\t|"
_MOST_ABOVE = 20
"""Lines that may stand above the names of columns: a title, notes."""
_MOST_BELOW = 5
"""Lines of totals and notes that may stand below the last row."""
_CELLS_BELOW = 2
_TELLING = ("actor", "published", "content", "title", "object", THREAD)
_ID_BYTES = 12
_IDS = ("id", "actor", "object", "target_actor", THREAD, "answer_id", "answer_actor")
"""Fields by which posts and people are told apart."""
_ABSENT = ABSENT | {"", "."}
_TEXTS = frozenset({"content", "name", "bio", "text", "title", "body"})
_FORMULA = re.compile(r'="([^"]*)"')
"""A text that a spreadsheet is not to take for a number."""
_ESCAPED_QUOTE = re.compile(rb'[^"\\,;\t|\r\n]\\"(?!\s*(?:[,;\t|\r\n]|$))')
_BROKEN = re.compile(r"expected after|unexpected end of data")


_COMMENT = re.compile(r"(?P<at>\d(?=[^;\n]*\d[:.]\d\d)[^;\n]{5,40});(?P<by>[^;\n]{1,200});(?P<text>.+)", re.DOTALL)
"""A comment as Jira writes it into a cell."""
_COMMENTS = re.compile(r"comments?\d*")


class _Posts(NamedTuple):
    """What a table of posts leaves unsaid: the types of its rows, ids where no column has them; and its last lines."""

    replied: str | None
    types: tuple[str, str]
    time: str
    telling: tuple[str, ...] | None
    title: str | None
    id: str
    actor: str
    text: str
    object: str
    type: str

    @classmethod
    def of(cls, names: Sequence[str], ours: Mapping[str, str]) -> _Posts:
        """Return it for a table with these columns; `telling` are those of which ids are made, None where it has ids.

        They are fields of ours: other columns, as of views, are of another day when a table is sent again.
        """
        telling = tuple(name for name in (ours.get(field, field) for field in _TELLING) if name in names)
        has_ids = "id" in names or "id" in ours
        time, *named = (ours.get(field, field) for field in ("published", "id", "actor", "content", "object", "type"))
        title = title_column(ours) if ours.get("object", "object") in names else None
        return cls(replied_in(names, ours), post_types(ours), time, None if has_ids else telling, title, *named)

    def completed(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return a row with a type, and with an id made of what it says, the same each time that the row is sent."""
        if self.telling is not None:
            said = msgspec.json.encode([row.get(name) for name in self.telling])
            row["id"] = f"row-{hashlib.blake2b(said, digest_size=_ID_BYTES).hexdigest()}"
        if self.replied is not None:
            reply, other = self.types
            row["type"] = reply if self.replied in row else kind_of_first(other, row.get(self.title or ""))
        return row

    def comments(self, row: dict[str, Any], cells: Iterable[tuple[str, str]]) -> Iterator[dict[str, Any]]:
        """Yield the comments in cells of a row, as posts that reply to it; other cells go into the row."""
        for number, (name, cell) in enumerate(cells, start=1):
            if (said := _COMMENT.fullmatch(cell)) and row.get(self.id):
                comment = {self.id: f"{row[self.id]}-comment-{number}", self.time: said["at"], self.actor: said["by"]}
                yield {**comment, self.text: said["text"], self.object: row[self.id], self.type: self.types[0]}
            elif cell.strip():
                row[name] = cell

    def may_stand_below(self, row: Mapping[str, Any]) -> bool:
        """Say whether a row is one of totals or notes, if it is among the last: it has a cell or two, and no time."""
        return len(row) <= _CELLS_BELOW and time_of(row.get(self.time))[0] is None


def comment_columns(names: Sequence[str]) -> list[int]:
    """Return which columns of a table of Jira hold a comment each; none of another table."""
    folded = [fold_column(name) for name in names]
    is_of_jira = not {"issuekey", "issueid"}.isdisjoint(folded)
    return [at for at, name in enumerate(folded) if is_of_jira and _COMMENTS.fullmatch(name)]


class Header(NamedTuple):
    """The line that names the columns: how many lines stand above it, what cuts it, what quotes its cells."""

    above: int
    delimiter: str
    quote: str
    names: tuple[str, ...]


def header_in(head: bytes, ours: Mapping[str, str] | None) -> Header | None:
    """Return the header of a table of ours by the first bytes of a text: two columns are ours or stand for them.

    `ours` says which columns stand for fields; None: the table may have any columns, in its first line.
    """
    lines = [line.rstrip("\r") for line in head.decode("utf-8", "replace").split("\n")]
    for above, line in enumerate(lines[: _MOST_ABOVE if ours is not None else 2]):
        if line.lstrip()[:1] in {"{", "["}:
            return None
        if not line.strip() or _SAID_DELIMITER.fullmatch(line):
            continue
        found = _header(above, line, lines[above - 1] if above else "")
        names = {field_named(name, ours) for name in found.names}
        if len(names if ours is None else names & {*FIELDS, *ours.values()}) >= LEAST_COLUMNS:
            return found
        if ours is None:
            return None
    return None


def _header(above: int, line: str, before: str) -> Header:
    said = _SAID_DELIMITER.fullmatch(before)
    delimiter = said[1] if said else max(_DELIMITERS, key=line.count)
    quote = "'" if re.fullmatch(rf"\s*'[^']*'(?:{re.escape(delimiter)}'[^']*')*\s*", line) else '"'
    try:
        names = next(csv.reader([line.strip()], delimiter=delimiter, quotechar=quote), [])
    except csv.Error:
        names = []
    return Header(above, delimiter, quote, tuple(names))


def refuse_other_table(head: bytes, ours: Mapping[str, str] | None) -> None:
    """Raise UnreadableError for a table with columns of its own; it may be in another charset than UTF-8."""
    charset = None if is_utf_8(head) else probable_charset(head)
    head = head if charset is None else head.decode(charset, "replace").encode()
    if (header := likely_header(head)) is not None:
        names = [name.strip() for name in header.names]
        if ours and charset is not None:
            raise _of_charset(charset)
        check_named(names, ours)
        raise other_columns(names, charset)


def likely_header(head: bytes) -> Header | None:
    """Return the header of a table with columns of its own, None where the first bytes of a text are of no table.

    It is the first line that names two columns which are known, else the first if the one after it has as many cells.
    """
    lines = head.decode("utf-8", "replace").lstrip().splitlines()
    if any(line.lstrip()[:1] in {"{", "[", "", "\x1e", "<"} for line in lines[:1]):
        return None
    first: Header | None = None
    for above, line in enumerate(lines[:_MOST_ABOVE]):
        if not line.strip() or _SAID_DELIMITER.fullmatch(line):
            continue
        header = _header(above, line, lines[above - 1] if above else "")
        if len(likely_columns(name.strip() for name in header.names)) >= LEAST_COLUMNS:
            return header
        first = first or header
    is_table = first is not None and len(first.names) == _cells(lines[first.above + 1 :], first) > 1
    return first if is_table else None


def _cells(lines: list[str], header: Header) -> int:
    """Count the cells of the first row: what cuts cells and lines may stand in one that is quoted."""
    try:
        return len(next(csv.reader(lines, delimiter=header.delimiter, quotechar=header.quote), []))
    except csv.Error:
        return 0


def is_header_alone(head: bytes, header: Header, ours: Mapping[str, str]) -> bool:
    """Say of a text of one line whether it names columns and nothing more, and not also what was joined to them."""
    known = {*FIELDS, *ours.values()}
    return head.rstrip(b"\r\n") != head or all(field_named(name, ours) in known for name in header.names)


def rows_in(
    lines: Iterator[bytes], header: Header, head: bytes, ours: dict[str, str] | None
) -> Iterator[dict[str, Any] | UnreadableError | bytes]:
    """Yield rows by the names of the columns; an empty cell is absent, as is one of NA or NULL and an empty row.

    A row with more cells than there are columns is an error that is yielded, as text was cut in it; one of totals at
    the end is an empty line. `title` and `accepted` are noted in `ours` where they stand in a table of posts.
    """
    names = [field_named(name, ours) for name in header.names]
    if ours and not is_utf_8(head):
        raise _of_charset(probable_charset(head) or CHARSETS[0])
    if ours is not None:
        refuse_answers(header.names)
        names = _without_second(names, {*FIELDS, *ours.values()})
    check_named(names, ours)
    check_time(names, ours)
    take_titles_and_accepted(names, ours)
    known = [name for name in names if ours is not None and (name in FIELDS or name in ours.values())]
    tags = (ours or {}).get("tags", "tags")
    if twice := next((name for name in known if known.count(name) > 1 and name != tags), None):
        raise UnreadableError(f"the table has two columns {twice!r}: give one of them another name")
    posts = None if ours is None or not is_of_posts(names, ours) else _Posts.of(names, ours)
    if posts is not None and posts.telling is not None and posts.object in names:
        raise IdsUnknownError(posts.object)
    comments = [] if posts is None else comment_columns(names)
    ids = {(ours or {}).get(field, field) for field in _IDS}
    rows = _rows(lines, header, names, head, comments, ids=ids)
    return (row for row, _ in rows) if posts is None else _completed(rows, posts)


def _without_second(names: list[str], known: Collection[str]) -> list[str]:
    """Return names of columns, those of another table that stands behind an empty column as none of ours."""
    blank = next((at for at, name in enumerate(names) if at and not name), len(names))
    first, second = set(names[:blank]) & {*known}, set(names[blank:]) & {*known}
    if len(first) < LEAST_COLUMNS or not second <= first:
        return names
    return [f"{name} (2)" if at > blank and name in second else name for at, name in enumerate(names)]


def _rows(
    lines: Iterator[bytes],
    header: Header,
    names: list[str],
    head: bytes,
    comments: Sequence[int],
    *,
    ids: Collection[str],
) -> Iterator[tuple[dict[str, Any] | UnreadableError, list[tuple[str, str]]]]:
    """Yield rows, each with what its columns of `comments` hold by their names. Those of `ids` tell things apart."""
    csv.field_size_limit(LONGEST_LINE_BYTES)
    texts = (_text(line, head) + "\n" for line in lines)
    for _ in range(header.above + 1):
        next(texts, None)
    marks: dict[str, Any] = {"delimiter": header.delimiter, "quotechar": header.quote}
    columns = [("" if at in comments else name, name in _TEXTS, name in ids) for at, name in enumerate(names)]
    rows = csv.reader(texts, **marks, escapechar="\\" if _ESCAPED_QUOTE.search(head) else None, strict=True)
    try:
        for row in filter(None, rows):  # a file may be of a million blank lines
            if len(row) > len(names) and any(map(str.strip, row[len(names) :])):
                yield _too_long(row, names, header), []
                continue
            found = _known(columns, row)
            if not found and not any(map(str.strip, row)):
                continue
            cut_off = next((found[name] for name in ids if name in found and is_cut_off(found[name])), None)
            cells = [(names[at], row[at]) for at in comments if at < len(row)]
            yield (found, cells) if cut_off is None else (UnreadableError(cut_off_words(cut_off)), [])
    except csv.Error as error:
        advice = ": a quote in a cell is written twice" if _BROKEN.search(str(error)) else ""
        line = rows.line_num + header.above + 1
        raise UnreadableError(f"the table is broken near line {line}: {error}{advice}") from None


def _too_long(row: list[str], names: list[str], header: Header) -> UnreadableError:
    return UnreadableError(
        f"the row has {len(row)} cells, and there are {len(names)} columns: put texts in quotes where "
        f"{header.delimiter!r} is in them"
    )


def _completed(
    rows: Iterable[tuple[dict[str, Any] | UnreadableError, list[tuple[str, str]]]], posts: _Posts
) -> Iterator[dict[str, Any] | UnreadableError | bytes]:
    """Yield the rows of a table of posts with what it leaves unsaid, and an empty line for each of totals below."""
    below: list[dict[str, Any]] = []
    has_rows = False
    for row, cells in rows:
        if isinstance(row, dict) and posts.may_stand_below(row) and len(below) <= _MOST_BELOW:
            below.append(row)
            continue
        yield from map(posts.completed, below)
        below.clear()
        has_rows = not (isinstance(row, dict) and posts.may_stand_below(row))
        if isinstance(row, dict):
            said = posts.completed(row)
            comments = list(posts.comments(said, cells))  # which puts what is none into the row
            yield said
            yield from comments
        else:
            yield row
    are_totals = has_rows and len(below) <= _MOST_BELOW
    yield from (b"" if are_totals else posts.completed(row) for row in below)


def _known(columns: Sequence[tuple[str, bool, bool]], row: Iterable[str]) -> dict[str, Any]:
    """Return the cells that tell something by the names of their columns, of which it is known what they hold.

    Blanks around a cell are none of an id, a word or a time. A column without a name has numbers of rows, as R has it.
    What columns of one name hold is joined, as programs write tags into several.
    """
    found: dict[str, Any] = {}
    for (name, is_text, is_id), cell in zip(columns, row, strict=False):
        if is_text:
            if cell:
                found[name] = cell
        elif (bare := cell.strip()) not in _ABSENT and name:
            if bare[:1] == "=" and (told := _FORMULA.fullmatch(bare)):
                bare = told[1]
            value = whole_number(bare) if is_id and may_be_cut_off(bare) else bare
            found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _text(line: bytes, head: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise _of_charset(probable_charset(head) or probable_charset(line) or CHARSETS[0]) from None


def _of_charset(charset: str) -> UnreadableError:
    return UnreadableError(
        f"the table is not UTF-8: say what it is, as in Content-Type: text/csv; charset={charset}, which it "
        "probably is, or save it as CSV UTF-8 in Excel, with encoding='utf-8' in Python"
    )


def rows_of(table: Entry, who: str) -> Iterator[list[str]]:
    """Yield the rows that hold anything, the names of the columns first; `who` wrote the table. Raises ArchiveError."""
    csv.field_size_limit(LONGEST_LINE_BYTES)
    try:
        lines = table.lines("strict")
        header = next(lines, "")
        cut = max(",;\t", key=header.count)
        for row in csv.reader(chain([header], lines), delimiter=cut):
            if any(row):
                yield row
    except (csv.Error, UnicodeError) as error:
        raise ArchiveError(f"one of its files is not as {who} writes them") from error


def rows_by_name(table: Entry, who: str, needed: str) -> Iterator[dict[str, str]]:
    """Yield the rows by the names of their columns, of a table that has the one that is needed. Raises ArchiveError."""
    rows = rows_of(table, who)
    names = [name.strip() for name in next(rows, [])]
    if needed in names:
        for row in rows:
            yield dict(zip(names, row, strict=False))
