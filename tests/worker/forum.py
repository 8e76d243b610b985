"""A made-up Discourse forum: topics that are listed by their last post, people of whom some do not want to be read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

HOST = "forum.example"
BEGIN = datetime(2026, 10, 1, tzinfo=UTC)
PER_PAGE = 30


def written(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


@dataclass
class Forum:
    """Answers by path, as Discourse does; what was asked is noted. `down` paths answer 503."""

    topics: dict[int, dict[str, Any]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    down: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    moderators: set[str] = field(default_factory=set)
    tells_solved: bool = False

    def add(
        self,
        number: int,
        asker: str,
        *answerers: str,
        at: datetime | None = None,
        text: str = "rockets",
        accepted: bool = True,
    ) -> None:
        """Somebody asks, others answer, a minute apart; the first answer is accepted."""
        at = at or BEGIN + timedelta(minutes=10 * number)
        posts = [
            {
                "id": 1_000 * number + place,
                "username": name,
                "post_number": place,
                "post_type": 1,
                "cooked": f"<p>{text} {number}.{place}</p>",
                "created_at": written(at + timedelta(minutes=place)),
                "accepted_answer": accepted and place == 2,
                "moderator": name in self.moderators,
            }
            for place, name in enumerate((asker, *answerers), 1)
        ]
        self.topics[number] = {
            "id": number,
            "title": f"Topic {number}",
            "tags": ["space"],
            "archetype": "regular",
            "posts_count": len(posts),
            "bumped_at": posts[-1]["created_at"],
            "post_stream": {"posts": posts, "stream": [post["id"] for post in posts]},
        }

    def answer(self, path: str) -> tuple[int, Any]:
        """Return the status and the JSON for an address."""
        parts = urlsplit(path)
        self.asked.append(parts.path)
        if parts.path in self.down:
            return 503, {"errors": ["down"]}
        if parts.path == "/latest.json":
            return 200, self._latest(int(parse_qs(parts.query).get("page", ["0"])[0]))
        if found := re.fullmatch(r"/t/(\d+)\.json", parts.path):
            topic = self.topics.get(int(found[1]))
            return (200, topic) if topic else (404, {})
        if found := re.fullmatch(r"/u/([^/]+)\.json", parts.path):
            return 200, {"user": {"id": 1, "username": found[1], "profile_hidden": found[1] in self.hidden}}
        return 404, {}

    def _latest(self, page: int) -> dict[str, Any]:
        ordered = sorted(self.topics.values(), key=lambda topic: topic["bumped_at"], reverse=True)
        shown = ordered[page * PER_PAGE : (page + 1) * PER_PAGE]
        listed: dict[str, Any] = {"topics": [self._listed(topic) for topic in shown]}
        if (page + 1) * PER_PAGE < len(ordered):
            listed["more_topics_url"] = f"/latest?page={page + 1}"
        return {"topic_list": listed}

    def _listed(self, topic: dict[str, Any]) -> dict[str, Any]:
        listed = {key: topic[key] for key in ("id", "bumped_at")}
        if self.tells_solved:
            listed["has_accepted_answer"] = any(post["accepted_answer"] for post in topic["post_stream"]["posts"])
        return listed

    def count(self, kind: str) -> int:
        """Count what was asked of a kind: latest, t or u."""
        return sum(path.startswith((f"/{kind}/", f"/{kind}.")) for path in self.asked)
