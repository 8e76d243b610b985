"""Expertise checked: from the acts up where all are there, else from the totals; status, interval, robustness."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .backing import PART, backed, check_backing, check_not_backed
from .limits import sum_limits
from .points import check_features, check_interval, check_kinds, check_score, expertise_points, expertise_raw
from .robustness import check_robustness
from .totals import SCOPES, add_up, kinds_of_help_and_posts, kinds_of_voices, scoped
from .voices import check_order, check_voice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .constants import Constants
    from .findings import Findings, Json

WITH_SCORE = ("ok", "face_value")
WITHHELD = ("declined", "gone")
NOTHING_SAID = "of a withheld account nothing is said"


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
    check_not_backed(findings, f"{PART}/at_face_value", face)
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
    check_backing(findings, document, constants)
    if expertise["evidence_shown"] == "all":
        _check_all_evidence(findings, document, constants)
        check_robustness(findings, document, constants)
        findings.checked.append("totals, kinds and people from all voices")
    else:
        findings.checked.append("totals, kinds and robustness taken as stated: not all voices are shown")


def _check_side(
    findings: Findings, part: str, side: Json, profile: str, constants: Constants, *, has_score: bool
) -> None:
    totals = side["totals"]
    a, b, r = totals["on_topic"], totals["all_topics"], totals["recent"]
    least = min(totals["all_kinds"], totals["help"] + totals["posts"], totals.get("backed", math.inf))
    findings.close(f"{part}/totals/on_topic", a, least, "A = min(A_all, A_help + P), and no more than is backed")
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


def _check_all_evidence(findings: Findings, document: Json, constants: Constants) -> None:
    expertise = document["expertise"]
    evidence, totals = expertise["evidence"], expertise["totals"]
    sums = add_up(evidence, constants, backed(document, constants))
    all_topics = totals["on_topic"] + sums.other
    findings.close(f"{PART}/totals/help", totals["help"], sums.help, "A_help from help alone")
    findings.close(f"{PART}/totals/posts", totals["posts"], sums.posts, "P from endorsed posts and lists")
    findings.close(f"{PART}/totals/all_topics", totals["all_topics"], all_topics, "A and the voices on other topics")
    findings.close(f"{PART}/totals/recent", totals["recent"], sums.recent, "R, and no more than is backed")
    findings.equal(f"{PART}/evidence_rest", expertise["evidence_rest"], 0, "all voices are shown")
    _check_people(findings, expertise, constants)
    for index, feature in enumerate(expertise["features"]):
        still = feature["id"] == "still_recognised"
        here, n = f"{PART}/features/{index}", sums.n_recent if still else sums.n_effective
        findings.close(f"{here}/n_effective", feature["n_effective"], n, "(Σv)²/Σv² of what counts")
        _check_kinds_given(findings, here, feature, _kinds(evidence, totals, constants, recent=still))


def _check_people(findings: Findings, expertise: Json, constants: Constants) -> None:
    standing = [voice["standing"] for voice in scoped(expertise["evidence"], "on_topic")]
    trusted = [each for each in standing if each >= constants.standing_each]
    findings.equal(f"{PART}/people", expertise["people"], len(standing), "voices on the topic")
    stated = expertise["people_with_standing"]
    findings.equal(f"{PART}/people_with_standing", stated, len(trusted), "people of enough standing")
    findings.close(f"{PART}/standing_sum", expertise["standing_sum"], math.fsum(trusted), "their standing")


def _kinds(evidence: list[Json], totals: Json, constants: Constants, *, recent: bool) -> dict[str, float]:
    """Return what each kind gave to A or R, scaled where no more is backed."""
    if recent:
        gave, allowed = kinds_of_voices(scoped(evidence, "recent"), constants), totals.get("recent_backed")
    else:
        of = kinds_of_voices if totals["all_kinds"] <= totals["help"] + totals["posts"] else kinds_of_help_and_posts
        gave, allowed = of(scoped(evidence, "on_topic"), constants), totals.get("backed")
    whole = math.fsum(gave.values())
    share = 1.0 if allowed is None or whole <= allowed else allowed / whole
    return {kind: amount * share for kind, amount in gave.items()}


def _check_kinds_given(findings: Findings, part: str, feature: Json, gave: Mapping[str, float]) -> None:
    stated = {kind["kind"]: index for index, kind in enumerate(feature["by_kind"])}
    findings.equal(f"{part}/by_kind", sorted(stated), sorted(gave), "the kinds that gave something")
    for kind, index in stated.items():
        amount = feature["by_kind"][index]["voices"]
        findings.close(f"{part}/by_kind/{index}/voices", amount, gave.get(kind, 0.0), f"what {kind} gave")
