"""A voice: how much one person's acts count for another, from standing, prominence and reciprocity."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scoring.credit import BY_RECOGNISER, Ledger, sum_by

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring.method import VoiceRule
    from scoring.recognition import Acts

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Voices:
    """The voices behind one or many subjects, one row a (subject, person) pair.

    The lines of `ledger` say what they took up.

    `subject` is a place in the list of subjects, `person` a person number. `recognised_by` is N, NaN where prominence
    is 1 whatever N is: off the topic, and for whom the root names. `received` and `given` are c1_uw and c1_wu;
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
    """Pairs (recogniser, recognised) where recognition was not returned: what prominence is made of."""

    recogniser: Ints
    recognised: Ints

    def recognised_by(self, person: Ints, subject: Ints, standing: Floats) -> Floats:
        """Return N of each `person`: the summed standing of who recognised it one way, its `subject` left out."""
        everybody = sum_by(self.recognised, standing[self.recogniser], standing.size)[person]
        own = np.isin(subject * standing.size + person, self.recogniser * standing.size + self.recognised)
        return np.maximum(0.0, everybody - np.where(own, standing[subject], 0.0))


def one_way(acts: Acts, earning: Ints, everything: Ints, people: int) -> OneWay:
    """Return the pairs among the acts `earning` that no act of `everything`, done by the recogniser, returns."""
    pairs = np.unique(acts.recogniser[earning] * people + acts.recognised[earning])
    recogniser, recognised = np.divmod(pairs, people) if people else (pairs, pairs)
    done = everything[BY_RECOGNISER[acts.kind[everything]]]
    returned = np.isin(recognised * people + recogniser, acts.recogniser[done] * people + acts.recognised[done])
    return OneWay(recogniser[~returned], recognised[~returned])


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
) -> Voices:
    """Turn the ledger of acts towards `subjects` (ascending) into voices.

    `standing` is by person, `recognised_by` and `prominence` by pair; `given` is the ledger of what the subjects gave,
    None for r = 1.
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
    heard = standing[person]
    return Voices(
        ledger=ledger,
        subject=np.searchsorted(subjects, ledger.recognised),
        person=person,
        standing=heard,
        recognised_by=recognised_by,
        prominence=prominence,
        received=received,
        given=returned,
        reciprocity=reciprocity,
        help=help_sum,
        soft=soft_sum,
        voice=heard * saturated(help_sum * trust_help + soft_sum * trust_soft, rule),
        voice_help=heard * saturated(help_alone * trust_help, rule),
        by_help=by_help,
        line_soft=(heard * trust_soft)[pair] * line_soft,
    )


def saturated(strength: Floats, rule: VoiceRule) -> Floats:
    """What credited strength is worth: 1 for one fresh accepted answer, at most `rule.most`."""
    return rule.most * strength / (strength + rule.half_at)


def counted(subject: Ints, voice: Floats, halved: int) -> Floats:
    """Return what of each voice counts: the `halved` largest of each subject count half."""
    order = np.lexsort((-voice, subject))
    ordered = subject[order]
    rank = np.arange(ordered.size) - np.searchsorted(ordered, ordered, "left")
    counts = np.empty(voice.size)
    counts[order] = np.where(rank < halved, 0.5, 1.0) * voice[order]
    return counts


def _given(ledger: Ledger, given: Ledger, people: int) -> Floats:
    """Look up, for each pair of the ledger, what the recognised gave the recogniser."""
    wanted = ledger.recognised * people + ledger.recogniser
    keys = given.recogniser * people + given.recognised
    order = np.argsort(keys)
    place = np.searchsorted(keys[order], wanted)
    found = np.zeros(wanted.size)
    inside = place < keys.size
    hit = np.flatnonzero(inside)[keys[order][place[inside]] == wanted[inside]]
    found[hit] = given.per_pair[order[place[hit]]]
    return found
