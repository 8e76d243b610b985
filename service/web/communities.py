"""One topic in each of a caller's communities: who comes first where, and asking several of them at once."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import redirect, request
from werkzeug.datastructures import MultiDict

from candor.scoring.activity import ACCOUNT_KINDS
from candor.store.storage import DamagedFileError
from service.api.board_comparisons import first_by_dataset, topic_key
from service.api.boards import kept_board
from service.auth import owner
from service.context import context
from service.schemas.job_requests import JobBodySchema
from service.schemas.queries import GROUPS
from service.submission import Submission
from service.web.choices import Choices, find_topic
from service.web.progress import to_progress
from service.web.rendering import render_page

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from candor.scoring.topics import Topic
    from candor.store.models import BoardFacts, Dataset, Job

ROOT_OF = "root:"
MOST_JOBS = 50
MOST_RECORDS = 2_000_000
"""In so many, of all communities together, posts on the topic are looked for: half a second."""


@dataclass(frozen=True)
class Unasked:
    """A data set without a board of the topic, the trust roots that are kept for its network, and posts on the topic.

    `posts` is None where they were not looked for.
    """

    dataset: str
    roots: list[str]
    posts: int | None


def show_communities() -> Response:
    """Show who comes first on the topic of a board in each of the caller's data sets. Raises ProblemError."""
    facts = kept_board(request.args.get("board", ""))
    kind = request.args.get("kind", "")
    found = first_by_dataset(facts, kind if kind in (*GROUPS, *ACCOUNT_KINDS) else "people")
    under_way = _under_way(facts.topic)
    return render_page(
        "board_datasets.html",
        facts=facts,
        found=found,
        under_way=under_way,
        unasked=_unasked(facts, {each.dataset for each in found.boards} | under_way.keys()),
    )


def ask_communities() -> AnyResponse:
    """Rank everybody in each data set for which somebody to trust was chosen: a job, and a board, for each.

    All of them are checked before any is made. Raises ProblemError, or marshmallow's ValidationError.
    """
    facts, form = kept_board(request.form.get("board", "")), request.form
    chosen = {name.removeprefix(ROOT_OF): root for name, root in form.items() if name.startswith(ROOT_OF) and root}
    accepted = [
        Submission(owner(), JobBodySchema().load(_body(facts.topic, dataset, root))).accept()
        for dataset, root in chosen.items()
    ]
    made = [context().store.jobs.create(*each) for each in accepted]
    back = f"/map/communities?{urlencode({'board': facts.id})}"
    return to_progress(made[0].id, back) if len(made) == 1 else redirect(back, 303)


def _body(topic: Topic, dataset: str, root: str) -> dict[str, Any]:
    """Return the body of the job that asks a data set about a topic, on the day after its records where they ended."""
    ended = Choices(MultiDict({"dataset": dataset})).ended
    known = {"id": topic.id, "label": topic.label, "terms": list(topic.terms), "hashtags": list(topic.hashtags)}
    return {
        "topics": [known if find_topic(topic.id) is None else topic.id],
        "dataset": dataset,
        "trust_root": root,
        "as_of": None if ended is None else ended.isoformat(),
    }


def _under_way(topic: Topic) -> dict[str, Job]:
    """Return the newest job that is ranking each data set on the topic."""
    jobs, _ = context().store.jobs.list(owner(), limit=MOST_JOBS)
    return {
        str(job.request.dataset): job
        for job in reversed(jobs)
        if job.is_whole and not job.ended and topic_key(topic) in map(topic_key, job.request.topics)
    }


def _unasked(facts: BoardFacts, asked: set[str]) -> list[Unasked]:
    """Return the communities without a board of the topic, those first in which most posts speak of it."""
    every = (each for each in context().store.datasets.all_of(owner()) if each.id not in asked)
    datasets = [each for each in every if each.is_community and each.id != facts.request.dataset]
    posts = _posts_on(facts.topic, datasets)
    found = [
        Unasked(each.id, [root.id for root in Choices(MultiDict({"dataset": each.id})).roots], posts.get(each.id))
        for each in datasets
    ]
    return sorted(found, key=lambda each: (each.posts == 0, -(each.posts or 0), each.dataset))


def _posts_on(topic: Topic, datasets: list[Dataset]) -> dict[str, int]:
    """Count the posts on the topic by data set, the newest ones first, as far as time allows and they can be read."""
    found, left = {}, MOST_RECORDS
    for dataset in sorted(datasets, key=lambda each: each.created_at, reverse=True):
        left -= dataset.records
        if left >= 0:
            with contextlib.suppress(LookupError, DamagedFileError):
                found[dataset.id] = context().overviews.posts_on(owner(), dataset.id, topic)
    return found
