"""Voices: the best of each person's acts on each contribution credited, and what the person counts for another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.acts import SOFT
from candor.scoring.arrays import (
    any_of,
    changes,
    oldest_of_strongest,
    pair_key,
    places_among,
    sum_by,
    where_true,
    with_changes,
)
from candor.scoring.kinds import KINDS
from candor.scoring.portable import halvings, log2_of_one_more, quarter_power

if TYPE_CHECKING:
    from collections.abc import Sequence

    from candor.scoring.acts import Acts
    from candor.scoring.arrays import Bools, Floats, Ints
    from candor.scoring.method import VoiceRule


@dataclass(frozen=True, eq=False)
class Ledger:
    """Lines of (recognised, recogniser, contribution), grouped into pairs of people.

    Per line: `pair` numbers its pair, `help` and `soft` are the largest strengths of each class (without prominence; 0
    where there is none), `help_act` and `soft_act` the acts they come from (-1). Per pair: `recognised`, `recogniser`
    and `first`, where its acts begin. `acts` are those it is made of, `kind_of` is the kind of every act, whether it is
    credited or not.
    """

    acts: Ints
    pair: Ints
    contribution: Ints
    help: Floats
    soft: Floats
    help_act: Ints
    soft_act: Ints
    recognised: Ints
    recogniser: Ints
    first: Ints
    kind_of: Ints

    @cached_property
    def help_kind(self) -> Ints:
        """The kind of each line's act of help, -1 where there is none."""
        return np.where(self.help_act >= 0, self.kind_of[self.help_act], -1) if self.kind_of.size else self.help_act

    @cached_property
    def soft_kind(self) -> Ints:
        """The kind of each line's act of soft recognition, -1 where there is none."""
        return np.where(self.soft_act >= 0, self.kind_of[self.soft_act], -1) if self.kind_of.size else self.soft_act

    @cached_property
    def per_pair(self) -> Floats:
        """The sums c1 of each pair: every contribution once, by its stronger class, prominence left out."""
        return sum_by(self.pair, np.maximum(self.help, self.soft), self.recognised.size)


def strengths(kind: Ints, age_days: Floats, q: dict[str, float], half_life_days: float | Floats) -> Floats:
    """Strength of each act: q of its kind, halved every `half_life_days`."""
    return np.array([q[each.id] for each in KINDS])[kind] * halvings(age_days / half_life_days)


def credit(acts: Acts, chosen: Ints, strength: Floats, begins: Sequence[int] = ()) -> Ledger:
    """Credit the `chosen` acts (pair by pair), each contribution of a pair once a class; ties go to the oldest act.

    `strength` is that of the chosen. Several lists of acts, one behind the other, may be credited at once: `begins`
    says where others than the first begin, and nothing of one is a pair with anything of another.
    """
    soft = SOFT[acts.kind[chosen]]
    new_pair = changes(acts.recognised[chosen], acts.recogniser[chosen])
    new_pair[[begin for begin in begins if begin < chosen.size]] = True
    new_line = new_pair | changes(acts.contribution[chosen])
    best = oldest_of_strongest(strength, new_line | changes(soft))
    first = where_true(new_pair)
    lines, acts_of = chosen[new_line], chosen[first]
    values, sources = {}, {}
    for name, of_class in (("help", ~soft[best]), ("soft", soft[best])):
        values[name], sources[name] = np.zeros(lines.size), np.full(lines.size, -1)
        place = best[of_class]
        if place.size:
            line = slice(None) if place.size == lines.size else (new_line.cumsum() - 1)[place]
            values[name][line] = strength[place]
            sources[name][line] = chosen[place]
    return Ledger(
        acts=chosen,
        pair=(new_pair.cumsum() - 1)[new_line],
        contribution=acts.contribution[lines],
        help=values["help"],
        soft=values["soft"],
        help_act=sources["help"],
        soft_act=sources["soft"],
        recognised=acts.recognised[acts_of],
        recogniser=acts.recogniser[acts_of],
        first=first,
        kind_of=acts.kind,
    )


def sums_by_pair(acts: Acts, chosen: Ints, strength: Floats) -> tuple[Ints, Ints, Floats]:
    """Return recogniser, recognised and c1 of each pair of the `chosen` acts, as a ledger of them has it."""
    new_pair = changes(acts.recognised[chosen], acts.recogniser[chosen])
    line = where_true(new_pair | changes(acts.contribution[chosen]))
    strongest = np.maximum.reduceat(strength, line) if line.size else strength
    pair, acts_of = (new_pair.cumsum() - 1)[line], chosen[new_pair]
    return acts.recogniser[acts_of], acts.recognised[acts_of], sum_by(pair, strongest, acts_of.size)


