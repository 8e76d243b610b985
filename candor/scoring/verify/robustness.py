"""Robustness checked: what hangs on few people, and what corrupt ones could add."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from .backing import backed, check_cover
from .digests import ERASED
from .points import POINTS_WITHIN, expertise_points
from .totals import UNBACKED, Sums, add_up, scoped

if TYPE_CHECKING:
    from decimal import Decimal

    from .constants import Constants
    from .findings import Findings, Json

CORRUPT = "points_per_corrupt_standing"
LARGEST = (("largest_voice_points", 1, "without_largest"), ("largest_five_points", 5, "without_five"))


def check_robustness(findings: Findings, document: Json, constants: Constants) -> None:
    """Recompute every figure of it, from all the voices."""
    evidence, stated = document["expertise"]["evidence"], document["robustness"]
    profile = document["method"]["profile"]

    def points(sums: Sums) -> Decimal:
        return expertise_points(sums.on_topic, sums.on_topic + sums.other, sums.recent, profile, constants)

    def compare(part: str, figure: object, lost: Decimal) -> None:
        findings.close(f"/robustness/{part}", figure, float(lost), "points recomputed", within=2 * POINTS_WITHIN)

    score = points(add_up(evidence, constants, backed(document, constants)))
    for name, people, trust in LARGEST:
        largest = [voice["by"] for voice in scoped(evidence, "on_topic")[:people]]
        if ERASED in largest:
            findings.checked.append(f"{name} taken as stated: erased names can not be told apart")
        else:
            allowed = backed(document, constants, trust=trust)
            compare(name, stated[name], score - points(add_up(evidence, constants, allowed, silent=largest)))
            check_cover(findings, document, trust, largest)
    by_people, corrupt = stated[CORRUPT], {str(people): people for people in constants.corrupt_people}
    findings.equal(f"/robustness/{CORRUPT}", sorted(by_people), sorted(corrupt), "how many people")
    for name, people in corrupt.items():
        compare(f"{CORRUPT}/{name}", by_people.get(name), points(_at_most(document, constants, people)) - score)


def _at_most(document: Json, constants: Constants, people: int) -> Sums:
    """The sums if so many more did all they can: voices without end that rest on them.

    Where everybody is trusted, each has the most one voice can be. Voices off the topic stay as they are.
    """
    evidence, all_they_can = document["expertise"]["evidence"], backed(document, constants, people)
    if all_they_can.on_topic is None or all_they_can.recent is None:
        return add_up(evidence, constants, UNBACKED, more=[constants.most] * people)
    sums = add_up(evidence, constants, UNBACKED)
    return replace(sums, on_topic=math.fsum(all_they_can.on_topic), recent=math.fsum(all_they_can.recent))
