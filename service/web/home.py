"""The first page: asking for a score, and what was asked before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request
from marshmallow import ValidationError

from candor.names.networks import NETWORKS
from candor.scoring.catalogue import load_catalogue
from service.arguments import faults_of
from service.auth import owner
from service.context import context
from service.problems import ProblemError, invalid, problem_body
from service.request_id import request_id
from service.schemas.job_requests import PROFILES
from service.web import sample_data
from service.web.asking import job_asked
from service.web.following import follow, submit
from service.web.rendering import page

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from candor.scoring.topics import Topic

RECENT = 8


def show_home() -> Response:
    """Show the form, empty or as links of ours fill it in."""
    return _form(request.args, None)


def ask() -> AnyResponse:
    """Submit what the form says, and follow the job; or show the form again with what is wrong."""
    try:
        return follow(submit(job_asked(request.form, request.files)))
    except ValidationError as error:
        return _form(request.form, invalid(*faults_of(error.messages)))
    except ProblemError as error:
        if error.code not in _OF_THE_FORM:
            raise
        return _form(request.form, error)


def ask_about_sample() -> AnyResponse:
    """Put the made-up community in, rank everybody in it and explain four of its people."""
    if not context().settings.on_loopback:
        raise ProblemError("not_found", "The sample is for trying Candor on one's own machine.")
    sample_data.put()
    submit(sample_data.everybody())
    return follow(submit(sample_data.cast()))


_OF_THE_FORM = ("invalid", "invalid_records", "invalid_archive", "cannot_fetch", "malformed", "too_large")


def _form(values: Any, error: ProblemError | None) -> Response:
    problem = None if error is None else problem_body(error.code, error.detail, error.errors, request_id())
    store = context().store
    read = {facts.family for facts in store.connectors.all()}
    jobs, _ = store.jobs.list(owner(), limit=RECENT)
    return page(
        "home.html",
        200 if problem is None else problem["status"],
        values=values,
        problem=problem,
        networks=[network for network in NETWORKS if network.id in read],
        profiles=PROFILES,
        topics=_topics(),
        roots=store.trust_roots.list(owner()),
        jobs=[job for job in jobs if not job.is_part],
        with_sample=context().settings.on_loopback,
    )


def _topics() -> list[Topic]:
    own = context().store.topics.list(owner())
    return [*own, *(topic for topic in load_catalogue().values() if topic.id not in {one.id for one in own})]
