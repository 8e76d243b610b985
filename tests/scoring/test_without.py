"""Records without some people: what goes with them, and what of others stays."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from candor.scoring.activity import Activity
from candor.scoring.redaction import without_people

AT = datetime(2026, 10, 1, tzinfo=UTC)


def record(kind: str, name: str | None, actor: str | None, **more: object) -> Activity:
    return Activity(type=kind, id=name, actor=actor, published=AT, **more)


RECORDS = [
    record("question", "q", "ada", content="Which hops?"),
    record("answer", "a", "bo", object="q", content="Saaz."),
    record("accept", "c", "ada", object="a"),
    record("like", "l", "cy", object="q"),
    record("like", "m", "cy", object="a"),
    record("vote", "v", None, object="q"),
    record("follow", "f", "bo", target_actor="ada"),
    record("reply", "r", "cy", target_actor="ada", content="Thanks."),
    record("review", "w", "bo", object="q"),
    record("reshare", "s", "cy", object="w"),
    record("account", None, "ada", bio="Brewer."),
    record("account", None, "bo"),
]


def left() -> dict[str | None, Activity]:
    return {each.id or f"account of {each.actor}": each for each in without_people(RECORDS, {"ada"})}


@pytest.mark.parametrize("gone", ["q", "c", "account of ada"])
def test_what_the_person_did_goes(gone: str) -> None:
    assert gone not in left()


@pytest.mark.parametrize("gone", ["l", "v", "f", "w"])
def test_acts_towards_the_person_go(gone: str) -> None:
    assert gone not in left()


@pytest.mark.parametrize("post", ["a", "r"])
def test_posts_of_others_stay_and_no_longer_say_to_whom(post: str) -> None:
    assert left()[post].content
    assert (left()[post].object, left()[post].target_actor) == (None, None)


def test_what_is_not_about_the_person_is_as_it_was() -> None:
    assert left()["m"] == RECORDS[4]
    assert left()["account of bo"] == RECORDS[-1]


def test_what_acted_on_an_act_that_went_acts_on_nothing() -> None:
    assert left()["s"].object is None


def test_without_nobody_everything_is_as_it_was() -> None:
    assert without_people(RECORDS, set()) == RECORDS


@pytest.mark.parametrize(("stray", "stays"), [("ada", False), ("at://ada/post/9", False), ("elsewhere/9", True)])
def test_an_act_on_what_is_no_record_does_not_say_so_where_its_id_names_the_person(stray: str, stays: bool) -> None:
    act = record("reshare", "z", "bo", object=stray)
    (kept,) = without_people([act], {"ada"})
    assert kept.object == (stray if stays else None)


def test_the_id_of_a_record_that_is_there_stays_although_it_is_spelled_as_the_person_is() -> None:
    records = [record("note", "7", "bo", content="Saaz."), record("like", "l", "cy", object="7")]
    assert without_people(records, {"7"}) == records
