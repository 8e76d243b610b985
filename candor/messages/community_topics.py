"""Community's topics: how many people know about each, and how many would have to leave until half of it is gone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta

from candor.messages.topic_table import topic_table, topics_in
from candor.scoring.acts import BY_RECOGNISER, NAMED
from candor.scoring.arrays import distinct, is_among, pair_key, sum_by
from candor.scoring.expertise import NUMBERED, statuses, supports_of
from candor.scoring.totals import post_totals
from candor.scoring.voices import credit, prominence, returned, strengths, weigh

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scipy.sparse import csr_array

    from candor.scoring.arrays import Floats, Ints
    from candor.scoring.topics import Topic
    from candor.scoring.voices import Ledger, Voices
    from candor.scoring.world import World


MOST_TAGS = 2_000
SUBJECTS_AT_ONCE = 20_000
RULE = (
    "Recognised help is A of the method, in voices, of whoever has an expertise score, under one flow of standing. The "
    "absence factor (CHAOSS, Contributor Absence Factor) is the smallest number of people whose recognised help adds "
    "up to at least half of that on the topic. Without somebody, that one's help is gone; what they recognised in "
    "others stays."
)


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """One person's recognised help on a topic."""

    account: Annotated[str, Meta(description="The account's id on its network.")]
    help: Annotated[float, Meta(description="A: recognised help on the topic, in voices.")]


class CommunityTopic(msgspec.Struct, frozen=True, kw_only=True):
    """A topic of a community, and everybody with an expertise score on it, the most helpful first."""

    topic: str
    label: str
    records: int
    active: int
    holders: tuple[Holder, ...]


