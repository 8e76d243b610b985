"""How much each person's acts count for an account: the voices behind A, B and R."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from reference.constants import BOOKED, SOFT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from candor.scoring.method import Method
    from candor.scoring.trust_root import TrustRoot
    from reference.acts import Recognition
    from reference.standing import Flow
    from reference.world import World

ByKind = dict[str, float]


@dataclass
class Voice:
    """One person's acts on the account. `help_by_kind` is x by kind if there were no soft acts."""

    by: str
    standing: float
    method: Method
    recognised_by: float = 0.0
    prominence: float = 1.0
    received: float = 0.0
    given: float = 0.0
    reciprocity: float = 1.0
    x_by_kind: ByKind = field(default_factory=dict)
    help_by_kind: ByKind = field(default_factory=dict)
    soft_by_post: dict[tuple[str, str], float] = field(default_factory=dict)

    @property
    def x(self) -> float:
        return sum(self.x_by_kind.values())

    @property
    def worth(self) -> float:
        return worth(self.x, self.method)

    @property
    def voice(self) -> float:
        return self.standing * self.worth

    @property
    def help_voice(self) -> float:
        return self.standing * worth(sum(self.help_by_kind.values()), self.method)


def worth(x: float, method: Method) -> float:
    """What one person of full standing is worth."""
    return min(math.log2(1 + x), method.voice.most)


@dataclass
class Case:
    """Everything that the voices for one account are computed from."""

    account: str
    world: World
    acts: list[Recognition]
    standing: dict[str, float]
    flow: Flow | None
    trust_root: TrustRoot

    @property
    def method(self) -> Method:
        return self.world.method

    def voice(self, by: str) -> Voice:
        """A voice in which nothing is said yet."""
        return Voice(by, self.standing[by], self.method)

    def is_copy(self, act: Recognition) -> bool:
        return act.text in self._copies

    @cached_property
    def _copies(self) -> set[str]:
        """The texts that are copies, by who took each up on whatever topic."""
        takers: dict[str, set[str]] = defaultdict(set)
        for act in self.mentioned(None):
            if act.text is not None:
                takers[act.text].add(act.by)
        return self.world.copies(takers, self.standing)

    def names(self, person: str, topic: str | None) -> bool:
        """Whether the trust root names a person for the topic, or for any topic."""
        named = [set(a.topics or ()) for a in self.trust_root.accounts if a.account == person]
        return any(topics if topic is None else topic in topics for topics in named)

    def mentioned(self, topic: str | None) -> list[Recognition]:
        """The acts on a topic, or all of them."""
        at_face_value = self.trust_root.kind == "network"
        return [a for a in self.acts if (topic is None or topic in a.topics) and (at_face_value or a.kind != "voted")]


def voices_on_topic(case: Case, topic: str) -> list[Voice]:
    """The voices behind A: what people took up on the topic."""
    return _voices(case, case.mentioned(topic), topic, case.method.window.half_life_days)


def recent_voices(case: Case) -> list[Voice]:
    """The voices behind R: what people took up on any topic, of late."""
    return _voices(case, case.mentioned(None), None, case.method.window.recent_half_life_days)


def other_voices(case: Case, topic: str) -> list[Voice]:
    """The voices that B adds to A: what people took up elsewhere, with m = 1 and r = 1, copies too."""
    elsewhere = [a for a in case.mentioned(None) if topic not in a.topics and a.to == case.account]
    found = []
    for by, acts in _grouped(elsewhere, lambda a: a.by).items():
        voice = case.voice(by)
        _credit(case, voice, acts, case.method.window.half_life_days)
        found.append(voice)
    return found


def _voices(case: Case, acts: list[Recognition], topic: str | None, half_life_days: float) -> list[Voice]:
    earned = [a for a in acts if a.to == case.account and not case.is_copy(a)]
    given = [a for a in acts if a.by == case.account and a.kind not in BOOKED]
    found = []
    for by, theirs in _grouped(earned, lambda a: a.by).items():
        voice = case.voice(by)
        voice.recognised_by = _recognised_by(case, acts, by)
        voice.prominence = _prominence(voice.recognised_by, case.method)
        if case.names(by, topic):
            voice.prominence = 1.0
        voice.received = _plain_sum(case, theirs, half_life_days)
        voice.given = _plain_sum(case, [a for a in given if a.to == by], half_life_days)
        voice.reciprocity = voice.received / (voice.received + voice.given)
        _credit(case, voice, theirs, half_life_days)
        found.append(voice)
    return found


def _prominence(recognised_by: float, method: Method) -> float:
    """m: from the floor up to 1 as N grows."""
    floor = method.voice.prominence_floor
    return floor + (1 - floor) * recognised_by / (recognised_by + method.voice.prominence_half_at)


def _recognised_by(case: Case, acts: list[Recognition], person: str) -> float:
    """N: the standing of those who recognised a person and whom the person did not recognise in turn."""
    recognisers = {a.by for a in acts if a.to == person and not case.is_copy(a)}
    in_turn = {a.to for a in acts if a.by == person and a.kind not in BOOKED}
    return sum(case.standing[who] for who in sorted(recognisers - in_turn - {case.account}))


def _decay(age_days: float, half_life_days: float) -> float:
    return float(0.5 ** (age_days / half_life_days))


def _plain_sum(case: Case, acts: Iterable[Recognition], half_life_days: float) -> float:
    """The c1 of the method: each contribution once, with the strongest act, prominence left aside."""
    return sum(
        max(case.method.kinds[a.kind] * _decay(a.age_days, half_life_days) for a in of_one)
        for of_one in _grouped(acts, lambda a: a.of).values()
    )


def _credit(case: Case, voice: Voice, acts: Iterable[Recognition], half_life_days: float) -> None:
    """Credit each contribution once: the best help act or the best soft act, whichever is worth more."""
    for of_one in _grouped(acts, lambda a: a.of).values():
        helped = _strongest(case, [a for a in of_one if a.kind not in SOFT], half_life_days)
        soft = _strongest(case, [a for a in of_one if a.kind in SOFT], half_life_days)
        help_x = helped[0] * voice.reciprocity**case.method.voice.help_reciprocity
        soft_x = soft[0] * voice.prominence * voice.reciprocity**case.method.voice.soft_reciprocity
        credited = (help_x, helped[1]) if help_x >= soft_x else (soft_x, soft[1])
        _add(voice.x_by_kind, credited[1], credited[0])
        if helped[1]:
            _add(voice.help_by_kind, helped[1], help_x)
        if soft[1]:
            voice.soft_by_post[of_one[0].of, soft[1]] = soft_x


def _strongest(case: Case, acts: list[Recognition], half_life_days: float) -> tuple[float, str]:
    """Strength q·decay and kind of the strongest act; ties to the oldest."""
    ranked = [(case.method.kinds[a.kind] * _decay(a.age_days, half_life_days), a.age_days, a.kind) for a in acts]
    best = max(ranked, key=lambda act: act[:2], default=(0.0, 0.0, ""))
    return best[0], best[2]


def _add(sums: ByKind, kind: str, amount: float) -> None:
    sums[kind] = sums.get(kind, 0.0) + amount


def _grouped(acts: Iterable[Recognition], key: Callable[[Recognition], str]) -> dict[str, list[Recognition]]:
    groups: defaultdict[str, list[Recognition]] = defaultdict(list)
    for act in acts:
        groups[key(act)].append(act)
    return dict(groups)
