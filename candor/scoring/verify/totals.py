"""From voices to totals: A, B and R, what each kind of recognition gave to them, and what some voices add."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .digests import ERASED
from .voices import lines_of, trust, worth

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from .constants import Constants
    from .findings import Json

SCOPES = ("on_topic", "other_topics", "recent")


@dataclass(frozen=True)
class Backed:
    """What counts of each on whose trust the voices on the topic and of late rest; None where that is not asked."""

    on_topic: list[float] | None
    recent: list[float] | None


UNBACKED = Backed(None, None)


@dataclass(frozen=True)
class Sums:
    """Sums of voices, A and R no more than is backed, and the effective numbers on the side that holds."""

    on_topic: float
    help: float
    posts: float
    other: float
    recent: float
    n_effective: float
    n_recent: float


def scoped(evidence: list[Json], scope: str) -> list[Json]:
    """Return the rows of one scope, in their order."""
    return [voice for voice in evidence if voice["scope"] == scope]


def add_up(
    evidence: list[Json],
    constants: Constants,
    backed: Backed,
    silent: Collection[str] = (),
    more: Sequence[float] = (),
) -> Sums:
    """Add the voices up but for those of `silent`, with `more` on the topic and of late."""
    on_topic, other, recent = ([v for v in scoped(evidence, s) if v["by"] not in silent] for s in SCOPES)
    topic_voices = counted([*(v["voice"] for v in on_topic), *more], constants)
    recent_voices = counted([*(v["voice"] for v in recent), *more], constants)
    by_help = math.fsum(counted([*(help_alone(v, constants) for v in on_topic), *more], constants))
    posts = math.fsum(min(constants.post_cap, gives) for gives in _by_post(on_topic, constants).values())
    a, n_effective = _held(min(math.fsum(topic_voices), by_help + posts), topic_voices, backed.on_topic)
    r, n_recent = _held(math.fsum(recent_voices), recent_voices, backed.recent)
    return Sums(
        on_topic=a,
        help=by_help,
        posts=posts,
        other=math.fsum(counted((v["voice"] for v in other), constants)),
        recent=r,
        n_effective=n_effective,
        n_recent=n_recent,
    )


def _held(total: float, voices: list[float], backers: list[float] | None) -> tuple[float, float]:
    """Return a total of voices and their effective number, or what is less by the backers."""
    if backers is None:
        return total, effective(voices)
    return min(total, math.fsum(backers)), min(effective(voices), effective(backers))


def counted(voices: Iterable[float], constants: Constants) -> list[float]:
    """Return what of each voice counts, the largest first, those halved."""
    ordered = sorted(voices, reverse=True)
    return [voice / 2 if rank < constants.halved else voice for rank, voice in enumerate(ordered)]


def effective(voices: list[float]) -> float:
    """Return the effective number of voices, (Σv)²/Σv²."""
    squares = math.fsum(voice * voice for voice in voices)
    return math.fsum(voices) ** 2 / squares if squares > 0 else 0.0


def help_alone(voice: Json, constants: Constants) -> float:
    """What the person is worth by help alone, as if there were no endorsements and lists."""
    help_acts = [line.help["strength"] for line in lines_of(voice, constants).values() if line.help]
    return worth(voice, math.fsum(help_acts) * trust(voice, constants)[0], constants)


def kinds_of_voices(voices: list[Json], constants: Constants) -> dict[str, float]:
    """Return what each kind gave to the counted voices: in proportion to what it gave to x."""
    gave: dict[str, float] = defaultdict(float)
    for voice in voices:
        for_help, for_soft = trust(voice, constants)
        parts = [
            (act["kind"], act["strength"] * (for_soft if act["kind"] in constants.soft_kinds else for_help))
            for act in voice["acts"]
            if act["credited"]
        ]
        _share(gave, parts, voice["counted"])
    return _positive(gave)


def kinds_of_help_and_posts(voices: list[Json], constants: Constants) -> dict[str, float]:
    """Return what each kind gave to A_help and P, where that side of the minimum holds."""
    gave: dict[str, float] = defaultdict(float)
    by_help = sorted(voices, key=lambda voice: -help_alone(voice, constants))
    for rank, voice in enumerate(by_help):
        lines = lines_of(voice, constants).values()
        parts = [(line.help["kind"], line.help["strength"]) for line in lines if line.help]
        _share(gave, parts, help_alone(voice, constants) * (0.5 if rank < constants.halved else 1))
    posts = _by_post(voices, constants)
    for post, voice, act in _soft_acts(voices, constants):
        if posts[post] > 0:
            capped = min(constants.post_cap, posts[post]) / posts[post]
            gave[act["kind"]] += capped * _line_soft(voice, act, constants)
    return _positive(gave)


def _by_post(voices: list[Json], constants: Constants) -> dict[str, float]:
    """What each endorsed post and each list would give to P without the cap."""
    gives: dict[str, list[float]] = defaultdict(list)
    for post, voice, act in _soft_acts(voices, constants):
        gives[post].append(_line_soft(voice, act, constants))
    return {post: math.fsum(parts) for post, parts in gives.items()}


def _soft_acts(voices: list[Json], constants: Constants) -> list[tuple[str, Json, Json]]:
    """List (contribution, voice, act) of endorsements and lists; erased contributions each stand for themselves."""
    return [
        (f"{ERASED} {number} {key}" if key.startswith(ERASED) else key, voice, line.soft)
        for number, voice in enumerate(voices)
        for key, line in lines_of(voice, constants).items()
        if line.soft
    ]


def _line_soft(voice: Json, act: Json, constants: Constants) -> float:
    return float(voice["standing"] * trust(voice, constants)[1] * act["strength"])


def _share(gave: dict[str, float], parts: list[tuple[str, float]], amount: float) -> None:
    whole = math.fsum(part for _, part in parts)
    for kind, part in parts:
        gave[kind] += amount * part / whole if whole > 0 else 0.0


def _positive(gave: dict[str, float]) -> dict[str, float]:
    return {kind: amount for kind, amount in gave.items() if amount > 0}
