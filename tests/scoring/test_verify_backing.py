"""verify, on whose trust voices rest: every figure follows from each one's trust, and trust covers the voices."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from golden.communities import COMMUNITIES
from golden.records import Diary
from verify_cases import changed, full, numbers, pointer, short, value_at

from candor.scoring.document import ScoreDocument, encode
from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.scoring.seals import brief
from candor.scoring.trust_root import FACE_VALUE, RootAccount, TrustRoot
from candor.scoring.verify import examine, verify
from candor.scoring.verify.digests import digests

if TYPE_CHECKING:
    from verify_cases import Json, Path

TRUSTED = tuple(f"trusted{i}" for i in range(25))
PART = ("expertise", "backers")
TOTALS = ("backed", "recent_backed", "trusted_people", "most_per_trusted", "recent_most_per_trusted")
UNSEEN_IN_BRIEF = ("recent_backed", "most_per_trusted", "recent_most_per_trusted")


def scored(**question: Any) -> ScoreDocument:
    """A document of u, for whom twenty-five people of the root spoke, and a friend of two of them."""
    diary = Diary()
    for i, person in enumerate((*TRUSTED, "friend")):
        answer = diary.answered(person, "u", 5 * i + 9, f"how do I prune rose number {i}", tags=("roses",))
        diary.write("accept", person, 5 * i + 8, object=answer)
    for person in TRUSTED[:2]:
        theirs = diary.answered(person, "friend", 90, "where does the key to the shed hang")
        diary.write("accept", person, 89, object=theirs)
    root = TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=person) for person in TRUSTED))
    asked = msgspec.structs.replace(COMMUNITIES["qa"]()[1], accounts=("u",), trust_root=root)
    (document,) = score(diary.records, msgspec.structs.replace(asked, **question), load_method())
    return document


@pytest.fixture(scope="module")
def whole() -> Json:
    return json.loads(encode(scored()))


@pytest.fixture(scope="module")
def shortened() -> Json:
    return json.loads(encode(brief(scored())))


def resealed(document: Json) -> Json:
    """The document with digests that hold again, so that only its figures can give it away."""
    return {**document, "digests": digests(document)}


def named_after(document: Json, path: Path, value: object) -> set[str]:
    return {fault.part for fault in verify(resealed(changed(document, path, value)))}


def without(document: Json, *path: str) -> Json:
    *above, last = path
    part = {name: value for name, value in value_at(document, tuple(above)).items() if name != last}
    return changed(document, tuple(above), part)


def test_the_numbers_meet_in_full_and_in_brief(whole: Json, shortened: Json) -> None:
    assert verify(whole) == verify(shortened) == []
    assert len(shortened["expertise"]["backers"]) == 20
    assert shortened["expertise"]["backers_rest"] > 0


def test_whoever_verifies_is_told_that_trust_is_taken_as_given(whole: Json) -> None:
    assert (
        "25 trusted people behind them; how much of their trust rests on each is taken as stated"
        in examine(whole).checked
    )


def test_no_figure_of_those_behind_can_change_even_under_digests_made_again(whole: Json, shortened: Json) -> None:
    for document in (whole, shortened):
        paths = [path for path in numbers(document) if {*path} & {"backers", "backers_rest", *TOTALS}]
        paths = [path for path in paths if not str(path[-1]).startswith("without_")]
        assert len(paths) >= 2 * len(document["expertise"]["backers"])
        unseen = [path for path in paths if not named_after(document, path, value_at(document, path) * 1.001)]
        assert [pointer(path) for path in unseen] == [
            pointer(path) for path in paths if document is shortened and path[-1] in UNSEEN_IN_BRIEF
        ]


@pytest.mark.parametrize(
    ("figure", "points"), [("without_largest", "largest_voice_points"), ("without_five", "largest_five_points")]
)
def test_trust_without_the_largest_voices_shows_in_what_hangs_on_them(whole: Json, figure: str, points: str) -> None:
    trust = value_at(whole, (*PART, 0, figure))
    assert f"/robustness/{points}" in named_after(whole, (*PART, 0, figure), trust / 2)
    assert pointer((*PART, 0, figure)) in named_after(whole, (*PART, 0, figure), 10 * trust)


@pytest.mark.parametrize("value", [None, "many", float("nan"), float("inf"), True, [], {}, -1.0])
def test_a_figure_replaced_by_something_else_is_caught(whole: Json, value: object) -> None:
    for path in numbers(whole["expertise"]["backers"][0]):
        assert verify(changed(whole, (*PART, 0, *path), value))


def test_trust_below_nothing_is_named(whole: Json) -> None:
    assert pointer((*PART, 3, "trust")) in named_after(whole, (*PART, 3, "trust"), -0.5)


@pytest.mark.parametrize("scope", ["other_topics", "everywhere"])
def test_a_scope_in_which_nobodys_trust_is_asked_is_named(whole: Json, scope: str) -> None:
    assert pointer((*PART, 0, "scope")) in named_after(whole, (*PART, 0, "scope"), scope)


def test_one_person_twice_is_named(whole: Json) -> None:
    rows = whole["expertise"]["backers"]
    assert pointer((*PART, 1, "by")) in named_after(whole, (*PART, 0, "by"), rows[1]["by"])


def test_the_same_person_within_another_scope_is_not(whole: Json) -> None:
    names = [row["by"] for row in whole["expertise"]["backers"]]
    assert len(names) == 2 * len(set(names))


def test_rows_out_of_order_are_named(whole: Json) -> None:
    first, second, *others = whole["expertise"]["backers"]
    assert first["trust"] > second["trust"]
    assert pointer((*PART, 1, "trust")) in named_after(whole, PART, [second, first, *others])


def test_somebody_left_out_is_named_by_the_total(whole: Json) -> None:
    assert "/expertise/totals/backed" in named_after(whole, PART, whole["expertise"]["backers"][1:])


def test_more_trust_than_there_are_voices_is_named(whole: Json) -> None:
    rows = [{**row, "trust": 2 * row["trust"], "worth": 2 * row["worth"]} for row in whole["expertise"]["backers"]]
    details = {fault.detail for fault in verify(resealed(changed(whole, PART, rows)))}
    assert "trust is more than the voices on_topic" in details


@pytest.mark.parametrize("figure", ["without_largest", "without_five"])
def test_more_trust_than_there_are_voices_left_is_named(whole: Json, figure: str) -> None:
    rows = [{**row, figure: row["trust"]} for row in whole["expertise"]["backers"]]
    details = {fault.detail for fault in verify(resealed(changed(whole, PART, rows)))}
    assert f"{figure} is more than the voices on_topic" in details


@pytest.mark.parametrize("name", ["most_per_trusted", "recent_most_per_trusted"])
def test_another_limit_is_named(whole: Json, name: str) -> None:
    path = ("expertise", "totals", name)
    assert pointer(path) in named_after(whole, path, 1.1 * value_at(whole, path))


@pytest.mark.parametrize("name", ["backed", "recent_backed"])
def test_a_bound_left_out_is_caught(whole: Json, shortened: Json, name: str) -> None:
    for document in (whole, shortened):
        assert verify(without(document, "expertise", "totals", name))


def test_everybody_behind_left_out_is_caught(whole: Json, shortened: Json) -> None:
    for document in (whole, shortened):
        faults = verify(resealed(without(document, "expertise", "backers")))
        assert "/expertise/totals/backed" in {fault.part for fault in faults}


def test_with_nobody_behind_it_the_bound_is_zero_and_stated() -> None:
    for form in (full, short):
        document = form("qa nobody")
        assert "backers" not in document["expertise"]
        assert document["expertise"]["totals"]["backed"] == document["expertise"]["totals"]["recent_backed"] == 0.0
        assert verify(resealed(without(document, "expertise", "totals", "backed")))


def test_the_brief_one_shows_those_on_the_topic_only(shortened: Json) -> None:
    rows = [*shortened["expertise"]["backers"], {**shortened["expertise"]["backers"][0], "scope": "recent"}]
    assert "/expertise/backers" in named_after(shortened, PART, rows)


def test_a_full_one_leaves_nobody_out(whole: Json) -> None:
    assert "/expertise/backers_rest" in named_after(whole, ("expertise", "backers_rest"), 0.5)


@pytest.mark.parametrize("name", ["backed", "recent_backed"])
@pytest.mark.parametrize("side", [("expertise",), ("expertise", "at_face_value")])
def test_nobodys_trust_bounds_voices_where_everybody_is_trusted(side: Path, name: str) -> None:
    document = json.loads(encode(scored(trust_root=FACE_VALUE)))
    assert verify(document) == []
    assert pointer((*side, "totals", name)) in named_after(document, (*side, "totals", name), 99.0)


def test_of_the_account_itself_nothing_is_borrowed() -> None:
    root = TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=name) for name in (*TRUSTED, "u")))
    assert {row.by for row in scored(trust_root=root).expertise.backers} == {*TRUSTED}
