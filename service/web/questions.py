"""Ask your community: who would answer a question, what waits for an answer, and what somebody could be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import request
from marshmallow import ValidationError

from candor.scoring.topics import TAG_PREFIX, Topic
from candor.scoring.written_times import iso_time
from candor.store.models import Job
from candor.store.question_indexes import READ_AT_ONCE
from service.api.questions import answer_question, open_questions, questions_for_account
from service.auth import owner
from service.body import faults_of
from service.context import context
from service.http import address_asked
from service.job_inputs import named
from service.named_dataset import unknown_dataset
from service.problems import Fault, invalid
from service.sample import find_dataset, keep_sample, newest_first
from service.schemas.questions import QuestionBodySchema
from service.web.card import safe_link
from service.web.choices import ended
from service.web.kept_records import display_names
from service.web.progress import to_progress
from service.web.rendering import render_page

if TYPE_CHECKING:
    from datetime import datetime

    from werkzeug.wrappers import Response as AnyResponse

    from candor.questions.answer import PersonWhoMayAnswer, QuestionAnswer, ShownExpertise
    from candor.store.models import Dataset

MOST_TAGS = 16
LONGEST_QUESTION = 2_000
FIRST, MORE = 5, 20
"""How many people an answer names, and how many once more are asked for."""
FIELDS = ("text", "tags", "dataset", "trust_root", "as_of")


def show_questions() -> AnyResponse:
    """Show the form, and below it the answer to what it asks. Raises ProblemError where that is wrong."""
    asked = {name: request.args.get(name, "").strip() for name in FIELDS}
    ticked = request.args.getlist("tag")
    keep_sample()
    store = context().store
    datasets = newest_first(store.datasets.all_of(owner()))
    chosen = _dataset() if asked["dataset"] else datasets[0]
    roots = [each for each in store.trust_roots.facts(owner()) if each.kind in {"accounts", "list"}]
    elsewhere = asked["dataset"] == chosen.id and _is_of_another(asked["trust_root"], chosen)
    if elsewhere:
        asked["trust_root"] = ""
    is_asked = asked["dataset"] and (asked["text"] or asked["tags"] or ticked)
    as_of = _as_of(chosen)
    answered = answer_question(_body(asked, ticked, as_of)) if is_asked else None
    if isinstance(answered, Job):
        return to_progress(answered.id, address_asked())
    return render_page(
        "questions.html",
        asked=asked,
        ticked=ticked,
        answered=answered,
        datasets=datasets,
        chosen=chosen,
        suggested=_suggested_tags(chosen, is_chosen=bool(asked["dataset"])),
        roots=roots,
        groups=_groups(answered),
        records_end=None if asked["as_of"] or as_of is None else as_of.isoformat(),
        is_empty=bool(asked["dataset"] and "text" in request.args and not is_asked),
        longest=LONGEST_QUESTION,
        elsewhere=elsewhere,
        safe_link=safe_link,
        ref=_ref,
        more=_more(answered),
        map_address=urlencode({**_topic_of(answered), "dataset": chosen.id, "trust_root": asked["trust_root"]}),
    )


def _more(answered: QuestionAnswer | None) -> str | None:
    """Return the address of the same answer with more people, where there are more."""
    if answered is None or len(answered.people) != FIRST or answered.candidates <= FIRST:
        return None
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != "limit"]
    return f"/questions?{urlencode([*asked, ('limit', MORE)])}"


def _groups(answered: QuestionAnswer | None) -> list[tuple[str, list[PersonWhoMayAnswer]]]:
    """Return the people of an answer under the headings of the page: whom trust reaches, and the others."""
    if answered is None:
        return []
    if answered.trust.status != "trust_first":
        return [("", list(answered.people))]
    reached = [each for each in answered.people if each.trust and each.trust.reached]
    others = [each for each in answered.people if each not in reached]
    return [(name, people) for name, people in (("reached", reached), ("beyond", others)) if people]


def show_open_questions() -> AnyResponse:
    """Show the questions of a data set that wait, with whom to invite, and whom few people ask."""
    dataset = _dataset()
    found = open_questions(dataset.id, _as_of(dataset))
    if isinstance(found, Job):
        return to_progress(found.id, address_asked())
    people = {each.account for each in found.overlooked}
    people |= {each.account for question in found.waiting for each in question.invite}
    return render_page(
        "open_questions.html",
        found=found,
        dataset=dataset,
        as_of=request.args.get("as_of", ""),
        names=display_names(dataset.id, people),
        safe_link=safe_link,
    )


def show_questions_for(network: str, account: str) -> AnyResponse:
    """Show what somebody could be asked. Raises ProblemError where the account does not want to be shown."""
    dataset, whose = _dataset(), named(network, account)
    found = questions_for_account(dataset.id, whose, _as_of(dataset))
    if isinstance(found, Job):
        return to_progress(found.id, address_asked())
    people = {whose.account, *(each.account for question in found.waiting for each in question.invite)}
    return render_page(
        "questions_for.html",
        found=found,
        dataset=dataset,
        network=whose.network,
        as_of=request.args.get("as_of", ""),
        names=display_names(dataset.id, people),
        safe_link=safe_link,
    )


def _is_of_another(root_id: str, dataset: Dataset) -> bool:
    """Tell whether a trust root of the caller's names people of another network than the data set's."""
    root = context().store.trust_roots.known(owner(), root_id) if root_id else None
    return root is not None and root.network not in {None, dataset.network}


def _ref(shown: ShownExpertise) -> Topic:
    return Topic(id=shown.topic, label=shown.label)


def _topic_of(answered: QuestionAnswer | None) -> dict[str, str]:
    """Return the topic of which a map would say most about an answer: a tag of the question, or the nearest one."""
    tags = (*answered.tags, *(each.tag for each in answered.nearest)) if answered is not None else ()
    return {"topic": f"{TAG_PREFIX}{tags[0]}"} if tags else {}


def _dataset() -> Dataset:
    name = request.args.get("dataset", "")
    found = find_dataset(name)
    if found is None:
        raise unknown_dataset(name)
    return found


def _as_of(dataset: Dataset) -> datetime | None:
    """Return the time that is asked for; else where the records ended, if that is long ago."""
    written = request.args.get("as_of")
    if not written:
        return ended(dataset)
    try:
        return iso_time(written)
    except (ValueError, OverflowError):
        raise invalid(Fault("/as_of", "no time: write 2026-11-01, or 2026-11-01T12:00:00Z")) from None


def _suggested_tags(dataset: Dataset, *, is_chosen: bool) -> list[str]:
    """Return the tags that most posts of a data set have; a large one is only looked through when it is chosen."""
    if not is_chosen and dataset.records > READ_AT_ONCE:
        return []
    topics = context().overviews.of(owner(), dataset.id).topics
    tags = [each.topic.removeprefix(TAG_PREFIX) for each in topics if each.topic.startswith(TAG_PREFIX)]
    return tags[:MOST_TAGS]


def _body(asked: dict[str, str], ticked: list[str], as_of: datetime | None) -> dict[str, Any]:
    """Return the question that the form asks, checked as `POST /v1/questions` checks it. Raises ProblemError 422."""
    written = [tag.strip() for tag in asked["tags"].split(",") if tag.strip()]
    body = {
        "text": asked["text"] or None,
        "tags": list(dict.fromkeys([*ticked, *written])),
        "dataset": asked["dataset"],
        "trust_root": asked["trust_root"] or None,
        "as_of": None if as_of is None else as_of.isoformat(),
        "limit": MORE if request.args.get("limit") == str(MORE) else FIRST,
    }
    try:
        loaded: dict[str, Any] = QuestionBodySchema().load(body)
    except ValidationError as error:
        raise invalid(*faults_of(error.messages)) from None
    return loaded
