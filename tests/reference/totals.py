"""Adding voices up: A with its two sides, B and R, and what each kind of recognition gave to them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from reference.backing import trust_in, worth_of
from reference.voices import ByKind, Voice, other_voices, recent_voices, voices_on_topic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from candor.scoring.method import Method
    from reference.voices import Case


def halved(voices: Iterable[float], many: int) -> float:
    """Sum of voices, so many of the largest counted half."""
    return sum(counted(list(voices), many))


def counted(voices: list[float], many: int) -> list[float]:
    """What of each voice counts."""
    largest = sorted(range(len(voices)), key=lambda i: -voices[i])[:many]
    return [v / 2 if i in largest else v for i, v in enumerate(voices)]


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


def add_up(voices: Voices, corrupt: int = 0) -> Totals:
    """Add the voices up; `corrupt` people more are worth the most that one can be, in A and in R."""
    rule = voices.method.voice
    extra = [rule.most] * corrupt
    posts = _posts(voices.on_topic, rule.post_cap)
    totals = Totals(
        all_kinds=halved([v.voice for v in voices.on_topic] + extra, rule.halved),
        helped=halved([v.help_voice for v in voices.on_topic] + extra, rule.halved),
        posts=sum(posts.values()),
        others=halved([v.voice for v in voices.other_topics], rule.halved),
        recent_voices=halved([v.voice for v in voices.recent] + extra, rule.halved),
    )
    totals.effective = effective([v.voice for v in voices.on_topic], rule.halved)
    totals.recent_effective = effective([v.voice for v in voices.recent], rule.halved)
    totals.speakers = voices.on_topic
    totals.kinds = _kinds_of_a(voices.on_topic, totals, posts, rule.halved)
    totals.recent_kinds = _shares([(v.voice, v.x_by_kind) for v in voices.recent], rule.halved)
    _no_more_than_is_backed(totals, voices)
    return totals


def effective(voices: Iterable[float], many: int) -> float:
    """The effective number of voices: of the counted ones, (Σv)²/Σv²."""
    counts = counted(list(voices), many)
    squares = sum(c * c for c in counts)
    return sum(counts) ** 2 / squares if squares else 0.0


def backed(trust: dict[str, float], method: Method, corrupt: int = 0) -> float:
    """What those of the root allow, and so many more of whom each is worth the most that one can be."""
    most = method.voice.seed_cap
    return halved([*worth_of(trust.values(), most), *[most] * corrupt], method.voice.halved)


def whatever_they_do(voices: Voices, totals: Totals, corrupt: int) -> Totals:
    """The totals if so many people of the root did all they can; what is off the topic stays as it is."""
    if voices.trust is None or voices.recent_trust is None:
        raise ValueError("everybody is trusted here")
    a, r = (backed(trust, voices.method, corrupt) for trust in (voices.trust, voices.recent_trust))
    return replace(totals, all_kinds=a, helped=a, posts=0.0, recent_voices=r, backed=None, recent_backed=None)


def _no_more_than_is_backed(totals: Totals, voices: Voices) -> None:
    rule = voices.method.voice
    if voices.trust is None or voices.recent_trust is None:
        return
    here, late = (worth_of(trust.values(), rule.seed_cap) for trust in (voices.trust, voices.recent_trust))
    totals.backed, totals.recent_backed = halved(here, rule.halved), halved(late, rule.halved)
    totals.effective = min(totals.effective, effective(here, rule.halved))
    totals.recent_effective = min(totals.recent_effective, effective(late, rule.halved))
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


def _kinds_of_a(voices: list[Voice], totals: Totals, posts: dict[tuple[str, str], float], many: int) -> ByKind:
    """Split A by kind: by x in the counted voices, or by help and posts where that side of the minimum holds."""
    if totals.all_kinds <= totals.helped + totals.posts:
        return _shares([(v.voice, v.x_by_kind) for v in voices], many)
    kinds = _shares([(v.help_voice, v.help_by_kind) for v in voices], many)
    for (_, kind), amount in posts.items():
        kinds[kind] = kinds.get(kind, 0.0) + amount
    return kinds


def _shares(voices: list[tuple[float, ByKind]], many: int) -> ByKind:
    kinds: defaultdict[str, float] = defaultdict(float)
    for part, (_, by_kind) in zip(counted([voice for voice, _ in voices], many), voices, strict=True):
        for kind, x in by_kind.items():
            kinds[kind] += part * x / sum(by_kind.values()) if part else 0.0
    return dict(kinds)
