"""Ranking: the messages on a topic by how much trusted people took them up, as the score weighs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import msgspec
import numpy as np
from msgspec import Meta

from candor.scoring.account_kinds import kind_of
from candor.scoring.activity import POSTS, RECORD_TYPES
from candor.scoring.arrays import changes, distinct, is_among, pair_key, sparse, sum_by
from candor.scoring.board_row import Standing  # msgspec looks it up
from candor.scoring.contested import contested_acts
from candor.scoring.excerpt import excerpt
from candor.scoring.explain import instant
from candor.scoring.kinds import KIND_CODE, KINDS
from candor.scoring.voices import weight
from candor.scoring.votes import topic_voices

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scipy.sparse import csr_array

    from candor.scoring.account_kinds import SaidKind
    from candor.scoring.acts import Acts
    from candor.scoring.arrays import Bools, Floats, Ints
    from candor.scoring.question import Contested
    from candor.scoring.seeds import SeedAttribution
    from candor.scoring.trust import View
    from candor.scoring.voices import Voices
    from candor.scoring.world import World


MOST_MESSAGES = 2_000
EXACT_ROWS, MOST_ROUNDS = 100, 8
SMALL_MOST = 5
"""A small account: hardly anybody recognised it, at most so many people in the window, whatever the topic."""
TEXT_MOST = 500
RULE = (
    "Messages are ordered by uptake. Who took a message up counts min(log2(1 + x), 6) voices times the standing that "
    "the people you trust give, where x adds up strength, prominence and reciprocity of the acts on that message, as "
    "the score does; no more counts than may rest on each of the trusted people. Equal uptake: more people first, then "
    "the newer message. Circles: the people who took the message up are linked where one recognised another in the "
    "window by any act on anything else; each connected part is one circle. Small accounts: people whom at most 5 "
    "different people recognised in the window. Likes and upvotes are shown and count nothing. Being on this list "
    "raises nobody's score."
)


class Author(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote a message."""

    account: Annotated[str, Meta(description="The account's id on its network.")]
    name: Annotated[str | None, Meta(description="Its name, if a record says so.")]
    kind: Annotated[str, Meta(description="person, organisation, bot or unknown.")]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message on a topic, and who took it up."""

    rank: Annotated[int, Meta(description="Place by uptake.")]
    id: Annotated[str, Meta(description="Id of its record.")]
    type: Annotated[
        str | None, Meta(description="answer, note, question, reply, quote, review or report; null if unread.")
    ]
    published: Annotated[str | None, Meta(description="When it was written; null where only acts on it were read.")]
    url: Annotated[str | None, Meta(description="Where to see it, if a record says so.")]
    text: Annotated[
        str | None,
        Meta(description="Its beginning, at most 500 characters; null where it was not public to all, or not kept."),
    ]
    under: Annotated[
        str | None, Meta(description="The beginning of what it answers, likewise; null where there is none.")
    ]
    author: Annotated[Author, Meta(description="Who wrote it.")]
    uptake: Annotated[
        float, Meta(description="How much trusted people took it up, in voices, within the limits of the trusted.")
    ]
    people: Annotated[int, Meta(description="How many different people took it up.")]
    people_with_standing: Annotated[int, Meta(description="How many of them the trusted people give standing.")]
    backers: Annotated[
        float | None,
        Meta(
            description="How many of the trusted people stand behind it, independent of one another: K of the method. "
            "Null where everybody is trusted."
        ),
    ]
    circles: Annotated[
        int, Meta(description="How many circles took it up: people who do not otherwise recognise one another.")
    ]
    small_share: Annotated[
        float | None, Meta(description="Share of small accounts among these people, 0 to 1; null without any.")
    ]
    acts: Annotated[dict[str, int], Meta(description="By what acts, counted by kind of recognition.")]
    first: Annotated[str | None, Meta(description="When it was first taken up; null where nobody did.")]
    last: Annotated[str | None, Meta(description="When it was last taken up.")]
    standing: Annotated[
        Standing,
        Meta(
            description="exact: weighed as the document of its author is, without that one's own vouches; shared: from "
            "one flow of standing for everybody. The first 100 are exact."
        ),
    ]
    likes: Annotated[int, Meta(description="How many people liked it or voted for it: shown, and counted for nothing.")]


@dataclass(frozen=True, eq=False)
class Uptake:
    """Who took up which message: a row a (message, person); by message, ascending: its number and author.

    A message's number is that of its record, or that of Columns.contribution where it was not read. `place` is the
    message of each row.
    """

    message: Ints
    author: Ints
    place: Ints
    person: Ints
    standing: Floats
    voice: Floats


@dataclass(frozen=True, eq=False)
class MessageRanking:
    """The messages on a topic, the most taken up first. `total` counts those that were not cut off, too."""

    world: World
    uptake: Uptake
    acts: Ints
    message_of_act: Ints
    worth: Floats
    backers: Floats | None
    exact: Bools
    likes: Ints
    order: Ints
    said: Mapping[str, SaidKind]

    @property
    def total(self) -> int:
        """Count all messages on the topic that somebody took up or liked."""
        return int(self.order.size)

    def rows(self, most: int = MOST_MESSAGES) -> Iterator[Message]:
        """Write the first messages out."""
        first = self.order[:most]
        circles = circles_of(self.world.index.acts, self.uptake, first)
        small = small_accounts(self.world.index.acts, self.world.people)
        of_people, of_acts = (
            np.searchsorted(places, np.arange(self.uptake.message.size + 1))
            for places in (self.uptake.place, self.message_of_act)
        )
        for rank, (place, parts) in enumerate(zip(first.tolist(), circles, strict=True), 1):
            taken = slice(of_people[place], of_people[place + 1])
            acts = self.acts[of_acts[place] : of_acts[place + 1]]
            yield self._row(rank, place, taken, acts, circles=parts, small=small)

    def _row(self, rank: int, place: int, taken: slice, acts: Ints, *, circles: int, small: Bools) -> Message:
        columns, every, number = self.world.columns, self.world.index.acts, int(self.uptake.message[place])
        record = columns.records[number] if number < len(columns.records) else None
        under = columns.records[columns.object_row[number]] if record and columns.object_row[number] >= 0 else None
        people = self.uptake.person[taken]
        counts = np.bincount(every.kind[acts], minlength=len(KINDS)).tolist()
        when = columns.published[every.row[acts]]
        return Message(
            rank=rank,
            id=columns.contribution_id(number),
            type=RECORD_TYPES[columns.type[number]] if record else None,
            published=instant(int(columns.published[number])) if record else None,
            url=record.url if record else None,
            text=excerpt(record, TEXT_MOST) if record else None,
            under=excerpt(under, TEXT_MOST) if under else None,
            author=author_named(self.world, int(self.uptake.author[place]), self.said),
            uptake=round(float(self.worth[place]), 6),
            people=people.size,
            people_with_standing=int((self.uptake.standing[taken] >= self.world.method.status.standing_each).sum()),
            backers=None if self.backers is None else round(float(self.backers[place]), 3),
            circles=circles,
            small_share=round(float(small[people].mean()), 6) if people.size else None,
            acts={kind.id: count for kind, count in zip(KINDS, counts, strict=True) if count},
            first=instant(int(when.min())) if when.size else None,
            last=instant(int(when.max())) if when.size else None,
            standing="exact" if self.exact[place] else "shared",
            likes=int(self.likes[place]),
        )


def author_named(world: World, person: int, said: Mapping[str, SaidKind]) -> Author:
    """Return who a person of the world is."""
    account, record = world.columns.people[person], world.columns.accounts.get(person)
    return Author(account=account, name=record.name if record else None, kind=kind_of(account, record, said)[0])


def rank_messages(
    world: World, topic: int, *, contested: Iterable[Contested] = (), said: Mapping[str, SaidKind] | None = None
) -> MessageRanking:
    """Rank the messages on a topic of the world: the first as documents of their authors do, the others by one flow.

    `contested` evidence on the topic is left out; who declined is nobody's author.
    """
    world = _without_contested(world, topic, contested)
    view, acts = world.shared_view, world.index.acts
    everything = np.flatnonzero(~_declined(world)[acts.recognised])
    chosen, message = _taken_up(world, topic, view, everything)
    liked, likes = _liked(world, topic)
    number = np.union1d(message, liked)
    author = np.zeros(number.size, np.int64)
    author[np.searchsorted(number, message)] = acts.recognised[chosen]
    author[np.searchsorted(number, liked)] = world.columns.actor[liked]
    weighed = _weigh(world, topic, view, (chosen, message), (number, author))
    exact = np.full(number.size, world.trust.is_everybody)
    for _ in range(MOST_ROUNDS):  # without one's own vouches it is less, so that others come up
        first = _order(number, weighed)[:EXACT_ROWS]
        for person in distinct(author[first[~exact[first]]]).tolist():
            weighed = _weigh_exactly(world, topic, person, (number, author), weighed)
            exact |= author == person
    place = np.searchsorted(number, message)
    by_message = np.argsort(place, kind="stable")
    liked_by = np.zeros(number.size, np.int64)
    liked_by[np.searchsorted(number, liked)] = likes
    return MessageRanking(
        world=world,
        uptake=weighed.uptake,
        acts=chosen[by_message],
        message_of_act=place[by_message],
        worth=weighed.worth,
        backers=weighed.backers,
        exact=exact,
        likes=liked_by,
        order=_order(number, weighed),
        said=said or {},
    )


@dataclass(frozen=True, eq=False)
class Weighed:
    """Who took messages up, what that is worth of each, and how many of the trusted stand behind it."""

    uptake: Uptake
    worth: Floats
    backers: Floats | None


def _order(number: Ints, weighed: Weighed) -> Ints:
    people = np.bincount(weighed.uptake.place, minlength=number.size)
    return np.lexsort((-number, -people, -np.round(weighed.worth, 9)))


def _taken_up(world: World, topic: int, view: View, among: Ints) -> tuple[Ints, Ints]:
    """Return which of the acts took up a message on the topic, as seen in the view, and which message."""
    chosen = among[world.index.inside(among, topic)]
    chosen = chosen[world.index.countable(chosen, view)]
    message = _message_of(world, world.index.acts, chosen)
    return chosen[message >= 0], message[message >= 0]


def _weigh(world: World, topic: int, view: View, taken: tuple[Ints, Ints], messages: tuple[Ints, Ints]) -> Weighed:
    """Weigh acts and the message of each; `messages` are all of them and their authors."""
    number, _ = messages
    uptake = _uptake(world, topic, view, taken, messages)
    behind = _attributed(world, uptake)
    worth = sum_by(uptake.place, uptake.voice, number.size)
    if behind is None:
        return Weighed(uptake, worth, None)
    backed = sum_by(behind.subject, behind.worth, number.size)
    return Weighed(uptake, np.minimum(worth, backed), behind.behind)


def _weigh_exactly(world: World, topic: int, person: int, messages: tuple[Ints, Ints], before: Weighed) -> Weighed:
    """Weigh the messages of one author as the author's document does, and leave the others as they were."""
    view, theirs = world.view(person), messages[1] == person
    acts_on = np.flatnonzero(world.index.acts.recognised == person)
    anew = _weigh(world, topic, view, _taken_up(world, topic, view, acts_on), messages)
    columns = [
        np.concatenate((getattr(before.uptake, name)[~theirs[before.uptake.place]], getattr(anew.uptake, name)))
        for name in ("place", "person", "standing", "voice")
    ]
    order = np.lexsort((columns[1], columns[0]))
    place, taker, standing, voice = (column[order] for column in columns)
    backers = before.backers
    if backers is not None and anew.backers is not None:
        backers = np.where(theirs, anew.backers, backers)
    uptake = Uptake(*messages, place, taker, standing, voice)
    return Weighed(uptake, np.where(theirs, anew.worth, before.worth), backers)


