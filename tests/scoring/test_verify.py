"""verify: a document's numbers are recomputed from the document alone, and what is off is named."""

from __future__ import annotations

import re
from itertools import cycle, product
from typing import TYPE_CHECKING

import pytest
from verify_cases import FULL, Json, Path, changed, full, numbers, pointer, recomputed, short, value_at

from candor.scoring.verify import verify
from candor.scoring.verify.expertise import VOICED
from tests.effort import THOROUGH

if TYPE_CHECKING:
    from collections.abc import Iterable

RICH = ("qa ada", "qa ada at face value", "forum mara", "microblog stella", "microblog nova")
BRIEF = "microblog stella at face value"

# What a number's change shows in, where that is not the number itself: the figure made from it, or its section.
SHOWS_IN = (
    (r"/(account|trust_root|inputs|matched|facts)/.*", r"/\1"),
    (r"/window_days", ""),
    (r"/method/figures/.*", "/method/digest"),
    (r"(/expertise/evidence/\d+)/standing", r"\1/voice"),
    (r"(/expertise/evidence/\d+)/recognised_by", r"\1/prominence"),
    (r"(/expertise/evidence/\d+)/given", r"\1/reciprocity"),
    (r"(/expertise/backers/\d+)/trust", r"\1/worth"),
    (r"/expertise/backers/\d+/without_(largest|five)", "/expertise/evidence"),
    (r"(/expertise/at_face_value)/totals/(all_kinds|help|posts)", r"\1"),
    (r"(/expertise/at_face_value)/totals/all_topics", r"\1/features/1/raw"),
    (r"(/expertise/at_face_value)/totals/recent", r"\1/features/2/raw"),
    (r"(/expertise/at_face_value/features/\d+/by_kind)/\d+/voices", r"\1"),
    (r"(/expertise/at_face_value)/features/\d+/n_effective", r"\1"),
    (r"(/interest/features/\d+)/raw", r"\1/value"),
    (r"(/interest/features/\d+)/(hits|trials)", r"\1/raw"),
    (r"(/expertise(?:/at_face_value)?)/position/(rank|tied|of|active)", r"\1"),
    (r"/interest/own_acts", "/interest/features/0/n_effective"),
)
# Where not all voices are shown, these are held by the digest of their section alone.
SHOWS_IN_SHORT = (
    (r"/expertise/evidence_rest", "/expertise/evidence"),
    (r"(/expertise)/totals/all_topics", r"\1/features/1/raw"),
    (r"(/expertise)/totals/recent", r"\1/features/2/raw"),
    (r"(/expertise)/totals/(help|posts)", r"\1"),
    (r"(/expertise)/(people|people_with_standing|standing_sum|features/\d+/n_effective)", r"\1"),
    (r"(/expertise/features/\d+/by_kind)/\d+/voices", r"\1"),
    (r"(/robustness)/.*", r"\1"),
)
UNCHECKED = "verify says nothing when these numbers change: recompute them in candor/scoring/verify"


def counted_in_people(document: Json) -> tuple[tuple[str, str], ...]:
    """Where features show that count people instead of voices: their raw value is recomputed from voices if shown."""
    own = [index for index, feature in enumerate(document["expertise"]["features"]) if feature["id"] not in VOICED]
    return tuple(
        (rf"(/expertise)((?:/at_face_value)?)(/features/{index})/{figure}", shown)
        for index in own
        for figure, shown in (("raw", r"\1\2\3/value"), ("n_effective", r"\1\2"))
    )


EACH = 0.0, 0.5, 1.0


def some_of_each(paths: Iterable[Path], where: tuple[float, ...] = EACH) -> list[Path]:
    """Of numbers that differ only in which row of a list they are of, the first, middle and last; all if thorough."""
    alike: dict[str, list[Path]] = {}
    for path in paths:
        alike.setdefault(pointer("#" if isinstance(step, int) else step for step in path), []).append(path)
    places = {name: {int(part * (len(rows) - 1)) for part in where} for name, rows in alike.items()}
    return [row for name, rows in alike.items() for at, row in enumerate(rows) if THOROUGH or at in places[name]]


def slightly_more(number: float) -> float:
    return number * 1.0001 if isinstance(number, float) and number else number + 1


