"""Acts of recognition as columns: looked up by person and topic, and who recognised whom without being recognised."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.arrays import all_of, distinct, index_by, is_among, pair_key, ranges, sum_by, where_true
from candor.scoring.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from candor.scoring.arrays import Bools, Floats, Ints
    from candor.scoring.columns import Columns
    from candor.scoring.trust import View


SOFT = np.array([kind.soft for kind in KINDS])
VOUCHING = np.array([kind.vouch for kind in KINDS])
BY_RECOGNISER = np.array([kind.by_recogniser for kind in KINDS])
NAMED = np.array([not kind.face_value_only for kind in KINDS])
MANY = 8  # of more than one person in so many, looking at every pair is faster than looking theirs up


@dataclass(frozen=True, eq=False)
class Acts:
    """Acts of recognition as columns.

    They are sorted by recognised, recogniser, contribution, soft or not, and record: so that adding up never sorts.

    Person `recogniser` took up contribution `contribution` (a number of Columns) of person `recognised` by the record
    in row `row`. `about` is the row whose topics the act has and which evidence shows; `text` is the row of the
    recognised person's own text, -1 where the contribution is none.
    """

    recogniser: Ints
    recognised: Ints
    kind: Ints
    contribution: Ints
    row: Ints
    about: Ints
    text: Ints

    def take(self, chosen: Ints | Bools) -> Acts:
        """Return the chosen acts; columns that are one array are one again."""
        columns = {column.name: getattr(self, column.name) for column in fields(self)}
        taken = {key: column[chosen] for key, column in {id(each): each for each in columns.values()}.items()}
        return Acts(**{name: taken[id(column)] for name, column in columns.items()})


@dataclass(frozen=True, eq=False)
class ActIndex:
    """Acts, found by whom they recognise, by who recognises and by topic; `on_topic` has a column for each topic.

    `first_received` says where the acts towards each person begin; `given` sorts acts by who did them, and says where
    each person's begin, once it is asked: boards need it for few. Who recognised whom one way is found once for all
    who see the same acts void, and kept in `one_way_pairs` by topic.
    """

    acts: Acts
    columns: Columns
    on_topic: Bools
    first_received: Ints
    given: Callable[[], tuple[Ints, Ints]]
    one_way_pairs: dict[tuple[int | None, bool], tuple[Bools, OneWay]] = field(default_factory=dict)

    @classmethod
    def of(cls, acts: Acts, columns: Columns) -> ActIndex:
        """Index the acts found in `columns`."""
        people = len(columns.people)
        return cls(
            acts=acts,
            columns=columns,
            on_topic=columns.topics[acts.about],
            first_received=acts.recognised.searchsorted(np.arange(people + 1, dtype=acts.recognised.dtype)),
            given=cache(partial(index_by, acts.recogniser, people)),
        )

    def about(self, columns: Columns) -> ActIndex:
        """Return the same acts for other topics, those of `columns`."""
        kept = {key: found for key, found in self.one_way_pairs.items() if key[0] is None}
        return replace(self, columns=columns, on_topic=columns.topics.take(self.acts.about, axis=0), one_way_pairs=kept)

    def without(self, acts: Bools) -> ActIndex:
        """Return the index without some acts."""
        return ActIndex.of(self.acts.take(~acts), self.columns)

    @property
    def people(self) -> int:
        """Count everybody."""
        return len(self.columns.people)

    def age_days(self, acts: Ints | slice) -> Floats:
        """Return how old some acts are."""
        return self.columns.age_days(self.acts.row[acts])

    def received_by(self, subjects: Ints) -> Ints:
        """Return the acts that recognise `subjects` (ascending), by subject and recogniser."""
        return ranges(self.first_received[subjects], self.first_received[subjects + 1])

    def given_by(self, subjects: Ints) -> Ints:
        """Return the acts in which `subjects` (ascending) recognise somebody, by subject and recognised."""
        order, first = self.given()
        if subjects[-1] - subjects[0] + 1 == subjects.size:
            return order[first[subjects[0]] : first[subjects[-1] + 1]]
        return order[ranges(first[subjects], first[subjects + 1])]

    def inside(self, acts: Ints, topic: int | None) -> Bools:
        """Say which of the acts are on the topic; all of them when it is None."""
        return np.ones(acts.size, np.bool_) if topic is None else self.on_topic[:, topic].take(acts)

    def countable(self, acts: Ints, view: View) -> Bools:
        """Say which of the acts count: not those on copies, nor nameless ones under a declared root."""
        return ~view.void[acts] & (NAMED[self.acts.kind[acts]] | view.trust.is_everybody)

    @cached_property
    def _some_nameless(self) -> bool:
        return not all_of(NAMED[self.acts.kind])

    def one_way(self, topic: int | None, view: View) -> OneWay:
        """Return who recognised whom without being recognised in turn, on the topic or (None) on any."""
        key = (topic, view.trust.is_everybody and self._some_nameless)
        cached = self.one_way_pairs.get(key)
        if cached is None or not (cached[0] is view.void or np.array_equal(cached[0], view.void)):
            inside = np.arange(self.acts.row.size) if topic is None else where_true(self.on_topic[:, topic])
            countable = inside[self.countable(inside, view)]
            cached = (view.void, find_one_way(self.acts, countable, inside, self.people))
            self.one_way_pairs[key] = cached
        return cached[1]


@dataclass(frozen=True, eq=False)
class OneWay:
    """Pairs (recogniser, recognised), ascending, where recognition was not returned: what prominence is made of."""

    recogniser: Ints
    recognised: Ints
    people: int

    def recognised_by(self, person: Ints, subject: Ints, standing: Floats) -> Floats:
        """Return N of each `person` as `subject` sees it.

        The summed standing of those who recognised it one way, the subject left out.
        """
        asked = np.zeros(standing.size, np.bool_)
        asked[person] = True
        pairs = self._towards(asked)
        everybody = sum_by(self.recognised[pairs], standing[self.recogniser[pairs]], standing.size)[person]
        own = is_among(pair_key(subject, person, standing.size), self._keys)
        return np.maximum(0.0, everybody - np.where(own, standing[subject], 0.0))

    def _towards(self, asked: Bools) -> Ints:
        """Return the pairs whose recognised are `asked`, in order."""
        order, first = self._by_recognised
        people = where_true(asked)
        if people.size * MANY > asked.size:
            return where_true(asked[self.recognised])
        return np.sort(np.concatenate([order[first[one] : first[one + 1]] for one in people.tolist()] or [order[:0]]))

    @cached_property
    def _by_recognised(self) -> tuple[Ints, Ints]:
        return index_by(self.recognised, self.people)

    @cached_property
    def _keys(self) -> Ints:
        return pair_key(self.recogniser, self.recognised, self.people)


def find_one_way(acts: Acts, countable: Ints, everything: Ints, people: int) -> OneWay:
    """Return the pairs among the `countable` acts that no act of `everything`, done by the recogniser, returns.

    Both ascend, so whom who did something recognised ascends too, as acts do, and nothing is sought back and forth.
    """
    pairs = distinct(pair_key(acts.recogniser[countable], acts.recognised[countable], people))
    done = everything[BY_RECOGNISER[acts.kind[everything]]]
    returned = is_among(pairs, pair_key(acts.recognised[done], acts.recogniser[done], people))
    recogniser, recognised = np.divmod(pairs[~returned], people) if people else (pairs, pairs)
    return OneWay(recogniser, recognised, people)
