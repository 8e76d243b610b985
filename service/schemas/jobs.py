"""Schemas of jobs: what is asked, and how far it is."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from scoring.method import VERSIONS
from service.schemas.base import BoundedList, Instant, PageSchema, RawList, WholeNumber, identifier, shown, text
from service.schemas.problems import StoredProblemSchema
from service.schemas.records import COUNTS_EXAMPLE, CountsSchema
from service.schemas.topics import topic_choice
from service.schemas.trust_roots import TrustRootChoice, check_network

MAX_ACCOUNTS = 100
MAX_TOPICS = 20
PROFILES = ("qa", "forum", "microblog")
_ACCOUNT = {"network": "custom:space", "account": "u19"}
JOB_BODY_EXAMPLE = {
    "accounts": [_ACCOUNT],
    "topics": [
        "space-technology",
        {"id": "cubesats", "label": "CubeSats", "terms": ["cubesat", "nanosatellite"], "hashtags": []},
    ],
    "trust_root": "network",
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
            "content": "Which rocket engine?",
        },
        {
            "id": "a2",
            "actor": "u19",
            "type": "answer",
            "object": "a1",
            "published": "2026-10-01T13:00:00Z",
            "content": "A small one.",
        },
        {"id": "a3", "actor": "u7", "type": "accept", "object": "a2", "published": "2026-10-01T14:00:00Z"},
    ],
    "dataset": None,
    "fetch": None,
    "max_age_s": None,
    "webhook": None,
}
JOB_EXAMPLE: dict[str, Any] = {
    "id": "job_5b0c2f6d1f7a4c0e9a43",
    "status": "succeeded",
    "created_at": "2026-11-01T09:00:00Z",
    "started_at": "2026-11-01T09:00:01Z",
    "finished_at": "2026-11-01T09:00:02Z",
    "progress": {
        "done": 1,
        "total": 1,
        "stage": "done",
        "posts": 0,
        "requests": 0,
        "until": None,
        "waits_for": None,
        "people": None,
    },
    "results": [
        {
            "account": _ACCOUNT,
            "topic": "space-technology",
            "score_id": "sc_3f",
            "score_url": "/v1/scores/sc_3f",
            "board_id": None,
            "board_url": None,
            "problem": None,
            "reused": False,
        }
    ],
    "error": None,
    "received": COUNTS_EXAMPLE,
    "request": {
        "accounts": [_ACCOUNT],
        "topics": ["space-technology"],
        "trust_root": {"id": None, "kind": "network", "digest": "sha256:11e0…", "size": 0},
        "as_of": "2026-11-01T00:00:00Z",
        "window_days": 1825,
        "network": "custom:space",
        "profile": "qa",
        "granted_rights": False,
        "method": VERSIONS[0],
        "dataset": None,
        "fetch": None,
        "max_age_s": None,
        "webhook": None,
    },
    "urls": {"self": "/v1/jobs/job_5b0c2f6d1f7a4c0e9a43", "cancel": "/v1/jobs/job_5b0c2f6d1f7a4c0e9a43/cancel"},
}
JOBS_EXAMPLE = {"data": [JOB_EXAMPLE], "next_cursor": None, "has_more": False}


def _budget(description: str) -> WholeNumber:
    return WholeNumber(
        load_default=None,
        allow_none=True,
        validate=validate.Range(min=1),
        metadata={"description": f"{description} The operator sets the default and the most."},
    )


class AccountSchema(ma.Schema):
    """An account on a network."""

    network = text("The network, such as `stackexchange:travel` or `custom:beer`.", most=512, required=True)
    account = identifier("The account's id there.", required=True)

    @ma.validates("network")
    def _check_network(self, value: str, **_kwargs: Any) -> None:
        check_network(value)


class FetchSchema(ma.Schema):
    """How much to read from networks."""

    max_requests = _budget("Requests in all, waiting and repeats included.")
    max_posts = _budget("Posts of each account, the newest.")


class JobBodySchema(ma.Schema):
    """What to score."""

    accounts = BoundedList(
        fields.Nested(AccountSchema),
        most=MAX_ACCOUNTS,
        load_default=list,
        metadata={
            "description": "Whom to score; all on one network, unless they are fetched. Nobody, with a `dataset`: "
            "everybody in it."
        },
    )
    topics = BoundedList(
        topic_choice("An id of the catalogue or of your own, `tag:NAME`, or a topic as an object."),
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
    as_of = Instant(
        load_default=None,
        allow_none=True,
        metadata={"description": "Only what happened before this time is read; now by default, never in the future."},
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
        validate=validate.OneOf(VERSIONS),
        metadata={"description": "Version of the method to score with; the newest by default."},
    )
    activities = RawList(
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


class ProgressSchema(ma.Schema):
    """How far a job is."""

    done = shown(fields.Integer, "Documents made; of everybody in a data set: topics done.")
    total = shown(fields.Integer, "Documents asked for: accounts times topics; of everybody in a data set: topics.")
    stage = shown(fields.String, "queued, gathering, waiting, scoring, saving or done.")
    posts = shown(fields.Integer, "Posts of the accounts read from their networks so far.")
    requests = shown(fields.Integer, "Requests made to networks so far.")
    until = shown(Instant, "When a job that waits for a limit of a host goes on; else null.", allow_none=True)
    waits_for = shown(fields.String, "Which host it waits for, and why; else null.", allow_none=True)
    people = shown(fields.Integer, "How many people were ranked so far, over all topics; else null.", allow_none=True)


class ResultSchema(ma.Schema):
    """What the job made for one account, or for everybody, on one topic."""

    account = fields.Nested(
        AccountSchema, required=True, allow_none=True, metadata={"description": "The account; null for everybody."}
    )
    topic = shown(fields.String, "Id of the topic.")
    score_id = shown(fields.String, "Id of the score, or null.", allow_none=True)
    score_url = shown(fields.String, "Where the score is, or null.", allow_none=True)
    board_id = shown(fields.String, "Id of the board of everybody, or null.", allow_none=True)
    board_url = shown(fields.String, "Where the newest such board is, or null.", allow_none=True)
    problem = fields.Nested(
        StoredProblemSchema, required=True, allow_none=True, metadata={"description": "Why there is none, or null."}
    )
    reused = shown(fields.Boolean, "Whether the score was there before (`max_age_s`), and nothing was fetched.")


class RootReferenceSchema(ma.Schema):
    """The trust root as it was when the job was accepted."""

    id = shown(fields.String, "Its id, if it has one.", allow_none=True)
    kind = shown(fields.String, "accounts, list, network or none.")
    digest = shown(fields.String, "Digest of what it says.")
    size = shown(fields.Integer, "How many accounts it names; a list is read when the job runs.")


class JobRequestSchema(ma.Schema):
    """What was asked, defaults filled in."""

    accounts = fields.List(fields.Nested(AccountSchema), required=True, metadata={"description": "Whom to score."})
    topics = fields.List(fields.String(), required=True, metadata={"description": "Ids of the topics."})
    trust_root = fields.Nested(RootReferenceSchema, required=True, metadata={"description": "Whose word counts."})
    as_of = shown(Instant, "Only what happened before this time is read.")
    window_days = shown(fields.Integer, "How many days back.")
    network = shown(
        fields.String, "The network that the records come from; null where they are several.", allow_none=True
    )
    profile = shown(fields.String, "The weights asked for; null where the network has its own.", allow_none=True)
    method = shown(fields.String, "Version of the method; null in jobs of before there was a choice.", allow_none=True)
    granted_rights = shown(fields.Boolean, "Whether the source vouches for the right to take changes.")
    dataset = shown(fields.String, "The data set read, or null.", allow_none=True)
    fetch = fields.Nested(
        FetchSchema,
        required=True,
        allow_none=True,
        metadata={"description": "How much may be read from networks; null where nothing is."},
    )
    max_age_s = shown(
        fields.Integer, "How old a score may be that is answered again, in seconds; null: none is.", allow_none=True
    )
    webhook = shown(fields.String, "The webhook that is told when the job has ended, or null.", allow_none=True)


class JobUrlsSchema(ma.Schema):
    """Addresses that belong to a job."""

    self = shown(fields.String, "The job itself.")
    cancel = shown(fields.String, "POST here to cancel it.")


class JobSchema(ma.Schema):
    """A scoring job."""

    id = shown(fields.String, "Its id.")
    status = shown(fields.String, "queued, running, succeeded, failed or canceled; the last three are final.")
    created_at = shown(Instant, "When it was accepted.")
    started_at = shown(Instant, "When a worker took it, or null.", allow_none=True)
    finished_at = shown(Instant, "When it ended, or null.", allow_none=True)
    progress = fields.Nested(ProgressSchema, required=True, metadata={"description": "How far it is."})
    results = fields.List(
        fields.Nested(ResultSchema),
        required=True,
        metadata={"description": "A score or a problem per account and topic."},
    )
    error = fields.Nested(
        StoredProblemSchema, required=True, allow_none=True, metadata={"description": "Why the job failed, or null."}
    )
    received = fields.Nested(
        CountsSchema,
        required=True,
        allow_none=True,
        metadata={"description": "What was seen while reading `activities`; null where there are none."},
    )
    request = fields.Nested(JobRequestSchema, required=True, metadata={"description": "What was asked."})
    urls = fields.Nested(JobUrlsSchema, required=True, metadata={"description": "Addresses that belong to it."})


class JobPageSchema(PageSchema):
    """A page of jobs."""

    data = fields.List(fields.Nested(JobSchema), required=True, metadata={"description": "The jobs, newest first."})
