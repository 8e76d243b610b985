"""Scripts and styles of the pages: served by us, named with a digest of what is in them, and so kept for long."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources

from flask import Response

from service.drawing import stylesheet
from service.problems import ProblemError

_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_A_YEAR = "public, max-age=31536000, immutable"


def asset(name: str) -> str:
    """Return the address of a file, which changes with its content."""
    return f"/static/{name}?{hashlib.sha256(_files()[name]).hexdigest()[:12]}"


def show_asset(name: str) -> Response:
    """Serve a file of the package. Raises ProblemError 404 for any other name."""
    if name not in _files():
        raise ProblemError("not_found", "There is no such file.")
    answer = Response(_files()[name], mimetype=_TYPES[name.rpartition(".")[2]])
    answer.headers["Cache-Control"] = _A_YEAR
    return answer


@cache
def _files() -> dict[str, bytes]:
    folder = resources.files("service.web").joinpath("static")
    ours = {file.name: file.read_bytes() for file in folder.iterdir() if file.name.rpartition(".")[2] in _TYPES}
    return {**ours, "pictures.css": stylesheet().encode()}
