"""Makes the sample from its scripts and a fixed seed: `python -m candor.sample.community` writes both files."""

from __future__ import annotations

import itertools
import tomllib
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from candor.sample import AS_OF, NETWORK, URL
from candor.sample.script import Draft, Person, read_people, read_threads
from candor.sample.story import story
from candor.scoring.activity import Activity
from candor.scoring.trust_root import RootAccount, TrustRoot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from candor.sample.script import Person
    from candor.scoring.activity import RecordType


HERE = Path(__file__).parent
SEED = 20261101
SPOKEN = frozenset({"note", "question", "answer", "reply", "report", "review", "test"})
PASSES = 70
SATELLITES = ("Halcyon 2", "Halcyon 3", "Tern", "Brine-1", "Lark", "Kestrel Cub")
PLACES = ("Tromsø", "Lagos", "Toulouse", "Sendai", "Kolkata", "Recife", "Porto")


def build() -> dict[str, bytes]:
    """Return the bytes of every made file by name. The same scripts give the same bytes."""
    people = read_people(HERE / "people.toml")
    accounts = [_account(person) for person in people]
    random = Random(SEED)  # noqa: S311 a sample guards no secret
    year = keep_apart(_year(people, random))
    names = _named("r", year) | _named("s", told := story(year))
    drafts = sorted((*year, *told), key=lambda draft: draft.at)
    records = _records(drafts, names, {person.handle: person.id for person in people})
    return {"community.ndjson": _lines([*accounts, *records]), "trust_root.json": _trust_root(people)}


def _year(people: Sequence[Person], random: Random) -> list[Draft]:
    """Play the year: threads and feeds first, then the ring, then what the crowd does about them."""
    threads = list(_threads(people, random))
    notes = [*_feeds(random), *_passes(random)]
    ring = list(_ring(people).act(random))
    crowd = Crowd(people=people, notes=notes, cheers=_feed("cheers"), random=random)
    habits = tomllib.loads((HERE / "habits.toml").read_text(encoding="utf-8"))
    return [*threads, *notes, *_lists(random), *ring, *crowd.act(habits)]


def _threads(people: Sequence[Person], random: Random) -> Iterator[Draft]:
    first_names = {person.handle: person.first_name for person in people}
    scripts = (file.read_text(encoding="utf-8") for file in sorted((HERE / "threads").glob("*.txt")))
    threads = [thread for script in scripts for thread in read_threads(script, first_names)]
    random.shuffle(threads)
    for thread, start in zip(threads, spread(len(threads), random), strict=True):
        place_thread(thread, start, random)
        yield from thread


def _feeds(random: Random) -> Iterator[Draft]:
    """Yield the notes: one feed for each who posts a lot, and one of everybody else's."""
    for handle in ("jory", "asa", "vibe"):
        lines = _feed(handle)
        for text, at in zip(lines, spread(len(lines), random), strict=True):
            yield Draft(type="note", actor=handle, content=text, at=at)
    lines = _feed("members")
    random.shuffle(lines)
    for line, at in zip(lines, spread(len(lines), random), strict=True):
        handle, _, text = line.partition(" ")
        yield Draft(type="note", actor=handle, content=text, at=at)


def _passes(random: Random) -> Iterator[Draft]:
    for at in spread(PASSES, random):
        name, place, height = random.choice(SATELLITES), random.choice(PLACES), random.randint(12, 89)
        text = f"Satellite pass: {name} rises over {place} at {at:%H:%M} UTC and climbs to {height}°."
        yield Draft(type="note", actor="passbot", content=text, at=at)


def _lists(random: Random) -> Iterator[Draft]:
    lists = [[part.strip() for part in line.split("|")] for line in _feed("lists")]
    for (owner, name, listed), at in zip(lists, spread(len(lists), random), strict=True):
        for handle in listed.split():
            yield Draft(type="list", actor=owner, target=handle, content=name, at=at)


def _ring(people: Sequence[Person]) -> Ring:
    return Ring(
        centre=next(person.handle for person in people if person.role == "ring_centre"),
        puppets=[person.handle for person in people if person.role == "puppet"],
        **{part: _feed(f"ring_{part}") for part in ("posts", "questions", "answers", "praise")},
    )


