"""Expertise checked: from the acts up where all are there, else from the totals; status, interval, robustness."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .digests import ERASED
from .limits import sum_limits
from .points import (
    POINTS_WITHIN,
    check_features,
    check_interval,
    check_kinds,
    check_score,
    expertise_points,
    expertise_raw,
)
from .totals import SCOPES, Sums, add_up, kinds_of_help_and_posts, kinds_of_voices, scoped
from .voices import check_order, check_voice, saturated

if TYPE_CHECKING:
    from decimal import Decimal

    from .constants import Constants
    from .findings import Findings, Json

PART = "/expertise"
WITH_SCORE = ("ok", "face_value")
WITHHELD = ("declined", "gone")
NOTHING_SAID = "of a withheld account nothing is said"
FEW = 5


def check_breakdown(findings: Findings, document: Json, constants: Constants) -> None:
    """From totals to features, contributions, score and interval; the same at face value."""
    expertise, profile = document["expertise"], document["method"]["profile"]
    has_score = expertise["status"] in WITH_SCORE
    if expertise["status"] in WITHHELD:
        findings.equal(f"{PART}/features", expertise["features"], [], NOTHING_SAID)
        findings.equal(f"{PART}/at_face_value", expertise["at_face_value"], None, NOTHING_SAID)
        check_score(findings, PART, expertise, has_score=False)
        return
    _check_side(findings, PART, expertise, profile, constants, has_score=has_score)
    findings.equal(f"{PART}/needs", expertise["needs"] is None, has_score, "says what is needed where no score is")
    face = expertise["at_face_value"]
    has_score = face["status"] in WITH_SCORE
    _check_side(findings, f"{PART}/at_face_value", face, profile, constants, has_score=has_score)
    findings.checked.append("expertise from its totals to its score, declared and at face value")


def check_status(findings: Findings, document: Json, constants: Constants) -> None:
    """The first status that holds, from the people behind the number."""
    expertise, root = document["expertise"], document["trust_root"]["kind"]
    people, standing = expertise["people_with_standing"], expertise["standing_sum"]
    if expertise["status"] in WITHHELD:
        status = expertise["status"]
    elif root == "none":
        status = "no_trust_root"
    elif expertise["people"] < constants.people:
        status = "not_enough_evidence"
    elif root == "network":
        status = "face_value"
    else:
        status = "ok" if people >= constants.people and standing >= constants.standing_sum else "unverified"
    findings.equal(f"{PART}/status", expertise["status"], status, "from root, people and their standing")
    findings.equal(f"{PART}/evidence_total", expertise["evidence_total"], expertise["people"], "one voice a person")


def check_evidence(findings: Findings, document: Json, constants: Constants) -> None:
    """From acts to voices, and what of them counts."""
    expertise = document["expertise"]
    part, evidence, totals = f"{PART}/evidence", expertise["evidence"], expertise["totals"]
    for index, voice in enumerate(evidence):
        check_voice(findings, f"{part}/{index}", voice, document["as_of"], constants)
        if voice["scope"] not in SCOPES:
            findings.fault(f"{part}/{index}/scope", voice["scope"], list(SCOPES), "not a scope")
    for scope in SCOPES:
        rows = [(index, voice) for index, voice in enumerate(evidence) if voice["scope"] == scope]
        check_order(findings, part, rows, constants)
    on_topic = scoped(evidence, "on_topic")
    with_rest = [*(voice["counted"] for voice in on_topic), expertise["evidence_rest"]]
    findings.close(f"{PART}/totals/all_kinds", totals["all_kinds"], math.fsum(with_rest), "sum of what counts")
    acts = sum(len(voice["acts"]) for voice in evidence)
    findings.checked.append(f"{len(evidence)} voices from their {acts} acts, standing taken as given")
    if expertise["evidence_shown"] == "all":
        _check_all_evidence(findings, expertise, constants)
        _check_robustness(findings, document, constants)
        findings.checked.append("totals, kinds and people from all voices")
    else:
        findings.checked.append("totals, kinds and robustness taken as stated: not all voices are shown")


def _check_side(
    findings: Findings, part: str, side: Json, profile: str, constants: Constants, *, has_score: bool
) -> None:
    totals = side["totals"]
    a, b, r = totals["on_topic"], totals["all_topics"], totals["recent"]
    least = min(totals["all_kinds"], totals["help"] + totals["posts"])
    findings.close(f"{part}/totals/on_topic", a, least, "A = min(A_all, A_help + P)")
    raw = expertise_raw(a, b, r, constants)
    check_features(
        findings, f"{part}/features", side["features"], constants.expertise[profile], raw, constants=constants
    )
    for index, feature in enumerate(side["features"]):
        whole = r if feature["id"] == "still_recognised" else a
        check_kinds(findings, f"{part}/features/{index}", feature, whole)
    check_score(findings, part, side, has_score=has_score)
    if has_score:
        limits = sum_limits(a, side["features"][0]["n_effective"])
        low, high = (float(expertise_points(at, at + (b - a), r, profile, constants)) for at in limits)
        check_interval(findings, part, side["interval"], (low, high), constants.level)


def _check_all_evidence(findings: Findings, expertise: Json, constants: Constants) -> None:
    evidence, totals = expertise["evidence"], expertise["totals"]
    sums = add_up(evidence, constants)
    all_topics = totals["on_topic"] + sums.other
    findings.close(f"{PART}/totals/help", totals["help"], sums.help, "A_help from help alone")
    findings.close(f"{PART}/totals/posts", totals["posts"], sums.posts, "P from endorsed posts and lists")
    findings.close(f"{PART}/totals/all_topics", totals["all_topics"], all_topics, "A and the voices on other topics")
    findings.close(f"{PART}/totals/recent", totals["recent"], sums.recent, "the recent voices")
    findings.equal(f"{PART}/evidence_rest", expertise["evidence_rest"], 0, "all voices are shown")
    _check_people(findings, expertise, constants)
    for index, feature in enumerate(expertise["features"]):
        still = feature["id"] == "still_recognised"
        here, n = f"{PART}/features/{index}", sums.n_recent if still else sums.n_effective
        findings.close(f"{here}/n_effective", feature["n_effective"], n, "(Σv)²/Σv² of the counted voices")
        _check_kinds_given(findings, here, feature, _kinds(evidence, totals, constants, recent=still))


def _check_people(findings: Findings, expertise: Json, constants: Constants) -> None:
    standing = [voice["standing"] for voice in scoped(expertise["evidence"], "on_topic")]
    trusted = [each for each in standing if each >= constants.standing_each]
    findings.equal(f"{PART}/people", expertise["people"], len(standing), "voices on the topic")
    stated = expertise["people_with_standing"]
    findings.equal(f"{PART}/people_with_standing", stated, len(trusted), "people of enough standing")
    findings.close(f"{PART}/standing_sum", expertise["standing_sum"], math.fsum(trusted), "their standing")


def _kinds(evidence: list[Json], totals: Json, constants: Constants, *, recent: bool) -> dict[str, float]:
    if recent:
        return kinds_of_voices(scoped(evidence, "recent"), constants)
    of = kinds_of_voices if totals["all_kinds"] <= totals["help"] + totals["posts"] else kinds_of_help_and_posts
    return of(scoped(evidence, "on_topic"), constants)


def _check_kinds_given(findings: Findings, part: str, feature: Json, gave: dict[str, float]) -> None:
    stated = {kind["kind"]: index for index, kind in enumerate(feature["by_kind"])}
    findings.equal(f"{part}/by_kind", sorted(stated), sorted(gave), "the kinds that gave something")
    for kind, index in stated.items():
        amount = feature["by_kind"][index]["voices"]
        findings.close(f"{part}/by_kind/{index}/voices", amount, gave.get(kind, 0.0), f"what {kind} gave")


def _check_robustness(findings: Findings, document: Json, constants: Constants) -> None:
    evidence, stated = document["expertise"]["evidence"], document["robustness"]
    profile = document["method"]["profile"]

    def points(sums: Sums) -> Decimal:
        return expertise_points(sums.on_topic, sums.on_topic + sums.other, sums.recent, profile, constants)

    def compare(part: str, figure: object, lost: Decimal) -> None:
        findings.close(f"/robustness/{part}", figure, float(lost), "points recomputed", within=2 * POINTS_WITHIN)

    score = points(add_up(evidence, constants))
    for name, people in (("largest_voice_points", 1), ("largest_five_points", FEW)):
        largest = [voice["by"] for voice in scoped(evidence, "on_topic")[:people]]
        if ERASED in largest:
            findings.checked.append(f"{name} taken as stated: erased names can not be told apart")
        else:
            compare(name, stated[name], score - points(add_up(evidence, constants, silent=largest)))
    worths = {"points_per_corrupt_standing": constants.most}
    if constants.most_unproven is not None:
        worths["points_in_a_rush"] = saturated(constants.most_unproven, constants)
    bounds = sorted(name for name in stated if name in ("points_per_corrupt_standing", "points_in_a_rush"))
    findings.equal("/robustness", bounds, sorted(worths), "the bounds of this version")
    for part, worth in worths.items():
        by_people, corrupt = stated[part], {str(people): people for people in constants.corrupt_people}
        findings.equal(f"/robustness/{part}", sorted(by_people), sorted(corrupt), "how many people")
        for name, people in corrupt.items():
            gained = points(add_up(evidence, constants, more=[worth] * people)) - score
            compare(f"{part}/{name}", by_people.get(name), gained)
