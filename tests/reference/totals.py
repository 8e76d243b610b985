"""Adding voices up: A with its two sides, B and R, and what each kind of recognition gave to them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reference.voices import ByKind, Voice, other_voices, recent_voices, voices_on_topic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reference.voices import Case


def halved(voices: Iterable[float]) -> float:
    """Sum of voices, the five largest counted half."""
    return sum(counted(list(voices)))


def counted(voices: list[float]) -> list[float]:
    """What of each voice counts."""
    largest = sorted(range(len(voices)), key=lambda i: -voices[i])[:5]
    return [v / 2 if i in largest else v for i, v in enumerate(voices)]


@dataclass
class Totals:
    """A, B and R, in voices; `others` is B − A. `kinds` says what each kind gave to A, `recent_kinds` to R."""

    all_kinds: float
    helped: float
    posts: float
    others: float
    recent: float
    effective: float = 0.0
    kinds: ByKind = field(default_factory=dict)
    recent_kinds: ByKind = field(default_factory=dict)

    @property
    def on_topic(self) -> float:
        return min(self.all_kinds, self.helped + self.posts)

    @property
    def all_topics(self) -> float:
        return self.on_topic + self.others


@dataclass
class Voices:
    """The voices of the three scopes."""

    on_topic: list[Voice]
    other_topics: list[Voice]
    recent: list[Voice]
    most_a_post: float

    def without(self, people: set[str]) -> Voices:
        kept = [[v for v in scope if v.by not in people] for scope in (self.on_topic, self.other_topics, self.recent)]
        return Voices(*kept, self.most_a_post)


def gather_voices(case: Case, topic: str) -> Voices:
    most_a_post = case.version.most_a_post
    return Voices(voices_on_topic(case, topic), other_voices(case, topic), recent_voices(case), most_a_post)


def add_up(voices: Voices, corrupt: int = 0, worth_each: float = 3.0) -> Totals:
    """Add the voices up; `corrupt` people more are worth three each, or less, in A and in R."""
    extra = [worth_each] * corrupt
    posts = _posts(voices.on_topic, voices.most_a_post)
    totals = Totals(
        all_kinds=halved([v.voice for v in voices.on_topic] + extra),
        helped=halved([v.help_voice for v in voices.on_topic] + extra),
        posts=sum(posts.values()),
        others=halved(v.voice for v in voices.other_topics),
        recent=halved([v.voice for v in voices.recent] + extra),
    )
    counts = counted([v.voice for v in voices.on_topic])
    if squares := sum(c * c for c in counts):
        totals.effective = sum(counts) ** 2 / squares
    totals.kinds = _kinds_of_a(voices.on_topic, totals, posts)
    totals.recent_kinds = _shares([(v.voice, v.x_by_kind) for v in voices.recent])
    return totals


def _posts(voices: list[Voice], most: float) -> dict[tuple[str, str], float]:
    """What each endorsed post and each list gives to P, by kind: at most so much each."""
    sums: defaultdict[str, float] = defaultdict(float)
    given: defaultdict[tuple[str, str], float] = defaultdict(float)
    for voice in voices:
        for (post, kind), soft_x in voice.soft_by_post.items():
            sums[post] += voice.standing * soft_x
            given[post, kind] += voice.standing * soft_x
    return {key: amount * min(1.0, most / sums[key[0]]) for key, amount in given.items() if amount}


def _kinds_of_a(voices: list[Voice], totals: Totals, posts: dict[tuple[str, str], float]) -> ByKind:
    """Split A by kind: by x in the counted voices, or by help and posts where that side of the minimum holds."""
    if totals.all_kinds <= totals.helped + totals.posts:
        return _shares([(v.voice, v.x_by_kind) for v in voices])
    kinds = _shares([(v.help_voice, v.help_by_kind) for v in voices])
    for (_, kind), amount in posts.items():
        kinds[kind] = kinds.get(kind, 0.0) + amount
    return kinds


def _shares(voices: list[tuple[float, ByKind]]) -> ByKind:
    kinds: defaultdict[str, float] = defaultdict(float)
    for part, (_, by_kind) in zip(counted([voice for voice, _ in voices]), voices, strict=True):
        for kind, x in by_kind.items():
            kinds[kind] += part * x / sum(by_kind.values()) if part else 0.0
    return dict(kinds)
