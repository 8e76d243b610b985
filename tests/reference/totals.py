"""Adding voices up: A with its two sides, B and R, and what each kind of recognition gave to them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from reference.backing import allowed, seeds_of, trust_in
from reference.voices import ByKind, Voice, other_voices, recent_voices, voices_on_topic

if TYPE_CHECKING:
    from candor.scoring.method import Method
    from reference.voices import Case


@dataclass
class Totals:
    """A, B and R, in voices; `others` is B − A. `kinds` says what each kind gave to A, `recent_kinds` to R;
    `speakers` are the voices on the topic.

    `backed` and `recent_backed` are what those allow whose trust the voices rest on, None where everybody is trusted.
    """

    all_kinds: float
    helped: float
    posts: float
    others: float
    recent_voices: float
    backed: float | None = None
    recent_backed: float | None = None
    effective: float = 0.0
    recent_effective: float = 0.0
    kinds: ByKind = field(default_factory=dict)
    recent_kinds: ByKind = field(default_factory=dict)
    speakers: list[Voice] = field(default_factory=list)

    @property
    def voices(self) -> float:
        return min(self.all_kinds, self.helped + self.posts)

    @property
    def on_topic(self) -> float:
        return self.voices if self.backed is None else min(self.voices, self.backed)

    @property
    def recent(self) -> float:
        return self.recent_voices if self.recent_backed is None else min(self.recent_voices, self.recent_backed)

    @property
    def all_topics(self) -> float:
        return self.on_topic + self.others


@dataclass
class Voices:
    """The voices of the three scopes, and how much of those on the topic and of late rests on whom of the root."""

    on_topic: list[Voice]
    other_topics: list[Voice]
    recent: list[Voice]
    case: Case

    @property
    def method(self) -> Method:
        return self.case.method

    @property
    def trust(self) -> dict[str, float] | None:
        return trust_in(self.case, self.on_topic)

    @property
    def recent_trust(self) -> dict[str, float] | None:
        return trust_in(self.case, self.recent)

    def without(self, people: set[str]) -> Voices:
        """The same with some silent."""
        kept = [[v for v in scope if v.by not in people] for scope in (self.on_topic, self.other_topics, self.recent)]
        return Voices(*kept, self.case)


def gather_voices(case: Case, topic: str) -> Voices:
    return Voices(voices_on_topic(case, topic), other_voices(case, topic), recent_voices(case), case)


def add_up(voices: Voices) -> Totals:
    """Add the voices up."""
    posts = _posts(voices.on_topic, voices.method.voice.post_cap)
    totals = Totals(
        all_kinds=sum(v.voice for v in voices.on_topic),
        helped=sum(v.help_voice for v in voices.on_topic),
        posts=sum(posts.values()),
        others=sum(v.voice for v in voices.other_topics),
        recent_voices=sum(v.voice for v in voices.recent),
    )
    totals.effective = effective([v.voice for v in voices.on_topic])
    totals.recent_effective = effective([v.voice for v in voices.recent])
    totals.speakers = voices.on_topic
    totals.kinds = _kinds_of_a(voices.on_topic, totals, posts)
    totals.recent_kinds = _shares([(v.voice, v.x_by_kind) for v in voices.recent])
    _no_more_than_is_backed(totals, voices)
    return totals


def effective(voices: list[float]) -> float:
    """The effective number of voices, (Σv)²/Σv²."""
    squares = sum(v * v for v in voices)
    return sum(voices) ** 2 / squares if squares else 0.0


def by_themselves(totals: Totals, corrupt: int, method: Method) -> Totals:
    """The totals with so many people more, each worth the most that one can be, in A and in R."""
    more = corrupt * method.voice.most
    raised = {name: getattr(totals, name) + more for name in ("all_kinds", "helped", "recent_voices")}
    return replace(totals, **raised)


def whatever_they_do(voices: Voices, totals: Totals, corrupt: int) -> Totals:
    """The totals if so many people of the root did all they can; what is off the topic stays as it is."""
    if voices.trust is None or voices.recent_trust is None:
        raise ValueError("everybody is trusted here")
    seeds, method = seeds_of(voices.case), voices.method
    a, r = (sum(allowed(trust.values(), seeds, method, corrupt)) for trust in (voices.trust, voices.recent_trust))
    return replace(totals, all_kinds=a, helped=a, posts=0.0, recent_voices=r, backed=None, recent_backed=None)


def _no_more_than_is_backed(totals: Totals, voices: Voices) -> None:
    if voices.trust is None or voices.recent_trust is None:
        return
    seeds, method = seeds_of(voices.case), voices.method
    here, late = (allowed(trust.values(), seeds, method) for trust in (voices.trust, voices.recent_trust))
    totals.backed, totals.recent_backed = sum(here), sum(late)
    totals.effective = min(totals.effective, effective(here))
    totals.recent_effective = min(totals.recent_effective, effective(late))
    if totals.backed < totals.voices:
        totals.kinds = _scaled(totals.kinds, totals.backed / totals.voices)
    if totals.recent_backed < totals.recent_voices:
        totals.recent_kinds = _scaled(totals.recent_kinds, totals.recent_backed / totals.recent_voices)


def _scaled(kinds: ByKind, share: float) -> ByKind:
    return {kind: amount * share for kind, amount in kinds.items()}


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
    for voice, by_kind in voices:
        for kind, x in by_kind.items():
            kinds[kind] += voice * x / sum(by_kind.values()) if voice else 0.0
    return dict(kinds)
