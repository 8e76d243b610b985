"""What Flask would look for at every request, and ours need not: as long as none of it is there."""

from __future__ import annotations

from inspect import iscoroutinefunction

import pytest
from flask import Response
from werkzeug.test import create_environ

from service.dispatch import WholeResponse


def test_no_hook_is_of_one_blueprint_alone(app):
    hooks = (app.before_request_funcs, app.after_request_funcs, app.url_value_preprocessors)
    assert {blueprint for each in hooks for blueprint in each} == {None}
    assert not app.url_value_preprocessors


def test_no_view_and_no_hook_is_a_coroutine(app):
    hooks = [*app.before_request_funcs[None], *app.after_request_funcs[None]]
    views = [*app.view_functions.values()]
    assert len(hooks) > 5
    assert len(views) > 100
    assert [each for each in (*hooks, *views) if iscoroutinefunction(each)] == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("status", [200, 202, 204, 304, 404])
def test_an_answer_in_bytes_leaves_as_flask_sends_it(method, status):
    environ = create_environ(method=method)
    ours, theirs = (
        kind(b'{"a":1}', status, mimetype="application/json", headers={"Location": "/v1"}).get_wsgi_response(environ)
        for kind in (WholeResponse, Response)
    )
    assert (list(ours[0]), *ours[1:]) == (list(theirs[0]), *theirs[1:])
