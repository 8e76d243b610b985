"""Voices checked: each row of the evidence recomputed from its acts, and what voices add up to."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from .digests import ERASED

if TYPE_CHECKING:
    from collections.abc import Collection

    from .findings import Figures, Json, VerificationReport

SCOPES = ("on_topic", "other_topics", "recent")
SOFT_KINDS = ("listed", "endorsed")  # weighed by prominence and by the square of reciprocity
DAY_S = 86_400
SAME = 1e-12


@dataclass
class Line:
    """What one person took up of one contribution: the act of each class, None where there is none."""

    help: Json | None = None
    soft: Json | None = None


def lines_of(voice: Json) -> dict[str, Line]:
    """Group a voice's acts by contribution; erased contributions each stand for themselves."""
    lines: dict[str, Line] = {}
    for index, act in enumerate(voice["acts"]):
        key = f"{ERASED} {index}" if act["of"] == ERASED else f"of {act['of']}"
        line = lines.setdefault(key, Line())
        if act["kind"] in SOFT_KINDS:
            line.soft = act
        else:
            line.help = act
    return lines


def strength(act: Json, scope: str, as_of: str, figures: Figures) -> float:
    """Q times decay of an act. Raises KeyError for a kind the method does not know."""
    age_days = (_time(as_of) - _time(act["at"])).total_seconds() / DAY_S
    half_life = figures.recent_half_life_days if scope == "recent" else figures.half_life_days
    return float(figures.strengths[act["kind"]] * 0.5 ** (age_days / half_life))


def worth(voice: Json, x: float, figures: Figures) -> float:
    """What a person is worth whose credited strength is x."""
    return float(voice["standing"] * min(math.log2(1 + x), figures.most))


def trust(voice: Json, figures: Figures) -> tuple[float, float]:
    """What reciprocity leaves of help and of soft recognition."""
    r = voice["reciprocity"]
    return r**figures.help_reciprocity, r**figures.soft_reciprocity


def check_voice(findings: VerificationReport, part: str, voice: Json, as_of: str, figures: Figures) -> None:
    """Recompute one row: strengths of its acts, credit, what was received, reciprocity, prominence, voice."""
    _check_prominence(findings, part, voice, figures)
    received = _check_acts(findings, part, voice, as_of, figures)
    for name, soft in (("help", False), ("soft", True)):
        credited = [act["strength"] for act in voice["acts"] if act["credited"] and (act["kind"] in SOFT_KINDS) == soft]
        findings.close(f"{part}/{name}", voice[name], math.fsum(credited), "sum of the credited strengths")
    findings.close(f"{part}/received", voice["received"], received, "strengths received, prominence left out")
    both = voice["received"] + voice["given"]
    reciprocity = voice["received"] / both if both > 0 else 1.0
    findings.close(f"{part}/reciprocity", voice["reciprocity"], reciprocity, "received / (received + given)")
    if voice["given"] < 0 or not 0 <= voice["standing"] <= 1:
        findings.fault(part, [voice["given"], voice["standing"]], None, "given is below 0 or standing not within 0..1")
    for_help, for_soft = trust(voice, figures)
    made = worth(voice, voice["help"] * for_help + voice["soft"] * for_soft, figures)
    findings.close(f"{part}/voice", voice["voice"], made, "standing · log₂(1 + x), x = help·√r + soft·r²")


def check_order(findings: VerificationReport, part: str, rows: list[tuple[int, Json]], size: str = "voice") -> None:
    """Expect the rows of one scope in order of size, each person once."""
    names: set[str] = set()
    for rank, (index, row) in enumerate(rows):
        if rank and row[size] > rows[rank - 1][1][size]:
            findings.fault(f"{part}/{index}/{size}", row[size], None, "larger than the one before it")
        if row["by"] in names and row["by"] != ERASED:
            findings.fault(f"{part}/{index}/by", row["by"], None, "speaks twice")
        names.add(row["by"])


def _check_prominence(findings: VerificationReport, part: str, voice: Json, figures: Figures) -> None:
    n = voice["recognised_by"]
    floor, half_at = figures.prominence_floor, figures.prominence_half_at
    m = 1.0 if n is None else floor + (1 - floor) * n / (n + half_at)
    findings.close(f"{part}/prominence", voice["prominence"], m, "m = .1 + .9·N/(N + 3), 1 where N plays no part")
    if voice["scope"] == "other_topics":
        findings.equal(f"{part}/recognised_by", n, None, "off the topic m is 1")
        findings.equal(f"{part}/given", voice["given"], 0, "off the topic r is 1")


def _check_acts(findings: VerificationReport, part: str, voice: Json, as_of: str, figures: Figures) -> float:
    """Check each act; return the strengths received, each contribution once by its stronger class."""
    place = {id(act): f"{part}/acts/{index}" for index, act in enumerate(voice["acts"])}
    lines = lines_of(voice)
    for act in voice["acts"]:
        plain = strength(act, voice["scope"], as_of, figures)
        times = voice["prominence"] if act["kind"] in SOFT_KINDS else 1.0
        findings.close(f"{place[id(act)]}/strength", act["strength"], plain * times, "q · decay, soft kinds times m")
    kept = {id(act) for line in lines.values() for act in (line.help, line.soft) if act}
    for index, act in enumerate(voice["acts"]):
        if id(act) not in kept:
            findings.fault(f"{part}/acts/{index}", act["kind"], None, "a contribution is credited once a class")
    received = []
    for line in lines.values():
        _check_credit(findings, place, line, voice, figures)
        received.append(max(strength(act, voice["scope"], as_of, figures) for act in (line.help, line.soft) if act))
    return math.fsum(received)


