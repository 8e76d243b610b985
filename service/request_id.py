"""The request's id: what the caller calls it, or a name of ours; in every answer and beside every error logged."""

from __future__ import annotations

import re
import secrets

from flask import g, request

HEADER = "X-Request-Id"
_ALLOWED = re.compile(r"[0-9A-Za-z._-]{1,64}")


def request_id() -> str:
    """Return the id of the current request, the same each time; a header that could not be echoed safely is not."""
    if "request_id" not in g:
        asked = request.headers.get(HEADER, "")
        g.request_id = asked if _ALLOWED.fullmatch(asked) else secrets.token_hex(8)
    return str(g.request_id)
