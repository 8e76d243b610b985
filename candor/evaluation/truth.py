"""Truth: who is an expert on what, as somebody else found out later."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
POSITIVE = re.compile(r"expert(?!_former)")


@dataclass(frozen=True)
class Truth:
    """Pairs (account, topic): those to be found, and all that were ever known."""

    pairs: frozenset[tuple[str, str]]
    ever: frozenset[tuple[str, str]]

    @property
    def topics(self) -> list[str]:
        """Every topic with somebody to be found, sorted."""
        return sorted({topic for _, topic in self.pairs})

    @property
    def accounts(self) -> frozenset[str]:
        """Everybody who was ever known as an expert."""
        return frozenset(account for account, _ in self.ever)


def read_truth(path: str, after: date | None = None) -> Truth:
    """Read a table `actor,topic,label,source`.

    Labels beginning with `expert` are positive, but not `expert_former`: who was one once, and is none by the time of
    the truth. With `after`, pairs whose source carries no later date are not to be found. Raises KeyError where a
    column is missing.
    """
    with Path(path).open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if POSITIVE.match(row["label"])]
    found = [row for row in rows if after is None or _is_later(row["source"], after)]
    return Truth(
        pairs=frozenset((row["actor"], row["topic"]) for row in found),
        ever=frozenset((row["actor"], row["topic"]) for row in rows),
    )


def _is_later(source: str, after: date) -> bool:
    return any(date.fromisoformat(found) > after for found in DATE.findall(source))