def _without_contested(world: World, topic: int, contested: Iterable[Contested]) -> World:
    out = np.zeros(world.index.acts.row.size, np.bool_)
    for each in contested:
        if each.topic == world.topics[topic].id:
            out |= contested_acts(world.index.acts, world.columns, each)
    return world.without(out) if out.any() else world


def _message_of(world: World, acts: Acts, chosen: Ints) -> Ints:
    """Return which message each act took up, -1 where it took up none: a list, or the right to take changes."""
    text, columns = acts.text[chosen], world.columns
    unread = acts.contribution[chosen] >= len(columns.records)
    own = (text >= 0) & (columns.actor[text] == acts.recognised[chosen])
    message = np.where(own, text, np.where(unread, acts.contribution[chosen], -1))
    return np.where(np.isin(acts.kind[chosen], [KIND_CODE["listed"], KIND_CODE["took"]]), -1, message)


def _declined(world: World) -> Bools:
    declined = np.zeros(world.people + 1, np.bool_)
    declined[[person for person, record in world.columns.accounts.items() if record.consent is False]] = True
    return declined


def _liked(world: World, topic: int) -> tuple[Ints, Ints]:
    """Return the posts on the topic that somebody liked or voted for, ascending, and how often."""
    columns = world.columns
    rows = np.flatnonzero(columns.is_type("like") | (columns.is_type("vote") & columns.positive))
    under = columns.object_row[rows]
    under = under[under >= 0]
    under = under[columns.topics[under, topic] & columns.is_type(*POSTS)[under] & (columns.actor[under] >= 0)]
    posts, counts = np.unique(under, return_counts=True)
    stays = ~_declined(world)[columns.actor[posts]]
    return posts[stays], counts[stays]


