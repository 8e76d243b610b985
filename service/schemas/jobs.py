"""Schemas of jobs: how far one is, what it made and what was asked."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from candor.scoring.method import load_method
from service.schemas.base import InstantField, PageSchema, shown
from service.schemas.job_requests import ACCOUNT_EXAMPLE, AccountSchema, FetchSchema
from service.schemas.problems import StoredProblemSchema
from service.schemas.records import COUNTS_EXAMPLE, CountsSchema

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
            "account": ACCOUNT_EXAMPLE,
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
        "accounts": [ACCOUNT_EXAMPLE],
        "topics": ["space-technology"],
        "trust_root": {"id": None, "kind": "network", "digest": "sha256:11e0…", "size": 0},
        "as_of": "2026-11-01T00:00:00Z",
        "window_days": 1825,
        "network": "custom:space",
        "profile": "qa",
        "granted_rights": False,
        "method": load_method().version,
        "dataset": None,
        "fetch": None,
        "max_age_s": None,
        "webhook": None,
    },
    "urls": {"self": "/v1/jobs/job_5b0c2f6d1f7a4c0e9a43", "cancel": "/v1/jobs/job_5b0c2f6d1f7a4c0e9a43/cancel"},
}
JOBS_EXAMPLE = {"data": [JOB_EXAMPLE], "next_cursor": None, "has_more": False}


class ProgressSchema(ma.Schema):
    """How far a job is."""

    done = shown(fields.Integer, "Documents made; of everybody in a data set: topics done.")
    total = shown(fields.Integer, "Documents asked for: accounts times topics; of everybody in a data set: topics.")
    stage = shown(fields.String, "queued, gathering, waiting, scoring, saving or done.")
    posts = shown(fields.Integer, "Posts of the accounts read from their networks so far.")
    requests = shown(fields.Integer, "Requests made to networks so far.")
    until = shown(InstantField, "When a job that waits for a limit of a host goes on; else null.", allow_none=True)
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
    as_of = shown(InstantField, "Only what happened before this time is read.")
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
    created_at = shown(InstantField, "When it was accepted.")
    started_at = shown(InstantField, "When a worker took it, or null.", allow_none=True)
    finished_at = shown(InstantField, "When it ended, or null.", allow_none=True)
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
