"""Person's topics: all on which somebody is recognised or interested, with both numbers, from one pass.

The numbers are those that a score document would give: the person's own view of the community, its own acts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

import msgspec
import numpy as np
from msgspec import Meta

from candor.messages.topic_table import narrower_of, topic_table, topics_in
from candor.scoring.acts import SOFT, ActIndex
from candor.scoring.arrays import distinct, index_by, sparse
from candor.scoring.board_row import Side
from candor.scoring.contested import chosen_acts
from candor.scoring.document import Interval
from candor.scoring.everybody import evaluate_some
from candor.scoring.expertise import NUMBERED
from candor.scoring.features import interest_features
from candor.scoring.interest import acts_everywhere, are_answers, own_acts
from candor.scoring.points import interest_of_many
from candor.scoring.totals import Recent
from candor.scoring.votes import Ballot, attribute, recent_voices, sums_of, weigh_votes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from scipy.sparse import csr_array

    from candor.scoring.arrays import Bools, Ints
    from candor.scoring.columns import Columns
    from candor.scoring.interest import Everywhere
    from candor.scoring.points import ManyNumbers
    from candor.scoring.question import Contested
    from candor.scoring.topics import Topic
    from candor.scoring.trust import View
    from candor.scoring.world import World


MOST_TAGS = 500


class BothSides(msgspec.Struct, frozen=True, kw_only=True):
    """Both numbers of a person on a topic, each with its status."""

    expertise: Annotated[Side, Meta(description="Does the account know about it?")]
    interest: Annotated[Side, Meta(description="Does the account care about it?")]


class PersonTopic(BothSides, frozen=True, kw_only=True):
    """A topic on which a person is recognised or interested."""

    topic: Annotated[str, Meta(description="Id of the topic.")]
    label: Annotated[str, Meta(description="Its name.")]
    people: Annotated[int, Meta(description="How many people recognised the account there.")]
    records: Annotated[int, Meta(description="How many of the account's own records are on it.")]
    with_narrower: Annotated[
        BothSides | None,
        Meta(description="Both numbers with everything on narrower topics added; null where there are none."),
    ]


@dataclass(frozen=True, eq=False)
class PersonActs:
    """What is known of one person on many topics: columns of own records, and acts, each with its table of topics.

    The acts are those about and by the person, and of whoever recognised it: what prominence is found from.
    """

    world: World
    number: int
    index: ActIndex
    view: View
    own: Columns
    answering: Bools
    everywhere: Everywhere

    def topics(self) -> list[int]:
        """Return the topics on which the person did something or was recognised, by their columns."""
        received = self.index.on_topic[self.index.acts.recognised == self.number]
        return [int(place) for place in np.flatnonzero(received.any(axis=0) | self.own.topics.any(axis=0))]

    @property
    def alone(self) -> Ints:
        """The person, as the only subject."""
        return np.array([self.number])

    def recent(self) -> Recent:
        """R: the same whatever the topic."""
        named = self.world.trust.named_for(None)
        ballot = Ballot(self.index, self.view, self.world.method, None, named, named, in_full=False)
        voices = recent_voices(ballot, self.alone)
        return Recent.of(1, voices, sums_of(attribute(voices, self.alone, self.view)))

    def sides(self, column: int, topic_id: str, recent: Recent) -> tuple[BothSides, int]:
        """Return both numbers on a topic, and how many people recognised the person there."""
        world, method = self.world, self.world.method
        named, for_any = world.trust.named_for(topic_id), world.trust.named_for(None)
        ballot = Ballot(self.index, self.view, method, column, named, for_any, in_full=False, include_recent=False)
        experts = evaluate_some(world, weigh_votes(ballot, self.alone), recent)
        counting = [feature.types for feature in interest_features(world.profile)]
        everywhere, answering = self.everywhere, self.answering
        own = own_acts(
            self.own, column, self.alone, method, counting=counting, everywhere=everywhere, answering=answering
        )
        enough = own.last_year >= method.status.own_acts
        interest = interest_of_many(own, enough, world.profile, method)
        both = BothSides(
            expertise=_side(experts.numbers, str(experts.status[0]), method.interval.level),
            interest=_side(interest, "ok" if enough[0] else "not_enough_evidence", method.interval.level),
        )
        return both, int(experts.support.people[0])


def person_topics(
    world: World, account: str, known: Iterable[Topic], contested: Collection[Contested] = ()
) -> tuple[PersonTopic, ...]:
    """Return the topics of a person in the world, the best known first: of `known`, and of tags and hashtags.

    A broader topic has its own numbers, and those with all that is on narrower topics. `contested` evidence is left
    out of the topic that it is about, as it is of the document.
    """
    number = world.columns.person_of.get(account)
    if number is None:
        return ()
    acts, rows = _about(world, number)
    topics = topics_in(world.columns, rows, known, MOST_TAGS)
    below = narrower_of(topics)
    table = _with_unions(topic_table(world.columns, rows, topics), below)
    union_of = dict(zip(below, range(len(topics), table.shape[1]), strict=True))
    person = _person(world, number, acts, table)
    recent, left_out = person.recent(), {each.topic for each in contested if each.account == account}
    found, there = [], set(person.topics())
    for place, topic in enumerate(topics):
        if there.isdisjoint({place, union_of.get(place, place)}):
            continue
        asked, lately = person, recent
        if topic.id in left_out and (chosen := chosen_acts(world, contested, account, topic.id)):
            left = world.without(np.logical_or.reduce(list(chosen.values())))
            asked = _person(left, number, _about(left, number)[0], table)
            lately = asked.recent()
        both, people = asked.sides(place, topic.id, lately)
        union = union_of.get(place)
        row = PersonTopic(
            topic=topic.id,
            label=topic.label,
            people=people,
            records=int(person.own.topics[:, place].sum()),
            with_narrower=None if union is None else asked.sides(union, topic.id, lately)[0],
            expertise=both.expertise,
            interest=both.interest,
        )
        found.append(row)
    return tuple(sorted(found, key=_best_known_first))


def _best_known_first(row: PersonTopic) -> tuple[float, float, int, str]:
    return -(row.expertise.score or 0.0), -(row.interest.score or 0.0), -row.records, row.topic


def _about(world: World, number: int) -> tuple[Ints, Ints]:
    """Return the acts that a person's numbers depend on, and the records whose topics they need."""
    index, columns = world.index, world.columns
    alone = np.array([number])
    received, given = index.received_by(alone), index.given_by(alone)
    recognisers = distinct(index.acts.recogniser[received[SOFT[index.acts.kind[received]]]])
    theirs = (index.received_by(recognisers), index.given_by(recognisers)) if recognisers.size else ()
    acts = distinct(np.concatenate((received, given, *theirs)))
    own = np.flatnonzero(columns.actor == number)
    return acts, distinct(np.concatenate((own, index.acts.about[acts])))


