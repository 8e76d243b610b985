"""scoring/ and the reference, written apart from the same text, say the same of any world."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from reference.backing import allowed
from reference.expertise import features_of
from reference.interest import FEATURES as INTEREST_FORMULAS
from reference.method import reference_score

from candor.scoring.document import encode
from candor.scoring.features import FEATURES
from candor.scoring.seals import brief
from candor.scoring.verify import verify
from candor.scoring.verify.points import FORMULAS
from properties.asking import METHOD, ask, tried
from properties.worlds import Setting, settings_drawn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reference.totals import Totals
    from reference.voices import Voice as PlainVoice

    from candor.scoring.document import Expertise, FaceValue, Feature, Interest, ScoreDocument, Voice

EXACT = {"rel": 1e-9, "abs": 1e-9}
LACKING = [f.id for f in FEATURES if f.id not in {*features_of(1, 1, 1, METHOD), *INTEREST_FORMULAS}]
POINTS = {"rel": 0, "abs": 5e-6}  # a raw value off by 1e-15 may round a contribution the other way


def totals_agree(found: Expertise | FaceValue, plain: Totals) -> None:
    ours = {name: getattr(found.totals, name) for name in ("on_topic", "all_topics", "recent", "all_kinds")}
    theirs = {name: getattr(plain, name) for name in ours}
    assert ours == pytest.approx(theirs, **EXACT)
    assert (found.totals.help, found.totals.posts) == pytest.approx((plain.helped, plain.posts), **EXACT)
    ours, theirs = (bounds(totals) for totals in (found.totals, plain))
    assert ours == pytest.approx(theirs, **EXACT)


def bounds(totals: Any) -> dict[str, float]:
    """What those allow whose trust the voices rest on, where not everybody is trusted."""
    named = {name: getattr(totals, name) for name in ("backed", "recent_backed")}
    return {name: bound for name, bound in named.items() if bound is not None}


def test_every_feature_is_measured_a_second_time() -> None:
    once = [name for name in LACKING if name not in FORMULAS]  # verify computes the whole of these documents anew
    assert once == [], (
        f"{', '.join(once)}: write a second formula, of expertise into FORMULAS in candor/scoring/verify/points.py, of "
        "interest into tests/reference/interest.py"
    )


def features_agree(found: tuple[Feature, ...], plain: Mapping[str, Mapping[str, Any]]) -> None:
    for feature in (each for each in found if each.id not in LACKING):
        reference = plain[feature.id]
        assert feature.raw == pytest.approx(reference["raw"], **EXACT)
        assert feature.contribution == pytest.approx(float(reference["contribution"]), **POINTS)
        ours = {kind.kind: kind.contribution for kind in feature.by_kind or ()}
        theirs = {kind: float(points) for kind, points in reference.get("by_kind", {}).items() if points}
        assert {kind: points for kind, points in ours.items() if points} == pytest.approx(theirs, **POINTS)


def effective_numbers_agree(found: tuple[Feature, ...], plain: Totals) -> None:
    expected = [plain.recent_effective if f.id == "still_recognised" else plain.effective for f in found]
    assert [f.n_effective for f in found] == pytest.approx(expected, **EXACT)


def numbers_agree(found: Expertise | FaceValue | Interest, plain: Mapping[str, Any]) -> None:
    assert found.status == plain["status"]
    if any(feature.id in LACKING for feature in found.features):
        return
    if found.score is not None and found.interval is not None:
        assert found.score == pytest.approx(float(plain["number"]), **POINTS)
        assert (found.interval.low, found.interval.high) == pytest.approx(plain["interval"], **POINTS)


def voice_agrees(found: Voice, plain: PlainVoice) -> None:
    names = ["standing", "prominence", "received", "given", "reciprocity", "voice"]
    names += ["recognised_by"] if found.recognised_by is not None else []
    if found.scope == "other_topics":
        names = ["standing", "voice"]
    assert {name: getattr(found, name) for name in names} == pytest.approx(
        {name: getattr(plain, name) for name in names}, **EXACT
    )


def expertise_agrees(document: ScoreDocument, plain: dict[str, Any]) -> None:
    found, expected = document.expertise, plain["expertise"]
    totals_agree(found, expected["totals"])
    features_agree(found.features, expected["features"])
    effective_numbers_agree(found.features, expected["totals"])
    if found.status != "face_value":
        numbers_agree(found, expected)
    assert (found.people, found.people_with_standing) == (expected["people"], expected["people_with_standing"])
    assert found.standing_sum == pytest.approx(expected["standing_sum"], **EXACT)


def every_voice_agrees(document: ScoreDocument, plain: dict[str, Any]) -> None:
    for scope in ("on_topic", "other_topics", "recent"):
        expected = {voice.by: voice for voice in getattr(plain["expertise"]["voices"], scope)}
        found = {voice.by: voice for voice in document.expertise.evidence if voice.scope == scope}
        assert found.keys() == expected.keys()
        for person, voice in found.items():
            voice_agrees(voice, expected[person])


def whose_trust_the_voices_rest_on_agrees(document: ScoreDocument, plain: dict[str, Any]) -> None:
    voices = plain["expertise"]["voices"]
    for scope, trust in (("on_topic", voices.trust), ("recent", voices.recent_trust)):
        rows = [row for row in document.expertise.backers if row.scope == scope]
        assert {row.by: row.trust for row in rows} == pytest.approx(trust or {}, **EXACT)
        seeds = document.expertise.totals.trusted_people or 0
        worths = sorted(allowed([row.trust for row in rows], seeds, METHOD), reverse=True)
        assert [row.worth for row in rows] == pytest.approx(worths, **EXACT)


def what_rests_on_each_without_the_largest_voices_agrees(document: ScoreDocument, plain: dict[str, Any]) -> None:
    voices = plain["expertise"]["voices"]
    for people, name in ((1, "without_largest"), (5, "without_five")):
        if tied(voices.on_topic, people):
            continue
        left = voices.without({voice.by for voice in sorted(voices.on_topic, key=lambda v: -v.voice)[:people]})
        for scope, trust in (("on_topic", left.trust), ("recent", left.recent_trust)):
            found = {row.by: getattr(row, name) for row in document.expertise.backers if row.scope == scope}
            assert found == pytest.approx(dict.fromkeys(found, 0.0) | (trust or {}), **EXACT)


def face_value_agrees(document: ScoreDocument, plain: dict[str, Any]) -> None:
    found, expected = document.expertise.at_face_value, plain["at_face_value"]
    assert found is not None
    totals_agree(found, expected["totals"])
    features_agree(found.features, expected["features"])
    numbers_agree(found, expected)


def interest_agrees(document: ScoreDocument, plain: dict[str, Any]) -> None:
    features_agree(document.interest.features, plain["interest"]["features"])
    numbers_agree(document.interest, plain["interest"])
    assert document.interest.own_acts == plain["interest"]["own_acts"]


def how_fragile_a_score_is_agrees(document: ScoreDocument, plain: dict[str, Any]) -> None:
    expected, voices = plain["expertise"]["robustness"], plain["expertise"]["voices"].on_topic
    if any(feature.id in LACKING for feature in document.expertise.features):
        return
    corrupt = {people: expected[people] for people in ("1", "2", "5")}
    assert document.robustness.points_per_corrupt_standing == pytest.approx(corrupt, **POINTS)
    if not tied(voices, 1):
        assert document.robustness.largest_voice_points == pytest.approx(expected["largest_voice_points"], **POINTS)
    if not tied(voices, 5):
        assert document.robustness.largest_five_points == pytest.approx(expected["largest_five_points"], **POINTS)


def tied(voices: list[PlainVoice], people: int) -> bool:
    """Whether it is open who the largest voices belong to; the method does not say whom to take out then."""
    ranked = sorted((voice.voice for voice in voices), reverse=True)
    return len(ranked) > people and ranked[people - 1] - ranked[people] < 1e-9


def the_facts_at_weight_zero_agree(document: ScoreDocument, plain: dict[str, Any]) -> None:
    for name, value in plain["facts"].items():
        found = document.facts[name].value
        assert (found is None) == (value is None), name
        assert value is None or found == pytest.approx(value), name


def parts_of(features: tuple[Feature, ...]) -> Decimal:
    return sum((Decimal(str(feature.contribution)) for feature in features), Decimal(0))


def parts_and_kinds_add_up_within_0_and_100(document: ScoreDocument) -> None:
    face = document.expertise.at_face_value
    assert face is not None
    for side in (document.expertise, document.interest, face):
        assert side.score is None or parts_of(side.features) == Decimal(str(side.score))
        if side.score is not None and side.interval is not None:
            assert 0 <= side.interval.low <= side.score <= side.interval.high <= 100
    for feature in document.expertise.features:
        kinds = [Decimal(str(kind.contribution)) for kind in feature.by_kind or ()]
        assert sum(kinds, Decimal(0)) == Decimal(str(feature.contribution))


def its_numbers_can_be_recomputed(document: ScoreDocument) -> None:
    for shown in (document, brief(document)):
        assert verify(json.loads(encode(shown))) == []


@tried(60)  # each world is scored twice for all that is compared
@given(settings_drawn())
def test_scoring_agrees_with_the_reference_and_with_itself(setting: Setting) -> None:
    plain = reference_score(setting.activities, setting.question, METHOD)
    for key, document in ask(setting).items():
        expertise_agrees(document, plain[key])
        every_voice_agrees(document, plain[key])
        whose_trust_the_voices_rest_on_agrees(document, plain[key])
        what_rests_on_each_without_the_largest_voices_agrees(document, plain[key])
        face_value_agrees(document, plain[key])
        interest_agrees(document, plain[key])
        how_fragile_a_score_is_agrees(document, plain[key])
        the_facts_at_weight_zero_agree(document, plain[key])
        parts_and_kinds_add_up_within_0_and_100(document)
        its_numbers_can_be_recomputed(document)
