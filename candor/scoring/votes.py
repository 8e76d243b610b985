"""Votes: everybody's voices about some subjects on one topic under one view, and what they add up to."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from candor.scoring.acts import BY_RECOGNISER, NAMED
from candor.scoring.arrays import sum_by
from candor.scoring.voices import Voices, counted, credit, prominence, returned, strengths, weigh

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from candor.scoring.acts import ActIndex
    from candor.scoring.method import Method, VoiceRule
    from candor.scoring.seeds import SeedAttribution
    from candor.scoring.trust import Trust, View
    from candor.scoring.voices import Ledger

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


MANY = 100  # subjects: theirs are added up as they stand
NOBODY_MORE = np.zeros(0)


@dataclass(frozen=True, eq=False)
class Votes:
    """The voices about so many subjects: on the topic, on other topics, and recent ones over all topics.

    `attribution` and `recent_attribution` say on which seeds those on the topic and the recent ones rest; None where
    everybody is trusted.
    """

    subjects: int
    on_topic: Voices
    other_topics: Voices
    recent: Voices
    attribution: SeedAttribution | None = None
    recent_attribution: SeedAttribution | None = None

    def each_voice(self, change: Callable[[Voices], Voices]) -> Votes:
        """Return the same with other voices; whose trust they rest on is left as it was."""
        on_topic, other_topics, recent = map(change, (self.on_topic, self.other_topics, self.recent))
        return replace(self, on_topic=on_topic, other_topics=other_topics, recent=recent)


@dataclass(frozen=True, eq=False)
class Ballot:
    """What voices are weighed by: the acts on record, the view, the method, and whom the root names for the topic.

    `named` is by person, for the topic and for any topic. Unless `in_full`, N and prominence are found only where they
    weigh something: for endorsements and lists.
    """

    index: ActIndex
    view: View
    method: Method
    topic: int | None
    named: Bools
    named_for_any: Bools
    in_full: bool = True


def weigh_votes(ballot: Ballot, subjects: Ints, *, include_recent: bool = True) -> Votes:
    """Return the voices about `subjects` (ascending person numbers); recent ones only if they are asked for."""
    votes = Votes(
        subjects=subjects.size,
        on_topic=_weigh(ballot, subjects, recent=False),
        other_topics=_weigh_other_topics(ballot, subjects),
        recent=recent_voices(ballot, subjects) if include_recent else _no_voices(ballot),
    )
    return attributed(votes, ballot.view)


def recent_voices(ballot: Ballot, subjects: Ints) -> Voices:
    """Return the voices about `subjects` over all topics with the short half-life: the same whatever the topic."""
    return _weigh(ballot, subjects, recent=True)


def with_own_standing(votes: Votes, views: Sequence[View]) -> Votes:
    """Return the same about subjects whom nobody endorsed or listed, each seen with a view of its own."""
    standings = np.array([view.standing for view in views])
    return attributed(votes.each_voice(lambda voices: voices.seen_with(standings)), *views)


def without_largest(votes: Votes, people: int, view: View) -> Votes:
    """Return the votes about one subject if so many people, the largest on the topic, were silent everywhere."""
    voices = votes.on_topic
    largest = voices.person[np.lexsort((voices.person, -voices.voice))[:people]]
    return attributed(votes.each_voice(lambda some: some.without(largest)), view)


def attributed(votes: Votes, *views: View) -> Votes:
    """Return the votes with the seeds on whom they rest, under one view for all subjects or one for each."""
    each = [view.shares for view in views if view.shares is not None]
    shares = np.array(each) if each else None
    trust = views[0].trust
    on_topic, recent = (attribute(trust, voices, votes.subjects, shares) for voices in (votes.on_topic, votes.recent))
    return replace(votes, attribution=on_topic, recent_attribution=recent)


def attribute(trust: Trust, voices: Voices, subjects: int, shares: Floats | None = None) -> SeedAttribution | None:
    """Return on which seeds the voices rest; None where everybody is trusted.

    `shares` has a row for each subject, or one for all; without, no vouches are left out.
    """
    if not trust.limits_seed_influence:
        return None
    rows = (voices.subject, voices.person, voices.worth)
    if shares is None:
        return trust.seeds.attribute(*rows, subjects)
    return trust.seeds.attribute_each(*rows, np.broadcast_to(shares, (subjects, trust.weights.size)))


def _weigh(ballot: Ballot, subjects: Ints, *, recent: bool) -> Voices:
    """Weigh the acts on the topic with the long half-life, or recent ones on any topic with the short one."""
    index, view, rule = ballot.index, ballot.view, ballot.method.voice
    topic = None if recent else ballot.topic
    received = index.received_by(subjects)
    received = received[index.countable(received, view) & index.inside(received, topic)]
    gave = index.given_by(subjects)
    gave = gave[BY_RECOGNISER[index.acts.kind[gave]] & index.inside(gave, topic)]
    ledger, given = (_credited(ballot, some, recent=recent) for some in (received, gave))
    pairs = np.arange(ledger.recogniser.size) if ballot.in_full else np.unique(ledger.pair[ledger.soft > 0])
    recognised_by = np.full(ledger.recogniser.size, np.nan)
    if pairs.size:
        by, of = ledger.recogniser[pairs], ledger.recognised[pairs]
        named = ballot.named_for_any if recent else ballot.named
        recognised_by[pairs] = np.where(
            named[by], np.nan, index.one_way(topic, view).recognised_by(by, of, view.standing)
        )
    return weigh(
        ledger,
        subjects,
        view.standing,
        rule,
        recognised_by=recognised_by,
        prominence=prominence(recognised_by, rule),
        given=returned(ledger, given, index.people),
    )


def _weigh_other_topics(ballot: Ballot, subjects: Ints) -> Voices:
    """Weigh what is not on the topic, copies too, with neither prominence nor reciprocity."""
    index, view = ballot.index, ballot.view
    received = index.received_by(subjects)
    named = view.trust.is_everybody | NAMED[index.acts.kind[received]]
    ledger = _credited(ballot, received[named & ~index.inside(received, ballot.topic)], recent=False)
    pairs = ledger.recogniser.size
    return weigh(
        ledger,
        subjects,
        view.standing,
        ballot.method.voice,
        recognised_by=np.full(pairs, np.nan),
        prominence=np.ones(pairs),
        given=None,
    )


def _credited(ballot: Ballot, acts: Ints, *, recent: bool) -> Ledger:
    window, index = ballot.method.window, ballot.index
    half_life_days = window.recent_half_life_days if recent else window.half_life_days
    strength = strengths(index.acts.kind[acts], index.age_days(acts), ballot.method.kinds, half_life_days)
    return credit(index.acts, acts, strength)


def _no_voices(ballot: Ballot) -> Voices:
    nothing, nobody = np.zeros(0), np.arange(0)
    ledger = credit(ballot.index.acts, nobody, nothing)
    rule = ballot.method.voice
    return weigh(ledger, nobody, ballot.view.standing, rule, recognised_by=nothing, prominence=nothing, given=None)


@dataclass(frozen=True, eq=False)
class Totals:
    """Sums by subject, in voices: `all_kinds` is A_all, `help` A_help, `posts` P, `other` what is off the topic.

    `recent` is R, `n_effective` the effective number of voices on the topic (Kish 1965), `n_recent` that of `recent`.
    `backed` and `recent_backed` are what the seeds allow on whom they rest; None where everybody is trusted.
    """

    all_kinds: Floats
    help: Floats
    posts: Floats
    other: Floats
    recent: Floats
    n_effective: Floats
    n_recent: Floats
    backed: Floats | None = None
    recent_backed: Floats | None = None

    def take(self, chosen: Bools) -> Totals:
        """Return the sums of the chosen subjects."""
        return Totals(**{field.name: _some_of(getattr(self, field.name), chosen) for field in fields(self)})

    @property
    def voices(self) -> Floats:
        """What counts of the voices on the topic, where endorsements give no more than their posts allow."""
        return np.minimum(self.all_kinds, self.help + self.posts)

    @property
    def on_topic(self) -> Floats:
        """A: the same, and no more than the seeds allow on whom the voices rest."""
        return self.voices if self.backed is None else np.minimum(self.voices, self.backed)

    def held(self, on_topic: Floats) -> Totals:
        """Return the sums with A set to `on_topic`, B - A and R held."""
        nothing = np.zeros_like(on_topic)
        return Totals(on_topic, on_topic, nothing, self.other, self.recent, self.n_effective, self.n_recent)

    @property
    def all_topics(self) -> Floats:
        """B: A and what others took up on other topics."""
        return self.on_topic + self.other


@dataclass(frozen=True, eq=False)
class Recent:
    """R by subject, the effective number of voices behind it, and what the seeds allow on whom they rest."""

    total: Floats
    n_effective: Floats
    backed: Floats | None = None

    @classmethod
    def of(
        cls, subjects: int, voices: Voices, seeds: SeedAttribution | None, rule: VoiceRule, more: Floats = NOBODY_MORE
    ) -> Recent:
        """Add the recent voices up, each subject with those of `more`."""
        total, n_effective = _sum_counted(subjects, voices.subject, voices.voice, rule, more)
        if seeds is None:
            return cls(total, n_effective)
        backed, n_backed = _sum_backed(subjects, seeds, rule)
        return cls(np.minimum(total, backed), np.minimum(n_effective, n_backed), backed)

    def take(self, chosen: Ints) -> Recent:
        """Return R of the chosen subjects."""
        return Recent(**{field.name: _some_of(getattr(self, field.name), chosen) for field in fields(self)})


def add_up(votes: Votes, rule: VoiceRule, corrupt: int = 0, *, recent: Recent | None = None) -> Totals:
    """Add the voices up, with `corrupt` more on the topic and recently, each worth the most one can be.

    `recent` is what the recent voices add up to, where that is known already.
    """
    more = np.full(corrupt, rule.most)
    recent = recent or Recent.of(votes.subjects, votes.recent, votes.recent_attribution, rule, more)
    topic = votes.on_topic
    all_kinds, n_effective = _sum_counted(votes.subjects, topic.subject, topic.voice, rule, more)
    totals = Totals(
        all_kinds=all_kinds,
        help=all_kinds
        if np.array_equal(topic.voice, topic.voice_help)
        else _sum_counted(votes.subjects, topic.subject, topic.voice_help, rule, more)[0],
        posts=_posts(votes.subjects, topic, rule),
        other=_sum_counted(votes.subjects, votes.other_topics.subject, votes.other_topics.voice, rule, more[:0])[0],
        recent=recent.total,
        n_effective=n_effective,
        n_recent=recent.n_effective,
        recent_backed=recent.backed,
    )
    if votes.attribution is None:
        return totals
    backed, n_backed = _sum_backed(votes.subjects, votes.attribution, rule)
    return replace(totals, backed=backed, n_effective=np.minimum(n_effective, n_backed))


def with_corrupt_seeds(
    totals: Totals, on_topic: SeedAttribution, recent: SeedAttribution, rule: VoiceRule, corrupt: int
) -> Totals:
    """Return the totals if `corrupt` more seeds did all they can: voices without end that rest on them."""
    here, late = (_sum_backed(totals.recent.size, seeds, rule, corrupt)[0] for seeds in (on_topic, recent))
    return replace(totals, all_kinds=here, help=here, backed=here, recent=late, recent_backed=late)


def _some_of(values: Any, chosen: Ints | Bools) -> Any:  # noqa: ANN401 # an array, or none
    return None if values is None else values[chosen]


def _sum_backed(subjects: int, seeds: SeedAttribution, rule: VoiceRule, corrupt: int = 0) -> tuple[Floats, Floats]:
    """Return what the seeds of each subject's voices allow, the largest counted half, and how many they are."""
    more = np.full(corrupt, rule.seed_cap)
    return _sum_counted(subjects, seeds.subject, seeds.worth(rule), rule, more)


