"""Who is called so in any of a caller's communities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from service.api.people import people_called
from service.web.rendering import render_page

if TYPE_CHECKING:
    from flask import Response

MOST = 50
LONGEST = 200


def show_people() -> Response:
    """Show the people of a name in all communities, or the form that asks for it."""
    written = request.args.get("q", "").strip()[:LONGEST]
    return render_page("people.html", written=written, found=people_called(written, MOST) if written else None)
