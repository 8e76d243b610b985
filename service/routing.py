"""Routing: parts of addresses that hold anything, slashes included, as the ids of accounts and of `tag:` topics do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from werkzeug.routing import BaseConverter

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.routing import Rule

_NAME = "anything"


class _Anything(BaseConverter):
    regex = r"[\s\S]+"  # a line's end as well
    part_isolating = False


def init_app(app: Flask) -> None:
    """Make `<anything:name>` known to routes."""
    app.url_map.merge_slashes = False  # an account's id may hold two in a row
    app.url_map.converters[_NAME] = _Anything


def pattern(rule: Rule) -> str:
    """Return the address that a rule stands for, whatever its parts may hold."""
    return rule.rule.replace(f"<{_NAME}:", "<")


def written_path() -> str:
    """Return the path as the caller wrote it, percent-encoding included, where the server tells."""
    return str(request.environ.get("RAW_URI", request.path)).partition("?")[0]
