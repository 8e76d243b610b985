"""A voice: how much one person's acts count for another, from standing, prominence and reciprocity."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.credit import BY_RECOGNISER, Ledger, oldest_of_strongest, sum_by
from candor.scoring.sorting import changes, distinct, index_by, is_among, pair_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from candor.scoring.method import VoiceRule
    from candor.scoring.recognition import Acts

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


BLOCK = 16  # voices: the largest of a subject is looked for among the largest of blocks
MANY = 8  # of more than one person in so many, looking at every pair is faster than looking theirs up


@dataclass(frozen=True, eq=False)
class Voices:
    """The voices behind one or many subjects, one row a (subject, person) pair.

    The lines of `ledger` say what they took up.

    `subject` is a place in the list of subjects, `person` a person number. `recognised_by` is N, NaN where prominence
    is 1 whatever N is: off the topic, and for whom the root names. `received` and `given` are c1_uw and c1_wu;
    `help`, `soft` the credited strengths by class; `worth` what the person's voice by all kinds would be with a
    standing of one, `worth_help` by help alone. Per line: `line_soft` is what an endorsement gives to P, `by_help`
    whether its help was credited.
    """

    ledger: Ledger
    subject: Ints
    person: Ints
    standing: Floats
    recognised_by: Floats
    prominence: Floats
    received: Floats
    given: Floats
    reciprocity: Floats
    help: Floats
    soft: Floats
    worth: Floats
    worth_help: Floats
    by_help: Bools
    line_soft: Floats

    @cached_property
    def voice(self) -> Floats:
        """What each person counts by all kinds."""
        return self.standing * self.worth

    @cached_property
    def voice_help(self) -> Floats:
        """What each person counts by help alone."""
        return self.voice if self.worth_help is self.worth else self.standing * self.worth_help

    def seen_with(self, standings: Floats) -> Voices:
        """Return the same voices, each subject with a row of everybody's standing: right where nobody endorsed."""
        return replace(self, standing=standings[self.subject, self.person])

    def without(self, people: Ints) -> Voices:
        """Return the same voices with those of `people` silent."""
        silent = np.isin(self.person, people)
        return replace(
            self,
            worth=np.where(silent, 0.0, self.worth),
            worth_help=np.where(silent, 0.0, self.worth_help),
            line_soft=np.where(silent[self.ledger.pair], 0.0, self.line_soft),
        )


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
        people = np.flatnonzero(asked)
        if people.size * MANY > asked.size:
            return np.flatnonzero(asked[self.recognised])
        return np.sort(np.concatenate([order[first[one] : first[one + 1]] for one in people.tolist()] or [order[:0]]))

    @cached_property
    def _by_recognised(self) -> tuple[Ints, Ints]:
        return index_by(self.recognised, self.people)

    @cached_property
    def _keys(self) -> Ints:
        return pair_key(self.recogniser, self.recognised, self.people)


def one_way(acts: Acts, earning: Ints, everything: Ints, people: int) -> OneWay:
    """Return the pairs among the acts `earning` that no act of `everything`, done by the recogniser, returns."""
    pairs = distinct(pair_key(acts.recogniser[earning], acts.recognised[earning], people))
    recogniser, recognised = np.divmod(pairs, people) if people else (pairs, pairs)
    done = everything[BY_RECOGNISER[acts.kind[everything]]]
    given = distinct(pair_key(acts.recogniser[done], acts.recognised[done], people))
    returned = is_among(pair_key(recognised, recogniser, people), given)
    return OneWay(recogniser[~returned], recognised[~returned], people)


def prominence(recognised_by: Floats, rule: VoiceRule) -> Floats:
    """Return m, growing with N; 1 where N is NaN."""
    grown = rule.prominence_floor + (1 - rule.prominence_floor) * recognised_by / (
        recognised_by + rule.prominence_half_at
    )
    return np.where(np.isnan(recognised_by), 1.0, grown)


def weigh(
    ledger: Ledger,
    subjects: Ints,
    standing: Floats,
    rule: VoiceRule,
    *,
    recognised_by: Floats,
    prominence: Floats,
    given: Floats | None,
) -> Voices:
    """Turn the ledger of acts towards `subjects` (ascending) into voices.

    `standing` is by person, the others by pair; `given` is what the subjects gave back, None for r = 1.
    """
    pair, person = ledger.pair, ledger.recogniser
    received = ledger.per_pair
    back = np.zeros(received.size) if given is None else given
    reciprocity = np.divide(received, received + back, out=np.ones(received.size), where=received > 0)
    trust_help = reciprocity**rule.help_reciprocity
    trust_soft = reciprocity**rule.soft_reciprocity
    heard = standing[person]
    help_sum = help_alone = sum_by(pair, ledger.help, received.size)
    worth = worth_help = saturated(help_alone * trust_help, rule)
    soft_sum, line_soft, by_help = np.zeros(received.size), ledger.soft, np.ones(pair.size, np.bool_)
    if ledger.soft.any():
        line_soft = ledger.soft * prominence[pair]
        by_help = ledger.help * trust_help[pair] >= line_soft * trust_soft[pair]
        help_sum = sum_by(pair, np.where(by_help, ledger.help, 0.0), received.size)
        soft_sum = sum_by(pair, np.where(by_help, 0.0, line_soft), received.size)
        worth = saturated(help_sum * trust_help + soft_sum * trust_soft, rule)
        line_soft = (heard * trust_soft)[pair] * line_soft
    return Voices(
        ledger=ledger,
        subject=np.searchsorted(subjects, ledger.recognised),
        person=person,
        standing=heard,
        recognised_by=recognised_by,
        prominence=prominence,
        received=received,
        given=back,
        reciprocity=reciprocity,
        help=help_sum,
        soft=soft_sum,
        worth=worth,
        worth_help=worth_help,
        by_help=by_help,
        line_soft=line_soft,
    )


def saturated(strength: Floats, rule: VoiceRule) -> Floats:
    """What credited strength is worth: 1 for one fresh accepted answer, at most `rule.most`."""
    return rule.most * strength / (strength + rule.half_at)


def counted(subject: Ints, voice: Floats, halved: int) -> Floats:
    """Return what of each voice counts: the `halved` largest of each subject (ascending) count half."""
    counts = voice.copy()
    start = np.flatnonzero(changes(subject))
    size = np.diff(start, append=subject.size)
    blocks = -(-size // BLOCK)
    first = np.cumsum(blocks) - blocks
    within = BLOCK * (np.arange(blocks.sum()) - np.repeat(first, blocks))
    begin, length = np.repeat(start, blocks) + within, np.minimum(np.repeat(size, blocks) - within, BLOCK)
    peak = np.maximum.reduceat(voice, begin) if begin.size else voice
    new = np.zeros(begin.size, np.bool_)
    new[first] = True
    left = voice.copy()
    for _ in range(halved):
        chosen = oldest_of_strongest(peak, new)
        chosen = chosen[peak[chosen] > 0]
        inside = np.arange(BLOCK) < length[chosen, None]
        place = np.where(inside, begin[chosen, None] + np.arange(BLOCK), begin[chosen, None])
        largest = place[np.arange(chosen.size), left[place].argmax(axis=1)]
        counts[largest] *= 0.5
        left[largest] = 0.0
        peak[chosen] = left[place].max(axis=1)
    return counts
