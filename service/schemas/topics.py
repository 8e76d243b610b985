"""Schemas of topics, of choosing them and of trying them on records."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from candor.scoring.topics import TAG_PREFIX, Topic, TopicFaultError, check_topic
from service.schemas.base import BoundedList, RecordList, text

MAX_TERMS = 200
MAX_PREVIEW = 1000
MAX_PREVIEW_BYTES = 4 * 2**20
"""A preview is made while its caller waits, by a thread of a web process: this much takes three seconds at most."""
TOPIC_BODY_EXAMPLE = {
    "label": "CubeSats",
    "terms": ["cubesat", "nanosatellite"],
    "hashtags": ["cubesat"],
    "labels": {"en": "CubeSats", "fr": "CubeSats"},
}
PREVIEW_BODY_EXAMPLE = {
    "topic": "space-technology",
    "records": [
        {
            "id": "a1",
            "actor": "u7",
            "type": "note",
            "published": "2026-10-01T12:00:00Z",
            "content": "A rocket engine test",
        }
    ],
}


class TopicBodySchema(ma.Schema):
    """A topic of one's own, without its id."""

    label = text("Name of the topic.", required=True)
    terms = BoundedList(
        text("A term: one or more words."),
        most=MAX_TERMS,
        load_default=list,
        metadata={
            "description": "Words and phrases that, in a text, give the topic away: whole words, so that a plural is a "
            "term of its own."
        },
    )
    hashtags = BoundedList(
        text("A hashtag, without #."),
        most=MAX_TERMS,
        load_default=list,
        metadata={"description": "Hashtags and tags that stand for the topic, without #."},
    )
    labels = fields.Dict(
        keys=fields.String(validate=validate.Length(min=1, max=35)),
        values=text("The name in that language."),
        validate=validate.Length(max=100, error="May have at most {max} items."),
        load_default=dict,
        metadata={"description": "The topic's name by language (BCP 47)."},
    )
    broader = BoundedList(
        text("Id of a broader topic."),
        most=50,
        load_default=list,
        metadata={"description": "Ids of broader topics, which add this one up where a person's topics are listed."},
    )


class InlineTopicSchema(TopicBodySchema):
    """A topic given where it is used."""

    id = text("A slug of your choosing: a-z, 0-9, joined by - _ .", required=True)


class TopicChoice(fields.Field[Any]):
    """A topic by id (of the catalogue, of one's own, or tag:NAME), or a topic as an object."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> str | Topic:
        if isinstance(value, str):
            if not 1 <= len(value) <= MAX_TERMS:
                raise ma.ValidationError("a topic's id has 1 to 200 characters")
            return value
        if not isinstance(value, dict):
            raise ma.ValidationError("neither the id of a topic nor a topic")
        return make_topic(InlineTopicSchema().load(value))


def make_topic(given: dict[str, Any]) -> Topic:
    """Make a topic from what a schema has loaded. Raises marshmallow's ValidationError."""
    topic = Topic(
        id=given["id"],
        label=given["label"],
        terms=tuple(given["terms"]),
        hashtags=tuple(given["hashtags"]),
        labels=given["labels"],
        broader=tuple(given["broader"]),
    )
    try:
        check_topic(topic)
    except TopicFaultError as error:
        raise ma.ValidationError({error.field: [str(error)]}) from None
    if topic.id.startswith(TAG_PREFIX):
        raise ma.ValidationError({"id": ["tag:NAME is a topic by itself: give it as a string"]})
    return topic


def topic_choice(description: str, **kwargs: Any) -> TopicChoice:
    """Make the field of a topic to score."""
    any_of = [{"type": "string", "minLength": 1, "maxLength": 200}, {"$ref": "#/components/schemas/InlineTopic"}]
    return TopicChoice(metadata={"description": description, "anyOf": any_of}, **kwargs)


class PreviewBodySchema(ma.Schema):
    """A topic and records to try it on."""

    topic = topic_choice("The topic: an id, or a topic as an object.", required=True)
    records = RecordList(
        required=True,
        metadata={
            "description": f"The records, at most {MAX_PREVIEW}; the body has at most {MAX_PREVIEW_BYTES >> 20} MiB.",
            "type": "array",
            "maxItems": MAX_PREVIEW,
            "items": {"$ref": "#/components/schemas/Activity"},
        },
    )
