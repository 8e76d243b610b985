"""Headers and parts of addresses that several operations share, as OpenAPI describes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

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
    """What a part of an address names, an example of it, and what its schema says beyond being a text."""

    description: str
    example: str
    schema: Mapping[str, Any] = field(default_factory=dict)


_OWN_ID = {"pattern": f"^{SLUG}$", "maxLength": 200}
_NETWORK = {"pattern": NETWORK, "maxLength": IDENTIFIER_LENGTH}
_ACCOUNT = {"minLength": 1, "maxLength": IDENTIFIER_LENGTH}
_TOPIC_ID = {"minLength": 1, "pattern": rf"^(?:tag:.+|{SLUG})$", "maxLength": 200}
PATH_PARAMETERS = {
    "job_id": PathParameter("Id of the job.", "job_5b0c2f6d1f7a4c0e9a43"),
    "board_id": PathParameter("Id of the board.", "bd_3f"),
    "score_id": PathParameter("Id of the score.", "sc_f7b8f30a97899413c725b2719c6871e0"),
    "network": PathParameter("The network, percent-encoded.", "stackexchange:travel", _NETWORK),
    "account": PathParameter("The account's id there, percent-encoded, slashes too.", "u19", _ACCOUNT),
    "topic_id": PathParameter("Id of the topic: a slug, or tag:NAME.", "space-technology", _TOPIC_ID),
    "root_id": PathParameter("Id of the trust root: a slug.", "astronomers", _OWN_ID),
    "version": PathParameter("Version of the method.", load_method().version),
    "dataset_id": PathParameter("Id of the data set: a slug.", "beer-2026", _OWN_ID),
    "record_id": PathParameter("Id of the record, percent-encoded, slashes too.", "a1", _ACCOUNT),
    "dispute_id": PathParameter("Id of the dispute.", "dsp_0d9a4c1f7b2e"),
    "webhook_id": PathParameter("Id of the webhook.", "wh_4c1f0b3c9a2e"),
    "erasure_id": PathParameter("Id of the erasure.", "er_8c1f0d6e5b3a49d2"),
    "link_id": PathParameter("Id of the link; it alone opens nothing.", "0a91c3d2"),
    "key_id": PathParameter("Id of the key; not its secret.", "key_1f0b3c"),
}
