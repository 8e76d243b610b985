"""Makes the sample from its scripts and a fixed seed: `python -m candor.sample.community` writes both files."""

from __future__ import annotations

import tomllib
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from candor.sample import AS_OF, NETWORK, URL
from candor.sample.crowd import Crowd, Ring, keep_apart, place_thread, spread
from candor.sample.script import Draft, Person, read_people, read_threads
from candor.sample.story import story
from candor.scoring.activity import Activity
from candor.scoring.trust_root import RootAccount, TrustRoot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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
