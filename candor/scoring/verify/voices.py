"""From acts to voices: each row of the evidence recomputed from what it states."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from .digests import ERASED

if TYPE_CHECKING:
    from .constants import Constants
    from .findings import Findings, Json

DAY_S = 86_400
SAME = 1e-12


@dataclass
class Line:
    """What one person took up of one contribution: the act of each class, None where there is none."""

    help: Json | None = None
    soft: Json | None = None


def lines_of(voice: Json, constants: Constants) -> dict[str, Line]:
    """Group a voice's acts by contribution; erased contributions each stand for themselves."""
    lines: dict[str, Line] = {}
    for index, act in enumerate(voice["acts"]):
        key = f"{ERASED} {index}" if act["of"] == ERASED else f"of {act['of']}"
        line = lines.setdefault(key, Line())
        if act["kind"] in constants.soft_kinds:
            line.soft = act
        else:
            line.help = act
    return lines


def strength(act: Json, scope: str, as_of: str, constants: Constants) -> float:
    """Q times decay of an act. Raises KeyError for a kind the method does not know."""
    age_days = (_time(as_of) - _time(act["at"])).total_seconds() / DAY_S
    half_life = constants.recent_half_life_days if scope == "recent" else constants.half_life_days
    return float(constants.strengths[act["kind"]] * 0.5 ** (age_days / half_life))


def worth(voice: Json, x: float, constants: Constants) -> float:
    """What a person is worth whose credited strength is x."""
    return float(voice["standing"] * constants.most * x / (x + constants.half_at))


def trust(voice: Json, constants: Constants) -> tuple[float, float]:
    """What reciprocity leaves of help and of soft recognition."""
    r = voice["reciprocity"]
    return r**constants.help_reciprocity, r**constants.soft_reciprocity


def check_voice(findings: Findings, part: str, voice: Json, as_of: str, constants: Constants) -> None:
    """Recompute one row: strengths of its acts, credit, what was received, reciprocity, prominence, voice."""
    _check_prominence(findings, part, voice, constants)
    received = _check_acts(findings, part, voice, as_of, constants)
    for name, soft in (("help", False), ("soft", True)):
        credited = [
            act["strength"]
            for act in voice["acts"]
            if act["credited"] and (act["kind"] in constants.soft_kinds) == soft
        ]
        findings.close(f"{part}/{name}", voice[name], math.fsum(credited), "sum of the credited strengths")
    findings.close(f"{part}/received", voice["received"], received, "strengths received, prominence left out")
    both = voice["received"] + voice["given"]
    reciprocity = voice["received"] / both if both > 0 else 1.0
    findings.close(f"{part}/reciprocity", voice["reciprocity"], reciprocity, "received / (received + given)")
    if voice["given"] < 0 or not 0 <= voice["standing"] <= 1:
        findings.fault(part, [voice["given"], voice["standing"]], None, "given is below 0 or standing not within 0..1")
    for_help, for_soft = trust(voice, constants)
    made = worth(voice, voice["help"] * for_help + voice["soft"] * for_soft, constants)
    findings.close(f"{part}/voice", voice["voice"], made, "standing · 3x/(x + 2), x = help·√r + soft·r²")


def check_order(
    findings: Findings, part: str, rows: list[tuple[int, Json]], constants: Constants, size: str = "voice"
) -> None:
    """Expect the rows of one scope in order of size, each person once, the largest counted half."""
    names: set[str] = set()
    for rank, (index, row) in enumerate(rows):
        counted = row[size] * (0.5 if rank < constants.halved else 1)
        findings.close(f"{part}/{index}/counted", row["counted"], counted, "the five largest count half")
        if rank and row[size] > rows[rank - 1][1][size]:
            findings.fault(f"{part}/{index}/{size}", row[size], None, "larger than the one before it")
        if row["by"] in names and row["by"] != ERASED:
            findings.fault(f"{part}/{index}/by", row["by"], None, "speaks twice")
        names.add(row["by"])


def _check_prominence(findings: Findings, part: str, voice: Json, constants: Constants) -> None:
    n = voice["recognised_by"]
    floor, half_at = constants.prominence_floor, constants.prominence_half_at
    m = 1.0 if n is None else floor + (1 - floor) * n / (n + half_at)
    findings.close(f"{part}/prominence", voice["prominence"], m, "m = .1 + .9·N/(N + 3), 1 where N plays no part")
    if voice["scope"] == "other_topics":
        findings.equal(f"{part}/recognised_by", n, None, "off the topic m is 1")
        findings.equal(f"{part}/given", voice["given"], 0, "off the topic r is 1")


def _check_acts(findings: Findings, part: str, voice: Json, as_of: str, constants: Constants) -> float:
    """Check each act; return the strengths received, each contribution once by its stronger class."""
    place = {id(act): f"{part}/acts/{index}" for index, act in enumerate(voice["acts"])}
    lines = lines_of(voice, constants)
    for act in voice["acts"]:
        plain = strength(act, voice["scope"], as_of, constants)
        times = voice["prominence"] if act["kind"] in constants.soft_kinds else 1.0
        findings.close(f"{place[id(act)]}/strength", act["strength"], plain * times, "q · decay, soft kinds times m")
    kept = {id(act) for line in lines.values() for act in (line.help, line.soft) if act}
    for index, act in enumerate(voice["acts"]):
        if id(act) not in kept:
            findings.fault(f"{part}/acts/{index}", act["kind"], None, "a contribution is credited once a class")
    received = []
    for line in lines.values():
        _check_credit(findings, place, line, voice, constants)
        received.append(max(strength(act, voice["scope"], as_of, constants) for act in (line.help, line.soft) if act))
    return math.fsum(received)


def _check_credit(findings: Findings, place: dict[int, str], line: Line, voice: Json, constants: Constants) -> None:
    """Of help and soft recognition of one contribution, expect the larger to be credited, help where they are equal."""
    for_help, for_soft = trust(voice, constants)
    by_help = line.help["strength"] * for_help if line.help else 0.0
    by_soft = line.soft["strength"] * for_soft if line.soft else 0.0
    if line.help and line.soft and abs(by_help - by_soft) <= SAME * by_help:
        return
    for act, credited in ((line.help, by_help >= by_soft), (line.soft, by_help < by_soft)):
        if act:
            findings.equal(f"{place[id(act)]}/credited", act["credited"], credited, "the larger class is credited")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