def _sum_counted(subjects: int, subject: Ints, voice: Floats, rule: VoiceRule, more: Floats) -> tuple[Floats, Floats]:
    """Return the sum of counted voices by subject and their effective number, each subject with those of `more`.

    Adds in order of size, so names play no part; of many as they stand, which changes the fifteenth place.
    """
    if more.size:
        subject = np.concatenate((subject, np.repeat(np.arange(subjects), more.size)))
        voice = np.concatenate((voice, np.tile(more, subjects)))
        order = np.argsort(subject, kind="stable")
        subject, voice = subject[order], voice[order]
    voice = counted(subject, voice, rule.halved)
    if subjects < MANY:
        order = np.lexsort((-voice, subject))
        subject, voice = subject[order], voice[order]
    total, squares = sum_by(subject, voice, subjects), sum_by(subject, voice * voice, subjects)
    return total, np.divide(total * total, squares, out=np.zeros(subjects), where=squares > 0)


def _posts(subjects: int, voices: Voices, rule: VoiceRule) -> Floats:
    """P: what each endorsed post and each list gives, at most the cap."""
    lines = np.flatnonzero(voices.line_soft > 0)
    subject, post, gives = (
        voices.subject[voices.ledger.pair[lines]],
        voices.ledger.contribution[lines],
        voices.line_soft[lines],
    )
    order = np.lexsort((gives, post, subject))
    subject, post, gives = subject[order], post[order], gives[order]
    new = np.ones(gives.size, np.bool_)
    new[1:] = (subject[1:] != subject[:-1]) | (post[1:] != post[:-1])
    capped = np.minimum(rule.post_cap, sum_by(np.cumsum(new) - 1, gives, int(new.sum())))
    order = np.lexsort((capped, subject[new]))
    return sum_by(subject[new][order], capped[order], subjects)
