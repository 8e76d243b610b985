"""A voice: how much one person's acts count for another, from standing, prominence and reciprocity."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from scoring.credit import BY_RECOGNISER, Ledger, changes, oldest_of_strongest, sum_by
from scoring.sorting import distinct, index_by, is_among, may_be_among, pair_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring.method import VoiceRule
    from scoring.recognition import Acts

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


MANY = 8  # of more than one person in so many, looking at every pair is faster than looking theirs up


@dataclass(frozen=True, eq=False)
class Voices:
    """The voices behind one or many subjects, one row a (subject, person) pair.

    The lines of `ledger` say what they took up.

    `subject` is a place in the list of subjects, `person` a person number. `recognised_by` is N, NaN where prominence
    is 1 whatever N is: off the topic, and for whom the root names. `received` and `given` are c1_uw and c1_wu;
    `over_days` lie between the person's first and last act, None where the method does not ask;
    `help`, `soft` the credited strengths by class; `voice` the person's worth by all kinds and `voice_help` by help
    alone. Per line: `line_soft` is what an endorsement gives to P, `by_help` whether its help was credited.
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
    voice: Floats
    voice_help: Floats
    by_help: Bools
    line_soft: Floats
    over_days: Floats | None

    def sums(self) -> Voices:
        """Return only what adding up needs of all but endorsements: for who keeps the voices of everybody."""
        none, nothing = np.zeros(0, np.int64), np.zeros(0)
        ledger = Ledger(none, none, nothing, nothing, none, none, none, none)
        kept = {name: getattr(self, name) for name in ("subject", "standing", "voice", "voice_help")}
        empty = dict.fromkeys((field.name for field in fields(self)), nothing)
        return Voices(**{**empty, **kept, "ledger": ledger, "by_help": nothing > 0, "over_days": None})

    def without(self, people: Ints) -> Voices:
        """Return the same voices with those of `people` silent."""
        silent = np.isin(self.person, people)
        return replace(
            self,
            voice=np.where(silent, 0.0, self.voice),
            voice_help=np.where(silent, 0.0, self.voice_help),
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
    given: Ledger | None,
    over_days: Floats | None = None,
) -> Voices:
    """Turn the ledger of acts towards `subjects` (ascending) into voices.

    `standing` is by person, `recognised_by` and `prominence` by pair; `given` is the ledger of what the subjects gave,
    None for r = 1; `over_days` is by pair.
    """
    pair, person = ledger.pair, ledger.recogniser
    received = ledger.per_pair
    returned = np.zeros(received.size) if given is None else _given(ledger, given, standing.size)
    reciprocity = np.divide(received, received + returned, out=np.ones(received.size), where=received > 0)
    trust_help = reciprocity**rule.help_reciprocity
    trust_soft = reciprocity**rule.soft_reciprocity
    line_soft = ledger.soft * prominence[pair]
    by_help = ledger.help * trust_help[pair] >= line_soft * trust_soft[pair]
    help_sum = sum_by(pair, np.where(by_help, ledger.help, 0.0), received.size)
    soft_sum = sum_by(pair, np.where(by_help, 0.0, line_soft), received.size)
    help_alone = sum_by(pair, ledger.help, received.size)
    heard, most = standing[person], _most(over_days, rule)
    return Voices(
        ledger=ledger,
        subject=ledger.recognised if subjects.size == standing.size else np.searchsorted(subjects, ledger.recognised),
        person=person,
        standing=heard,
        recognised_by=recognised_by,
        prominence=prominence,
        received=received,
        given=returned,
        reciprocity=reciprocity,
        help=help_sum,
        soft=soft_sum,
        voice=heard * saturated(np.minimum(help_sum * trust_help + soft_sum * trust_soft, most), rule),
        voice_help=heard * saturated(np.minimum(help_alone * trust_help, most), rule),
        by_help=by_help,
        line_soft=(heard * trust_soft)[pair] * line_soft,
        over_days=over_days,
    )


def _most(over_days: Floats | None, rule: VoiceRule) -> Floats | float:
    """Return the most that can be credited to each pair: trust takes time."""
    if over_days is None or rule.proven_days is None or rule.most_unproven is None:
        return np.inf
    return np.where(over_days < rule.proven_days, rule.most_unproven, np.inf)


def saturated(strength: Floats, rule: VoiceRule) -> Floats:
    """What credited strength is worth: 1 for one fresh accepted answer, at most `rule.most`."""
    return rule.most * strength / (strength + rule.half_at)


def counted(subject: Ints, voice: Floats, halved: int) -> Floats:
    """Return what of each voice counts: the `halved` largest of each subject (ascending) count half."""
    waits = voice > 0
    left = np.flatnonzero(waits)
    counts = voice.copy()
    for _ in range(halved):
        if not left.size:
            break
        largest = left[oldest_of_strongest(voice[left], changes(subject[left]))]
        counts[largest] *= 0.5
        waits[largest] = False
        left = left[waits[left]]
    return counts


def _given(ledger: Ledger, given: Ledger, people: int) -> Floats:
    """Look up, for each pair of the ledger, what the recognised gave the recogniser."""
    wanted = pair_key(ledger.recogniser, ledger.recognised, people)
    keys = pair_key(given.recognised, given.recogniser, people)  # ascending, as the ledger's lines are
    found = np.zeros(wanted.size)
    hit = np.flatnonzero(may_be_among(wanted, keys))
    hit = hit[is_among(wanted[hit], keys)]
    found[hit] = given.per_pair[np.searchsorted(keys, wanted[hit])]
    return found