def _uptake(world: World, topic: int, view: View, taken: tuple[Ints, Ints], messages: tuple[Ints, Ints]) -> Uptake:
    """Weigh what each person did about each message: all of it together is one voice."""
    acts, rule, (number, author) = world.index.acts, world.method.voice, messages
    of_act = np.full(acts.row.size, -1)
    of_act[taken[0]] = taken[1]
    subjects = distinct(acts.recognised[taken[0]])
    if not subjects.size:
        nobody, nothing = np.zeros(0, np.int64), np.zeros(0)
        return Uptake(number, author, nobody, nobody, nothing, nothing)
    voices = topic_voices(world.ballot(topic, view, in_full=False), subjects)
    message, strength = _lines(voices, of_act, world)
    pair = voices.ledger.pair[message >= 0]
    message, strength = message[message >= 0], strength[message >= 0]
    place, person = np.searchsorted(number, message), voices.person[pair]
    order = np.lexsort((person, place))
    new = changes(place[order], person[order])
    group, first = np.cumsum(new) - 1, order[new]
    together = sum_by(group, strength[order], first.size)
    standing = voices.standing[pair[first]]
    return Uptake(number, author, place[first], person[first], standing, standing * weight(together, rule))


def _lines(voices: Voices, of_act: Ints, world: World) -> tuple[Ints, Floats]:
    """Return for each line of the ledger its message, -1 where it is none, and x of it."""
    ledger, rule, r = voices.ledger, world.method.voice, voices.reciprocity[voices.ledger.pair]
    help_x = ledger.help * r**rule.help_reciprocity
    soft_x = ledger.soft * voices.prominence[ledger.pair] * r**rule.soft_reciprocity
    act = np.where(voices.by_help, ledger.help_act, ledger.soft_act)
    return np.where(act >= 0, of_act[act], -1), np.where(voices.by_help, help_x, soft_x)


