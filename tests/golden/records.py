"""Writes the records of a made-up community, day by day before one fixed instant."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from candor.scoring.activity import Activity

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class Diary:
    """Collects records; each method writes one and returns its id."""

    records: list[Activity] = field(default_factory=list)

    def write(self, type_: Any, actor: str | None, days_ago: float, **more: Any) -> str:
        identifier = f"r{len(self.records)}"
        published = AS_OF - timedelta(days=days_ago)
        self.records.append(Activity(id=identifier, type=type_, actor=actor, published=published, **more))
        return identifier

    def account(self, actor: str, **more: Any) -> None:
        self.records.append(Activity(type="account", actor=actor, published=AS_OF - timedelta(days=1), **more))

    def answered(self, asker: str, by: str, days_ago: float, text: str, **more: Any) -> str:
        """A question and its answer two hours later; returns the answer's id."""
        question = self.write("question", asker, days_ago, content=f"{text}, asks {asker}", **more)
        return self.write("answer", by, days_ago - 1 / 12, object=question, content=f"{by} explains about {question}")
