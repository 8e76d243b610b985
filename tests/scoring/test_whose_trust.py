"""Standing goes two steps, and voices count no more than those allow whose trust they rest on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from candor.scoring.activity import Activity
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.score import score
from candor.scoring.topics import Topic
from candor.scoring.trust_root import FACE_VALUE, NO_ROOT, RootAccount, TrustRoot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.scoring.document import Backer, ScoreDocument, Voice

METHOD = load_method()
AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
HALF_LIFE = 730.0
PROFILES = ("qa", "forum", "microblog")


def rooted(**weights: float) -> TrustRoot:
    return TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=n, weight=w) for n, w in weights.items()))


def scored(records: list[Activity], root: TrustRoot, profile: str = "forum") -> ScoreDocument:
    question = Question(
        network="custom:ways",
        accounts=("u",),
        topics=(Topic(id="tag:x", label="x"),),
        trust_root=root,
        as_of=AS_OF,
        profile=profile,
    )
    (document,) = score(records, question, METHOD)
    return document


def taken(by: str, whom: str, days: float, kind: Any = "accept", tags: tuple[str, ...] = ("x",)) -> Iterator[Activity]:
    """A post of somebody, and how somebody takes it up so many days before the score."""
    of = f"{whom} for {by} {kind} {days} {tags}"
    at = AS_OF - timedelta(days=days)
    yield Activity(type="note", id=of, actor=whom, published=at - timedelta(days=1), tags=tags)
    yield Activity(type=kind, id=f"taking {of}", actor=by, published=at, object=of)


def vouched(by: str, whom: str) -> Iterator[Activity]:
    """Somebody vouches for somebody by what has nothing to do with the topic."""
    return taken(by, whom, 500, tags=())


def voices(document: ScoreDocument) -> dict[str, Voice]:
    return {voice.by: voice for voice in document.expertise.evidence if voice.scope == "on_topic"}


def backers(document: ScoreDocument) -> dict[str, Backer]:
    return {backer.by: backer for backer in document.expertise.backers if backer.scope == "on_topic"}


def points(document: ScoreDocument) -> float:
    return sum(feature.contribution for feature in document.expertise.features)


def near(value: float) -> Any:
    return pytest.approx(value, rel=0, abs=0.5e-6 + 1e-12)


def a_chain() -> list[Activity]:
    """Both of the root vouch for f, f for g, g for k; of these ann, f, g and k took one thing of u up two years ago.

    An accepted thing one half-life ago gives x = .5, and 3 · .5 / (.5 + 2) = .6 with a standing of 1. A vouch passes on
    .85 / 5 = .17. So f has .17 · 1 + .17 · .5 = .255, g has .17 · .255 = .04335, and k nothing.
    """
    vouches = [("ann", "f"), ("bo", "f"), ("f", "g"), ("g", "k")]
    return [
        *(record for pair in vouches for record in vouched(*pair)),
        *(record for by in ("ann", "f", "g", "k") for record in taken(by, "u", HALF_LIFE)),
    ]


ROOT = rooted(ann=1.0, bo=0.5)


def test_standing_goes_two_steps_and_no_further() -> None:
    standing = {by: voice.standing for by, voice in voices(scored(a_chain(), ROOT)).items()}
    assert standing == {"ann": 1.0, "f": near(0.255), "g": near(0.04335), "k": 0.0}


def test_every_voice_is_followed_back_to_those_of_the_root() -> None:
    """ann: .6 + .17 · .6 + .17 · .17 · .6 = .71934, bo: .5 · (.17 · .6 + .17 · .17 · .6) = .05967."""
    found = backers(scored(a_chain(), ROOT))
    assert {by: backer.trust for by, backer in found.items()} == {"ann": near(0.71934), "bo": near(0.05967)}


def test_what_rests_on_one_person_is_worth_less_than_one_voice_and_the_largest_count_half() -> None:
    """.71934 / 1.71934 = .418381 and .05967 / 1.05967 = .056310."""
    found = backers(scored(a_chain(), ROOT))
    assert {by: backer.worth for by, backer in found.items()} == {"ann": near(0.418381), "bo": near(0.056310)}
    assert {by: backer.counted for by, backer in found.items()} == {"ann": near(0.209191), "bo": near(0.028155)}


def test_voices_count_no_more_than_those_allow_on_whom_they_rest() -> None:
    """The voices make (.6 + .153 + .02601 + 0) / 2 = .389505; backed are (.418381 + .056310) / 2 = .237346.

    Of 100 points of `forum` 100 · Φ(ln(.237346 / 12) / 1.728823) are left, as B is A.
    """
    document = scored(a_chain(), ROOT)
    totals = document.expertise.totals
    assert (totals.all_kinds, totals.backed) == (near(0.389505), near(0.237346))
    assert totals.on_topic == totals.backed
    assert points(document) == pytest.approx(1.162, abs=0.001)


def test_what_is_sure_of_a_number_hangs_on_how_many_allow_it() -> None:
    """(.209191 + .028155)² / (.209191² + .028155²) = 1.264391."""
    features = scored(a_chain(), ROOT).expertise.features
    assert [feature.n_effective for feature in features[:2]] == [near(1.264391)] * 2


def test_the_kinds_of_recognition_share_what_is_backed() -> None:
    records = [*a_chain(), *taken("f", "u", HALF_LIFE, kind="test")]
    document = scored(records, ROOT)
    feature = document.expertise.features[0]
    assert {kind.kind for kind in feature.by_kind or ()} == {"accepted", "tested"}
    assert sum(kind.voices for kind in feature.by_kind or ()) == pytest.approx(document.expertise.totals.backed)


def test_where_a_voice_rests_on_many_it_counts_in_full() -> None:
    """Six vouches make a standing of 1. Each of the six has trust .102, worth .092559, five of them half: .323956."""
    six = [f"r{i}" for i in range(6)]
    records = [record for by in six for record in vouched(by, "f")] + [*taken("f", "u", HALF_LIFE)]
    totals = scored(records, rooted(**dict.fromkeys(six, 1.0))).expertise.totals
    assert (totals.on_topic, totals.backed) == (near(0.3), near(0.323956))


def test_the_vouches_of_the_account_and_for_it_carry_no_trust() -> None:
    around = [*vouched("ann", "u"), *vouched("u", "f"), *taken("f", "u", HALF_LIFE)]
    totals = scored(around, rooted(ann=1.0, u=1.0)).expertise.totals
    assert (totals.all_kinds, totals.backed) == (0.0, 0.0)


def test_of_late_the_same_holds_over_all_topics() -> None:
    """ann took one thing up a short half-life ago: trust .6 there, worth .375, counted .1875 instead of .3."""
    document = scored([*taken("ann", "u", 90, tags=())], ROOT, profile="qa")
    totals = document.expertise.totals
    assert (totals.on_topic, totals.recent, totals.recent_backed) == (0.0, near(0.1875), near(0.1875))
    assert [(row.by, row.scope, row.trust) for row in document.expertise.backers] == [("ann", "recent", near(0.6))]


def test_voices_off_the_topic_need_nobody_behind_them() -> None:
    totals = scored([*taken("ann", "u", HALF_LIFE, tags=("y",))], ROOT).expertise.totals
    assert totals.all_topics == near(0.3)


def test_where_everybody_is_trusted_nobody_is_asked_for_backing() -> None:
    document = scored(a_chain(), FACE_VALUE)
    face = document.expertise.at_face_value
    assert face is not None
    assert document.expertise.backers == ()
    for totals in (document.expertise.totals, face.totals):
        assert (totals.backed, totals.recent_backed) == (None, None)


def test_without_a_root_nothing_is_backed() -> None:
    document = scored(a_chain(), NO_ROOT)
    assert document.expertise.totals.backed == document.expertise.totals.recent_backed == 0.0
    assert document.expertise.backers == ()


@pytest.mark.parametrize("profile", PROFILES)
def test_five_corrupt_people_are_worth_thirty_points_at_most_to_somebody_unknown(profile: str) -> None:
    """2.5 voices: five of whom each is worth less than one, counted half."""
    nobody_took_it_up = list(taken("stranger", "u", 9))[:1]
    robustness = scored(nobody_took_it_up, ROOT, profile=profile).robustness
    assert 0 < robustness.points_per_corrupt_standing["1"] < robustness.points_per_corrupt_standing["5"] <= 30
    assert "whatever they do" in robustness.note


def at_their_worst(corrupt: list[str], invented: int) -> list[Activity]:
    """Each vouches for so many invented accounts, they for as many more, and all of them take up thirty things of u."""
    records: list[Activity] = []
    for person in corrupt:
        first = [f"{person}/{i}" for i in range(invented)]
        second = [f"{one}/{i}" for one in first for i in range(5)]
        for one in first:
            records += vouched(person, one)
        for one in second:
            records += vouched(one.rpartition("/")[0], one)
        for by in (person, *first, *second):
            records += (record for day in range(30) for record in taken(by, "u", day + 1))
    return records


FIVE = [f"corrupt{i}" for i in range(5)]


@pytest.mark.parametrize("profile", ["forum", "microblog"])
@pytest.mark.parametrize("invented", [0, 5, 20])
def test_five_who_do_their_worst_stay_below_what_the_score_said(profile: str, invented: int) -> None:
    root = rooted(**dict.fromkeys([*FIVE, "ann"], 1.0))
    unknown = scored(list(taken("stranger", "u", 9))[:1], root, profile=profile)
    cheated = scored(at_their_worst(FIVE, invented), root, profile=profile)
    assert cheated.expertise.totals.on_topic < 2.5
    assert points(cheated) <= unknown.robustness.points_per_corrupt_standing["5"]


def test_whoever_of_the_root_vouched_for_them_stands_behind_them_too() -> None:
    """The bound is one for people for whom nobody else of the root vouched: others are counted with them."""
    others = [f"r{i}" for i in range(10)]
    records = [record for other in others for person in FIVE for record in vouched(other, person)]
    cheated = scored([*at_their_worst(FIVE, 20), *records], rooted(**dict.fromkeys([*FIVE, *others], 1.0)))
    assert {*backers(cheated)} == {*FIVE, *others}
    assert 2.5 < cheated.expertise.totals.on_topic < 15 - 2.5


def test_who_praises_those_who_endorsed_somebody_adds_more_than_the_score_says() -> None:
    """The bound holds what others say as it is: endorsements count more by those whom somebody recognised."""
    fans = [f"fan{i}" for i in range(50)]
    root = rooted(**dict.fromkeys([*FIVE, *fans], 1.0))
    endorsed = [record for fan in fans for record in taken(fan, "u", 1, kind="reshare")]
    praised = [record for fan in fans for person in FIVE for record in taken(person, fan, 9)]
    before, after = scored(endorsed, root), scored([*endorsed, *praised], root)
    assert points(after) - points(before) > before.robustness.points_per_corrupt_standing["5"]
