"""Questions and replies, as they pass between a connector and what goes out for it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

import msgspec
from requests.utils import parse_header_links

from worker.outbound.credentials import Credential


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked: a URL with its query, a body for POST, and who asks. `part` and `keep` as in Outbound.get_json."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None
    credential: Credential | None = None
    part: str = ""
    keep: bool = True


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """An answer. `url` is where it came from in the end; header names are in lower case; `json` is None when empty.

    `links` are those of the Link header by their relation, absolute. Of an answer from the cache only the headers that
    matter there are known. `key` is the cache's name for it, empty when it is not kept.
    """

    url: str
    status: int
    json: Any
    headers: Mapping[str, str]
    fetched_at: datetime
    from_cache: bool = False
    key: str = ""

    @property
    def links(self) -> dict[str, str]:
        """Where the Link header leads (RFC 8288), by relation; what is no address is left out."""
        found: dict[str, str] = {}
        for link in parse_header_links(self.headers.get("link", "")):
            with suppress(KeyError, ValueError):
                found[link["rel"]] = urljoin(self.url, link["url"])
        return found
