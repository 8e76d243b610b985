"""Topics: the built-in catalogue, one's own, and trying a topic on records."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import marshmallow as ma
import msgspec
from msgspec import Meta, Struct

from candor.scoring.close_forms import CloseForm, CloseForms
from candor.scoring.topics import Matcher, Topic, load_catalogue
from service.auth import owner
from service.components import fill
from service.context import context
from service.http import match_checker, tagged
from service.job_inputs import read_body_records, resolve_topic
from service.paging import Listed, Page, page_of
from service.problems import Fault, ProblemError, invalid
from service.resource import Resource
from service.schemas.base import PageQuerySchema, text
from service.schemas.parameters import ETAG_HEADER, IF_MATCH, IF_NEW, IF_NONE_MATCH
from service.schemas.topics import (
    MAX_PREVIEW,
    MAX_PREVIEW_BYTES,
    PREVIEW_BODY_EXAMPLE,
    TOPIC_BODY_EXAMPLE,
    PreviewBodySchema,
    TopicBodySchema,
    make_topic,
)

if TYPE_CHECKING:
    from flask import Response

_IN_ADDRESS = {"id": "topic_id"}
resource = Resource("topics", "What can be scored: a built-in catalogue and your own.")


class TopicsQuerySchema(PageQuerySchema):
    """Which topics to list."""

    q = text(
        "What the id or the name in any language contains, without regard to case and accents. Without it, all.",
        load_default=None,
    )


class TopicResponse(Topic, frozen=True, kw_only=True):
    """A topic."""

    built_in: Annotated[
        bool, Meta(description="Whether it belongs to the built-in catalogue and so cannot be changed.")
    ]
    digest: Annotated[str, Meta(description="Digest of what matches; it is in every score on the topic.")]


class PreviewRow(Struct, frozen=True, kw_only=True):
    """What became of one record."""

    index: Annotated[int, Meta(description="Which of the records, counted from 0.")]
    id: Annotated[str | None, Meta(description="The record's id.")]
    matches: Annotated[bool, Meta(description="Whether the record is on the topic by its own text and tags.")]
    terms: Annotated[tuple[str, ...], Meta(description="By which terms; tags are shown as #tag.")]


class PreviewResponse(Struct, frozen=True, kw_only=True):
    """Which records are on a topic, and by which term."""

    topic: Annotated[str, Meta(description="Id of the topic.")]
    records: Annotated[int, Meta(description="How many records were looked at.")]
    matched: Annotated[int, Meta(description="How many of them are on the topic.")]
    by_term: Annotated[dict[str, int], Meta(description="How many records each term found.")]
    close_forms: Annotated[
        list[CloseForm],
        Meta(
            description="Words in the records that begin as a term does and that it does not find, such as its plural, "
            "the most frequent first: whole words count, so that each form which is meant has to be a term."
        ),
    ]
    data: Annotated[list[PreviewRow], Meta(description="Each record.")]


_EXAMPLE = TopicResponse(
    id="cubesats",
    label="CubeSats",
    terms=("cubesat", "nanosatellite"),
    hashtags=("cubesat",),
    labels={"en": "CubeSats", "fr": "CubeSats"},
    built_in=False,
    digest="sha256:2f1c…",
)
_PREVIEW_EXAMPLE = PreviewResponse(
    topic="space-technology",
    records=1,
    matched=1,
    by_term={"rocket engine": 1},
    close_forms=[CloseForm(term="rocket engine", form="rocket engines", records=3)],
    data=[PreviewRow(index=0, id="a1", matches=True, terms=("rocket engine",))],
)


@resource.operation("GET", "/v1/topics", scope="read", open_to_all=True, problems=("invalid",))
@resource.query(TopicsQuerySchema)
@resource.response(
    200, Page[TopicResponse], description="Built-in topics and your own, by id.", example=Page(data=[_EXAMPLE])
)
def list_topics(query: dict[str, Any]) -> Listed[TopicResponse]:
    """List the built-in topics and, with a key, your own."""
    topics = {topic.id: topic for topic in (*context().store.topics.readable(owner()), *load_catalogue().values())}
    found = (topic for topic in topics.values() if topic.is_called(query["q"] or ""))
    return page_of(sorted(found, key=_topic_id), _topic_id, query, _response)


@resource.operation(
    "GET",
    "/v1/topics/<anything:topic_id>",
    scope="read",
    open_to_all=True,
    problems=("not_found", "precondition_failed"),
    parameters=[IF_NONE_MATCH],
)
@resource.response(200, TopicResponse, description="The topic.", example=_EXAMPLE, headers=ETAG_HEADER)
@resource.other_response(304, description="You have it already.", headers=ETAG_HEADER)
def read_topic(topic_id: str) -> Response:
    """Read a topic: of the catalogue, `tag:NAME` or, with a key, of your own."""
    try:
        return tagged(_bytes(resolve_topic(owner(), topic_id)))
    except ValueError as error:
        raise ProblemError("not_found", f"{error}.") from None


@resource.operation(
    "PUT",
    "/v1/topics/<topic_id>",
    scope="write",
    problems=("built_in", "precondition_failed", "too_large", "unsupported_media_type", "invalid", "timeout"),
    parameters=[IF_MATCH, IF_NEW],
)
@resource.body(TopicBodySchema, example=TOPIC_BODY_EXAMPLE)
@resource.response(200, TopicResponse, description="The topic was replaced.", example=_EXAMPLE, headers=ETAG_HEADER)
@resource.other_response(201, TopicResponse, description="The topic was made.", example=_EXAMPLE, headers=ETAG_HEADER)
def write_topic(given: dict[str, Any], topic_id: str) -> Response:
    """Make or replace a topic of your own. Scores made before keep the topic as it was."""
    _refuse_built_in(topic_id)
    try:
        topic = make_topic({"id": topic_id, **given})
    except ma.ValidationError as error:
        faults = error.messages_dict.items()
        raise ma.ValidationError({_IN_ADDRESS.get(field, field): said for field, said in faults}) from None
    is_new = context().store.topics.put(owner(), topic_id, topic, _check_match)
    return tagged(_bytes(topic), status=201 if is_new else 200)


@resource.operation(
    "DELETE",
    "/v1/topics/<topic_id>",
    scope="write",
    problems=("not_found", "built_in", "precondition_failed"),
    parameters=[IF_MATCH],
)
@resource.response(204, description="The topic is gone.")
def delete_topic(topic_id: str) -> None:
    """Delete a topic of your own. Scores made before stay."""
    _refuse_built_in(topic_id)
    if not context().store.topics.delete(owner(), topic_id, _check_match):
        raise ProblemError("not_found", f"You have no topic {topic_id!r}.")


@resource.operation(
    "POST",
    "/v1/topics/preview",
    scope="read",
    problems=("too_large", "too_many_records", "unsupported_media_type", "invalid", "timeout"),
)
@resource.body(PreviewBodySchema, most_bytes=MAX_PREVIEW_BYTES, example=PREVIEW_BODY_EXAMPLE)
@resource.response(200, PreviewResponse, description="What the topic finds.", example=_PREVIEW_EXAMPLE)
def preview_topic(given: dict[str, Any]) -> PreviewResponse:
    """Say which of these records are on a topic by their own text and tags, and by which term.

    In a score a record is also on topic when it answers or takes up one that is. Records are read as in a job, so
    that a wrong one is 422 here too; exact repetitions and private records are left out.
    """
    topic = _chosen(given["topic"])
    records = read_body_records(given["records"], MAX_PREVIEW, "/records", None).activities
    matcher = Matcher([topic])
    found = [matcher.terms(record.content, record.tags, 0) for record in records]
    forms = CloseForms(topic.terms)
    for record in records:
        forms.note(record.content)
    return PreviewResponse(
        topic=topic.id,
        records=len(records),
        matched=sum(map(bool, found)),
        by_term=Counter(term for terms in found for term in terms),
        close_forms=forms.found(),
        data=[
            PreviewRow(index=index, id=record.id, matches=bool(terms), terms=terms)
            for index, (record, terms) in enumerate(zip(records, found, strict=True))
        ],
    )


def _chosen(choice: str | Topic) -> Topic:
    if isinstance(choice, Topic):
        return choice
    try:
        return resolve_topic(owner(), choice)
    except ValueError as error:
        raise invalid(Fault("/topic", str(error))) from None


def _refuse_built_in(topic_id: str) -> None:
    if topic_id in load_catalogue():
        raise ProblemError("built_in", f"The topic {topic_id!r} belongs to the built-in catalogue.")


def _topic_id(topic: Topic) -> str:
    return topic.id


def _response(topic: Topic) -> TopicResponse:
    return fill(TopicResponse, topic, built_in=topic.id in load_catalogue())


def _bytes(topic: Topic) -> bytes:
    return msgspec.json.encode(_response(topic))


_check_match = match_checker(_bytes)