class Absence(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a topic depends on how few people."""

    people: Annotated[int, Meta(description="How many people know about it: those with an expertise score on it.")]
    help: Annotated[float, Meta(description="Recognised help of all of them, in voices.")]
    absence_factor: Annotated[
        int | None,
        Meta(description="How many people would have to leave until half of the help is gone; null without any."),
    ]


def absence(holders: tuple[Holder, ...], without: str | None = None) -> Absence:
    """Return the absence factor of a topic by those who hold it, the most helpful first; or without one."""
    help_of = [holder.help for holder in holders if holder.account != without]
    total = sum(help_of)
    leaving = int(np.searchsorted(np.cumsum(help_of), total / 2 * (1 - 1e-12))) + 1
    return Absence(people=len(help_of), help=round(total, 6), absence_factor=leaving if total else None)


def community_topics(world: World, known: Iterable[Topic]) -> tuple[int, Iterator[CommunityTopic]]:
    """Return how many topics there are, and those that most people know about first: of `known`, and of all tags.

    Found in one pass over all acts of recognition, each counted on every topic that it is about.
    """
    columns, acts = world.columns, world.index.acts
    topics = topics_in(columns, np.arange(columns.object_row.size), known, MOST_TAGS)
    table = topic_table(columns, np.arange(columns.object_row.size), topics)
    subject, help_of = _help_of_scored(world, table[acts.about], topics)
    person, topic = np.divmod(subject, len(topics)) if topics else (subject, subject)
    declined = [number for number, record in columns.accounts.items() if record.consent is False]
    stays = ~np.isin(person, declined)
    person, topic, help_of = person[stays], topic[stays], help_of[stays]
    people = np.bincount(topic, minlength=len(topics))
    row, column = (each.astype(np.int64) for each in table.nonzero())
    records = np.bincount(column, minlength=len(topics))
    by_person = (columns.actor[row] >= 0) & ~np.isin(columns.actor[row], declined)
    active = distinct(pair_key(column[by_person], columns.actor[row[by_person]], world.people)) // max(world.people, 1)
    active_people = np.bincount(active, minlength=len(topics))
    by_topic = np.lexsort((person, -help_of, topic))
    begin = np.searchsorted(topic[by_topic], np.arange(len(topics) + 1))
    order = [n for n in np.lexsort((np.arange(len(topics)), -records, -people)).tolist() if records[n] or people[n]]

    def _rows() -> Iterator[CommunityTopic]:
        for number in order:
            who = by_topic[begin[number] : begin[number + 1]]
            yield CommunityTopic(
                topic=topics[number].id,
                label=topics[number].label,
                records=int(records[number]),
                active=int(active_people[number]),
                holders=tuple(
                    Holder(account=columns.people[one], help=round(amount, 6))
                    for one, amount in zip(person[who].tolist(), help_of[who].tolist(), strict=True)
                ),
            )

    return len(order), _rows()


def _help_of_scored(world: World, on_topic: csr_array, topics: tuple[Topic, ...]) -> tuple[Ints, Floats]:
    """Return A of whoever has a score, on every topic: person times the number of topics plus topic, and A.

    A pair of person and topic stands for a person here, so that all topics are added up at once.
    """
    acts, view = world.index.acts, world.shared_view
    act, topic = (each.astype(np.int64) for each in on_topic.nonzero())
    counts = ~view.void[act] & (NAMED[acts.kind[act]] | view.trust.is_everybody)
    done = BY_RECOGNISER[acts.kind[act]]
    ledger = _credited(world, act[counts], topic[counts], len(topics), "recognised")
    gave = _credited(world, act[done], topic[done], len(topics), "recogniser")
    subjects = distinct(ledger.recognised)
    recognised_by = _recognised_by(world, subjects, ledger, gave, topics)
    given = gave.recogniser, gave.recognised, gave.per_pair
    voices = weigh(
        ledger,
        subjects,
        view.standing,
        world.method.voice,
        recognised_by=recognised_by,
        prominence=prominence(recognised_by, world.method.voice),
        given=returned(ledger.recognised, ledger.recogniser, given, world.people),
    )
    all_kinds = sum_by(voices.subject, voices.voice, subjects.size)
    helped = sum_by(voices.subject, voices.voice_help, subjects.size)
    counted = np.minimum(all_kinds, helped + post_totals(subjects.size, voices, world.method.voice))
    if not world.trust.is_everybody:
        counted = np.minimum(counted, _backed(world, subjects // max(len(topics), 1), voices))
    scored = np.isin(
        statuses(world.root.kind, supports_of(voices, subjects.size, world.method), world.method), NUMBERED
    )
    return subjects[scored], counted[scored]


def _credited(world: World, act: Ints, topic: Ints, topics: int, side: Literal["recognised", "recogniser"]) -> Ledger:
    """Credit acts, each on a topic, with a pair of person and topic in place of the person on one side."""
    acts, window = world.index.acts.take(act), world.method.window
    pair = getattr(acts, side).astype(np.int64) * topics + topic
    order = np.argsort(pair, kind="stable")
    acts = replace(acts.take(order), **{side: pair[order]})
    age_days = world.columns.age_days(acts.row)
    strength = strengths(acts.kind, age_days, world.method.kinds, window.half_life_days)
    return credit(acts, np.arange(act.size), strength)


def _recognised_by(world: World, subjects: Ints, ledger: Ledger, gave: Ledger, topics: tuple[Topic, ...]) -> Floats:
    """Return N of each recogniser on the topic, as the subject sees it, where it endorsed; else NaN."""
    found = np.full(ledger.recogniser.size, np.nan)
    soft = np.unique(ledger.pair[ledger.soft > 0])
    if not soft.size:
        return found
    people, size, standing = world.people, len(topics), world.shared_view.standing
    keys = pair_key(ledger.recognised, ledger.recogniser, people)
    one_way = ~is_among(keys, pair_key(gave.recogniser, gave.recognised, people))
    place = np.searchsorted(subjects, ledger.recognised[one_way])
    everybody = sum_by(place, standing[ledger.recogniser[one_way]], subjects.size)
    subject, topic = np.divmod(ledger.recognised[soft], size)
    recogniser = ledger.recogniser[soft].astype(np.int64) * size + topic
    known = np.minimum(np.searchsorted(subjects, recogniser), subjects.size - 1)
    total = np.where(subjects[known] == recogniser, everybody[known], 0.0)
    own = is_among(pair_key(recogniser, subject, people), keys[one_way])
    found[soft] = np.maximum(0.0, total - np.where(own, standing[subject], 0.0))
    if any(account.topics for account in world.root.accounts):
        named = np.array([world.trust.named_for(each.id) for each in topics])
        found[soft[named[topic, ledger.recogniser[soft]]]] = np.nan
    return found


def _backed(world: World, people: Ints, voices: Voices) -> Floats:
    """Return what the trusted people allow of each subject, some subjects at a time: many times many fill a memory."""
    seeds, parts = world.trust.seeds, []
    for first in range(0, people.size, SUBJECTS_AT_ONCE):
        some = people[first : first + SUBJECTS_AT_ONCE]
        begin, end = np.searchsorted(voices.subject, [first, first + some.size])
        subject = voices.subject[begin:end] - first
        behind = seeds.attribute(some, subject, voices.person[begin:end], voices.voice[begin:end])
        parts.append(sum_by(behind.subject, behind.worth, some.size))
    return np.concatenate(parts) if parts else np.zeros(0)