def unnamed(
    document: Json, patterns: tuple[tuple[str, str], ...], change: object, where: tuple[float, ...] = EACH
) -> list[str]:
    """Numbers whose change is not named where it should be."""
    missed = []
    for path in some_of_each(numbers(document), where):
        here = pointer(path)
        named = {fault.part for fault in verify(changed(document, path, change(value_at(document, path))))}
        shown = {match.expand(to) for pattern, to in patterns if (match := re.fullmatch(pattern, here))}
        if not named & {*shown, here}:
            missed.append(here)
    return missed


@pytest.mark.parametrize("name", FULL)
def test_the_numbers_of_every_document_meet(name: str) -> None:
    assert verify(full(name)) == []


@pytest.mark.parametrize("name", FULL)
def test_the_numbers_of_every_brief_document_meet(name: str) -> None:
    assert verify(short(name)) == []


@pytest.mark.parametrize("name", RICH)
def test_every_changed_number_is_named(name: str) -> None:
    if not recomputed(name):
        pytest.skip("verify takes some of its features as stated")
    document, place = full(name), RICH.index(name) / (len(RICH) - 1)  # other rows of each document
    assert unnamed(document, SHOWS_IN + counted_in_people(document), slightly_more, (place,)) == [], UNCHECKED


@pytest.mark.skipif(not recomputed(BRIEF), reason="verify takes some of its features as stated")
def test_every_changed_number_of_a_brief_document_is_named() -> None:
    document = short(BRIEF)
    patterns = SHOWS_IN + SHOWS_IN_SHORT + counted_in_people(document)
    assert unnamed(document, patterns, slightly_more) == [], UNCHECKED


def test_every_changed_sign_is_caught() -> None:
    document = full("microblog stella")
    paths = some_of_each(path for path in numbers(document) if value_at(document, path))
    assert [pointer(path) for path in paths if not verify(changed(document, path, -value_at(document, path)))] == []


def test_a_number_replaced_by_something_else_is_caught() -> None:
    document = full("qa bert")
    paths, others = some_of_each(numbers(document)), (None, "many", float("nan"), float("inf"), True, [], {})
    tried = product(paths, others) if THOROUGH else zip(paths, cycle(others), strict=False)
    assert [(pointer(path), value) for path, value in tried if not verify(changed(document, path, value))] == []


def named_after(name: str, path: tuple[str | int, ...], value: object) -> set[str]:
    return {fault.part for fault in verify(changed(full(name), path, value))}


TESTED = next(
    place for place, act in enumerate(full("forum mara")["expertise"]["evidence"][0]["acts"]) if act["kind"] == "tested"
)


def test_another_kind_of_act_of_other_strength_shows_in_its_strength() -> None:
    path = ("expertise", "evidence", 0, "acts", TESTED)
    assert pointer((*path, "strength")) in named_after("forum mara", (*path, "kind"), "replied")


def test_another_kind_of_act_of_equal_strength_shows_in_the_kinds() -> None:
    path = ("expertise", "evidence", 0, "acts", TESTED)
    named = named_after("forum mara", (*path, "kind"), "took")
    assert pointer((*path, "strength")) not in named
    assert any(part.startswith("/expertise/features/0/by_kind") for part in named)


def test_another_kind_of_act_off_the_topic_is_caught() -> None:
    rows = full("qa ada")["expertise"]["evidence"]
    row = next(index for index, voice in enumerate(rows) if voice["scope"] == "other_topics")
    named = named_after("qa ada", ("expertise", "evidence", row, "acts", 0, "kind"), "reviewed")
    assert "/expertise/evidence" in named


def test_an_unknown_kind_of_act_is_caught() -> None:
    assert named_after("qa ada", ("expertise", "evidence", 0, "acts", 0, "kind"), "praised")


def test_another_time_of_an_act_shows_in_its_strength() -> None:
    path = ("expertise", "evidence", 0, "acts", 0)
    assert pointer((*path, "strength")) in named_after("qa ada", (*path, "at"), "2025-01-01T00:00:00Z")


def test_another_contribution_taken_up_is_caught() -> None:
    assert "/expertise/evidence" in named_after("qa ada", ("expertise", "evidence", 0, "acts", 0, "of"), "r999")


def test_another_name_is_caught() -> None:
    assert "/expertise/evidence" in named_after("qa ada", ("expertise", "evidence", 0, "by"), "somebody")


