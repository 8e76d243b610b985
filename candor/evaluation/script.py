"""A script of an attack: records as attackers would leave them, seconds apart, just before the score is asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from candor.scoring.activity import Activity

if TYPE_CHECKING:
    from datetime import datetime

    from candor.scoring.activity import RecordType
    from candor.scoring.topics import Topic

LENGTH_DAYS = 2
STEP = timedelta(seconds=1)


class Script:
    """Collects records; each call writes one and returns its id. On topic unless said otherwise.

    Texts are too short to be anybody's near-copy.
    """

    def __init__(self, topic: Topic, end: datetime) -> None:
        self.records: list[Activity] = []
        self.end = end
        self._now = end - timedelta(days=LENGTH_DAYS)
        tag = topic.tag or next(iter(topic.hashtags), None)
        self.tags = (tag,) if tag else None
        self.text = None if tag else topic.terms[0]

    def write(self, kind: RecordType, actor: str, of: str | None = None, to: str | None = None, **more: object) -> str:
        """Write a record of `actor` about the record `of`, towards `to`; `more` overrules its other fields."""
        self._now += STEP
        given = {"tags": self.tags, "content": self.text, "published": self._now, **more}
        name = f"attack:{len(self.records)}"
        self.records.append(Activity(id=name, type=kind, actor=actor, object=of, target_actor=to, **given))  # type: ignore[arg-type]
        return name

    def go_back(self, days: float) -> None:
        """Write what follows so many days before the end."""
        self._now = self.end - timedelta(days=days)

    def accepted(self, by: str, whom: str) -> None:
        """`by` asks, `whom` answers, `by` accepts."""
        answer = self.write("answer", whom, of=self.write("question", by))
        self.write("accept", by, of=answer)

    def reshared(self, by: str, whom: str, posts: int = 1) -> None:
        """`by` reshares posts that `whom` writes for the purpose."""
        for _ in range(posts):
            self.write("reshare", by, of=self.write("note", whom))

    def listed(self, by: str, whom: str) -> None:
        """`by` puts `whom` on a list."""
        self.write("list", by, to=whom, content=f"{self.text or ''} people", of=None)

    def every_act(self, by: str, whom: str) -> None:
        """`by` recognises `whom` in every way there is, each by a contribution of its own."""
        self.accepted(by, whom)
        self.write("reply", by, of=self.write("answer", whom, of=self.write("question", by)))
        asked = self.write("question", by, to=whom)
        self.write("reply", by, of=self.write("reply", whom, of=asked))
        change = self.write("note", f"{by}:author")
        self.write("accept", by, of=self.write("review", whom, of=change))
        self.write("test", by, of=self.write("note", whom))
        self.reshared(by, whom)
        self.write("quote", by, of=self.write("note", whom))
        self.listed(by, whom)
        for kind in ("like", "vote"):
            self.write(kind, by, of=self.write("note", whom), value=1)
        self.write("follow", by, to=whom)
