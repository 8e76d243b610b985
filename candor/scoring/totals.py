"""Totals: what the voices about subjects add up to, and what they would if some who are trusted cheated."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from candor.scoring.arrays import sum_by, sum_voices, where_true, with_changes
from candor.scoring.votes import sums_of

if TYPE_CHECKING:
    from candor.scoring.arrays import Bools, Floats, Ints
    from candor.scoring.method import Method, VoiceRule
    from candor.scoring.seeds import SeedAttribution
    from candor.scoring.voices import Voices
    from candor.scoring.votes import Votes


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

    @cached_property
    def voices(self) -> Floats:
        """What counts of the voices on the topic, where endorsements give no more than their posts allow."""
        return np.minimum(self.all_kinds, self.help + self.posts)

    @cached_property
    def on_topic(self) -> Floats:
        """A: the same, and no more than the seeds allow on whom the voices rest."""
        return self.voices if self.backed is None else np.minimum(self.voices, self.backed)

    def held(self, on_topic: Floats) -> Totals:
        """Return the sums with A set to `on_topic`, B - A and R held; of one subject A may have several values."""
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
    def of(cls, subjects: int, voices: Voices, allowed: tuple[Floats, Floats] | None) -> Recent:
        """Add the recent voices up; `allowed` is what the seeds allow of them, and of how many of these."""
        total, n_effective = sum_voices(subjects, voices.subject, voices.voice)
        if allowed is None:
            return cls(total, n_effective)
        backed, n_backed = allowed
        return cls(np.minimum(total, backed), np.minimum(n_effective, n_backed), backed)

    def take(self, chosen: Ints) -> Recent:
        """Return R of the chosen subjects."""
        return Recent(**{field.name: _some_of(getattr(self, field.name), chosen) for field in fields(self)})


def add_up(
    votes: Votes,
    method: Method,
    *,
    recent: Recent | None = None,
    other_topics: Floats | None = None,
    allowed: tuple[Floats, Floats] | None = None,
) -> Totals:
    """Add the voices up; `recent` and `other_topics` are what these add up to, where that is known already.

    So is `allowed`, what the seeds allow of the voices on the topic, and of how many seeds.
    """
    recent = recent or Recent.of(votes.subjects, votes.recent, sums_of(votes.recent_attribution))
    topic, other = votes.on_topic, votes.other_topics
    all_kinds, n_effective = sum_voices(votes.subjects, topic.subject, topic.voice)
    same = topic.voice is topic.voice_help or np.array_equal(topic.voice, topic.voice_help)
    backed, n_backed = allowed or sums_of(votes.attribution) or (None, n_effective)
    return Totals(
        all_kinds=all_kinds,
        help=all_kinds if same else sum_voices(votes.subjects, topic.subject, topic.voice_help)[0],
        posts=post_totals(votes.subjects, topic, method.voice),
        other=sum_voices(votes.subjects, other.subject, other.voice)[0] if other_topics is None else other_topics,
        recent=recent.total,
        n_effective=n_effective if backed is None else np.minimum(n_effective, n_backed),
        n_recent=recent.n_effective,
        backed=backed,
        recent_backed=recent.backed,
    )


def with_corrupt_people(totals: Totals, most: Floats) -> Totals:
    """Return the totals with so many voices more on the topic and lately: all trusted, and each as large as can be.

    They are those of one subject, by several such numbers of voices.
    """
    more = {name: getattr(totals, name) + most for name in ("all_kinds", "help", "recent")}
    return with_changes(totals, **more)


def with_corrupt_seeds(totals: Totals, on_topic: SeedAttribution, recent: SeedAttribution, corrupt: Ints) -> Totals:
    """Return the totals if so many seeds did all they can: voices without end that rest on them.

    They are those of one subject, by several such numbers of seeds.
    """
    here, late = (seeds.with_corrupt(corrupt) for seeds in (on_topic, recent))
    return with_changes(totals, all_kinds=here, help=here, backed=here, recent=late, recent_backed=late)


def _some_of(values: Any, chosen: Ints | Bools) -> Any:  # noqa: ANN401 # an array, or none
    return None if values is None else values[chosen]


def post_totals(subjects: int, voices: Voices, rule: VoiceRule) -> Floats:
    """P: what each endorsed post and each list gives, at most the cap."""
    lines = where_true(voices.line_soft > 0)
    if not lines.size:
        return np.zeros(subjects)
    subject, post, gives = (
        voices.subject[voices.ledger.pair[lines]],
        voices.ledger.contribution[lines],
        voices.line_soft[lines],
    )
    order = np.lexsort((gives, post, subject))
    subject, post, gives = subject[order], post[order], gives[order]
    new = np.ones(gives.size, np.bool_)
    new[1:] = (subject[1:] != subject[:-1]) | (post[1:] != post[:-1])
    capped = np.minimum(rule.post_cap, sum_by(new.cumsum() - 1, gives, int(new.sum())))
    order = np.lexsort((capped, subject[new]))
    return sum_by(subject[new][order], capped[order], subjects)