def test_a_person_who_speaks_twice_is_named() -> None:
    second = full("qa ada")["expertise"]["evidence"][1]["by"]
    assert "/expertise/evidence/1/by" in named_after("qa ada", ("expertise", "evidence", 0, "by"), second)


@pytest.mark.parametrize("side", ["expertise", "interest"])
def test_another_status_is_named(side: str) -> None:
    assert f"/{side}/status" in named_after("qa ada", (side, "status"), "not_enough_evidence")


def test_another_status_at_face_value_is_caught() -> None:
    path = ("expertise", "at_face_value", "status")
    assert "/expertise/at_face_value" in named_after("qa ada", path, "not_enough_evidence")


@pytest.mark.parametrize("field", ["id", "as_of", "data_until", "urls", "operator", "intended_use", "not_for"])
def test_a_changed_frame_is_caught(field: str) -> None:
    assert "" in named_after("qa ada", (field,), "something else")


@pytest.mark.parametrize("side", ["expertise", "interest"])
def test_a_score_where_none_may_be_is_named(side: str) -> None:
    assert f"/{side}/score" in named_after("qa bert", (side, "score"), 12.5)


@pytest.mark.parametrize("part", ["score", "interval", "features", "needs"])
def test_a_missing_part_is_caught(part: str) -> None:
    assert named_after("qa ada", ("expertise", part), None if part != "needs" else "more people")


def test_a_voice_taken_out_is_caught() -> None:
    voices = full("qa ada")["expertise"]["evidence"]
    assert "/expertise/people" in named_after("qa ada", ("expertise", "evidence"), voices[1:])


def test_an_act_taken_out_is_named() -> None:
    named = named_after("qa ada", ("expertise", "evidence", 0, "acts"), [])
    assert "/expertise/evidence/0/received" in named


def test_a_full_document_passed_off_as_brief_is_caught() -> None:
    assert "/expertise/evidence" in named_after("qa ada", ("expertise", "evidence_shown"), "largest")


def test_whole_numbers_may_lose_their_point_on_the_way() -> None:
    document = full("qa ada")
    for path in numbers(document):
        value = value_at(document, path)
        if value == int(value):
            document = changed(document, path, int(value))
    assert verify(document) == []


def erased(document: Json, name: str | None) -> Json:
    """The document as it is after erasing one account (or everybody) from the evidence."""
    evidence = [
        voice
        if name not in (None, voice["by"])
        else {**voice, "by": "erased", "acts": [{**act, "url": "erased"} for act in voice["acts"]]}
        for voice in document["expertise"]["evidence"]
    ]
    digests = {section: digest for section, digest in document["digests"].items() if section != "names"}
    return {**changed(document, ("expertise", "evidence"), evidence), "digests": digests, "redacted_at": "2026-04-01"}


@pytest.mark.parametrize("which", [full, short])
@pytest.mark.parametrize("name", RICH)
def test_an_erased_name_does_not_disturb_the_numbers(name: str, which: object) -> None:
    largest = which(name)["expertise"]["evidence"][0]["by"]
    assert verify(erased(which(name), largest)) == []


@pytest.mark.parametrize("name", RICH)
def test_erasing_everybody_does_not_disturb_the_numbers(name: str) -> None:
    assert verify(erased(full(name), None)) == []


def test_a_changed_voice_is_named_after_an_erasure() -> None:
    path = ("expertise", "evidence", 0, "voice")
    assert pointer(path) in {fault.part for fault in verify(changed(erased(full("qa ada"), None), path, 2.0))}


def test_leaving_the_names_digest_out_without_an_erasure_is_caught() -> None:
    document = full("qa ada")
    digests = {section: digest for section, digest in document["digests"].items() if section != "names"}
    assert "/expertise/evidence" in {fault.part for fault in verify({**document, "digests": digests})}


@pytest.mark.parametrize("part", [*full("qa bert"), "everything"])
def test_a_document_without_one_of_its_parts_is_off_and_breaks_nothing(part: str) -> None:
    document = {} if part == "everything" else {name: value for name, value in full("qa bert").items() if name != part}
    assert verify(document)


def test_a_version_nobody_published_is_named() -> None:
    assert named_after("qa ada", ("method", "version"), "0.0.1") == {"/method/version"}
