"""Expertise checked: from the acts up where all are there, else from its totals; seeds, status and robustness."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from .digests import ERASED
from .points import (
    FORMULAS,
    NOTHING_SAID,
    OPTED_OUT,
    POINTS_WITHIN,
    Given,
    check_features,
    check_interval,
    check_kinds,
    check_score,
    expertise_points,
    raw_values,
    sum_limits,
)
from .voices import (
    NO_SEEDS,
    SCOPES,
    SeedCounts,
    Sums,
    add_up,
    check_order,
    check_voice,
    kinds_of_help_and_posts,
    kinds_of_voices,
    scoped,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from decimal import Decimal

    from .findings import Figures, Json, VerificationReport

PART = "/expertise"
LIMITS = {"on_topic": "most_per_trusted", "recent": "recent_most_per_trusted"}  # with what may rest on one
BOUNDS = {"on_topic": "backed", "recent": "recent_backed"}  # each scope with the total that seeds bound
SAME = 1e-9
VOICED = {"acknowledged_help": "a", "specialised_help": "a", "still_recognised": "r"}  # whose kinds add up to A or R
CORRUPT = "points_per_corrupt_standing"
LARGEST = (("largest_voice_points", 1, "without_largest"), ("largest_five_points", 5, "without_five"))
WITH_SCORE = ("ok", "face_value")


def check_breakdown(findings: VerificationReport, document: Json, figures: Figures) -> None:
    """From totals to features, contributions, score and interval; the same at face value."""
    expertise = document["expertise"]
    has_score = expertise["status"] in WITH_SCORE
    if expertise["status"] in OPTED_OUT:
        findings.equal(f"{PART}/features", expertise["features"], [], NOTHING_SAID)
        findings.equal(f"{PART}/at_face_value", expertise["at_face_value"], None, NOTHING_SAID)
        check_score(findings, PART, expertise, has_score=False)
        return
    voices = scoped(expertise["evidence"], "on_topic") if expertise["evidence_shown"] == "all" else None
    _check_side(findings, PART, expertise, figures, voices, has_score=has_score)
    findings.equal(f"{PART}/needs", expertise["needs"] is None, has_score, "says what is needed where no score is")
    face = expertise["at_face_value"]
    check_no_seeds(findings, f"{PART}/at_face_value", face)
    has_score = face["status"] in WITH_SCORE
    _check_side(findings, f"{PART}/at_face_value", face, figures, None, has_score=has_score)
    findings.checked.append(
        "expertise, from its totals to its score, by the people trusted and with everyone counted equally"
    )


def check_status(findings: VerificationReport, document: Json, figures: Figures) -> None:
    """The first status that holds, from the people behind the number."""
    expertise, root = document["expertise"], document["trust_root"]["kind"]
    people, trusted = expertise["people"], expertise["standing_sum"] >= figures.standing_each
    if expertise["status"] in OPTED_OUT:
        status = expertise["status"]
    elif root == "none":
        status = "no_trust_root"
    elif people == 0:
        status = "not_enough_evidence"
    elif root == "network":
        status = "face_value"
    else:
        status = "ok" if trusted else "unverified"
    findings.equal(f"{PART}/status", expertise["status"], status, "from root, people and their standing")
    findings.equal(f"{PART}/evidence_total", expertise["evidence_total"], people, "one voice a person")
    behind = people if root == "network" else min(expertise["people_with_standing"], document["trust_root"]["size"])
    little = status in WITH_SCORE and behind < figures.few_people
    findings.equal(f"{PART}/little_evidence", expertise["little_evidence"], little, "from the people behind it")


def check_evidence(findings: VerificationReport, document: Json, figures: Figures) -> None:
    """From acts to voices, and what of them counts."""
    expertise = document["expertise"]
    part, evidence, totals = f"{PART}/evidence", expertise["evidence"], expertise["totals"]
    for index, voice in enumerate(evidence):
        check_voice(findings, f"{part}/{index}", voice, document["as_of"], figures)
        if voice["scope"] not in SCOPES:
            findings.fault(f"{part}/{index}/scope", voice["scope"], list(SCOPES), "not a scope")
    for scope in SCOPES:
        rows = [(index, voice) for index, voice in enumerate(evidence) if voice["scope"] == scope]
        check_order(findings, part, rows)
    on_topic = scoped(evidence, "on_topic")
    with_rest = [*(voice["voice"] for voice in on_topic), expertise["evidence_rest"]]
    findings.close(f"{PART}/totals/all_kinds", totals["all_kinds"], math.fsum(with_rest), "sum of the voices")
    acts = sum(len(voice["acts"]) for voice in evidence)
    findings.checked.append(
        f"{len(evidence)} voices, from their {acts} acts; how far each person is trusted is taken as stated"
    )
    check_seeds(findings, document, figures)
    if expertise["evidence_shown"] == "all":
        _check_all_evidence(findings, document, figures)
        check_robustness(findings, document, figures)
        findings.checked.append("totals, kinds and numbers of people, from all voices")
    else:
        findings.checked.append("totals, kinds and robustness taken as stated: not all voices are shown")


def _check_side(
    findings: VerificationReport, part: str, side: Json, figures: Figures, voices: list[Json] | None, *, has_score: bool
) -> None:
    totals = side["totals"]
    given = Given(totals["on_topic"], totals["all_topics"], totals["recent"], figures, voices)
    least = min(totals["all_kinds"], totals["help"] + totals["posts"], totals.get("backed", math.inf))
    findings.close(f"{part}/totals/on_topic", given.a, least, "A = min(A_all, A_help + P), and no more than is backed")
    check_features(
        findings, f"{part}/features", side["features"], figures.expertise, raw_values(given), figures=figures
    )
    for index, feature in enumerate(side["features"]):
        whole = getattr(given, VOICED[feature["id"]]) if feature["id"] in VOICED else None
        check_kinds(findings, f"{part}/features/{index}", feature, whole)
    check_score(findings, part, side, has_score=has_score)
    if has_score:
        stated = {feature["id"]: feature["raw"] for feature in side["features"]}
        limits = sum_limits(given.a, side["features"][0]["n_effective"], figures.one_more)
        held = (replace(given, a=at, b=at + (given.b - given.a)) for at in limits)
        low, high = (float(expertise_points(at_limit, stated)) for at_limit in held)
        check_interval(findings, part, side["interval"], (low, high), figures.level)


def _check_all_evidence(findings: VerificationReport, document: Json, figures: Figures) -> None:
    expertise = document["expertise"]
    evidence, totals = expertise["evidence"], expertise["totals"]
    sums = add_up(evidence, figures, seed_counts(document, figures))
    all_topics = totals["on_topic"] + sums.other
    findings.close(f"{PART}/totals/help", totals["help"], sums.help, "A_help from help alone")
    findings.close(f"{PART}/totals/posts", totals["posts"], sums.posts, "P from endorsed posts and lists")
    findings.close(f"{PART}/totals/all_topics", totals["all_topics"], all_topics, "A and the voices on other topics")
    findings.close(f"{PART}/totals/recent", totals["recent"], sums.recent, "R, and no more than is backed")
    findings.equal(f"{PART}/evidence_rest", expertise["evidence_rest"], 0, "all voices are shown")
    _check_people(findings, expertise, figures)
    for index, feature in enumerate(expertise["features"]):
        if feature["id"] not in VOICED:
            continue
        still = feature["id"] == "still_recognised"
        here, n = f"{PART}/features/{index}", sums.n_recent if still else sums.n_effective
        findings.close(
            f"{here}/n_effective",
            feature["n_effective"],
            n,
            "(Σv)²/Σv² of what counts",
        )
        _check_kinds_given(findings, here, feature, _kinds(evidence, totals, figures, recent=still))


def _check_people(findings: VerificationReport, expertise: Json, figures: Figures) -> None:
    standing = [voice["standing"] for voice in scoped(expertise["evidence"], "on_topic")]
    trusted = [each for each in standing if each >= figures.standing_each]
    findings.equal(f"{PART}/people", expertise["people"], len(standing), "voices on the topic")
    stated = expertise["people_with_standing"]
    findings.equal(f"{PART}/people_with_standing", stated, len(trusted), "people of enough standing")
    findings.close(f"{PART}/standing_sum", expertise["standing_sum"], math.fsum(trusted), "their standing")


def _kinds(evidence: list[Json], totals: Json, figures: Figures, *, recent: bool) -> dict[str, float]:
    """Return what each kind gave to A or R, scaled where no more is backed."""
    if recent:
        gave, allowed = kinds_of_voices(scoped(evidence, "recent"), figures), totals.get("recent_backed")
    else:
        of = kinds_of_voices if totals["all_kinds"] <= totals["help"] + totals["posts"] else kinds_of_help_and_posts
        gave, allowed = of(scoped(evidence, "on_topic"), figures), totals.get("backed")
    whole = math.fsum(gave.values())
    share = 1.0 if allowed is None or whole <= allowed else allowed / whole
    return {kind: amount * share for kind, amount in gave.items()}


def _check_kinds_given(findings: VerificationReport, part: str, feature: Json, gave: Mapping[str, float]) -> None:
    stated = {kind["kind"]: index for index, kind in enumerate(feature["by_kind"])}
    findings.equal(f"{part}/by_kind", sorted(stated), sorted(gave), "the kinds that gave something")
    for kind, index in stated.items():
        amount = feature["by_kind"][index]["voices"]
        findings.close(f"{part}/by_kind/{index}/voices", amount, gave.get(kind, 0.0), f"what {kind} gave")


def limits_seed_influence(document: Json) -> bool:
    """Say whether voices are followed back: not where everybody is trusted anyway."""
    return bool(document["trust_root"]["kind"] != "network")


def seed_counts(document: Json, figures: Figures, corrupt: int = 0, trust: str = "trust") -> SeedCounts:
    """Return what counts of those behind a full document, by one of their figures of trust.

    So many of them, those with least trust, did all they can.
    """
    if not limits_seed_influence(document):
        return NO_SEEDS
    rows, seeds = document["expertise"].get("backers", []), document["expertise"]["totals"]["trusted_people"]
    here, late = (_allowed([row[trust] for row in scoped(rows, scope)], seeds, figures, corrupt) for scope in BOUNDS)
    return SeedCounts(here, late)


def _allowed(trust: list[float], seeds: int, figures: Figures, corrupt: int) -> list[float]:
    corrupt = min(corrupt, seeds)
    left = sorted(trust)[max(0, corrupt - (seeds - len(trust))) :]
    limit = most_per_trusted(left, seeds, figures, corrupt)
    return [*(min(each, limit) for each in left), *([limit] * corrupt)]


def most_per_trusted(trust: list[float], seeds: int, figures: Figures, corrupt: int = 0) -> float:
    """Return what may rest on one of so many people of the root, by what rests on each, in voices."""
    behind = math.fsum(each / (each + figures.half_behind) for each in trust) + corrupt
    share = min(behind / max(seeds, 1), 1.0)
    return float(figures.alone + figures.together / max(seeds, 1) * share**figures.shared_power)


def check_seeds(findings: VerificationReport, document: Json, figures: Figures) -> None:
    """From the trust of each to what all of them allow; nothing of it where everybody is trusted."""
    expertise = document["expertise"]
    if not limits_seed_influence(document):
        for name in ("backers", "backers_rest"):
            findings.equal(f"{PART}/{name}", expertise.get(name), None, "not asked under this root")
        check_no_seeds(findings, PART, expertise)
        return
    rows = expertise.get("backers", [])
    for index, row in enumerate(rows):
        _check_seed(findings, f"{PART}/backers/{index}", row, expertise["totals"])
    for scope in BOUNDS:
        of_scope = [(index, row) for index, row in enumerate(rows) if row["scope"] == scope]
        check_order(findings, f"{PART}/backers", of_scope, size="trust")
    rest, seeds = expertise.get("backers_rest", 0.0), expertise["totals"]["trusted_people"]
    if not isinstance(seeds, int) or not 0 <= document["trust_root"]["size"] - seeds <= 1:
        findings.fault(f"{PART}/totals/trusted_people", seeds, None, "not the people of the root, or all but one")
    people = len({row["by"] for row in rows})
    findings.checked.append(
        f"{people} trusted people behind them; how much of their trust rests on each is taken as stated"
    )
    _check_total(findings, expertise, "on_topic", rest)
    if expertise["evidence_shown"] == "all":
        findings.equal(f"{PART}/backers_rest", rest, 0, "all of them are shown")
        _check_total(findings, expertise, "recent", 0.0)
        _check_limits(findings, expertise, figures)
        check_cover(findings, document)
    elif any(row["scope"] != "on_topic" for row in rows):
        findings.fault(f"{PART}/backers", None, None, "the largest on the topic are shown, and no others")


def _check_limits(findings: VerificationReport, expertise: Json, figures: Figures) -> None:
    totals, rows = expertise["totals"], expertise.get("backers", [])
    for scope, name in LIMITS.items():
        trust = [row["trust"] for row in scoped(rows, scope)]
        limit = most_per_trusted(trust, totals["trusted_people"], figures)
        findings.close(f"{PART}/totals/{name}", totals[name], limit, "what may rest on one, from how many stand behind")


def check_no_seeds(findings: VerificationReport, part: str, side: Json) -> None:
    """Expect totals that nobody's trust bounds."""
    for name in (*BOUNDS.values(), *LIMITS.values(), "trusted_people"):
        findings.equal(f"{part}/totals/{name}", side["totals"].get(name), None, "nobody's trust bounds these voices")