def _check_credit(
    findings: VerificationReport, place: dict[int, str], line: Line, voice: Json, figures: Figures
) -> None:
    """Of help and soft recognition of one contribution, expect the larger to be credited, help where they are equal."""
    for_help, for_soft = trust(voice, figures)
    by_help = line.help["strength"] * for_help if line.help else 0.0
    by_soft = line.soft["strength"] * for_soft if line.soft else 0.0
    if line.help and line.soft and abs(by_help - by_soft) <= SAME * by_help:
        return
    for act, credited in ((line.help, by_help >= by_soft), (line.soft, by_help < by_soft)):
        if act:
            findings.equal(f"{place[id(act)]}/credited", act["credited"], credited, "the larger class is credited")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


@dataclass(frozen=True)
class SeedCounts:
    """What counts of each seed of the voices on the topic and of the recent ones; None where everybody is trusted."""

    on_topic: list[float] | None
    recent: list[float] | None


NO_SEEDS = SeedCounts(None, None)


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


def add_up(evidence: list[Json], figures: Figures, seeds: SeedCounts, silent: Collection[str] = ()) -> Sums:
    """Add the voices up but for those of `silent`."""
    on_topic, other, recent = ([v for v in scoped(evidence, s) if v["by"] not in silent] for s in SCOPES)
    topic_voices, recent_voices = ([v["voice"] for v in voices] for voices in (on_topic, recent))
    by_help = math.fsum(help_alone(v, figures) for v in on_topic)
    posts = math.fsum(min(figures.post_cap, gives) for gives in _by_post(on_topic, figures).values())
    a, n_effective = _held(min(math.fsum(topic_voices), by_help + posts), topic_voices, seeds.on_topic)
    r, n_recent = _held(math.fsum(recent_voices), recent_voices, seeds.recent)
    return Sums(
        on_topic=a,
        help=by_help,
        posts=posts,
        other=math.fsum(v["voice"] for v in other),
        recent=r,
        n_effective=n_effective,
        n_recent=n_recent,
    )


def _held(total: float, voices: list[float], seeds: list[float] | None) -> tuple[float, float]:
    """Return a total of voices and their effective number, or what is less by the seeds."""
    if seeds is None:
        return total, effective(voices)
    return min(total, math.fsum(seeds)), min(effective(voices), effective(seeds))


def effective(voices: list[float]) -> float:
    """Return the effective number of voices, (Σv)²/Σv²."""
    squares = math.fsum(voice * voice for voice in voices)
    return math.fsum(voices) ** 2 / squares if squares > 0 else 0.0


def help_alone(voice: Json, figures: Figures) -> float:
    """What the person is worth by help alone, as if there were no endorsements and lists."""
    help_acts = [line.help["strength"] for line in lines_of(voice).values() if line.help]
    return worth(voice, math.fsum(help_acts) * trust(voice, figures)[0], figures)


def kinds_of_voices(voices: list[Json], figures: Figures) -> dict[str, float]:
    """Return what each kind gave to the counted voices: in proportion to what it gave to x."""
    gave: dict[str, float] = defaultdict(float)
    for voice in voices:
        for_help, for_soft = trust(voice, figures)
        parts = [
            (act["kind"], act["strength"] * (for_soft if act["kind"] in SOFT_KINDS else for_help))
            for act in voice["acts"]
            if act["credited"]
        ]
        _share(gave, parts, voice["voice"])
    return _positive(gave)


def kinds_of_help_and_posts(voices: list[Json], figures: Figures) -> dict[str, float]:
    """Return what each kind gave to A_help and P, where that side of the minimum holds."""
    gave: dict[str, float] = defaultdict(float)
    for voice in voices:
        lines = lines_of(voice).values()
        parts = [(line.help["kind"], line.help["strength"]) for line in lines if line.help]
        _share(gave, parts, help_alone(voice, figures))
    posts = _by_post(voices, figures)
    for post, voice, act in _soft_acts(voices):
        if posts[post] > 0:
            capped = min(figures.post_cap, posts[post]) / posts[post]
            gave[act["kind"]] += capped * _line_soft(voice, act, figures)
    return _positive(gave)


def _by_post(voices: list[Json], figures: Figures) -> dict[str, float]:
    """What each endorsed post and each list would give to P without the cap."""
    gives: dict[str, list[float]] = defaultdict(list)
    for post, voice, act in _soft_acts(voices):
        gives[post].append(_line_soft(voice, act, figures))
    return {post: math.fsum(parts) for post, parts in gives.items()}


def _soft_acts(voices: list[Json]) -> list[tuple[str, Json, Json]]:
    """List (contribution, voice, act) of endorsements and lists; erased contributions each stand for themselves."""
    return [
        (f"{ERASED} {number} {key}" if key.startswith(ERASED) else key, voice, line.soft)
        for number, voice in enumerate(voices)
        for key, line in lines_of(voice).items()
        if line.soft
    ]


def _line_soft(voice: Json, act: Json, figures: Figures) -> float:
    return float(voice["standing"] * trust(voice, figures)[1] * act["strength"])


def _share(gave: dict[str, float], parts: list[tuple[str, float]], amount: float) -> None:
    whole = math.fsum(part for _, part in parts)
    for kind, part in parts:
        gave[kind] += amount * part / whole if whole > 0 else 0.0


def _positive(gave: dict[str, float]) -> dict[str, float]:
    return {kind: amount for kind, amount in gave.items() if amount > 0}