def _feed(name: str) -> list[str]:
    return (HERE / "feeds" / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def _account(person: Person) -> Activity:
    return Activity(
        type="account",
        actor=person.id,
        published=AS_OF.replace(year=AS_OF.year - 1),
        kind=person.kind,
        name=person.name,
        bio=person.bio,
        followers=person.followers,
        consent=person.consent,
    )


def _named(letter: str, drafts: Sequence[Draft]) -> dict[Draft, str]:
    return {draft: f"{letter}{number:04}" for number, draft in enumerate(drafts, start=1)}


def _records(drafts: Sequence[Draft], names: Mapping[Draft, str], ids: Mapping[str, str]) -> Iterator[Activity]:
    for draft in drafts:
        name = names[draft]
        yield Activity(
            id=name,
            type=draft.type,
            actor=ids[draft.actor] if draft.actor else None,
            published=draft.at,
            object=names[draft.object] if draft.object else None,
            target_actor=ids[draft.target] if draft.target else None,
            content=draft.content,
            tags=draft.tags or None,
            url=URL + name if draft.type in SPOKEN else None,
            value=draft.value,
            via=names[draft.via] if draft.via else None,
        )


def _lines(activities: Sequence[Activity]) -> bytes:
    return b"".join(msgspec.json.encode(_said(activity)) + b"\n" for activity in activities)


def _said(activity: Activity) -> dict[str, Any]:
    return {key: value for key, value in msgspec.to_builtins(activity).items() if value is not None}


def _trust_root(people: Sequence[Person]) -> bytes:
    named = tuple(RootAccount(account=person.id) for person in people if person.role == "root")
    root = TrustRoot(kind="accounts", network=NETWORK, accounts=named)
    return (
        msgspec.json.format(msgspec.json.encode({"network": root.network, "kind": root.kind, "accounts": named}))
        + b"\n"
    )


def main() -> None:
    """Write the made files beside this one."""
    for name, content in build().items():
        (HERE / name).write_bytes(content)


if __name__ == "__main__":
    main()


YEAR = timedelta(days=364)
LONGEST_THREAD = timedelta(days=12)
LONGEST_WAIT_H = 90

TYPE_OF_HABIT: dict[str, RecordType] = {"reshares": "reshare", "likes": "like", "cheers": "reply"}
ANY_MEMBER = "members"

ACTIVE = timedelta(days=170)
ACCEPTS, REPLIES, RESHARES, LIKES = 2, 2, 3, 4
LIST_NAME = "The only satellite and rocket expert you need"


def spread(count: int, random: Random, *, since: datetime = AS_OF - YEAR) -> Iterator[datetime]:
    """Yield `count` instants in order, evenly until AS_OF with some jitter, all early enough to be reacted to."""
    step = (AS_OF - LONGEST_THREAD - since) / max(count, 1)
    for number in range(count):
        yield since + step * (number + random.random())


def place_thread(thread: Sequence[Draft], start: datetime, random: Random) -> None:
    """Date a thread's drafts from its opening on: each follows within hours, a mention comes with its post."""
    at = start
    for draft in thread:
        if draft is not thread[0] and draft.type != "mention":
            at += timedelta(minutes=random.randint(12, 1500))
        draft.at = at


def later(at: datetime, random: Random) -> datetime:
    """Return when somebody reacts to what happened at `at`."""
    return at + timedelta(minutes=random.randint(9, LONGEST_WAIT_H * 60))


def keep_apart(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the drafts by time, on whole seconds of which no two are the same: no order depends on ids."""
    ordered = sorted(drafts, key=lambda draft: draft.at)
    last = AS_OF - 2 * YEAR
    for draft in ordered:
        at = draft.at.replace(microsecond=0)
        draft.at = last = max(at, last + timedelta(seconds=1))
    return ordered


@dataclass(kw_only=True)
class Crowd:
    """The people, the notes they can react to, and the words at hand for cheering."""

    people: Sequence[Person]
    notes: Sequence[Draft]
    cheers: Sequence[str]
    random: Random
    _by_author: dict[str, list[Draft]] = field(init=False)

    def __post_init__(self) -> None:
        members = {person.handle for person in self.people if person.role in {"member", "root"}}
        self._by_author = {ANY_MEMBER: [note for note in self.notes if note.actor in members]}
        for note in self.notes:
            self._by_author.setdefault(str(note.actor), []).append(note)

    def act(self, habits: Mapping[str, Any]) -> Iterator[Draft]:
        """Yield every reaction and follow of the year."""
        for habit, record_type in TYPE_OF_HABIT.items():
            words = itertools.cycle(self.cheers)
            for person in self.people:
                for author, count in habits[habit].get(person.role, {}).items():
                    for note in self._chosen(person, author, count):
                        yield self._reaction(record_type, person, note, words)
        yield from self._follows(habits["follows"])

    def _chosen(self, person: Person, author: str, count: int) -> list[Draft]:
        theirs = [note for note in self._by_author[author] if note.actor != person.handle]
        return self.random.sample(theirs, min(count, len(theirs)))

    def _reaction(self, record_type: RecordType, person: Person, note: Draft, words: Iterator[str]) -> Draft:
        return Draft(
            type=record_type,
            actor=person.handle,
            object=note,
            target=note.actor,
            content=next(words) if record_type == "reply" else None,
            at=later(note.at, self.random),
        )

    def _follows(self, followed: Mapping[str, Sequence[str]]) -> Iterator[Draft]:
        for person in self.people:
            theirs = followed.get(person.role, ())
            for other, at in zip(theirs, spread(len(theirs), self.random), strict=True):
                if other != person.handle:
                    yield Draft(type="follow", actor=person.handle, target=other, at=at)


@dataclass(frozen=True, kw_only=True)
class Ring:
    """The centre and its puppets by handle, with the words they were given."""

    centre: str
    puppets: Sequence[str]
    posts: Sequence[str]
    questions: Sequence[str]
    answers: Sequence[str]
    praise: Sequence[str]

    def act(self, random: Random) -> Iterator[Draft]:
        """Yield what the ring did in its last months: notes, questions with answers, and praise of every sort."""
        since = AS_OF - ACTIVE
        when = spread(len(self.posts), random, since=since)
        notes = [self._post("note", text, at) for text, at in zip(self.posts, when, strict=True)]
        questions = list(self._questions(since, random))
        answers = [self._answer(*pair, random) for pair in zip(questions, self.answers, strict=True)]
        yield from (*notes, *questions, *answers)
        for puppet in self.puppets:
            yield from self._praise(puppet, notes, answers, random)

    def _post(self, record_type: RecordType, text: str, at: datetime) -> Draft:
        return Draft(type=record_type, actor=self.centre, content=text, at=at)

    def _questions(self, since: datetime, random: Random) -> Iterator[Draft]:
        askers = random.sample(self.puppets, len(self.questions))
        when = spread(len(askers), random, since=since)
        for asker, text, at in zip(askers, self.questions, when, strict=True):
            yield Draft(type="question", actor=asker, content=text, target=self.centre, at=at)

    def _answer(self, question: Draft, text: str, random: Random) -> Draft:
        at = later(question.at, random)
        return Draft(type="answer", actor=self.centre, object=question, target=question.actor, content=text, at=at)

    def _praise(self, puppet: str, notes: list[Draft], answers: list[Draft], random: Random) -> Iterator[Draft]:
        praised: tuple[tuple[RecordType, list[Draft]], ...] = (
            ("accept", random.sample(answers, ACCEPTS)),
            ("reply", random.sample(answers, REPLIES)),
            ("reshare", random.sample(notes, RESHARES)),
            ("like", random.sample(notes + answers, LIKES)),
        )
        for record_type, chosen in praised:
            for post in chosen:
                text = random.choice(self.praise) if record_type == "reply" else None
                at = later(post.at, random)
                yield Draft(type=record_type, actor=puppet, object=post, target=self.centre, content=text, at=at)
        when = list(spread(2, random, since=AS_OF - ACTIVE))
        yield Draft(type="follow", actor=puppet, target=self.centre, at=when[0])
        yield Draft(type="list", actor=puppet, target=self.centre, content=LIST_NAME, at=when[1])
