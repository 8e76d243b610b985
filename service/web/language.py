"""Which language a page speaks: as the switch says, else as the browser asks, else English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from service.words import LANGUAGES, language_of, words

if TYPE_CHECKING:
    from flask import Response

    from service.words import Words

PARAMETER = "lang"
COOKIE = "candor_lang"
_YEAR_S = 365 * 86_400


def spoken() -> Words:
    """Return the words of the current request's language."""
    said = request.args.get(PARAMETER)
    chosen = said if said in LANGUAGES else request.cookies.get(COOKIE)
    return words(language_of(request.headers.get("Accept-Language"), chosen))


def keep_choice(response: Response) -> Response:
    """Remember what the switch was set to."""
    chosen = request.args.get(PARAMETER)
    if chosen in LANGUAGES and response.mimetype == "text/html":
        response.set_cookie(COOKIE, str(chosen), max_age=_YEAR_S, samesite="Lax", httponly=True)
    return response
