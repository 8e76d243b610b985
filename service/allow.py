"""The Allow header where addresses overlap: a part that holds anything may end as another address does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask.globals import request_ctx

from service.routing import pattern

if TYPE_CHECKING:
    from flask import Flask, Response
    from werkzeug.routing import MapAdapter


def init_app(app: Flask) -> None:
    """Register the hook."""
    app.after_request(_finish)


def _finish(response: Response) -> Response:
    adapter = request_ctx.url_adapter
    if "Allow" in response.headers and adapter is not None:
        response.headers["Allow"] = ", ".join(_methods(adapter))
    return response


def _methods(adapter: MapAdapter) -> list[str]:
    """List the methods of the most specific route alone: every route answers OPTIONS, and that one does so first.

    What erases an account matches `/v1/accounts/n/a/scores` as well, but the slash in an id is percent-encoded.
    """
    first = _rule(adapter, "OPTIONS")
    return sorted(method for method in adapter.allowed_methods() if _rule(adapter, method) == first)


def _rule(adapter: MapAdapter, method: str) -> str:
    return pattern(adapter.match(method=method, return_rule=True)[0])