def _attributed(world: World, uptake: Uptake) -> SeedAttribution | None:
    """Return on which of the trusted people the voices about each message rest; None where everybody is trusted."""
    if world.trust.is_everybody:
        return None
    return world.trust.seeds.attribute(uptake.author, uptake.place, uptake.person, uptake.voice)


def small_accounts(acts: Acts, people: int) -> Bools:
    """Say of each person whether it is a small account: at most SMALL_MOST people recognised it."""
    pairs = distinct(pair_key(acts.recognised, acts.recogniser, people))
    return np.bincount(pairs // people, minlength=people) <= SMALL_MOST


def circles_of(acts: Acts, uptake: Uptake, messages: Ints) -> list[int]:
    """Count, for each of the messages, the circles among the people who took it up.

    Two of them are linked where one recognised the other; each connected part is a circle.
    """
    wanted = np.isin(uptake.place, messages)
    takers = distinct(uptake.person[wanted])
    among = is_among(acts.recogniser, takers) & is_among(acts.recognised, takers)
    one, other = (np.searchsorted(takers, column[among]) for column in (acts.recogniser, acts.recognised))
    linked = sparse((np.ones(one.size, np.bool_), (one, other)), (takers.size, takers.size))
    begin = np.searchsorted(uptake.place, np.stack((messages, messages + 1)))
    return [
        _parts(linked, np.searchsorted(takers, uptake.person[first:last]))
        for first, last in zip(*begin.tolist(), strict=True)
    ]


def _parts(linked: csr_array, people: Ints) -> int:
    if people.size < 2:  # one person is one circle
        return int(people.size)
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 # it brings all of scipy.linalg

    return int(connected_components(linked[people][:, people], directed=False)[0])
