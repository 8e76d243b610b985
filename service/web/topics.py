"""What people are known for: the topics of a person, and those of a community with how few people each depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import redirect, request

from candor.scoring.sides import WARNING
from candor.scoring.topics import Topic
from candor.scoring.trust_root import root_names
from candor.store.models import Job
from service.api.known_topics import (
    DatasetTopicsQuerySchema,
    community_topics_page,
    person_topics_page,
    topics_of_account,
    topics_of_dataset,
)
from service.api.people import overview_of
from service.http import address_asked, quoted_path
from service.job_inputs import named
from service.problems import ProblemError
from service.schemas.base import show_instant
from service.schemas.queries import FindingQuerySchema
from service.web.card import profile_link
from service.web.choices import accounts_named
from service.web.kept_records import display_names, kept_records
from service.web.own_topics import own_names, unranked_topics, words_of
from service.web.progress import to_progress
from service.web.rendering import LANGUAGE_PARAMETER, render_page

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import marshmallow as ma
    from werkzeug.wrappers import Response as AnyResponse

    from candor.messages.person_topics import PersonTopic
    from candor.store.models import FindingFacts
    from service.api.known_topics import CommunityTopicResponse

PAGE_ROWS = 20


def show_dataset_topics() -> AnyResponse:
    """Show the topics of a data set; where they are not known yet, the job that finds them."""
    if not request.args.get("dataset") or not request.args.get("trust_root"):
        return redirect("/map", 303)
    query = {**_query(DatasetTopicsQuerySchema(), "dataset"), "dataset": request.args["dataset"]}
    facts = topics_of_dataset(query)
    if isinstance(facts, Job):
        return to_progress(facts.id, address_asked())
    without, fault = _whom(query["without"], query["dataset"])
    query["without"] = without
    shown, _ = community_topics_page(facts, query)
    people = {holder.account for topic in shown.data for holder in topic.holders} | {query["without"]}
    return render_page(
        "topics.html",
        shown=shown,
        without=without,
        written=request.args.get("without", ""),
        at_field={"without": fault} if fault else {},
        date=show_instant(shown.as_of),
        names=display_names(shown.dataset, people),
        asked=_asked(facts),
        network=facts.request.network,
        following=_following(shown.next_cursor),
        own=unranked_topics(shown.dataset),
        words_of=words_of,
        urlencode=urlencode,
        ref=_named_by(shown.data),
        warning=WARNING,
    )


def _whom(written: str | None, dataset_id: str) -> tuple[str | None, str | None]:
    """Return who is meant by a name or an account, or what is wrong with it."""
    overview = overview_of(dataset_id) if written else None
    if written is None or overview is None:
        return written, None
    try:
        return accounts_named(overview, [written.strip()], "/without")[0], None
    except ProblemError as problem:
        return None, problem.errors[0].detail


def show_account_topics(network: str, account: str) -> AnyResponse:
    """Show the topics of a person; where they are not known yet, the job that finds them."""
    query, whose = _query(FindingQuerySchema()), named(network, account)
    facts = topics_of_account(query, whose)
    if isinstance(facts, Job):
        return to_progress(facts.id, address_asked())
    shown, _ = person_topics_page(facts, query)
    return render_page(
        "person_topics.html",
        shown=shown,
        whose=whose,
        profile=profile_link(whose.network, whose.account, kept_records(shown.dataset)),
        who=display_names(shown.dataset, {whose.account}).get(whose.account, whose.account),
        date=show_instant(shown.as_of),
        asked=_asked(facts),
        following=_following(shown.next_cursor),
        own=unranked_topics(shown.dataset),
        words_of=words_of,
        urlencode=urlencode,
        ref=_named_by(shown.data),
        warning=WARNING,
    )


def _query(schema: ma.Schema, *aside: str) -> dict[str, Any]:
    """Read what the address asks for, as the API does; `aside` names what is read elsewhere."""
    given = {name: value for name, value in request.args.items() if value and name not in {*aside, LANGUAGE_PARAMETER}}
    loaded: dict[str, Any] = schema.load({"limit": PAGE_ROWS, **given})
    return loaded


def _asked(facts: FindingFacts) -> dict[str, str]:
    """Return by which words an address asks for the same again."""
    asked = {"dataset": str(facts.request.dataset), "trust_root": root_names(facts.request.trust_root)[0]}
    return asked | ({"as_of": request.args["as_of"]} if request.args.get("as_of") else {})


def _named_by(rows: Sequence[CommunityTopicResponse | PersonTopic]) -> Callable[[Any], Topic]:
    """Return what makes a topic of a row: one of the caller's own with its names in other languages."""
    own = own_names((row.topic, row.label) for row in rows)
    return lambda row: own.get(row.topic, Topic(id=row.topic, label=row.label))


def _following(cursor: str | None) -> str | None:
    return None if cursor is None else f"{quoted_path()}?{urlencode({**request.args, 'cursor': cursor})}"