def returned(recognised: Ints, recogniser: Ints, gave: tuple[Ints, Ints, Floats], people: int) -> Floats:
    """Look up, for each pair, what its recognised gave the other: `gave` has giver, receiver and sum of each pair."""
    giver, receiver, sums = gave
    wanted, known = pair_key(recognised, recogniser, people), pair_key(giver, receiver, people)
    if not known.size:
        return np.zeros(wanted.size)
    place = np.minimum(known.searchsorted(wanted), known.size - 1)
    return np.where(known[place] == wanted, sums[place], 0.0)


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
        return with_changes(self, standing=standings[self.subject, self.person])

    def without(self, people: Ints) -> Voices:
        """Return the same voices with those of `people` silent."""
        silent = (self.person[:, np.newaxis] == people).any(axis=1)
        if not any_of(silent):
            return self
        worth = np.where(silent, 0.0, self.worth)
        if self.worth_help is self.worth:  # nothing is soft
            return with_changes(self, worth=worth, worth_help=worth)
        return with_changes(
            self,
            worth=worth,
            worth_help=np.where(silent, 0.0, self.worth_help),
            line_soft=np.where(silent[self.ledger.pair], 0.0, self.line_soft),
        )


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
    pair, received = ledger.pair, ledger.per_pair
    back = np.zeros(received.size) if given is None else given
    reciprocity = np.divide(received, received + back, out=np.ones(received.size), where=received > 0)
    trust_help = quarter_power(reciprocity, rule.help_reciprocity)
    help_alone = sum_by(pair, ledger.help, received.size)
    worth = weight(help_alone * trust_help, rule)
    voices = Voices(
        ledger=ledger,
        subject=places_among(subjects, ledger.recognised),
        person=ledger.recogniser,
        standing=standing[ledger.recogniser],
        recognised_by=recognised_by,
        prominence=prominence,
        received=received,
        given=back,
        reciprocity=reciprocity,
        help=help_alone,
        soft=np.zeros(received.size),
        worth=worth,
        worth_help=worth,
        by_help=np.ones(pair.size, np.bool_),
        line_soft=ledger.soft,
    )
    return _with_soft(voices, trust_help, rule) if any_of(ledger.soft) else voices


def _with_soft(voices: Voices, trust_help: Floats, rule: VoiceRule) -> Voices:
    """Return the same voices with soft acts counted, each contribution by what it counts more by: help, or those."""
    ledger, pair, size = voices.ledger, voices.ledger.pair, voices.received.size
    trust_soft = quarter_power(voices.reciprocity, rule.soft_reciprocity)
    line_soft = ledger.soft * voices.prominence[pair]
    by_help = ledger.help * trust_help[pair] >= line_soft * trust_soft[pair]
    help_sum = sum_by(pair, np.where(by_help, ledger.help, 0.0), size)
    soft_sum = sum_by(pair, np.where(by_help, 0.0, line_soft), size)
    return with_changes(
        voices,
        help=help_sum,
        soft=soft_sum,
        worth=weight(help_sum * trust_help + soft_sum * trust_soft, rule),
        by_help=by_help,
        line_soft=(voices.standing * trust_soft)[pair] * line_soft,
    )


_BY_LINE = ("contribution", "help", "soft", "help_act", "soft_act")
_BY_PAIR = (
    *("subject", "person", "standing", "recognised_by", "prominence", "received", "given", "reciprocity"),
    *("help", "soft", "worth", "worth_help"),
)


def parted(voices: Voices, begins: Sequence[int]) -> list[Voices]:
    """Return voices apart again that were credited and weighed at once, from lists of acts of which these begin."""
    ledger = voices.ledger
    ends = np.array([*begins, ledger.acts.size])
    pair_ends = ledger.first.searchsorted(ends)
    bounds = zip(ends.tolist(), pair_ends.tolist(), ledger.pair.searchsorted(pair_ends).tolist(), strict=True)
    return [_part(voices, *map(slice, first, last)) for first, last in pairwise([(0, 0, 0), *bounds])]


def _part(voices: Voices, acts: slice, pairs: slice, lines: slice) -> Voices:
    ledger = voices.ledger
    part = Ledger(
        acts=ledger.acts[acts],
        pair=ledger.pair[lines] - pairs.start,
        recognised=ledger.recognised[pairs],
        recogniser=ledger.recogniser[pairs],
        first=ledger.first[pairs] - acts.start,
        kind_of=ledger.kind_of,
        **{name: getattr(ledger, name)[lines] for name in _BY_LINE},
    )
    columns = {name: getattr(voices, name)[pairs] for name in _BY_PAIR}
    if voices.worth_help is voices.worth:
        columns["worth_help"] = columns["worth"]
    return Voices(ledger=part, by_help=voices.by_help[lines], line_soft=voices.line_soft[lines], **columns)


def weight(strength: Floats, rule: VoiceRule) -> Floats:
    """What credited strength is worth: 1 for one fresh accepted answer, 2 for three, at most `rule.most`."""
    return np.asarray(np.minimum(log2_of_one_more(strength), rule.most))