def _check_seed(findings: VerificationReport, part: str, row: Json, totals: Json) -> None:
    if row["scope"] not in BOUNDS:
        findings.fault(f"{part}/scope", row["scope"], list(BOUNDS), "not a scope of those behind the voices")
        return
    most = math.inf
    for name in ("trust", "without_largest", "without_five"):
        if not 0 <= row[name] <= most * (1 + SAME):
            findings.fault(f"{part}/{name}", row[name], None, "trust is below 0, or more than with more voices")
        most = row[name]
    worth = min(row["trust"], totals[LIMITS[row["scope"]]])
    findings.close(f"{part}/worth", row["worth"], worth, "the trust, and no more than may rest on one")


def _check_total(findings: VerificationReport, expertise: Json, scope: str, rest: float) -> None:
    shown = [row["worth"] for row in scoped(expertise.get("backers", []), scope)]
    name = BOUNDS[scope]
    findings.close(f"{PART}/totals/{name}", expertise["totals"][name], math.fsum([*shown, rest]), "sum of what counts")


def check_cover(
    findings: VerificationReport, document: Json, trust: str = "trust", silent: Collection[str] = ()
) -> None:
    """Expect the voices left without the silent to cover what rests on the root: each voice is divided among it."""
    if not limits_seed_influence(document):
        return
    for scope in BOUNDS:
        rows = scoped(document["expertise"].get("backers", []), scope)
        voices = scoped(document["expertise"]["evidence"], scope)
        left = math.fsum(row[trust] for row in rows)
        spoken = math.fsum(voice["voice"] for voice in voices if voice["by"] not in silent)
        if not left <= spoken + SAME * (1 + spoken):
            findings.fault(f"{PART}/backers", left, spoken, f"{trust} is more than the voices {scope}")


