"""Overview: who is in a data set, who was recognised by how many, who merged others' changes, and what it is about."""

from __future__ import annotations

import difflib
import heapq
import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta

from candor.scoring.account_kinds import PEOPLE
from candor.scoring.activity import POSTS, AccountKind
from candor.scoring.close_forms import CloseForms
from candor.scoring.columns import NAMING, moment, of_types
from candor.scoring.topics import TAG_PREFIX, Matcher, Topic, is_sound, load_catalogue, matcher_of
from candor.scoring.window import MOST_SOUGHT, newest_claims
from candor.scoring.words import compact, fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from candor.scoring.activity import Activity
    from candor.scoring.arrays import Bools
    from candor.scoring.close_forms import CloseForm
    from candor.scoring.table import Table

    Ints = NDArray[Any]

RECOGNISING = ("accept", "review", "test", "like", "reshare", "quote", "list")
ACTIVE = 3
"""Who did so much is active; the model card's tenths are drawn from these."""
MOST_TOPICS = 500
MOST_COMPARED = 5_000
"""Names with which one that nobody has is compared, the most recognised first: some milliseconds."""
_LEAST_MERGES = 3
_POSTS_READ = 4_000
_TEXTS_READ = 2_000
_LEAST_SHARE = 0.01
_NOBODY: Ints = np.zeros(0, np.int32)


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in a data set."""

    account: Annotated[str, Meta(description="The account.")]
    name: Annotated[str | None, Meta(description="What it calls itself; null where no record says so.")]
    kind: Annotated[AccountKind, Meta(description="What the records say it is; unknown where they do not.")]
    acts: Annotated[int, Meta(description="How many records are its own.")]
    recognised_by: Annotated[
        int,
        Meta(
            description="How many others accepted, merged, reviewed, liked or shared something of it, or listed it; "
            "whoever these are."
        ),
    ]


class TopicUse(msgspec.Struct, frozen=True, kw_only=True):
    """A topic that a data set could be asked about."""

    topic: Annotated[str, Meta(description="Its id, as a job takes it: `tag:NAME`, or one of the catalogue.")]
    label: Annotated[str, Meta(description="Its name.")]
    posts: Annotated[int, Meta(description="How many posts are on it; of a topic of the catalogue an estimate.")]
    people: Annotated[int | None, Meta(description="How many people wrote these; null for a topic of the catalogue.")]


@dataclass(frozen=True)
class Overview:
    """The people of a data set, the most recognised first, with names as they are searched for; and its topics.

    `maintainers` merged changes of others; `active` is how many people did three things or more. `first` is when
    the first thing was done; None where nothing was.
    """

    people: tuple[Member, ...]
    folded: tuple[str, ...]
    maintainers: tuple[Member, ...]
    topics: tuple[TopicUse, ...]
    active: int
    first: datetime | None

    def search(self, written: str, most: int) -> list[Member]:
        """Return the people whose name or account has what is written in it, those first where a word begins so."""
        sought = fold(written)
        found = (place for place, name in enumerate(self.folded) if sought in name)
        best = heapq.nsmallest(most, found, key=lambda place: (f" {sought}" not in self.folded[place], place))
        return [self.people[place] for place in best]

    def named(self, written: str) -> list[Member]:
        """Return the people of exactly that account or name; an account before names."""
        called = self._called.get(fold(written), [])
        mine = [self.people[place] for place in called]
        by_account = [each for each in mine if each.account == written] or [
            each for each in mine if fold(each.account) == fold(written)
        ]
        return by_account or mine

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What people call themselves, by account, of those who say so."""
        return {each.account: each.name for each in self.people if each.name}

    @cached_property
    def _called(self) -> Mapping[str, list[int]]:
        """By account and by name, as they are searched for, the places of the people who are called so."""
        called: dict[str, list[int]] = {}
        for place, folded in enumerate(self.folded):
            for name in filter(None, dict.fromkeys(folded[1:-1].split("  ", 1))):
                called.setdefault(name, []).append(place)
        return called

    def nearest(self, written: str) -> str | None:
        """Return the name or account that is written most alike, or has what is written in it; None without any."""
        first = self.people[:MOST_COMPARED]
        names = {fold(each.name or each.account): each.name or each.account for each in first}
        near = difflib.get_close_matches(fold(written), names, n=1, cutoff=0.75)
        inside = [each.name or each.account for each in self.search(written, 1)]
        return names[near[0]] if near else next(iter(inside), None)

    def suggested(self) -> tuple[Member, ...]:
        """Return the most recognised people: a tenth of those active, 10 at least and 50 at most."""
        people = (each for each in self.people if each.kind in PEOPLE and each.recognised_by)
        most = min(50, max(10, tenth(self.active)))
        return tuple(itertools.islice(people, most))


