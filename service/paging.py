"""Lists: in pages, with cursors that nobody else can make and a Link header, or whole, in the form asked for."""

from __future__ import annotations

import hashlib
import itertools
import re
from typing import TYPE_CHECKING, Annotated, Any, Generic, Protocol, TypeAlias, TypeVar
from urllib.parse import urlencode

import msgspec
from flask import Response, request
from itsdangerous import BadData, URLSafeSerializer
from msgspec import Meta, Struct

from candor.formats.tables import MEDIA_TYPES, MOST_SHEET_ROWS, Form, TooManyRowsError, written
from service.auth import owner
from service.context import context
from service.http import quoted_path
from service.problems import Fault, ProblemError, invalid
from service.schemas.base import show_instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

Item = TypeVar("Item")
Shown = TypeVar("Shown")


class Page(Struct, Generic[Shown], frozen=True, kw_only=True):
    """A page of a list."""

    data: Annotated[list[Shown], Meta(description="The items, in the order of the list.")]
    next_cursor: Annotated[str | None, Meta(description="Ask for the next page with this; null on the last one.")] = (
        None
    )
    has_more: Annotated[bool, Meta(description="Whether there is a next page.")] = False


class Made(Protocol):
    """What lists have in the order in which it was made."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def created_at(self) -> datetime:
        """When it was made."""


Listed: TypeAlias = tuple[Page[Shown], dict[str, str]]
"""A page and its headers."""


def page(data: list[Shown], next_key: str | None, query: dict[str, Any]) -> Listed[Shown]:
    """Return a page and its headers. `next_key` is where the next page begins, None on the last.

    `query` is all that was asked; the next page is asked the same.
    """
    if next_key is None:
        return Page(data=data), {}
    cursor = cursor_of(next_key)
    others = {name: asked for name, asked in query.items() if asked is not None and name not in {"cursor", "limit"}}
    following = urlencode({**others, "cursor": cursor, "limit": query["limit"]})
    link = f'<{request.script_root}{quoted_path()}?{following}>; rel="next"'
    return Page(data=data, next_cursor=cursor, has_more=True), {"Link": link}


def by_age(item: Made) -> str:
    """Return the key by which a list has what was made first first."""
    return f"{show_instant(item.created_at)} {item.id}"


def page_of(
    items: Sequence[Item], key: Callable[[Item], str], query: dict[str, Any], show: Callable[[Item], Shown]
) -> Listed[Shown]:
    """Cut a page out of items sorted by key: those whose key comes after the cursor. `query` is all that was asked."""
    after = read_cursor(query["cursor"])
    left = [item for item in items if after is None or key(item) > after]
    shown = left[: query["limit"]]
    following = key(shown[-1]) if len(left) > len(shown) else None
    return page([show(item) for item in shown], following, query)


def cut(rows_behind: Callable[[int], Iterable[Item]], query: dict[str, Any]) -> tuple[list[Item], str | None]:
    """Return the rows of a page, and where the next begins or None; `rows_behind` yields those behind so many."""
    first, most = int(read_cursor(query["cursor"]) or 0), query["limit"]
    rows = list(itertools.islice(rows_behind(first), most + 1))
    return rows[:most], str(first + most) if len(rows) > most else None


def read_cursor(cursor: str | None) -> str | None:
    """Return the key that a cursor stands for. Raises ProblemError 422 unless we made it for this list and owner."""
    if cursor is None:
        return None
    try:
        key: str = _serializer().loads(cursor)
    except BadData:
        raise unknown_cursor() from None
    return key


def cursor_of(key: str) -> str:
    """Write a key as a cursor that nobody else can make, and that works for this owner and this address only."""
    return str(_serializer().dumps(key))


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(
        context().store.secret.digest("cursor", b""),
        salt=f"{owner()}\0{request.path}",
        signer_kwargs={"digest_method": hashlib.sha384},  # of a length that base64 can write in one way only
    )


def unknown_cursor() -> ProblemError:
    """Make the error for a cursor that is not ours or no longer leads anywhere."""
    return invalid(Fault("/cursor", "not a cursor of this list, or no longer one"))


PAGE_ROWS = 20
_NAME_CHARACTERS = 60
_DATA = b'{"data":['
_BY_MEDIA_TYPE: dict[str, Form] = {media_type: form for form, media_type in MEDIA_TYPES.items()}
OTHER_FORMS: dict[str, tuple[dict[str, str], str]] = {
    MEDIA_TYPES["parquet"]: (
        {"type": "string", "format": "binary", "description": "A column for each field of an item."},
        "(the file)",
    ),
    MEDIA_TYPES["xlsx"]: (
        {"type": "string", "format": "binary", "description": "The same columns in a workbook, for Excel."},
        "(the file)",
    ),
    MEDIA_TYPES["csv"]: (
        {
            "type": "string",
            "description": "The same columns. Text that a spreadsheet would calculate begins with an apostrophe.",
        },
        "row,rank,account,expertise_score\r\n1,1,u19,71.227605\r\n",
    ),
    MEDIA_TYPES["ndjson"]: (
        {"type": "string", "description": "An item of `data` a line."},
        '{"row":1,"rank":1,"account":"u19"}\n',
    ),
}
"""Describes what `whole` answers beside JSON."""


def form_asked(query: dict[str, Any]) -> Form | None:
    """Return in which form the whole list is asked for, or None where a page is, which then gets its size."""
    form: Form | None = query.get("format")
    if form is None:
        best = request.accept_mimetypes.best_match(_BY_MEDIA_TYPE, default=MEDIA_TYPES["json"])
        form = _BY_MEDIA_TYPE[str(best)]
        if form == "json":
            query["limit"] = query.get("limit") or PAGE_ROWS
            return None
    return form


def whole(
    form: Form,
    frame: Page[Any],
    rows: Iterable[msgspec.Struct],
    kind: type[msgspec.Struct],
    name: str,
) -> Response:
    """Answer with all rows, which are structs of a kind; `frame` is a page without rows, `name` that of a file.

    Raises ProblemError 422 where they are too many for a workbook.
    """
    try:
        body = written(rows, kind, form, context().settings.data_dir / "datasets")
    except TooManyRowsError:
        detail = f"a workbook takes at most {MOST_SHEET_ROWS:,} rows: give a `limit`, or ask for csv or parquet"
        raise invalid(Fault("/format", detail)) from None
    headers = {"Vary": "Accept"}
    if form == "json":
        body = _framed(msgspec.json.encode(frame), body)
    else:
        headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return Response(body, mimetype=MEDIA_TYPES[form], headers=headers)


def file_name(text: str) -> str:
    """Return a text as part of a file's name that every system takes."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_NAME_CHARACTERS]


def _framed(frame: bytes, array: Iterator[bytes]) -> Iterator[bytes]:
    """Put an array in the place of the empty one with which a frame begins."""
    yield _DATA[:-1]
    yield from array
    yield frame[len(_DATA) + 1 :]
