"""Every golden value of the method, asked of scoring/ and of the reference that was written from the text alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from reference import expertise as reference_expertise
from reference import statistics
from reference.method import reference_score
from reference.standing import flow_for
from reference.voices import worth

from candor.scoring.activity import Activity
from candor.scoring.curves import curve, in_points, wilson_limits
from candor.scoring.evidence import Evidence
from candor.scoring.method import load_method
from candor.scoring.points import expertise_numbers
from candor.scoring.question import Question
from candor.scoring.score import score
from candor.scoring.standing import Vouches, flow_standing
from candor.scoring.topics import Topic
from candor.scoring.totals import Totals
from candor.scoring.trust_root import FACE_VALUE, RootAccount, TrustRoot
from candor.scoring.voices import weight

VOICED = ("acknowledged_help", "specialised_help", "still_recognised")
CURRENT = load_method()
METHOD = replace(  # with the figures by which the text of the method prints its values
    CURRENT,
    voice=replace(CURRENT.voice, post_cap=0.5, specialist_power=0.5),
    kinds=CURRENT.kinds | {"endorsed": 0.2, "listed": 0.5, "voted": 0.5},
    control_points=CURRENT.control_points | dict.fromkeys(VOICED, (8.0, 60.0)),
    profiles={f"{name} today": profile for name, profile in CURRENT.profiles.items()}
    | {
        name: replace(CURRENT.profiles[name], expertise=dict(zip(VOICED, weights, strict=True)))
        for name, weights in {"qa": (40, 20, 40), "forum": (30, 70, 0), "microblog": (50, 50, 0)}.items()
    },
)
AS_OF = datetime(2022, 1, 1, tzinfo=UTC)
PROFILES = ("qa", "forum", "microblog")


def near(value: float) -> Any:
    return pytest.approx(value, rel=0, abs=0.5e-6 + 1e-12)


CURVE = ((1, 0.092984), (3, 0.266365), (8, 0.5), (20, 0.719984), (60, 0.9))
WORTH = ((0.2, 0.263034), (0.5, 0.584963), (1, 1.0), (3, 2.0), (7, 3.0), (20, 4.392317), (63, 6.0), (500, 6.0))
WILSON = ((1, 1, 0.269831), (5, 5, 0.648843), (5, 10, 0.269256), (20, 40, 0.374139))
VOUCHES = ((0, 3), (1, 3), (2, 3), (0, 4), (1, 4), (3, 5), (4, 5), (0, 5), (5, 6), (7, 8), (8, 7))
STANDING = (1, 1, 1, 0.8350515464, 0.5, 0.6501155464, 0.0000007483, 0, 0)  # of three: half at two who vouch
SCORES = (
    ((2, 20, 10), (1.264911, 4.472136), (24.194946, 14.094832, 15.466607)),
    # The method prints 42.740833 for microblog; 50 + 50 points of .427408325 are 42.740832 however they are rounded.
    ((6, 6, 4), (6, 4.898979), (40.746502, 42.740833, 42.740832)),
    ((0.5, 50, 40), (0.209165, 2.738613), (11.668053, 1.883503, 2.457098)),
    ((23, 40, 12), (18.685288, 16.613248), (71.227605, 71.840418, 72.717693)),
)


@pytest.mark.parametrize(("raw", "value"), CURVE)
def test_the_curve_maps_voices_to_a_share(raw: float, value: float) -> None:
    assert curve(raw, 8, 60) == near(value)
    assert statistics.curve(raw, 8, 60) == near(value)


@pytest.mark.parametrize(("strength", "value"), WORTH)
def test_one_accepted_answer_is_worth_one_voice_three_are_worth_two(strength: float, value: float) -> None:
    assert weight(np.array([strength]), METHOD.voice)[0] == near(value)
    assert worth(strength, METHOD) == near(value)


@pytest.mark.parametrize(("hits", "trials", "value"), WILSON)
def test_a_share_is_taken_at_its_lower_wilson_limit(hits: float, trials: float, value: float) -> None:
    assert wilson_limits(np.array([float(hits)]), np.array([float(trials)]), METHOD.interval.z)[0][0] == near(value)
    assert statistics.wilson(hits, trials, METHOD.interval.z)[0] == near(value)


def test_standing_is_half_where_two_and_a_half_vouch_or_half_of_a_small_root_and_rings_have_none() -> None:
    pairs = np.array(VOUCHES)
    root = np.array([1.0, 1.0, 1.0, 0, 0, 0, 0, 0, 0])
    flowed = flow_standing(Vouches.of_pairs(pairs[:, 0], pairs[:, 1], 9), root, METHOD.standing, 3)
    assert flowed.standing == pytest.approx(STANDING, abs=0.5e-9)
    names = [str(person) for person in range(9)]
    by_name = flow_for("nobody", names, {(str(w), str(u)) for w, u in VOUCHES}, root_of(*names[:3]), METHOD)
    assert by_name is not None
    assert [by_name.standing[name] for name in names] == pytest.approx(STANDING, abs=0.5e-9)


@pytest.mark.parametrize(("given", "raws", "points"), SCORES)
def test_three_totals_make_a_score(
    given: tuple[float, ...], raws: tuple[float, ...], points: tuple[float, ...]
) -> None:
    a, b, r = (np.array([float(total)]) for total in given)
    summed = Totals(a, a, np.zeros(1), b - a, r, np.ones(1), np.ones(1))
    evidence = Evidence(None, summed, METHOD)  # type: ignore[arg-type] # these features ask for totals alone
    found = [expertise_numbers(evidence, METHOD.profiles[name]) for name in PROFILES]
    assert list(found[0].raw.values()) == [near(given[0]), near(raws[0]), near(raws[1])]
    assert [in_points(numbers.score) for numbers in found] == [near(p) for p in points]
    plain = [float(reference_expertise.score_of(*given, name, METHOD)) for name in PROFILES]
    assert plain == [near(p) for p in points]


def record(identifier: str, actor: str | None, kind: Any, days: float, **fields: Any) -> Activity:
    return Activity(id=identifier, actor=actor, type=kind, published=AS_OF - timedelta(days=days), **fields)


def root_of(*accounts: str) -> TrustRoot:
    return TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=account) for account in accounts))


def asked(root: TrustRoot, profile: str) -> Question:
    return Question(
        network="custom:golden",
        accounts=("u",),
        topics=(Topic(id="tag:x", label="x"),),
        trust_root=root,
        as_of=AS_OF,
        profile=profile,
    )


def numbers(world: tuple[Activity, ...], root: TrustRoot, profile: str) -> list[dict[str, float]]:
    """What scoring and the reference make of a world, before status: totals, raw values and points."""
    question = asked(root, profile)
    (document,) = score(world, question, METHOD)
    found = document.expertise
    plain = reference_score(world, question, METHOD)["u", "tag:x"]["expertise"]
    return [
        {
            "A": found.totals.on_topic,
            "B": found.totals.all_topics,
            "R": found.totals.recent,
            "A_all": found.totals.all_kinds,
            "P": found.totals.posts,
            "score": sum(feature.contribution for feature in found.features),
            **{feature.id: feature.raw for feature in found.features},
            **{f"{feature.id}, points": feature.contribution for feature in found.features},
            **{f"voice of {v.by}": v.voice for v in found.evidence if v.scope == "on_topic"},
        },
        {
            "A": plain["totals"].on_topic,
            "B": plain["totals"].all_topics,
            "R": plain["totals"].recent,
            "A_all": plain["totals"].all_kinds,
            "P": plain["totals"].posts,
            "score": float(plain["number"]),
            **{name: feature["raw"] for name, feature in plain["features"].items()},
            **{f"{name}, points": float(feature["contribution"]) for name, feature in plain["features"].items()},
            **{f"voice of {v.by}": v.voice for v in plain["voices"].on_topic},
        },
    ]


def check(world: tuple[Activity, ...], root: TrustRoot, profile: str, golden: dict[str, float]) -> None:
    for found in numbers(world, root, profile):
        assert {name: found[name] for name in golden} == {name: near(value) for name, value in golden.items()}


WORLD_1 = (
    record("q1", "v", "question", 731, tags=("x",)),
    record("q2", "v", "question", 731, tags=("x",)),
    record("a1", "u", "answer", 731, object="q1"),
    record("a2", "u", "answer", 731, object="q2"),
    record("acceptance", "v", "accept", 731, object="a1"),
    record("thanks", "v", "reply", 731, object="a2"),
    record("remark", "w", "reply", 731, object="a2"),
    record("vote", None, "vote", 731, object="a2", value=1),
)
WORLD_2 = (
    record("q1", "v", "question", 130, tags=("x",)),
    record("p1", "u", "answer", 120, object="q1"),
    record("v accepts p1", "v", "accept", 100, object="p1"),
    record("v thanks for p1", "v", "reply", 50, object="p1"),
    record("p2", "u", "note", 20, tags=("x",)),
    record("z endorses p2", "z", "reshare", 10, object="p2"),
    record("v lists u", "v", "list", 400, target_actor="u", tags=("x",)),
    record("p4", "v", "note", 300, tags=("x",)),
    record("u accepts p4", "u", "accept", 200, object="p4"),
    record("p5", "v", "note", 300, tags=("x",)),
    record("z accepts p5", "z", "accept", 60, object="p5"),
    record("p3", "u", "note", 300, tags=("y",)),
    record("z accepts p3", "z", "accept", 30, object="p3"),
)
OF_TWO = {"A": 0.830431, "B": 1.810029, "R": 1.332046, "specialised_help": 0.795245, "still_recognised": 1.051747}
OF_ONE = {"A": 0.780776, "B": 0.780776, "R": 0.471703, "voice of v": 0.780776}
VOICES = {"voice of v": 0.804012, "voice of z": 0.028302}
POINTS = {
    "acknowledged_help, points": 2.992922,
    "specialised_help, points": 1.420174,
    "still_recognised, points": 3.937468,
}


@pytest.mark.parametrize(
    ("root", "a", "points"),
    [
        (root_of("v"), 0.806768, 4.401910),
        (root_of("w"), 0.201455, 0.577974),
        (FACE_VALUE, 1.008223, 5.731029),
    ],
)
def test_world_1_of_two_answers_is_heard_as_its_root_says(root: TrustRoot, a: float, points: float) -> None:
    check(WORLD_1, root, "qa", {"A": a, "score": points})


@pytest.mark.parametrize(
    ("profile", "golden"),
    [
        ("qa", OF_TWO | VOICES | POINTS | {"score": 8.350564}),
        ("forum", {"score": 7.215301}),
        ("microblog", {"score": 7.291588}),
    ],
)
def test_world_2_scores_two_mutual_friends_by_who_else_hears_them(profile: str, golden: dict[str, float]) -> None:
    check(WORLD_2, root_of("v", "z"), profile, golden)


@pytest.mark.parametrize(("profile", "points"), [("qa", 6.185229), ("forum", 6.943680), ("microblog", 6.943680)])
def test_world_2_under_one_root_account_hears_nothing_off_the_topic(profile: str, points: float) -> None:
    check(WORLD_2, root_of("v"), profile, OF_ONE | {"score": points})


@pytest.mark.parametrize(
    ("people", "golden"),
    [(20, {"A_all": 0.571383, "A": 0.4, "P": 0.4}), (40, {"A_all": 1.142766, "A": 0.5, "P": 0.5})],
)
def test_world_3_of_one_post_is_worth_half_a_voice_at_most(people: int, golden: dict[str, float]) -> None:
    names = [f"w{i}" for i in range(people)]
    post = record("p", "u", "note", 100, tags=("x",))
    shares = (record(f"share by {name}", name, "reshare", 1e-6, object="p") for name in names)
    check((post, *shares), root_of(*names), "microblog", golden)
