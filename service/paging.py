"""Pages: opaque cursors, the frame {data, next_cursor, has_more} and the Link header."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode

from flask import request

from service.auth import owner
from service.context import context
from service.http import written_path
from service.problems import Fault, ProblemError, invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SEAL = 9  # bytes
Item = TypeVar("Item")
Page = tuple[dict[str, Any], dict[str, str]]


def page(data: list[Any], next_key: str | None, query: dict[str, Any]) -> Page:
    """Return the frame and its headers. `next_key` is where the next page begins, None on the last.

    `query` is all that was asked; the next page is asked the same.
    """
    cursor = None if next_key is None else _cursor(next_key)
    body = {"data": data, "next_cursor": cursor, "has_more": cursor is not None}
    if cursor is None:
        return body, {}
    beside = {name: asked for name, asked in query.items() if asked is not None and name not in {"cursor", "limit"}}
    following = urlencode({**beside, "cursor": cursor, "limit": query["limit"]})
    return body, {"Link": f'<{request.script_root}{_path()}?{following}>; rel="next"'}


def page_of(
    items: Sequence[Item], key: Callable[[Item], str], query: dict[str, Any], show: Callable[[Item], Any]
) -> Page:
    """Cut a page out of items sorted by key: those whose key comes after the cursor. `query` is all that was asked."""
    after = read_cursor(query["cursor"])
    left = [item for item in items if after is None or key(item) > after]
    shown = left[: query["limit"]]
    following = key(shown[-1]) if len(left) > len(shown) else None
    return page([show(item) for item in shown], following, query)


def read_cursor(cursor: str | None) -> str | None:
    """Return the key that a cursor stands for. Raises ProblemError 422 unless we made it for this list and owner."""
    if cursor is None:
        return None
    try:
        key = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)[_SEAL:].decode()
    except (binascii.Error, ValueError):
        raise unknown_cursor() from None
    if not hmac.compare_digest(cursor.encode(), _cursor(key).encode()):
        raise unknown_cursor()
    return key


def _cursor(key: str) -> str:
    """Write a key as a cursor that works only here: sealed with the owner, the address and our secret."""
    sealed = f"{owner()}\0{request.path}\0{key}".encode()
    seal = bytes.fromhex(context().store.secret.digest("cursor", sealed))[:_SEAL]
    return base64.urlsafe_b64encode(seal + key.encode()).decode().rstrip("=")


def unknown_cursor() -> ProblemError:
    """Make the error for a cursor that is not ours or no longer leads anywhere."""
    return invalid(Fault("/cursor", "not a cursor of this list, or no longer one"))


def _path() -> str:
    """Return the path as the caller wrote it, fit for a header."""
    return quote(written_path(), safe="/%:@!$&'()*+,;=", encoding="latin-1")
