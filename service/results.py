"""Lists that leave whole: in one answer, streamed, in the form that `format` or `Accept` asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
from flask import Response, request

from candor.formats.tables import MEDIA_TYPES, MOST_SHEET_ROWS, Form, TooManyRowsError, written
from service.context import context
from service.problems import Fault, invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from service.paging import Page

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
