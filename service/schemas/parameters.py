"""Headers and parts of addresses that several operations share, as OpenAPI describes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from candor.questions.formula import load_formula
from candor.scoring.method import load_method
from service.schemas.base import IDENTIFIER_LENGTH, NETWORK, SLUG

if TYPE_CHECKING:
    from collections.abc import Mapping

ETAG_HEADER: dict[str, Any] = {"ETag": {"description": "Names this version.", "schema": {"type": "string"}}}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds after which to ask again.", "schema": {"type": "integer"}}}
PROBLEM_HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"description": "How to authenticate.", "schema": {"type": "string"}}},
    405: {"Allow": {"description": "The methods there are.", "schema": {"type": "string"}}},
    429: {
        **_RETRY_AFTER,
        "RateLimit-Policy": {"description": "`q` requests in each `w` seconds.", "schema": {"type": "string"}},
        "RateLimit": {
            "description": "`r` are left, and `t` seconds later there are more.",
            "schema": {"type": "string"},
        },
    },
    503: _RETRY_AFTER,
}
IF_NONE_MATCH: dict[str, Any] = {
    "in": "header",
    "name": "If-None-Match",
    "description": "An `ETag` you have: if nothing has changed the answer is 304 without a body.",
    "schema": {"type": "string"},
}
IF_MATCH: dict[str, Any] = {
    "in": "header",
    "name": "If-Match",
    "description": "The `ETag` you read: if it has changed since, nothing happens and the answer is 412.",
    "schema": {"type": "string"},
}
SVG_EXAMPLE = (
    '<svg xmlns="http://www.w3.org/2000/svg" class="candor badge auto" role="img" lang="en" '
    'aria-labelledby="candor-title" aria-describedby="candor-desc" viewBox="0 0 380 116" width="380" height="116">'
    '<title id="candor-title">Expertise and interest of Ada on CubeSats</title>'
    '<desc id="candor-desc">Expertise: 71.2 of 100, 90 % interval 63.0 to 77.4, status ok. …</desc>…</svg>'
)
IF_NEW: dict[str, Any] = {
    "in": "header",
    "name": "If-None-Match",
    "description": "`*`: only if there is nothing under this id yet; else nothing happens and the answer is 412.",
    "schema": {"type": "string"},
}


@dataclass(frozen=True)
class PathParameter:
    """What a part of an address names, what its schema says beyond being a text, and an example that is there.

    Ids that the service makes have no example, as none would be there; `begins` says how most of them begin.
    """

    description: str
    example: str | None = None
    schema: Mapping[str, Any] = field(default_factory=dict)
    begins: str = ""


_OWN_ID = {"pattern": f"^{SLUG}$", "maxLength": 200}
_NETWORK = {"pattern": NETWORK, "maxLength": IDENTIFIER_LENGTH}
_ACCOUNT = {"minLength": 1, "maxLength": IDENTIFIER_LENGTH}
_TOPIC_ID = {"minLength": 1, "pattern": rf"^(?:tag:.+|{SLUG})$", "maxLength": 200}
PATH_PARAMETERS = {
    "job_id": PathParameter("Id of the job, from the answer to `POST /v1/jobs`.", begins="job_"),
    "board_id": PathParameter("Id of the board: `board_id` in the results of a job without accounts.", begins="bd_"),
    "question_id": PathParameter("Id of the answer: the end of `result_url` of the job that makes it.", begins="fi_"),
    "score_id": PathParameter("Id of the score: `score_id` in the results of a job.", begins="sc_"),
    "network": PathParameter("The network, percent-encoded.", "custom:demo", _NETWORK),
    "account": PathParameter("The account's id there, percent-encoded, slashes too.", "p03", _ACCOUNT),
    "topic_id": PathParameter("Id of the topic: a slug, or tag:NAME.", "space-technology", _TOPIC_ID),
    "root_id": PathParameter("Id of the trust root: a slug. `sample` is always there.", "sample", _OWN_ID),
    "version": PathParameter("Version of the method.", load_method().version),
    "formula_version": PathParameter("Version of the formula.", load_formula().version),
    "dataset_id": PathParameter("Id of the data set: a slug. `sample` is always there.", "sample", _OWN_ID),
    "record_id": PathParameter("Id of the record, percent-encoded, slashes too.", "a1", _ACCOUNT),
    "message_id": PathParameter("Id of the record of a message, percent-encoded, slashes too.", "s0007", _ACCOUNT),
    "path_id": PathParameter("Id of the path: `path_id` of a message.", begins="fi_"),
    "dispute_id": PathParameter("Id of the dispute.", begins="dsp_"),
    "followed_id": PathParameter("Id of the followed board.", "space-experts"),
    "webhook_id": PathParameter("Id of the webhook.", begins="wh_"),
    "erasure_id": PathParameter("Id of the erasure.", begins="er_"),
    "number": PathParameter("Number of the list: the credential names it.", "1"),
    "receipt_id": PathParameter("Id of the receipt; whoever has it can look.", begins="rc_"),
    "link_id": PathParameter("Id of the link; it alone opens nothing."),
    "key_id": PathParameter("Id of the key; not its secret.", begins="key_"),
}
_OWN_DATASET, _OWN_ROOT, _OWN_TOPIC = {"dataset_id": "my-forum"}, {"root_id": "my-moderators"}, {"topic_id": "cubesats"}
_OWN_ACCOUNT = {"network": "custom:my-forum", "account": "u19"}
EXAMPLES_OF: Mapping[str, Mapping[str, str]] = {
    "write_dataset": _OWN_DATASET,
    "append_records": _OWN_DATASET,
    "delete_record": _OWN_DATASET,
    "delete_dataset": _OWN_DATASET,
    "write_trust_root": _OWN_ROOT,
    "delete_trust_root": _OWN_ROOT,
    "write_topic": _OWN_TOPIC,
    "delete_topic": _OWN_TOPIC,
    "write_account_kind": _OWN_ACCOUNT,
    "read_account_kind": _OWN_ACCOUNT,
    "delete_account_kind": _OWN_ACCOUNT,
    "erase_account": _OWN_ACCOUNT | {"account": "u99"},
}
"""Other examples of parts of addresses, by operation: where something is changed it is not the sample."""
CHOICES_OF: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "write_dataset": {
        "network": {
            "community": {"summary": "Records of a community of your own", "value": "custom:my-forum"},
            "export": {"summary": "Somebody's export from Mastodon", "value": "mastodon"},
        },
        "profile": {
            "community": {"summary": "Records of a community of your own", "value": "forum"},
            "export": {"summary": "Somebody's export from Mastodon", "value": "microblog"},
        },
    },
}
"""Several examples of a parameter, by operation."""
NEEDED_IN_QUERIES: Mapping[str, str] = {
    "network": "custom:demo",
    "account": "p03",
    "topic": "space-technology",
    "dataset": "sample",
    "trust_root": "sample",
}
"""Examples of what a query has to name."""
