"""Schemas of what a job asks for."""

from __future__ import annotations

from datetime import timedelta

import marshmallow as ma
from marshmallow import fields, validate

from candor.scoring.method import known_versions
from service.schemas.base import (
    BoundedList,
    InstantField,
    RecordList,
    WholeNumber,
    canonical_account,
    identifier,
    network_name,
    text,
)
from service.schemas.topics import topic_choice
from service.schemas.trust_roots import TrustRootChoice

CLOCK_SKEW = timedelta(minutes=5)
"""So far ahead of our clock `as_of` may be."""
MAX_ACCOUNTS = 100
MAX_TOPICS = 20
PROFILES = ("qa", "forum", "microblog")
SAMPLE_JOB_EXAMPLE = {
    "accounts": [{"network": "custom:demo", "account": "p03"}],
    "topics": ["space-technology"],
    "trust_root": "sample",
    "dataset": "sample",
    "as_of": "2026-11-01T00:00:00Z",
}
EVERYBODY_JOB_EXAMPLE = SAMPLE_JOB_EXAMPLE | {"accounts": []}
JOB_BODY_EXAMPLE = {
    "accounts": [{"network": "custom:my-forum", "account": "u19"}],
    "topics": [
        "space-technology",
        {"id": "cubesats", "label": "CubeSats", "terms": ["cubesat", "nanosatellite"], "hashtags": []},
    ],
    "trust_root": {"kind": "accounts", "network": "custom:my-forum", "accounts": [{"account": "u7"}]},
    "as_of": "2026-11-01T00:00:00Z",
    "window_days": 1825,
    "profile": "qa",
    "granted_rights": False,
    "activities": [
        {
            "id": "a1",
            "actor": "u7",
            "type": "question",
            "published": "2026-10-01T12:00:00Z",
            "content": "Which rocket engine for a cubesat?",
        },
        {
            "id": "a2",
            "actor": "u19",
            "type": "answer",
            "object": "a1",
            "published": "2026-10-01T13:00:00Z",
            "content": "A small rocket engine: a cubesat is light.",
        },
        {"id": "a3", "actor": "u7", "type": "accept", "object": "a2", "published": "2026-10-01T14:00:00Z"},
    ],
}
JOB_BODY_EXAMPLES = {
    "sample": {"summary": "One person of the sample", "value": SAMPLE_JOB_EXAMPLE},
    "everybody": {"summary": "Everybody in the sample, ranked", "value": EVERYBODY_JOB_EXAMPLE},
    "records": {"summary": "Records of your own in the request", "value": JOB_BODY_EXAMPLE},
}


def _budget(description: str) -> WholeNumber:
    return WholeNumber(
        load_default=None,
        allow_none=True,
        validate=validate.Range(min=1),
        metadata={"description": f"{description} The operator sets the default and the most."},
    )


class AccountBodySchema(ma.Schema):
    """An account on a network."""

    error_messages = {  # noqa: RUF012 # as marshmallow declares it
        "type": 'write an account as an object, such as {"network": "custom:beer", "account": "p1"}'
    }
    network = network_name("The network, such as `stackexchange:travel` or `custom:beer`.", required=True)
    account = identifier("The account's name or id there, in any way in which it is written.", required=True)

    @ma.post_load
    def _settle(self, data: dict[str, str], **_kwargs: object) -> dict[str, str]:
        return {**data, "account": canonical_account(data["network"], data["account"], "account")}


class FetchSchema(ma.Schema):
    """How much to read from networks."""

    max_requests = _budget("Requests in all, waiting and repeats included.")
    max_posts = _budget("Posts of each account, the newest.")


class JobBodySchema(ma.Schema):
    """What to score."""

    accounts = BoundedList(
        fields.Nested(AccountBodySchema),
        most=MAX_ACCOUNTS,
        load_default=list,
        metadata={
            "description": "Whom to score; all on one network, unless they are fetched. Nobody, with a `dataset`: "
            "everybody in it."
        },
    )
    topics = BoundedList(
        topic_choice(
            "An id of the catalogue, of your own or of a map of the data set, `tag:NAME`, or a topic as an object."
        ),
        least=1,
        most=MAX_TOPICS,
        required=True,
        metadata={"description": "On which topics; each account is scored on each."},
    )
    trust_root = TrustRootChoice(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Whose word counts: the id of a trust root, a trust root as an object, `network` for "
            "everybody (face value), `none` or null for nobody.",
            "anyOf": [
                {"type": "string", "minLength": 1, "maxLength": 200},
                {"$ref": "#/components/schemas/TrustRootBody"},
                {"type": "null"},
            ],
        },
    )
    as_of = InstantField(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Only what happened before this time is read, never in the future. By default it is now, or "
            "for a data set that has nothing later the last full hour: all who are asked about within it are scored as "
            "of the same moment."
        },
    )
    window_days = WholeNumber(
        load_default=1825,
        validate=validate.Range(min=1, max=36_500),
        metadata={"description": "How many days back to read."},
    )
    profile = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(PROFILES),
        metadata={"description": "Which weights to use; for `custom:` networks only, the others have theirs."},
    )
    granted_rights = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "Your word that whoever accepts changes does so by a right that others gave."},
    )
    method = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(known_versions(), error="there is no method {input!r}; there is {choices}"),
        metadata={"description": "Version of the method to score with; the newest by default."},
    )
    activities = RecordList(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "The records to score from. Unknown fields of a record are ignored and counted.",
            "type": "array",
            "maxItems": 10_000,
            "items": {"$ref": "#/components/schemas/Activity"},
        },
    )
    dataset = text("Id of a data set to score from, instead of `activities`.", load_default=None, allow_none=True)
    fetch = fields.Nested(
        FetchSchema,
        load_default=None,
        allow_none=True,
        metadata={"description": "Bounds of what is read from networks, where no records are named."},
    )
    max_age_s = WholeNumber(
        load_default=None,
        allow_none=True,
        validate=validate.Range(min=0, max=36_500 * 86_400),
        metadata={
            "description": "Where nothing is brought: a score that you have already, at most so many seconds older "
            "than `as_of`, is answered and not fetched again. It was fetched for the same account, topic, trust root "
            "(a list: the same list, as it was read then), window and version of the method, within whatever `fetch`; "
            "no dispute about it was decided since. At most as long as scores are kept."
        },
    )
    webhook = text("Id of a webhook of yours that is told when the job has ended.", load_default=None, allow_none=True)
