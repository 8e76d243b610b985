"""Totals: the voices behind a subject added up to A, B and R of the method, in voices."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from candor.scoring.credit import sum_by
from candor.scoring.voices import Voices, counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from candor.scoring.backing import Backing
    from candor.scoring.method import VoiceRule

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


MANY = 100  # subjects: theirs are added up as they stand
NOBODY_MORE = np.zeros(0)


@dataclass(frozen=True, eq=False)
class Heard:
    """Everything said about the subjects: voices on the topic, on other topics, and of late over all topics.

    `backing` and `recent_backing` say on whom of the root those on the topic and of late rest; None where everybody is
    trusted.
    """

    subjects: int
    on_topic: Voices
    other_topics: Voices
    recent: Voices
    backing: Backing | None = None
    recent_backing: Backing | None = None

    def without(self, people: Ints) -> Heard:
        """Return what is heard with `people` silent everywhere; whose trust it rests on is left as it was."""
        return self.each_voice(lambda voices: voices.without(people))

    def each_voice(self, change: Callable[[Voices], Voices]) -> Heard:
        """Return the same with other voices."""
        on_topic, other_topics, recent = map(change, (self.on_topic, self.other_topics, self.recent))
        return replace(self, on_topic=on_topic, other_topics=other_topics, recent=recent)


@dataclass(frozen=True, eq=False)
class Totals:
    """Sums by subject, in voices: `all_kinds` is A_all, `help` A_help, `posts` P, `other` what is off the topic.

    `recent` is R, `n_effective` the effective number of voices on the topic (Kish 1965), `n_recent` that of `recent`.
    `backed` and `recent_backed` are what those whose trust they rest on allow; None where everybody is trusted.
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
        """A: the same, and no more than those allow whose trust the voices rest on."""
        return self.voices if self.backed is None else np.minimum(self.voices, self.backed)

    @property
    def all_topics(self) -> Floats:
        """B: A and what others took up on other topics."""
        return self.on_topic + self.other


@dataclass(frozen=True, eq=False)
class Recent:
    """R by subject, the effective number of voices behind it, and what those allow whose trust they rest on."""

    total: Floats
    n_effective: Floats
    backed: Floats | None = None

    @classmethod
    def of(
        cls, subjects: int, voices: Voices, backing: Backing | None, rule: VoiceRule, more: Floats = NOBODY_MORE
    ) -> Recent:
        """Add the voices of late up, each subject with those of `more`."""
        total, n_effective = _sum_counted(subjects, voices.subject, voices.voice, rule, more)
        if backing is None:
            return cls(total, n_effective)
        backed, n_backed = _sum_backed(subjects, backing, rule)
        return cls(np.minimum(total, backed), np.minimum(n_effective, n_backed), backed)

    def take(self, chosen: Ints) -> Recent:
        """Return R of the chosen subjects."""
        return Recent(**{field.name: _some_of(getattr(self, field.name), chosen) for field in fields(self)})


def add_up(heard: Heard, rule: VoiceRule, corrupt: int = 0, *, recent: Recent | None = None) -> Totals:
    """Add the voices up, with `corrupt` more on the topic and of late, each worth the most one can be.

    `recent` is what the voices of late add up to, where that is known already.
    """
    more = np.full(corrupt, rule.most)
    recent = recent or Recent.of(heard.subjects, heard.recent, heard.recent_backing, rule, more)
    topic = heard.on_topic
    all_kinds, n_effective = _sum_counted(heard.subjects, topic.subject, topic.voice, rule, more)
    totals = Totals(
        all_kinds=all_kinds,
        help=all_kinds
        if np.array_equal(topic.voice, topic.voice_help)
        else _sum_counted(heard.subjects, topic.subject, topic.voice_help, rule, more)[0],
        posts=_posts(heard.subjects, topic, rule),
        other=_sum_counted(heard.subjects, heard.other_topics.subject, heard.other_topics.voice, rule, more[:0])[0],
        recent=recent.total,
        n_effective=n_effective,
        n_recent=recent.n_effective,
        recent_backed=recent.backed,
    )
    if heard.backing is None:
        return totals
    backed, n_backed = _sum_backed(heard.subjects, heard.backing, rule)
    return replace(totals, backed=backed, n_effective=np.minimum(n_effective, n_backed))


def at_most(totals: Totals, on_topic: Backing, recent: Backing, rule: VoiceRule, corrupt: int) -> Totals:
    """Return the totals if `corrupt` more people of the root did all they can: voices without end that rest on them."""
    here, late = (_sum_backed(totals.recent.size, backing, rule, corrupt)[0] for backing in (on_topic, recent))
    return replace(totals, all_kinds=here, help=here, backed=here, recent=late, recent_backed=late)


def _some_of(values: Any, chosen: Ints | Bools) -> Any:  # noqa: ANN401 # an array, or none
    return None if values is None else values[chosen]


def _sum_backed(subjects: int, backing: Backing, rule: VoiceRule, corrupt: int = 0) -> tuple[Floats, Floats]:
    """Return what those on whom each subject's voices rest allow, the largest counted half, and how many they are."""
    more = np.full(corrupt, rule.backer_most)
    return _sum_counted(subjects, backing.subject, backing.worth(rule), rule, more)


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
