"""The history of an account on a topic: both numbers as lines, and what changed at each step."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import request

from candor.store.history import change
from service.api.accounts import answers
from service.api.scores import read_document
from service.auth import owner
from service.board_notes import places_on_boards
from service.context import context
from service.drawing import HistoryPoint, Look, draw_history, name_of
from service.drawing.history import change_sentence, gap_sentences
from service.http import quoted_path
from service.job_inputs import named
from service.problems import ProblemError
from service.schemas.base import show_instant
from service.web.rendering import current_words, render_page, topic_label

if TYPE_CHECKING:
    from flask import Response

    from candor.store.history import HistoryStep
    from candor.store.models import AccountName

_OTHER_SCALE = frozenset({"method", "root", "topic", "window"})
WIDE, NARROW = 760, 340  # pixels


def show_history(network: str, account: str) -> Response:
    """Show the steps of an account on the topic that the query names, else which there are. Raises ProblemError 404."""
    whose, topic = named(network, account), request.args.get("topic", "")
    if not topic:
        return _show_choice(whose)
    made = context().store.history.steps(owner(), whose.network, whose.account, topic)
    steps = [step for step in made if answers(request.args, step)]
    if not steps:
        raise ProblemError("not_found", f"No score of this account on {topic!r} is kept.")
    words = current_words()
    newest = read_document(steps[-1].score_id)
    who, label = name_of(newest), topic_label(newest.topic, words)
    changes = [None, *(change(before, after) for before, after in itertools.pairwise(steps))]
    drawn = [
        HistoryPoint(show_instant(step.as_of), step.expertise, step.interest, () if since is None else since.changed)
        for step, since in zip(steps, changes, strict=True)
    ]
    wide, narrow = (
        draw_history(drawn, who, label, Look(words, width, name=f"history-{width}")) for width in (WIDE, NARROW)
    )
    told = [words("past.began"), *(change_sentence(*two, words) for two in itertools.pairwise(drawn))]
    links = [None, *(_comparison(*two) for two in itertools.pairwise(steps))]
    dates = [shown.as_of for shown in drawn]
    rows = list(zip(steps, told, dates, links, strict=True))
    gaps = list(gap_sentences(drawn, words))
    places = [(place, show_instant(place.as_of)) for place in places_on_boards(whose, topic, steps)]
    return render_page(
        "history.html", pictures=(wide, narrow), rows=rows[::-1], gaps=gaps, who=who, topic=label, places=places[::-1]
    )


def _comparison(before: HistoryStep, after: HistoryStep) -> str | None:
    """Return where two steps are compared act by act, unless they were made in different ways."""
    if _OTHER_SCALE.intersection(change(before, after).changed):
        return None
    return f"/compare?{urlencode({'score': [before.score_id, after.score_id]}, doseq=True)}"


def _show_choice(whose: AccountName) -> Response:
    """Show the topics on which scores of an account are kept. Raises ProblemError 404 where there are none."""
    rows = context().store.scores.newest(owner(), whose.network, whose.account)
    newest = {row.topic: row.score_id for row in rows if answers(request.args, row)}
    if not newest:
        raise ProblemError("not_found", "No score of this account is kept.")
    documents = [read_document(score_id) for score_id in newest.values()]
    query = {name: value for name, value in request.args.items() if name != "topic"}
    topics = [
        (f"{quoted_path()}?{urlencode({**query, 'topic': each.topic.id})}", topic_label(each.topic, current_words()))
        for each in documents
    ]
    return render_page("history_topics.html", who=name_of(documents[0]), topics=topics)
