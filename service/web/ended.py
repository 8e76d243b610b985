"""A session that ended while a form was open: the form is shown again with a fresh token, and has to be sent again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import g, request

from service.auth import TOKEN_FIELD, is_authorizing, is_surely_from_here
from service.http import address_asked
from service.web.once import ONCE_FIELD
from service.web.rendering import render_page

if TYPE_CHECKING:
    from flask import Response

_SECRET_FIELDS = frozenset({"key", "code"})
_STATUS = 403


@dataclass(frozen=True)
class SentForm:
    """A form as it was sent: where to, its fields without token and key, and which of them were files."""

    address: str
    fields: tuple[tuple[str, str], ...]
    files: tuple[str, ...]


def has_ended(code: str) -> bool:
    """Say whether a problem means that the session behind a form has ended, and not that its sender may not ask."""
    if request.method != "POST" or is_authorizing():
        return False
    return code == "unauthorized" or (code == "cross_site" and bool(g.get("lacks_token")))


def show_session_ended() -> Response:
    """Say that the session ended, with the form as it was filled in where another site cannot have filled it in."""
    return render_page("session_ended.html", _STATUS, form=_sent() if is_surely_from_here() else None)


def _sent() -> SentForm | None:
    """Return the form that was sent; None where it holds a secret, or is not read from whoever has no key."""
    if not g.get("lacks_token"):  # nothing of the body was read yet
        return None
    fields = [each for each in request.form.items(multi=True) if each[0] not in {TOKEN_FIELD, ONCE_FIELD}]
    if any(name in _SECRET_FIELDS for name, _ in fields):
        return None
    return SentForm(address_asked(), tuple(fields), tuple(dict.fromkeys(request.files)))
