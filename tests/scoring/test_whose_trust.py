"""Standing goes two steps and takes agreeing people, and no one person's word carries more than a few voices."""

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

    An accepted thing one half-life ago gives x = .5, and log₂ 1.5 = .584963 with a standing of 1. Of two people in the
    root one and a half make a standing of one half: f has it, by 1 + .5; g has (.5 / 1.5)⁴ = 1 / 81, so 1 / 82, and k
    nothing.
    """
    vouches = [("ann", "f"), ("bo", "f"), ("f", "g"), ("g", "k")]
    return [
        *(record for pair in vouches for record in vouched(*pair)),
        *(record for by in ("ann", "f", "g", "k") for record in taken(by, "u", HALF_LIFE)),
    ]


ROOT = rooted(ann=1.0, bo=0.5)


def test_standing_goes_two_steps_and_no_further() -> None:
    standing = {by: voice.standing for by, voice in voices(scored(a_chain(), ROOT)).items()}
    assert standing == {"ann": 1.0, "f": near(0.5), "g": near(1 / 82), "k": 0.0}


def test_every_voice_is_followed_back_to_those_of_the_root() -> None:
    """f and g say .292481 + .007134 = .299615 through f: two thirds of it rest on ann, who says .584963 herself."""
    found = backers(scored(a_chain(), ROOT))
    assert {by: backer.trust for by, backer in found.items()} == {"ann": near(0.784706), "bo": near(0.099872)}
    assert {by: backer.worth for by, backer in found.items()} == {"ann": near(0.784706), "bo": near(0.099872)}


def test_what_counts_is_what_rests_on_each_of_the_root_added_up() -> None:
    document = scored(a_chain(), ROOT)
    totals = document.expertise.totals
    assert (totals.all_kinds, totals.backed, totals.on_topic) == (near(0.884577),) * 3
    values = [feature.value for feature in document.expertise.features[:2]]
    assert values == [pytest.approx(0.05339, abs=0.00001)] * 2  # whatever they weigh


def test_what_is_sure_of_a_number_hangs_on_how_many_are_behind_it() -> None:
    """(.784706 + .099872)² / (.784706² + .099872²) = 1.250488."""
    features = scored(a_chain(), ROOT).expertise.features
    assert [feature.n_effective for feature in features[:2]] == [near(1.250488)] * 2


def thirty(by: str) -> Iterator[Activity]:
    for day in range(30):
        yield from taken(by, "u", day + 1)


TEN = rooted(**dict.fromkeys([f"r{i}" for i in range(10)], 1.0))


def test_one_of_the_root_whom_no_other_backs_up_counts_little_more_than_half_a_voice() -> None:
    """K = 4.9/5.2 of ten people stand behind: .6 + 400/10 · (K/10)⁴."""
    totals = scored([*thirty("r0")], TEN).expertise.totals
    assert totals.all_kinds > 4.8
    assert totals.most_per_trusted == pytest.approx(0.6 + 40 * (totals.all_kinds / (totals.all_kinds + 0.3) / 10) ** 4)
    assert totals.on_topic == totals.most_per_trusted < 0.61


def test_where_all_of_the_root_stand_behind_each_counts_in_full() -> None:
    records = [record for i in range(10) for record in thirty(f"r{i}")]
    totals = scored(records, TEN).expertise.totals
    assert totals.on_topic == pytest.approx(totals.all_kinds)


def test_through_one_person_outside_the_root_two_voices_count_at_most() -> None:
    """All ten vouch for f, whose standing is nearly 1; what it says and what it lends to others is two voices."""
    vouches = [record for i in range(10) for record in vouched(f"r{i}", "f")]
    lent = [record for i in range(40) for record in (*vouched("f", f"g{i}"), *thirty(f"g{i}"))]
    totals = scored([*vouches, *thirty("f"), *lent], TEN).expertise.totals
    assert totals.all_kinds > 4.8
    assert totals.on_topic == near(2.0)


def test_the_kinds_of_recognition_share_what_is_backed() -> None:
    records = [*a_chain(), *taken("f", "u", HALF_LIFE, kind="test")]
    document = scored(records, ROOT)
    feature = document.expertise.features[0]
    assert {kind.kind for kind in feature.by_kind or ()} == {"accepted", "tested"}
    assert sum(kind.voices for kind in feature.by_kind or ()) == pytest.approx(document.expertise.totals.backed)


def test_where_a_voice_rests_on_many_it_is_divided_among_them() -> None:
    """Six who vouch make a standing of 2.4⁴ / (1 + 2.4⁴) = .970741, so a voice of .567847."""
    six = [f"r{i}" for i in range(6)]
    records = [record for by in six for record in vouched(by, "f")] + [*taken("f", "u", HALF_LIFE)]
    document = scored(records, rooted(**dict.fromkeys(six, 1.0)))
    assert document.expertise.totals.on_topic == near(0.567847)
    assert {by: row.trust for by, row in backers(document).items()} == dict.fromkeys(six, near(0.567847 / 6))


def test_the_vouches_of_the_account_and_for_it_carry_no_trust() -> None:
    around = [*vouched("ann", "u"), *vouched("u", "f"), *taken("f", "u", HALF_LIFE)]
    totals = scored(around, rooted(ann=1.0, u=1.0)).expertise.totals
    assert (totals.all_kinds, totals.backed) == (0.0, 0.0)


def test_of_late_the_same_holds_over_all_topics() -> None:
    """ann took one thing up a short half-life ago."""
    document = scored([*taken("ann", "u", 90, tags=())], ROOT, profile="qa")
    totals = document.expertise.totals
    assert (totals.on_topic, totals.recent, totals.recent_backed) == (0.0, near(0.584963), near(0.584963))
    assert [(row.by, row.scope, row.trust) for row in document.expertise.backers] == [("ann", "recent", near(0.584963))]


def test_voices_off_the_topic_need_nobody_behind_them() -> None:
    totals = scored([*taken("ann", "u", HALF_LIFE, tags=("y",))], ROOT).expertise.totals
    assert totals.all_topics == near(0.584963)


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
@pytest.mark.parametrize(
    ("size", "corrupt", "most"),
    [(10, 1, 10), (20, 1, 10), (20, 2, 20), (20, 5, 40), (50, 1, 10), (50, 5, 20), (400, 5, 25)],
)
def test_corrupt_people_are_worth_few_points_to_somebody_unknown(
    profile: str, size: int, corrupt: int, most: float
) -> None:
    """One of the root at most 10 points, a tenth of it 20, a quarter 40; of a large one five at most 25."""
    nobody_took_it_up = list(taken("stranger", "u", 9))[:1]
    root = rooted(**dict.fromkeys([f"r{i}" for i in range(size)], 1.0))
    robustness = scored(nobody_took_it_up, root, profile=profile).robustness
    assert 0 < robustness.points_per_corrupt_standing[str(corrupt)] <= most
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
    assert points(cheated) <= unknown.robustness.points_per_corrupt_standing["5"]


def test_whoever_of_the_root_vouched_for_their_accounts_stands_behind_them_too() -> None:
    """The bound is one for accounts for which nobody else of the root vouched: others are counted with them."""
    others = [f"r{i}" for i in range(10)]
    records = [record for other in others for person in FIVE for record in vouched(other, f"{person}/0")]
    cheated = scored([*at_their_worst(FIVE, 20), *records], rooted(**dict.fromkeys([*FIVE, *others], 1.0)))
    assert {*backers(cheated)} == {*FIVE, *others}


def test_who_vouches_for_those_who_recognised_somebody_adds_more_than_the_score_says() -> None:
    """The bound holds what others say as it is: real people count more once several of the root vouch for them."""
    fans, others = [f"fan{i}" for i in range(50)], [f"r{i}" for i in range(45)]
    root = rooted(**dict.fromkeys([*FIVE, *others], 1.0))
    known = [record for fan, other in zip(fans, others * 2, strict=False) for record in vouched(other, fan)]
    helped = [*known, *(record for fan in fans for record in taken(fan, "u", 9))]
    before = scored(helped, root)
    after = scored([*helped, *(record for fan in fans for one in FIVE for record in vouched(one, fan))], root)
    assert points(after) - points(before) > before.robustness.points_per_corrupt_standing["5"]
    assert "cheaters can also vouch for people who really recognised the account" in before.robustness.note