def _with_unions(table: csr_array, below: dict[int, set[int]]) -> csr_array:
    """Add a column for each broader topic: what is on it or on a narrower one."""
    size = table.shape[1]
    pairs = [(one, size + column) for column, (place, others) in enumerate(below.items()) for one in (place, *others)]
    pairs += [(place, place) for place in range(size)]
    one, column = np.array(pairs, np.int64).reshape(-1, 2).T
    return sparse(table @ sparse((np.ones(one.size, np.bool_), (one, column)), (size, size + len(below))))


def _person(world: World, number: int, acts: Ints, table: csr_array) -> PersonActs:
    """Cut out of the world what a person's numbers are made from."""
    columns, chosen = world.columns, world.index.acts.take(acts)
    index = ActIndex(
        acts=chosen,
        columns=columns,
        on_topic=table[chosen.about].toarray(),
        first_received=np.searchsorted(chosen.recognised, np.arange(world.people + 1)),
        given=partial(index_by, chosen.recogniser, world.people),
    )
    view = world.view(number)
    rows = np.flatnonzero(columns.actor == number)
    own = replace(
        columns,
        type=columns.type[rows],
        actor=columns.actor[rows],
        published=columns.published[rows],
        topics=table[rows].toarray(),
    )
    everywhere = acts_everywhere(own, np.array([number]), world.method)
    answering = are_answers(columns, rows)
    return PersonActs(world, number, index, replace(view, void=view.void[acts]), own, answering, everywhere)


def _side(numbers: ManyNumbers, status: str, level: float) -> Side:
    given = status in NUMBERED
    low, high = float(numbers.low[0]), float(numbers.high[0])
    return Side(
        status=status,
        score=float(numbers.score[0]) if given else None,
        interval=Interval(low=low, high=high, level=level) if given else None,
        contributions={name: float(points[0]) for name, points in numbers.contributions.items()},
    )
