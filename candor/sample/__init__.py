"""The sample: a made-up community around space technology, for the demo and the tests."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from candor.scoring.trust_root import TrustRoot

NETWORK = "custom:demo"
PROFILE = "forum"
TOPIC = "space-technology"
AS_OF = datetime(2026, 11, 1, tzinfo=UTC)

EXPERT = "p03"
ENTHUSIAST = "p08"
BRAND = "p05"
DIRECTOR = "p14"
LIKE_BAIT = "p11"
RING_CENTRE = "p42"
NEWCOMER = "p73"
DECLINED = "p23"

EXAMPLES = (EXPERT, ENTHUSIAST, BRAND, RING_CENTRE)
"""Whom pages show as examples, the first before the others."""

URL = "https://forum.example.org/posts/"
"""What the addresses of its posts begin with; they lead nowhere."""


def name_of(account: str) -> str:
    """Return what somebody of the sample is called."""
    people = tomllib.loads(Path(__file__).with_name("people.toml").read_text("utf-8"))["person"]
    return str(people[int(account.removeprefix("p")) - 1]["name"])


def records_path() -> Path:
    """Return where the records are, one JSON object a line, UTF-8."""
    return Path(__file__).with_name("community.ndjson")


def trust_root() -> TrustRoot:
    """Return the twelve people whose word counts in the sample."""
    return msgspec.json.decode(Path(__file__).with_name("trust_root.json").read_bytes(), type=TrustRoot)
