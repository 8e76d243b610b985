"""Totals: the voices behind a subject added up to A, B and R of the method, in voices."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from scoring.credit import sum_by
from scoring.voices import Voices, counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from scoring.method import VoiceRule

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


MANY = 100  # subjects: theirs are added up as they stand
NOBODY_MORE = np.zeros(0)


@dataclass(frozen=True, eq=False)
class Heard:
    """Everything said about the subjects: voices on the topic, on other topics, and of late over all topics."""

    subjects: int
    on_topic: Voices
    other_topics: Voices
    recent: Voices

    def without(self, people: Ints) -> Heard:
        """Return what is heard with `people` silent everywhere."""
        return self._each(lambda voices: voices.without(people))

    def seen_with(self, standings: Floats) -> Heard:
        """Return the same about subjects whom nobody endorsed or listed, each with a row of everybody's standing."""
        return self._each(lambda voices: voices.seen_with(standings))

    def _each(self, change: Callable[[Voices], Voices]) -> Heard:
        parts = (self.on_topic, self.other_topics, self.recent)
        return Heard(self.subjects, *(change(voices) for voices in parts))


@dataclass(frozen=True, eq=False)
class Totals:
    """Sums by subject, in voices: `all_kinds` is A_all, `help` A_help, `posts` P, `other` what is off the topic.

    `recent` R.

    `n_effective` is the effective number of voices on the topic (Kish 1965), `n_recent` that of `recent`.
    """

    all_kinds: Floats
    help: Floats
    posts: Floats
    other: Floats
    recent: Floats
    n_effective: Floats
    n_recent: Floats

    def take(self, chosen: Bools) -> Totals:
        """Return the sums of the chosen subjects."""
        return Totals(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    @property
    def on_topic(self) -> Floats:
        """A: what counts of the voices on the topic, where endorsements give no more than their posts allow."""
        return np.minimum(self.all_kinds, self.help + self.posts)

    @property
    def all_topics(self) -> Floats:
        """B: A and what others took up on other topics."""
        return self.on_topic + self.other


@dataclass(frozen=True, eq=False)
class Recent:
    """R by subject, and the effective number of voices behind it."""

    total: Floats
    n_effective: Floats

    @classmethod
    def of(cls, subjects: int, voices: Voices, rule: VoiceRule, more: Floats = NOBODY_MORE) -> Recent:
        """Add the voices of late up, each subject with those of `more`."""
        return cls(*_sum_counted(subjects, voices.subject, voices.voice, rule, more))


def add_up(
    heard: Heard, rule: VoiceRule, corrupt: int = 0, worth: float | None = None, *, recent: Recent | None = None
) -> Totals:
    """Add the voices up, with `corrupt` more on the topic and of late, each `worth` so much or the most one can be.

    `recent` is what the voices of late add up to, where that is known already.
    """
    more = np.full(corrupt, rule.most if worth is None else worth)
    topic, recent = heard.on_topic, recent or Recent.of(heard.subjects, heard.recent, rule, more)
    all_kinds, n_effective = _sum_counted(heard.subjects, topic.subject, topic.voice, rule, more)
    return Totals(
        all_kinds=all_kinds,
        help=all_kinds
        if np.array_equal(topic.voice, topic.voice_help)
        else _sum_counted(heard.subjects, topic.subject, topic.voice_help, rule, more)[0],
        posts=_posts(heard.subjects, topic, rule),
        other=_sum_counted(heard.subjects, heard.other_topics.subject, heard.other_topics.voice, rule, more[:0])[0],
        recent=recent.total,
        n_effective=n_effective,
        n_recent=recent.n_effective,
    )


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
