"""The history of an account on a topic: both numbers as lines, and what changed at each step."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from flask import request

from candor.store.history import change
from service.api.accounts import answers
from service.api.scores import read_document
from service.auth import owner
from service.context import context
from service.drawing import Look, Step, draw_history, name_of
from service.drawing.history import gap_sentences
from service.job_inputs import named
from service.problems import ProblemError
from service.schemas.base import show_instant
from service.web.rendering import current_words, render_page, topic_label

if TYPE_CHECKING:
    from flask import Response

WIDE, NARROW = 760, 340  # pixels


def show_history(network: str, account: str) -> Response:
    """Show the steps of an account on the topic that the query names. Raises ProblemError 404."""
    topic = request.args.get("topic", "")
    whose = named(network, account)
    made = context().store.history.steps(owner(), whose.network, whose.account, topic)
    steps = [step for step in made if answers(request.args, step)]
    if not steps:
        raise ProblemError("not_found", f"No score of this account on {topic!r} is kept.")
    words = current_words()
    newest = read_document(steps[-1].score_id)
    who, label = name_of(newest), topic_label(newest.topic, words)
    changes = [None, *(change(before, after) for before, after in itertools.pairwise(steps))]
    drawn = [
        Step(show_instant(step.as_of), step.expertise, step.interest, () if since is None else since.digests)
        for step, since in zip(steps, changes, strict=True)
    ]
    wide, narrow = (
        draw_history(drawn, who, label, Look(words, width, name=f"history-{width}")) for width in (WIDE, NARROW)
    )
    rows = [(step, since, shown.as_of) for step, since, shown in zip(steps, changes, drawn, strict=True)]
    gaps = list(gap_sentences(drawn, words))
    return render_page("history.html", pictures=(wide, narrow), rows=rows[::-1], gaps=gaps, who=who, topic=label)
