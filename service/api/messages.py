"""Messages: what was said on a topic that trusted people took up, and which messages earned a person's score."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, urlencode

from msgspec import Meta

from candor.messages.earned import EarningMessage, earning_messages
from candor.messages.path import MessagePath, PathStep, Shape, TakenUp
from candor.messages.ranking import RULE, Author, Message
from candor.messages.wrote import Wrote
from candor.scoring.activity import Instant  # noqa: TC001 # msgspec looks it up
from candor.scoring.made_from import TrustRootRef
from candor.scoring.method import load_method
from candor.scoring.trust_root import root_names
from candor.store.models import Job
from service.api.accounts import answers
from service.api.paths import message_of, picture_url
from service.api.scores import decode_document
from service.auth import owner
from service.components import fill
from service.context import context
from service.findings import accepted, find, made_by_job, made_from, page_rows
from service.job_inputs import named, resolve_topic
from service.named_dataset import unknown_dataset
from service.paging import Page, cut, page
from service.problems import ProblemError
from service.resource import Resource
from service.sample import find_dataset
from service.schemas.base import IDENTIFIER_LENGTH, show_instant, text
from service.schemas.queries import FindingQuerySchema, ListQuerySchema, QuestionQuerySchema
from service.taken_up import written_to

if TYPE_CHECKING:
    from candor.scoring.topics import Topic
    from candor.store.models import FindingFacts

resource = Resource("messages", "What was said that mattered, and which trusted people took it up.")


class MessageResponse(Message, frozen=True, kw_only=True):
    """One message on a topic, who took it up, and the newest scores of its author."""

    message_url: Annotated[str, Meta(description="The message itself, and how it went from person to person.")]
    scores_url: Annotated[str, Meta(description="The newest scores of the author on this topic.")]


class MessagesResponse(Page[MessageResponse], frozen=True, kw_only=True):
    """A page of the messages on a topic."""

    topic: Annotated[str, Meta(description="Id of the topic.")]
    dataset: Annotated[str, Meta(description="Id of the data set.")]
    as_of: Annotated[Instant, Meta(description="Only what happened before this time was read.")]
    method: Annotated[str, Meta(description="Version of the method.")]
    trust_root: Annotated[TrustRootRef, Meta(description="Whose word counted.")]
    total: Annotated[int, Meta(description="How many messages people took up or liked; the first 2,000 are listed.")]
    rule: Annotated[str, Meta(description="By what rule they are ordered and counted, in words.")]


EXAMPLE = MessagesResponse(
    topic="space-technology",
    dataset="space",
    as_of=datetime(2026, 11, 1, tzinfo=UTC),
    method="2.0.0",
    trust_root=TrustRootRef(id="astronomers", kind="accounts", digest="sha256:11e0…", size=41),
    total=1,
    rule=RULE,
    data=[
        MessageResponse(
            rank=1,
            id="a2",
            type="answer",
            published="2026-10-01T13:00:00Z",
            url="https://forum.example.org/posts/a2",
            text="Two watchdogs, one of them in hardware.",
            under="What restarts a cubesat that hangs?",
            author=Author(account="u19", name="Ada", kind="person"),
            uptake=1.117909,
            people=2,
            people_with_standing=2,
            backers=2.092,
            circles=2,
            small_share=0.5,
            acts={"accepted": 1, "thanked": 1},
            first="2026-10-01T15:00:00Z",
            last="2026-10-02T09:00:00Z",
            standing="exact",
            likes=3,
            message_url="/v1/datasets/space/messages/a2?trust_root=astronomers",
            scores_url="/v1/accounts/custom:space/u19/scores?topic=space-technology",
        )
    ],
)

_THANKS = Wrote(
    kind="thanked", by="u7", id="a5", at="2026-10-02T09:00:00Z", url=None, text="It hung again, with both of them."
)


class EarnedQuerySchema(QuestionQuerySchema):
    """Which score of an account."""

    topic = text("Id of the topic.", required=True)


class EarnedMessage(EarningMessage, frozen=True, kw_only=True):
    """One message that earned something, and what those wrote who took it up."""

    wrote: Annotated[
        list[Wrote],
        Meta(
            description="What people wrote by the acts that count, by time: a reply or a quote may be an objection. "
            "Empty where that is not kept or was not public to all, and in data sets of more than two million records."
        ),
    ]


class EarnedResponse(Page[EarnedMessage], frozen=True, kw_only=True):
    """A page of the messages that earned a score."""

    score_id: Annotated[str, Meta(description="Id of the score.")]
    score_url: Annotated[str, Meta(description="Where the whole explanation is.")]
    topic: Annotated[str, Meta(description="Id of the topic.")]
    dataset: Annotated[str | None, Meta(description="The data set it was made from; null where it was none.")]
    as_of: Annotated[Instant, Meta(description="The time it speaks of.")]
    status: Annotated[str, Meta(description="Status of expertise.")]
    score: Annotated[
        float | None, Meta(description="Expertise, 0 to 100: the points of all messages added up; or null.")
    ]
    total: Annotated[int, Meta(description="How many messages gave points; none where there is no score.")]


EARNED_EXAMPLE = EarnedResponse(
    score_id="sc_3f",
    score_url="/v1/scores/sc_3f",
    topic="space-technology",
    dataset="space",
    as_of=datetime(2026, 11, 1, tzinfo=UTC),
    status="ok",
    score=8.4,
    total=1,
    data=[
        EarnedMessage(
            id="a2",
            url="https://forum.example.org/posts/a2",
            points=8.4,
            by_feature={"acknowledged_help": 4.2, "specialised_help": 4.2},
            on_topic=True,
            people=2,
            acts={"accepted": 1, "thanked": 1},
            first="2026-10-01T15:00:00Z",
            last="2026-10-02T09:00:00Z",
            wrote=[_THANKS],
        )
    ],
)


@made_by_job(
    resource,
    "/v1/topics/<anything:topic_id>/messages",
    FindingQuerySchema,
    MessagesResponse,
    description="A page of the messages.",
    example=EXAMPLE,
)
def list_messages(query: dict[str, Any], topic_id: str) -> tuple[Any, ...]:
    """List the messages on a topic in a data set by how much trusted people took them up.

    The first request starts a job; with `Prefer: wait=10` the answer mostly comes at once. `rule` says how messages
    are ordered. It raises nobody's score. Who asked not to be indexed is nobody's author here.
    """
    found = find("messages", query, topics=(topic_in(query["dataset"], topic_id),))
    return accepted(found) if isinstance(found, Job) else messages_page(found, query)


def messages_page(facts: FindingFacts, query: dict[str, Any]) -> tuple[MessagesResponse, dict[str, str]]:
    """Return a page of the messages found."""
    shown, more = page_rows(facts, Message, query)
    asked = facts.request
    network = quote(str(asked.network), safe=":")
    root = urlencode({"trust_root": root_names(asked.trust_root)[0], "as_of": show_instant(asked.as_of)})
    data = [
        fill(
            MessageResponse,
            row,
            message_url=f"/v1/datasets/{asked.dataset}/messages/{quote(row.id, safe='')}?{root}",
            scores_url=f"/v1/accounts/{network}/{quote(row.author.account, safe='')}/scores"
            f"?topic={quote(asked.topics[0].id, safe='')}",
        )
        for row in shown
    ]
    found, headers = page(data, more, query)
    return fill(MessagesResponse, found, topic=asked.topics[0].id, rule=RULE, **made_from(facts)), headers


def topic_in(dataset_id: str, topic_id: str) -> Topic:
    """Return a topic that is asked about of a data set. Raises ProblemError 404 that names whichever is not there."""
    there = find_dataset(dataset_id) is not None
    try:
        topic = topic_named(topic_id, dataset_id)
    except ProblemError:
        if there:
            raise
        both = f"You have no data set {dataset_id!r}, and there is no topic {topic_id!r}."
        raise ProblemError("not_found", both) from None
    if not there:
        raise unknown_dataset(dataset_id)
    return topic


def topic_named(topic_id: str, dataset_id: str) -> Topic:
    """Return a topic of the catalogue, the owner's or a data set's. Raises ProblemError 404."""
    try:
        return resolve_topic(owner(), topic_id, dataset_id)
    except ValueError:
        raise ProblemError("not_found", f"There is no topic {topic_id!r}.") from None


@resource.operation(
    "GET", "/v1/accounts/<network>/<anything:account>/messages", scope="read", problems=("not_found", "invalid")
)
@resource.query(EarnedQuerySchema)
@resource.response(200, EarnedResponse, description="A page of the messages.", example=EARNED_EXAMPLE)
def list_account_messages(query: dict[str, Any], network: str, account: str) -> tuple[EarnedResponse, dict[str, str]]:
    """List which messages of an account earned its newest score on a topic, in points that add up to it exactly.

    The whole evidence of a score is kept for a shorter time than the score; after that this is 404.
    """
    whose = named(network, account)
    found = context().store.scores.newest(owner(), whose.network, whose.account)
    asked = [row for row in found if row.topic == query["topic"] and answers(query, row)]
    row = max(asked, key=lambda row: row.as_of, default=None)
    stored = None if row is None else context().store.scores.evidence(owner(), row.score_id)
    if row is None or stored is None:
        raise ProblemError("not_found", "No score of this account on this topic is kept with all of its evidence.")
    document = decode_document(stored.body)
    earning = None if document.expertise.score is None else earning_messages(document, load_method())
    most = query["limit"] + 1
    rows, more = cut(lambda first: () if earning is None else earning.rows(first, most), query)
    said = written_to(document, row.dataset, {each.id for each in rows})
    told = [fill(EarnedMessage, each, wrote=said.get(each.id, [])) for each in rows]
    page_, headers = page(told, more, query)
    return fill(
        EarnedResponse,
        page_,
        score_id=row.score_id,
        score_url=f"/v1/scores/{row.score_id}",
        topic=row.topic,
        dataset=row.dataset,
        as_of=row.as_of,
        status=document.expertise.status,
        score=document.expertise.score,
        total=0 if earning is None else len(earning.points),
    ), headers


class MessageStepsResponse(Page[PathStep], frozen=True, kw_only=True):
    """A message, how it went on its way, and a page of the records on it, by time."""

    message: Annotated[MessagePath, Meta(description="The message and the shape of its path.")]
    dataset: Annotated[str, Meta(description="Id of the data set.")]
    as_of: Annotated[Instant, Meta(description="Only what happened before this time was read.")]
    trust_root: Annotated[TrustRootRef, Meta(description="Who is trusted.")]
    path_id: Annotated[str, Meta(description="Id of this path, as long as it is kept.")]
    picture_url: Annotated[str, Meta(description="The path as a picture.")]


_PATH_EXAMPLE = MessageStepsResponse(
    message=MessagePath(
        id="a2",
        type="note",
        published="2026-10-01T13:00:00Z",
        url="https://forum.example.org/posts/a2",
        text="Two watchdogs, one of them in hardware.",
        author=Author(account="u19", name="Ada", kind="person"),
        taken_up=(
            TakenUp(kind="accepted", people=1, by=(Author(account="u31", name="Cy", kind="person"),)),
            TakenUp(kind="thanked", people=1, by=(Author(account="u7", name="Bo", kind="person"),), wrote=(_THANKS,)),
            TakenUp(kind="endorsed", people=1, by=(Author(account="u7", name="Bo", kind="person"),)),
        ),
        recorded=Shape(steps=2, depth=1, breadth=1, virality=1.0),
        with_inferred=Shape(steps=2, depth=1, breadth=1, virality=1.0),
        left_out=0,
        unknown=0,
        note=None,
        first_trusted=1,
        through=(0,),
    ),
    dataset="space",
    as_of=datetime(2026, 11, 1, tzinfo=UTC),
    trust_root=TrustRootRef(id="astronomers", kind="accounts", digest="sha256:11e0…", size=41),
    path_id="fi_5c",
    picture_url="/v1/paths/fi_5c/picture.svg",
    data=[
        PathStep(
            place=1,
            came_from=0,
            how="recorded",
            type="quote",
            at="2026-10-01T15:00:00Z",
            id="a3",
            author=Author(account="u7", name="Bo", kind="person"),
            trusted=True,
        )
    ],
)


@made_by_job(
    resource,
    "/v1/datasets/<dataset_id>/messages/<anything:message_id>",
    ListQuerySchema,
    MessageStepsResponse,
    description="The message and its path.",
    example=_PATH_EXAMPLE,
    made="A job finds the path: ask again.",
)
def read_message(query: dict[str, Any], dataset_id: str, message_id: str) -> tuple[Any, ...]:
    """Read a message and how it went from person to person: replies, quotes and reshares, as the records show it.

    What is inferred from who follows whom is marked and counted apart; `note` says what the records cannot show. Of
    who asked not to be indexed neither name nor record is given. It raises nobody's score.
    """
    missing = ProblemError("not_found", f"There is no message {message_id!r} in the data set at that time.")
    if len(message_id) > IDENTIFIER_LENGTH:  # no record has such an id, so no worker need look
        raise missing
    facts = find("message", {**query, "dataset": dataset_id}, message=message_id)
    if isinstance(facts, Job):
        return accepted(facts)
    message = message_of(facts)
    if message is None:
        raise missing
    found, headers = page(*page_rows(facts, PathStep, query), query)
    return fill(
        MessageStepsResponse,
        found,
        message=message,
        dataset=str(facts.request.dataset),
        as_of=facts.request.as_of,
        trust_root=fill(TrustRootRef, facts.request.trust_root),
        path_id=facts.id,
        picture_url=picture_url(facts),
    ), headers