def check_robustness(findings: VerificationReport, document: Json, figures: Figures) -> None:
    """Recompute every figure of it, from all the voices."""
    evidence, stated = document["expertise"]["evidence"], document["robustness"]
    unknown = [name for name in figures.expertise if name not in FORMULAS]
    if unknown:
        findings.checked.append(
            f"{', '.join(unknown)} and robustness taken as stated: not known here how it is measured"
        )
        return

    on_topic = scoped(evidence, "on_topic")

    def points(sums: Sums, silent: Collection[str] = ()) -> Decimal:
        speaking = [voice for voice in on_topic if voice["by"] not in silent]
        return expertise_points(
            Given(sums.on_topic, sums.on_topic + sums.other, sums.recent, figures, speaking), stated={}
        )

    def compare(part: str, figure: object, lost: Decimal) -> None:
        findings.close(f"/robustness/{part}", figure, float(lost), "points recomputed", within=2 * POINTS_WITHIN)

    score = points(add_up(evidence, figures, seed_counts(document, figures)))
    for name, people, trust in LARGEST:
        largest = [voice["by"] for voice in on_topic[:people]]
        if ERASED in largest:
            findings.checked.append(f"{name} taken as stated: erased names cannot be told apart")
        else:
            allowed = seed_counts(document, figures, trust=trust)
            without = add_up(evidence, figures, allowed, silent=largest)
            compare(name, stated[name], score - points(without, silent=largest))
            check_cover(findings, document, trust, largest)
    by_people, corrupt = stated[CORRUPT], {str(people): people for people in figures.corrupt_people}
    findings.equal(f"/robustness/{CORRUPT}", sorted(by_people), sorted(corrupt), "how many people")
    for name, people in corrupt.items():
        compare(f"{CORRUPT}/{name}", by_people.get(name), points(_at_most(document, figures, people)) - score)


def _at_most(document: Json, figures: Figures, people: int) -> Sums:
    """The sums if so many more did all they can: voices without end that rest on them.

    Where everybody is trusted, each has the most one voice can be. Voices off the topic stay as they are.
    """
    evidence, all_they_can = document["expertise"]["evidence"], seed_counts(document, figures, people)
    if all_they_can.on_topic is None or all_they_can.recent is None:
        sums, more = add_up(evidence, figures, NO_SEEDS), people * figures.most
        return replace(sums, on_topic=sums.on_topic + more, recent=sums.recent + more)
    sums = add_up(evidence, figures, NO_SEEDS)
    return replace(sums, on_topic=math.fsum(all_they_can.on_topic), recent=math.fsum(all_they_can.recent))