def tenth(people: int) -> int:
    """Return a tenth of so many people, rounded up."""
    return -(-people // 10)


def make_overview(table: Table) -> Overview:
    """Look through a data set once; whoever declines to be scored is not in it."""
    rows = table.acts
    types, actor, under = np.asarray(table.type[:rows]), np.asarray(table.actor[:rows]), np.asarray(table.object[:rows])
    towards = _towards(table, types, actor, under)
    claims = newest_claims(table)
    acts = _count(actor, len(table.people))
    recognised = _recognised_by(types, actor, towards, len(table.people))
    names = list(table.people.all())
    there = np.flatnonzero((acts + recognised > 0) & _willing(names, claims))
    order = there[np.lexsort((there, -acts[there], -recognised[there]))].tolist()
    people = tuple(_member(names[each], claims, int(acts[each]), int(recognised[each])) for each in order)
    merges = _merges(types, actor, under, towards, len(table.people))
    maintainers = sorted((place for place in order if merges[place] >= _LEAST_MERGES), key=lambda each: -merges[each])
    by_account = {each.account: each for each in people}
    return Overview(
        people=people,
        folded=tuple(f" {fold(each.account)}  {fold(each.name or '')} " for each in people),
        maintainers=tuple(by_account[names[each]] for each in maintainers[:50]),
        topics=(*_tags(table, types, actor), *_catalogue_topics(table, types)),
        active=int(np.count_nonzero(acts[there] >= ACTIVE)),
        first=moment(int(table.published[0])) if rows else None,
    )


def _towards(table: Table, types: NDArray[np.int8], actor: Ints, under: Ints) -> Ints:
    """Say towards whom each act is: who made what it acts on, or whom it names."""
    known = (under >= 0) & (under < table.acts) & ~of_types(types, *NAMING)
    return np.where(known, actor[np.where(known, under, 0)], table.target[: table.acts])


def _willing(names: list[str], claims: Mapping[str, Activity]) -> Bools:
    """Say of each account whether it may be shown: it has a name, and did not decline."""
    declined = {account for account, claim in claims.items() if claim.consent is False}
    return np.fromiter((bool(name) and name not in declined for name in names), np.bool_, len(names))


def _count(numbers: Ints, size: int) -> Ints:
    return np.bincount(numbers[numbers >= 0], minlength=size)


def _recognised_by(types: NDArray[np.int8], actor: Ints, towards: Ints, size: int) -> Ints:
    """Count for each account the others that recognised it."""
    rows = of_types(types, *RECOGNISING) & (actor >= 0) & (towards >= 0) & (actor != towards)
    pairs = np.unique(actor[rows].astype(np.int64) * size + towards[rows])
    return np.bincount(pairs % size, minlength=size) if size else np.zeros(0, np.int64)


def _merges(types: NDArray[np.int8], actor: Ints, under: Ints, towards: Ints, size: int) -> Ints:
    """Count how often each account accepted what others began themselves: a change, not an answer to a question."""
    inside = (under >= 0) & (under < types.size)
    began = np.where(inside, under[np.where(inside, under, 0)], -1) < 0
    rows = of_types(types, "accept") & inside & began & (towards >= 0) & (actor != towards)
    return _count(actor[rows], size)


def _member(account: str, claims: Mapping[str, Activity], acts: int, recognised_by: int) -> Member:
    claim = claims.get(account)
    kind: AccountKind = "unknown" if claim is None else claim.kind or "unknown"
    return Member(
        account=account, name=None if claim is None else claim.name, kind=kind, acts=acts, recognised_by=recognised_by
    )


def _tags(table: Table, types: NDArray[np.int8], actor: Ints) -> Iterator[TopicUse]:
    """Yield the tags of posts, the most used first."""
    tags = np.asarray(table.tags[: table.acts])
    rows = np.flatnonzero(of_types(types, *POSTS) & (tags >= 0))
    sets, times = np.unique(tags[rows], return_counts=True)
    names: dict[str, str] = {}
    posts: dict[str, int] = {}
    number_sets: dict[str, list[int]] = {}
    for number, count in zip(sets.tolist(), times.tolist(), strict=True):
        for tag, written in {compact(tag): tag for tag in table.tag_set(number)}.items():
            names.setdefault(tag, written)
            posts[tag] = posts.get(tag, 0) + count
            number_sets.setdefault(tag, []).append(number)
    who = _people_of_sets(tags[rows], actor[rows])
    for tag in heapq.nsmallest(MOST_TOPICS, filter(None, posts), key=lambda each: (-posts[each], each)):
        topic = Topic(id=f"{TAG_PREFIX}{names[tag]}", label=names[tag])
        if is_sound(topic):
            people = np.unique(np.concatenate([who.get(number, _NOBODY) for number in number_sets[tag]])).size
            yield TopicUse(topic=topic.id, label=topic.label, posts=posts[tag], people=int(people))


def _people_of_sets(tags: Ints, actor: Ints) -> dict[int, Ints]:
    """Return for each set of tags who wrote posts with it, of those who are known."""
    tags, actor = tags[actor >= 0], actor[actor >= 0]
    order = np.argsort(tags, kind="stable")
    numbers, first = np.unique(tags[order], return_index=True)
    ends = [*first[1:].tolist(), tags.size]
    pairs = zip(numbers.tolist(), first.tolist(), ends, strict=False)
    return {number: actor[order[begin:end]] for number, begin, end in pairs}


def _catalogue_topics(table: Table, types: NDArray[np.int8]) -> list[TopicUse]:
    """Return the built-in topics that a part of the posts, spread over all, are on; estimated for all posts."""
    posts = np.flatnonzero(of_types(types, *POSTS))
    read = posts[:: max(1, posts.size // _POSTS_READ)]
    topics = list(load_catalogue().values())
    matcher, counts = Matcher(topics), np.zeros(len(topics), np.int64)
    for row in read.tolist():
        tags = int(table.tags[row])
        counts[list(matcher.match(table.contents.get(row), table.tag_set(tags) if tags >= 0 else None))] += 1
    found = [place for place in np.argsort(-counts, kind="stable").tolist() if counts[place] >= _least(read.size)]
    every = posts.size / max(read.size, 1)
    return [
        TopicUse(topic=topics[place].id, label=topics[place].label, posts=round(counts[place] * every), people=None)
        for place in found
    ]


def posts_on(table: Table, topic: Topic) -> int:
    """Count the posts that speak of a topic themselves, by their text or tags.

    Where more than 2,000 texts may have its words, so many of them, spread over all, are read, and it is an estimate.
    """
    matcher, contents = matcher_of((topic,)), table.contents
    tags, is_post = np.asarray(table.tags[: table.acts]), of_types(table.type[: table.acts], *POSTS)
    places = np.flatnonzero(contents.row < table.acts)
    if matcher.sought is not None and len(matcher.sought) <= MOST_SOUGHT:
        places = contents.holding(matcher.sought, 0, places.size)
    places = places[is_post[contents.row[places]]]
    by_tags = is_post & (tags >= 0)
    by_tags[contents.row[places]] = False  # these are looked at one by one
    sets, times = np.unique(tags[by_tags], return_counts=True)
    found = sum(
        count for number, count in zip(sets.tolist(), times.tolist(), strict=True) if _is_on(matcher, table, number)
    )
    read = places[:: max(1, -(-places.size // _TEXTS_READ))].tolist()
    matched = sum(_is_on(matcher, table, int(tags[contents.row[each]]), contents.at(each)) for each in read)
    return int(found + round(matched * places.size / max(1, len(read))))


def close_forms_in(table: Table, terms: Sequence[str]) -> list[CloseForm]:
    """Return words of posts that terms do not find and that may be other forms of them.

    Of more than 2,000 texts so many are looked at, spread over all.
    """
    contents, forms = table.contents, CloseForms(terms)
    places = np.flatnonzero(contents.row < table.acts)
    for place in places[:: max(1, -(-places.size // _TEXTS_READ))].tolist():
        forms.note(contents.at(place))
    return forms.found()


def _is_on(matcher: Matcher, table: Table, tag_set: int, text: str | None = None) -> bool:
    return bool(matcher.match(text, table.tag_set(tag_set) if tag_set >= 0 else None))


def _least(read: int) -> int:
    return max(1, round(read * _LEAST_SHARE))
