"""Seeds: the trusted people on whom voices rest, followed back along the vouches, and how much one of them can carry.

All standing comes from the root. Each voice is divided among those who vouch for the person speaking, and so on back to
the people of the root. What rests on one person is limited on the way, so that whatever one of the root sets in motion,
and through however many accounts, is worth a few voices. The own word of somebody outside the root for whom many vouch
who are outside too rests on all of them, and is limited by `voice.most` alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.arrays import MANY, added, diagonal, effective, sparse, sum_by, sum_voices, where_true
from candor.scoring.portable import quarter_power
from candor.scoring.standing import SeedVouches, flow_standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scipy.sparse import csc_array, csr_array

    from candor.scoring.arrays import Floats, Ints
    from candor.scoring.method import BackingRule, Method
    from candor.scoring.standing import Flow, Vouches


ROUNDING = 1e-9  # of a bound that is a sum
AT_ONCE = 16  # seeds whose ways back are found before they are put into the table of all
DENSE = 2  # of a table with more than one in so many filled, every place is kept: that adds up ten times as fast


@dataclass(frozen=True, eq=False)
class SeedAttribution:
    """What of the voices about each subject rests on each seed, in voices; rows stand by subject.

    `seeds` counts by subject the people of the root who could stand behind it; `rule` says what may rest on each.
    `behind` is K by subject, how many seeds stand behind it, `limit` what may rest on one seed, by subject, and `worth`
    what of each row counts, in voices.
    """

    subject: Ints
    person: Ints
    trust: Floats
    seeds: Ints
    rule: BackingRule
    behind: Floats
    limit: Floats
    worth: Floats

    @classmethod
    def of(cls, subject: Ints, person: Ints, trust: Floats, seeds: Ints, rule: BackingRule) -> SeedAttribution:
        """Find what counts of the trust."""
        behind = sum_by(subject, trust / (trust + rule.half_behind), seeds.size)
        limit = limit_of(behind, seeds, rule)
        return cls(subject, person, trust, seeds, rule, behind, limit, np.minimum(trust, limit[subject]))

    def parted(self) -> list[SeedAttribution]:
        """Return the attribution of each subject alone."""
        ends = self.subject.searchsorted(np.arange(self.seeds.size + 1)).tolist()
        parts = []
        for subject, rows in enumerate(map(slice, ends, ends[1:])):
            one, trust = slice(subject, subject + 1), self.trust[rows]
            known = self.seeds[one], self.rule, self.behind[one], self.limit[one], self.worth[rows]
            parts.append(SeedAttribution(self.subject[rows] - subject, self.person[rows], trust, *known))
        return parts

    def of_each(self, people: Iterable[int]) -> list[float]:
        """Return the trust of each of some people, where there is one subject."""
        trust = dict(zip(self.person.tolist(), self.trust.tolist(), strict=True))
        return [trust.get(person, 0.0) for person in people]

    @property
    def sums(self) -> tuple[Floats, Floats]:
        """What counts by subject, and the effective number of seeds."""
        return sum_voices(self.seeds.size, self.subject, self.worth)

    def with_corrupt(self, corrupt: Ints) -> Floats:
        """Return what counts of one subject if so many seeds, those with least behind them, stand behind without end.

        It is found for several such numbers of seeds.
        """
        trust, seeds, half = sorted(self.trust.tolist()), int(self.seeds[0]), self.rule.half_behind
        found = []
        for number in corrupt.tolist():
            those = min(number, seeds)
            left = trust[max(0, those - (seeds - len(trust))) :]
            limit = limit_of_one(added(each / (each + half) for each in left) + those, seeds, self.rule)
            found.append(added(min(each, limit) for each in left) + those * limit)
        return np.array(found)


def limit_of(behind: Floats, seeds: Ints, rule: BackingRule) -> Floats:
    """Return what may rest on one seed where so many of `seeds` stand behind."""
    counted = np.maximum(seeds, 1)
    share = np.minimum(behind / counted, 1.0)
    limit: Floats = rule.alone + rule.together / counted * quarter_power(share, rule.shared_power)
    return limit


def limit_of_one(behind: float, seeds: int, rule: BackingRule) -> float:
    """Do the same for one subject, without making arrays of it."""
    counted = max(seeds, 1)
    power = quarter_power(np.array(min(behind / counted, 1.0)), rule.shared_power)
    return rule.alone + rule.together / counted * float(power)


@dataclass(frozen=True, eq=False)
class Seeds:
    """The people of the root, with their weights, and the vouches along which their trust flows.

    `size` counts them, those on no record too.
    """

    vouches: Vouches
    root: Floats
    size: int
    method: Method

    def attribute(self, subjects: Ints, subject: Ints, person: Ints, voice: Floats) -> SeedAttribution:
        """Attribute voices about so many subjects, nobody's vouches left out.

        Voice by voice, ascending by subject: the place in `subjects` of whom it is about, whose it is, what it counts.
        """
        found = sparse(self._resting(subjects, subject, person, voice))
        found.data = np.maximum(found.data, 0.0)
        row = np.repeat(np.arange(subjects.size), np.diff(found.indptr))
        return SeedAttribution.of(row, self.people[found.indices], found.data, *self._counted(subjects))

    def allow(self, subjects: Ints, subject: Ints, person: Ints, voice: Floats) -> tuple[Floats, Floats]:
        """Return by subject what its voices count as far as the seeds allow, and the effective number of seeds.

        The voices are those of `attribute`. Where hardly a seed is without a share, tables are added up as they stand.
        """
        found = None if subjects.size < MANY else self._resting(subjects, subject, person, voice)
        if not isinstance(found, np.ndarray):
            return self.attribute(subjects, subject, person, voice).sums
        trust = np.maximum(found.T, 0.0, order="C")  # a row a seed: rows are added up in their order
        seeds, rule = self._counted(subjects)
        behind = (trust / (trust + rule.half_behind)).sum(axis=0)
        worth = np.minimum(trust, limit_of(behind, seeds, rule), out=trust)
        return effective(worth.sum(axis=0), np.square(worth, out=worth).sum(axis=0))

    def _resting(self, subjects: Ints, subject: Ints, person: Ints, voice: Floats) -> csr_array | Floats:
        """Return, subjects by seeds, what of the voices rests on each seed: a table where that of ways back is one."""
        first = subject.searchsorted(np.arange(subjects.size + 1)).astype(person.dtype)
        votes = sparse((voice, person, first), (subjects.size, self.root.size))
        many = where_true(self._through_one_at_most(votes) > self.method.backing.through_one)
        beyond = self._beyond_limit(votes[many]) if many.size else None
        if isinstance(self.ways.whole, np.ndarray):
            table = np.asarray(votes.tocsc() @ self.ways.whole)  # each row of it is fetched once, not for each voice
            if beyond is not None:
                table[many] -= beyond.toarray()
            return table
        found = sparse(votes @ self.ways.whole)
        if beyond is None:
            return found
        some = sparse((np.ones(many.size), (many, np.arange(many.size))), (subjects.size, many.size))
        return sparse(found - some @ beyond)

    def attribute_each(
        self, subjects: Ints, subject: Ints, person: Ints, voice: Floats, flows: list[Flow]
    ) -> SeedAttribution:
        """Attribute voices about a few subjects, all along one flow or each along a flow of its own.

        They ascend by subject, and by whose they are.
        """
        if not person.size:
            return SeedAttribution.of(person, person, voice, *self._counted(subjects))
        weights = np.where(self.people == subjects[:, np.newaxis], 0.0, self.root[self.people])
        passed = self._passed_on(subject, person, voice, flows, subjects.size)
        found = weights * self.of_root.carry_back(passed)
        by_seed = where_true(self.root[person] > 0)
        found[subject[by_seed], self.people.searchsorted(person[by_seed])] += voice[by_seed]
        row, column = np.nonzero(found)
        return SeedAttribution.of(row, self.people[column], found[row, column], *self._counted(subjects))

    def attribute_together(
        self, subject: int, voices: Sequence[tuple[Ints, Floats]], flow: Flow
    ) -> list[SeedAttribution]:
        """Attribute several sets of voices about one subject along one flow: whose they are, and what they count."""
        person, voice = (np.concatenate(parts) for parts in zip(*voices, strict=True))
        row = np.repeat(np.arange(len(voices)), [one.size for one, _ in voices])
        return self.attribute_each(np.full(len(voices), subject), row, person, voice, [flow]).parted()

    def _through_one_at_most(self, votes: csr_array) -> Floats:
        """Bound by subject what rests on any one person near the root: few come near the limit, so few are looked at.

        A vouch counts one at most, so of each voice no more than one part in `vouched`; but one's own word.
        """
        ways = self.ways
        own = np.append(votes.data * ways.own[votes.indices], 0.0)
        largest = np.where(np.diff(votes.indptr) > 0, np.maximum.reduceat(own, votes.indptr[:-1]), 0.0)
        bound: Floats = votes @ ways.per_vouch + largest
        return bound

    def _beyond_limit(self, votes: csr_array) -> csr_array:
        """Return by seed what rests beyond the limit on people near the root.

        Few of these are looked at: of each voice is taken the most that it counts about anybody, and whoever stays
        below the limit even so does it about everybody.
        """
        ways, limit = self.ways, self.method.backing.through_one
        most = np.zeros(self.root.size)
        np.maximum.at(most, votes.indices, votes.data)
        heavy = np.flatnonzero(ways.through.T @ most > limit * (1 - ROUNDING))
        through = sparse(votes @ ways.through[:, heavy])
        through.data -= np.minimum(through.data, limit)
        through.eliminate_zeros()
        found: csr_array = through @ ways.of_near[heavy]
        return found

    def _passed_on(self, subject: Ints, person: Ints, voice: Floats, flows: list[Flow], subjects: int) -> Floats:
        """Return, by subject, what each near the root passes on of these voices to each who vouches for it.

        Sums are added up in the order of the people who vouch, whoever else has a voice.
        """
        several = len(flows) > 1
        ends = subject.searchsorted(np.arange(subjects + 1)).tolist() if several else [0, subject.size]
        passed = np.zeros((subjects, self.root.size))
        for place, (flow, (first, last)) in enumerate(zip(flows, pairwise(ends), strict=True)):
            row = subject[first:last] - place
            self._pass_on(
                row, person[first:last], voice[first:last], flow, passed[place : place + 1] if several else passed
            )
        return passed

    def _pass_on(self, row: Ints, person: Ints, voice: Floats, flow: Flow, passed: Floats) -> None:
        """Write what is passed on along one flow into the rows of a table of zeros."""
        some = where_true((self.root[person] == 0) & (flow.vouched[person] > 0))
        row, person = row[some], person[some]
        each = voice[some] / flow.vouched[person]
        through = self.vouches.carry(row, person, each, len(passed))
        through *= flow.lent
        through[:, self.people] = 0.0
        through[row, person] += each * flow.by_root[person]
        np.minimum(through, self.method.backing.through_one, out=through)
        np.divide(through, np.where(flow.by_root > 0, flow.by_root, np.inf), out=passed)

    def _counted(self, subjects: Ints) -> tuple[Ints, BackingRule]:
        """Return how many people of the root could stand behind each subject, and what may rest on one of them."""
        return np.asarray(self.size - (self.root[subjects] > 0), np.int64), self.method.backing

    @cached_property
    def people(self) -> Ints:
        """The people of the root, ascending."""
        return where_true(self.root)

    @cached_property
    def of_root(self) -> SeedVouches:
        """The vouches of the seeds alone."""
        vouches, inside = self.vouches, self.root > 0
        by_seed = where_true(inside[vouches.voucher])
        seed = (inside.cumsum() - 1)[vouches.voucher[by_seed]]
        person = vouches.first.searchsorted(by_seed, "right") - 1
        return SeedVouches(person, seed, (self.root.size, self.people.size))

    @cached_property
    def flow(self) -> Flow:
        """How trust flows where nobody's vouches are left out."""
        return flow_standing(self.vouches, self.root, self.method.standing, self.size, of_root=self.of_root)

    @cached_property
    def ways(self) -> Ways:
        """Ways back to the root in that flow."""
        flow = self.flow
        people, inside = self.root.size, self.root > 0
        near = where_true((flow.by_root > 0) & ~inside)
        per_vouch = np.divide(1.0, flow.vouched, out=np.zeros(people), where=(flow.vouched > 0) & ~inside)
        width = self.vouches.voucher.dtype  # as narrow as vouches: there are as many ways
        ends = np.concatenate(([0], ((flow.by_root > 0) & ~inside).cumsum())).astype(width)
        own = per_vouch[near] * flow.by_root[near], np.arange(near.size, dtype=width), ends
        lent = self.vouches.towards[:, near.astype(width)].astype(np.float64)
        lent.data *= flow.lent[near].take(lent.indices)
        lent.data *= per_vouch.repeat(np.diff(lent.indptr))
        through = sparse(sparse(own, (people, near.size)) + lent)
        of_near = sparse(diagonal(1 / flow.by_root[near]) @ self.of_root.table[near] @ diagonal(self.root[self.people]))
        by_near = through.tocsc()
        return Ways(per_vouch, per_vouch * flow.by_root, by_near, of_near, self._whole(by_near, of_near))

    def _whole(self, through: csc_array, of_near: csr_array) -> csr_array | Floats:
        """Return on whom of the root each person's word rests: on its own, or by those near the root."""
        itself = self.people, np.arange(self.people.size)
        shape = self.root.size, self.people.size
        if np.diff(of_near.indptr) @ np.diff(through.indptr) > shape[0] * shape[1]:  # as many ways as places: no gaps
            table, by_seed = np.empty(shape), of_near.tocsc()
            for at in range(0, shape[1], AT_ONCE):
                some = pairwise(by_seed.indptr[at : at + AT_ONCE + 1].tolist())
                rows = [through[:, by_seed.indices[first:last]] @ by_seed.data[first:last] for first, last in some]
                table[:, at : at + AT_ONCE] = np.stack(rows, axis=1)  # a seed's sums fit a cache, their table does not
            table[itself] += 1.0
            return table
        whole = sparse(sparse((np.ones(shape[1]), itself), shape) + through @ of_near)
        return whole.toarray() if DENSE * whole.nnz > shape[0] * shape[1] else whole


@dataclass(frozen=True, eq=False)
class Ways:
    """Ways back to the root in one flow, as shares of a voice.

    `per_vouch` is what one whole vouch carries of a voice, `own` what somebody's own word does: by person.
    `through`: people by those near the root on whom their word rests. `of_near`: those by seeds. `whole`: people by
    seeds.
    """

    per_vouch: Floats
    own: Floats
    through: csc_array
    of_near: csr_array
    whole: csr_array | Floats
