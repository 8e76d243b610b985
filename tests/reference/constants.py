"""What the reference says of kinds and records by itself; figures come from candor/scoring/method.toml, by `Method`."""

from __future__ import annotations

SOFT = ("listed", "endorsed")
VOUCHES = ("accepted", "reviewed", "fixed", "endorsed", "listed")
BOOKED = ("took", "voted")  # booked on somebody who did not do them
OWN_ACTS = (
    "note",
    "question",
    "answer",
    "reply",
    "quote",
    "reshare",
    "accept",
    "review",
    "test",
    "report",
    "list",
    "like",
)
