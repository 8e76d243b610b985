"""Recompute the answer to who would answer a question, with the standard library alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from candor.scoring.verify.digests import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TOLERANCE = 1e-9


def findings(document: Mapping[str, Any]) -> list[str]:
    """Return what does not add up, each with a JSON pointer; nothing where all does."""
    return [*_formula(document), *_likeness(document), *_people(document)]


def _same(pointer: str, stated: float, computed: float) -> Iterator[str]:
    if not math.isclose(stated, computed, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
        yield f"{pointer}: states {stated!r}, recomputed {computed!r}"


def _formula(document: Mapping[str, Any]) -> Iterator[str]:
    if digest_of(document["formula"]) != document["formula_digest"]:
        yield "/formula_digest: not that of the formula"


def _likeness(document: Mapping[str, Any]) -> Iterator[str]:
    rule, totals = document["formula"]["likeness"], document["totals"]
    worth = {}
    for at, term in enumerate(document["terms"]):
        worth[term["text"]] = term["idf"]
        having = term["asks"]
        yield from _same(
            f"/terms/{at}/idf", term["idf"], math.log(1 + (totals["asks"] - having + 0.5) / (having + 0.5))
        )
    itself = sum(_bm25(rule, totals, t["idf"], t["count"], totals["length"]) for t in document["terms"])
    yield from _same("/totals/itself", totals["itself"], itself)
    yield from _status(document)
    for at, question in enumerate(document["alike"]):
        for place, term in enumerate(question["shared"]):
            points = _bm25(rule, totals, worth[term["text"]], term["count"], question["length"])
            yield from _same(f"/alike/{at}/shared/{place}/points", term["points"], points)
        yield from _same(f"/alike/{at}/likeness", question["likeness"], sum(t["points"] for t in question["shared"]))


def _status(document: Mapping[str, Any]) -> Iterator[str]:
    """Check the share of the question that was asked before, and that the status follows by its rule."""
    rules, totals = document["formula"], document["totals"]
    worth = [
        (_bm25(rules["likeness"], totals, term["idf"], term["count"], totals["length"]), term["asks"] > 0)
        for term in document["terms"]
        if term["telling"]
    ]
    whole = sum(points for points, _ in worth)
    known = sum(points for points, asked in worth if asked) / whole if whole else 0.0
    yield from _same("/totals/known", totals["known"], known)
    enough = totals["like"] >= rules["status"]["enough"] and totals["known"] >= rules["status"]["known"]
    said = document["status"]
    if said != "nobody" and (said in {"ok", "few_like_it"}) != (totals["like"] > 0):
        yield "/status: does not follow from /totals/like"
    if said in {"ok", "few_like_it"} and (said == "ok") != enough:
        yield "/status: does not follow from /totals/like and /totals/known by the rule"


def _bm25(rule: Mapping[str, float], totals: Mapping[str, Any], idf: float, count: float, length: float) -> float:
    long = rule["k1"] * (1 - rule["b"] + rule["b"] * length / (totals["average_length"] or 1))
    return idf * count * (rule["k1"] + 1) / (count + long)


def _people(document: Mapping[str, Any]) -> Iterator[str]:
    alike = {question["id"]: question["likeness"] for question in document["alike"]}
    before = (True, math.inf)
    for at, person in enumerate(document["people"]):
        pointer = f"/people/{at}"
        yield from _answered(f"{pointer}/answered", document, person, alike)
        for name, points in _parts(document, person["facts"]).items():
            yield from _same(f"{pointer}/parts/{name}", person["parts"][name], points)
        yield from _same(f"{pointer}/sum", person["sum"], sum(person["parts"].values()))
        place = (_is_reached(person), person["sum"])
        if place > before or person["rank"] != at + 1:
            yield f"{pointer}/rank: not in the order of the sums, first of those whom trust reaches"
        before = place


def _is_reached(person: Mapping[str, Any]) -> bool:
    trust = person["trust"]
    return trust is not None and bool(trust["chosen"] or trust["trusted"])


def _answered(
    pointer: str, document: Mapping[str, Any], person: Mapping[str, Any], alike: Mapping[str, float]
) -> Iterator[str]:
    rule = document["formula"]["likeness"]
    for at, each in enumerate(person["answered"]):
        if each["question"] in alike:
            yield from _same(f"{pointer}/{at}/likeness", each["likeness"], alike[each["question"]])
        fades = 0.5 ** (each["age_days"] / rule["half_life_days"])
        weight = each["likeness"] ** rule["power"] * fades * (1 + rule["taken_up"] * each["taken_up"])
        yield from _same(f"{pointer}/{at}/weight", each["weight"], weight)
    whole = sum(each["weight"] for each in person["answered"]) + person["facts"]["similar_rest"]
    yield from _same(f"{pointer}", person["facts"]["similar"], whole)


def _parts(document: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, float]:
    formula, totals = document["formula"], document["totals"]
    weights, prior = formula["weights"], formula["activity"]["prior"]
    year = (facts["year"] + prior / max(totals["answerers"], 1)) / (totals["year"] + prior)
    month = (facts["month"] + prior * year) / (totals["month"] + prior)
    week = (facts["week"] + prior * month) / (totals["week"] + prior)
    mixed, under = formula["smoothing"]["similar"], formula["tags"]["prior"]
    spread = formula["smoothing"]["alike"] * totals["itself"] ** formula["likeness"]["power"]
    alike = totals["similar"] + spread
    similar = (facts["similar"] + spread * year) / alike if alike else year
    tags = [
        math.log((facts["tags"][tag] + under * year) / ((total + under) * year))
        for tag, total in totals["tags"].items()
    ]
    return {
        "year": weights["year"] * math.log(year),
        "month": weights["month"] * math.log(month),
        "week": weights["week"] * math.log(week),
        "similar": weights["similar"] * math.log((similar + mixed * year) / ((1 + mixed) * year)),
        "tags": weights["tags"] * sum(tags) / max(len(tags), 1),
        "load": weights["load"] * math.log1p(facts["open"]),
    }
