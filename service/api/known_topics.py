"""What people are known for: the topics of an account, and those of a community with how few people each depends on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from candor.messages.community_topics import RULE, Absence, CommunityTopic, Holder, absence
from candor.messages.person_topics import BothSides, PersonTopic
from candor.scoring.activity import Instant  # noqa: TC001 # msgspec looks it up
from candor.scoring.made_from import TrustRootRef
from candor.scoring.topics import TAG_PREFIX, Topic, load_catalogue
from candor.store.models import Job
from service.api.accounts import EXPERTISE_EXAMPLE, INTEREST_EXAMPLE
from service.api.scores import decode_document
from service.auth import owner
from service.components import fill
from service.context import context
from service.findings import accepted, find, made_by_job, made_from, page_rows
from service.job_inputs import named, ranked_topics, reject_unknown
from service.paging import Page, page
from service.resource import Resource
from service.schemas.base import text
from service.schemas.queries import FindingQuerySchema, ListQuerySchema

if TYPE_CHECKING:
    from candor.store.models import AccountName, FindingFacts

resource = Resource("known topics", "What a person is known for, and how few people a topic depends on.")
MOST_HOLDERS = 20


class DatasetTopicsQuerySchema(ListQuerySchema):
    """Whose word counts, and who is thought away."""

    without = text("An account: what would change without it.", load_default=None)


class PersonTopicsResponse(Page[PersonTopic], frozen=True, kw_only=True):
    """A page of the topics of an account, the best known first."""

    status: Annotated[str, Meta(description="ok, or declined where the account asked not to be indexed.")]
    dataset: Annotated[str, Meta(description="Id of the data set.")]
    as_of: Annotated[Instant, Meta(description="Only what happened before this time was read.")]
    method: Annotated[str, Meta(description="Version of the method.")]
    trust_root: Annotated[TrustRootRef, Meta(description="Whose word counted.")]
    total: Annotated[int, Meta(description="How many topics there are.")]


class WithoutResponse(Absence, frozen=True, kw_only=True):
    """A topic of a community without one person."""

    share: Annotated[
        float, Meta(description="Share of the recognised help on the topic that is that person's, 0 to 1.")
    ]


class CommunityTopicResponse(Absence, frozen=True, kw_only=True):
    """A topic of a community, and how few people it depends on."""

    topic: Annotated[str, Meta(description="Id of the topic.")]
    label: Annotated[str, Meta(description="Its name.")]
    records: Annotated[int, Meta(description="How many records are on it.")]
    active: Annotated[int, Meta(description="How many people did something on it.")]
    holders: Annotated[
        tuple[Holder, ...],
        Meta(description="Those who know most about it, at most 20."),
    ]
    without: Annotated[
        WithoutResponse | None, Meta(description="What would change without the account asked about; or null.")
    ]


class CommunityTopicsResponse(Page[CommunityTopicResponse], frozen=True, kw_only=True):
    """A page of the topics of a community, those first about which most people know."""

    dataset: Annotated[str, Meta(description="Id of the data set.")]
    as_of: Annotated[Instant, Meta(description="Only what happened before this time was read.")]
    method: Annotated[str, Meta(description="Version of the method.")]
    trust_root: Annotated[TrustRootRef, Meta(description="Whose word counted.")]
    total: Annotated[int, Meta(description="How many topics there are.")]
    rule: Annotated[str, Meta(description="By what rule people and help are counted, in words.")]


_BOTH = BothSides(expertise=EXPERTISE_EXAMPLE, interest=INTEREST_EXAMPLE)
_ROOT = TrustRootRef(id="astronomers", kind="accounts", digest="sha256:11e0…", size=41)
_PERSON_EXAMPLE = PersonTopicsResponse(
    status="ok",
    data=[
        PersonTopic(
            topic="space-technology",
            label="Space technology",
            people=61,
            records=12,
            with_narrower=_BOTH,
            expertise=EXPERTISE_EXAMPLE,
            interest=INTEREST_EXAMPLE,
        )
    ],
    dataset="space",
    as_of=datetime(2026, 11, 1, tzinfo=UTC),
    method="2.0.0",
    trust_root=_ROOT,
    total=1,
)
_COMMUNITY_EXAMPLE = CommunityTopicsResponse(
    rule=RULE,
    data=[
        CommunityTopicResponse(
            topic="space-technology",
            label="Space technology",
            records=900,
            active=40,
            people=2,
            help=30.0,
            absence_factor=1,
            holders=(Holder(account="u19", help=24.0), Holder(account="u7", help=6.0)),
            without=WithoutResponse(people=1, help=6.0, absence_factor=1, share=0.8),
        )
    ],
    dataset="space",
    as_of=datetime(2026, 11, 1, tzinfo=UTC),
    method="2.0.0",
    trust_root=_ROOT,
    total=1,
)


@made_by_job(
    resource,
    "/v1/accounts/<network>/<anything:account>/topics",
    FindingQuerySchema,
    PersonTopicsResponse,
    description="A page of its topics.",
    example=_PERSON_EXAMPLE,
)
def list_account_topics(query: dict[str, Any], network: str, account: str) -> tuple[Any, ...]:
    """List the topics on which an account is recognised or interested.

    They are tags, built-in topics, your own, and those given in words that were scored here. Each has both numbers, as
    a score would give them, or a status. A topic that others of yours name as `broader` has its own numbers and those
    with everything on the narrower ones. The first request starts a job.
    """
    whose = named(network, account)
    found = topics_of_account(query, whose)
    return accepted(found) if isinstance(found, Job) else person_topics_page(found, query)


@made_by_job(
    resource,
    "/v1/datasets/<dataset_id>/topics",
    DatasetTopicsQuerySchema,
    CommunityTopicsResponse,
    description="A page of its topics.",
    example=_COMMUNITY_EXAMPLE,
)
def list_dataset_topics(query: dict[str, Any], dataset_id: str) -> tuple[Any, ...]:
    """List the topics of a community: how many people know about each, and how few of them half of it depends on.

    `absence_factor` is how many people would have to leave until half of the recognised help is gone. With `without`
    every topic says what would change if that account were not there. The first request starts a job.
    """
    found = topics_of_dataset({**query, "dataset": dataset_id})
    return accepted(found) if isinstance(found, Job) else community_topics_page(found, query)


def topics_of_dataset(query: dict[str, Any]) -> FindingFacts | Job:
    """Return the topics of a community, or the job that finds them. Raises ProblemError."""
    return find("dataset_topics", query, topics=ranked_topics(owner(), query["dataset"]))


def topics_of_account(query: dict[str, Any], whose: AccountName) -> FindingFacts | Job:
    """Return the topics of an account, or the job that finds them. Raises ProblemError."""
    found = find("account_topics", query, account=whose, topics=_topics_asked_of(whose, query["dataset"]))
    if not isinstance(found, Job):
        declined = msgspec.json.decode(found.head) is not None
        is_there = context().store.datasets.has_person(owner(), query["dataset"], whose.account)
        reject_unknown(whose.network, whose.account, is_known=is_there or found.total > 0 or declined)
    return found


def _topics_asked_of(whose: AccountName, dataset_id: str) -> tuple[Topic, ...]:
    """Return the topics given in words on which a data set was ranked, or the account was scored from it."""
    scores, ranked = context().store.scores, {each.id: each for each in ranked_topics(owner(), dataset_id)}
    rows = [row for row in scores.newest(owner(), whose.network, whose.account) if row.dataset == dataset_id]
    for row in sorted(rows, key=lambda row: row.as_of, reverse=True):
        if row.topic in ranked or row.topic.startswith(TAG_PREFIX) or row.topic in load_catalogue():
            continue
        if (kept := scores.get(owner(), row.score_id)) is not None:
            topic = decode_document(kept.body).topic
            ranked[topic.id] = Topic(id=topic.id, label=topic.label, terms=topic.terms, hashtags=topic.hashtags)
    return tuple(ranked.values())


def person_topics_page(facts: FindingFacts, query: dict[str, Any]) -> tuple[PersonTopicsResponse, dict[str, str]]:
    """Return a page of the topics of an account."""
    found, headers = page(*page_rows(facts, PersonTopic, query), query)
    status = "ok" if msgspec.json.decode(facts.head) is None else "declined"
    return fill(PersonTopicsResponse, found, status=status, **made_from(facts)), headers


def community_topics_page(facts: FindingFacts, query: dict[str, Any]) -> tuple[CommunityTopicsResponse, dict[str, str]]:
    """Return a page of the topics of a community."""
    rows, following = page_rows(facts, CommunityTopic, query)
    found, headers = page([_community_topic(row, query["without"]) for row in rows], following, query)
    return fill(CommunityTopicsResponse, found, rule=RULE, **made_from(facts)), headers


def _community_topic(row: CommunityTopic, without: str | None) -> CommunityTopicResponse:
    whole = absence(row.holders)
    left = None
    if without is not None:
        theirs = sum(holder.help for holder in row.holders if holder.account == without)
        share = round(theirs / whole.help, 6) if whole.help else 0.0
        left = fill(WithoutResponse, absence(row.holders, without), share=share)
    return fill(
        CommunityTopicResponse,
        row,
        people=whole.people,
        help=whole.help,
        absence_factor=whole.absence_factor,
        holders=row.holders[:MOST_HOLDERS],
        without=left,
    )
