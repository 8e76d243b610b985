"""Headers and parts of addresses that several operations share, as OpenAPI describes them."""

from __future__ import annotations

from typing import Any

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
PATH_PARAMETERS = {
    "job_id": "Id of the job.",
    "board_id": "Id of the board.",
    "score_id": "Id of the score.",
    "network": "The network, percent-encoded.",
    "account": "The account's id there, percent-encoded, slashes too.",
    "topic_id": "Id of the topic: a slug, or tag:NAME.",
    "root_id": "Id of the trust root: a slug.",
    "version": "Version of the method.",
    "dataset_id": "Id of the data set: a slug.",
    "dispute_id": "Id of the dispute.",
    "webhook_id": "Id of the webhook.",
    "erasure_id": "Id of the erasure.",
    "key_id": "Id of the key; not its secret.",
}
