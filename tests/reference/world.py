"""What is on record in a window: who wrote what, on which topics, in which thread, answering whom, copying whom."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reference.texts import own_topics, shingles

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from candor.scoring.activity import Activity
    from candor.scoring.method import Method
    from candor.scoring.topics import Topic

DAY_S = 86_400
A_MILLIONTH = 1e-6
POSTS = ("note", "question", "answer", "reply", "quote")
SAID = (*POSTS, "review", "report")


@dataclass
class World:
    """The records that count, sorted by (published, id), what follows from them, and the figures of the method."""

    records: list[Activity]
    by_id: dict[str, Activity]
    as_of: datetime
    profile: str
    granted_rights: bool
    method: Method
    place: dict[int, int] = field(default_factory=dict)
    topics: dict[str, frozenset[str]] = field(default_factory=dict)
    copied_from: dict[str, set[str]] = field(default_factory=dict)

    def age_days(self, record: Activity) -> float:
        return (self.as_of - record.published).total_seconds() / DAY_S

    def object_of(self, record: Activity) -> Activity | None:
        return self.by_id.get(record.object) if record.object else None

    def author(self, identifier: str | None) -> str | None:
        record = self.by_id.get(identifier) if identifier else None
        return record.actor if record else None

    def target(self, record: Activity) -> str | None:
        """Whom an act on a record is towards: the author of the record, or who is named if nobody defined it."""
        defined = self.object_of(record)
        return defined.actor if defined else record.target_actor

    def is_answer(self, record: Activity) -> bool:
        if record.type == "answer":
            return True
        if record.type != "reply" or self.profile == "qa":
            return False
        asked = self.object_of(record)
        return asked is not None and asked.type in ("question", "note") and asked.actor != record.actor

    def asker(self, answer: Activity) -> str | None:
        return self.author(answer.object)

    def thread(self, record: Activity) -> str | None:
        """Name a record's thread by where following `object` ends; a ring is named by its least member."""
        path = [record]
        while (above := self.object_of(path[-1])) is not None:
            if above in path:
                return min(str(r.id) for r in path[path.index(above) :])
            path.append(above)
        return path[-1].id

    def after(self, record: Activity) -> list[Activity]:
        """The records after one, in the order of all arithmetic."""
        return self.records[self.place[id(record)] + 1 :]

    def repeats_self(self, identifier: str) -> bool:
        """Whether its author said nearly the same before."""
        return any(self.author(earlier) == self.author(identifier) for earlier in self.copied_from[identifier])

    def copies(self, takers: dict[str, set[str]], standing: dict[str, float]) -> set[str]:
        """Which of the texts that people took up are copies: of their author's own, or of one recognised no less."""
        recognition = {text: round(sum(standing[who] for who in sorted(found)), 6) for text, found in takers.items()}
        original: dict[str, str] = {}
        for text in takers.keys() & self.copied_from.keys():
            earlier = [one for one in self.copied_from[text] if recognition.get(one, 0.0) > 0]
            if earlier and not self.repeats_self(text):
                original[text] = max(earlier, key=lambda one: (recognition[one], -self.place[id(self.by_id[one])]))
        held: dict[str, float] = defaultdict(float)
        for text in sorted(original):
            for who in takers[original[text]]:
                held[who] += recognition[text]
        shares = {
            one: sum(standing[who] / max(held[who], A_MILLIONTH) for who in sorted(takers[one]))
            for one in set(original.values())
        }
        own = {text for text in self.copied_from if self.repeats_self(text)}
        return own | {text for text, one in original.items() if shares[one] >= 1 - A_MILLIONTH}


def build_world(
    activities: Iterable[Activity],
    topics: Iterable[Topic],
    *,
    as_of: datetime,
    window_days: int,
    profile: str,
    granted_rights: bool,
    method: Method,
) -> World:
    records = [
        a
        for a in activities
        if a.visibility != "private" and 0 < (as_of - a.published).total_seconds() <= window_days * DAY_S
    ]
    records.sort(key=lambda a: (a.published, a.id or ""))
    by_id = {a.id: a for a in records if a.id is not None}
    world = World(records, by_id, as_of, profile, granted_rights, method)
    world.place = {id(record): at for at, record in enumerate(records)}
    own = own_topics(records, topics)
    for identifier in by_id:
        world.topics[identifier] = _inherited(world, own, identifier)
    world.copied_from = _copies(records, method)
    return world


def _inherited(world: World, own: dict[str, frozenset[str]], identifier: str) -> frozenset[str]:
    """A record's own topics, and where it states no tags those of what it is about.

    What is said has what its object says itself; what else is done has all that its object has.
    """
    record, about = world.by_id[identifier], world.object_of(world.by_id[identifier])
    if about is None or about.id is None or record.tags:
        return own[identifier]
    if record.type in SAID:
        return own[identifier] | own[about.id]
    further = about.type in SAID
    return own[identifier] | (_inherited(world, own, about.id) if further else own[about.id])


def _copies(records: list[Activity], method: Method) -> dict[str, set[str]]:
    """For each text, the earlier texts that it nearly repeats."""
    copied_from: dict[str, set[str]] = {}
    earlier: list[tuple[str, frozenset[tuple[str, ...]]]] = []
    for record in records:
        mine = shingles(record.content or "", method.copies.shingle_words) if record.type in POSTS else frozenset()
        if not mine or record.actor is None or record.id is None:
            continue
        copied_from[record.id] = {
            text for text, theirs in earlier if len(mine & theirs) >= method.copies.jaccard * len(mine | theirs)
        }
        earlier.append((record.id, mine))
    return copied_from
