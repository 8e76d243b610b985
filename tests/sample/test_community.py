"""The sample's records: made from its scripts, within its year, and as its README says."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

from candor import sample
from candor.sample.community import build
from candor.sample.script import read_people

FOLDER = Path(sample.__file__).parent


def test_rebuilding_gives_the_committed_bytes():
    assert build() == {name: (FOLDER / name).read_bytes() for name in ("community.ndjson", "trust_root.json")}


def test_every_record_is_from_the_year_before(written):
    year = timedelta(days=365)
    assert all(sample.AS_OF - year <= act.published < sample.AS_OF for act in written.activities)


def test_no_two_records_share_an_instant(written):
    instants = Counter(act.published for act in written.activities if act.type != "account")
    assert max(instants.values()) == 1


def test_every_record_acted_on_is_in_the_set(written):
    assert {act.object for act in written.activities if act.object} <= {act.id for act in written.activities}


def test_cast_is_called_by_the_names_that_the_package_gives():
    roles = {person.role: person.id for person in read_people(FOLDER / "people.toml") if person.role != "member"}
    assert (roles["expert"], roles["director"], roles["enthusiast"]) == (
        sample.EXPERT,
        sample.DIRECTOR,
        sample.ENTHUSIAST,
    )
    assert (roles["brand"], roles["like_bait"], roles["ring_centre"]) == (
        sample.BRAND,
        sample.LIKE_BAIT,
        sample.RING_CENTRE,
    )


def test_root_is_twelve_people_and_none_of_the_cast(written, cast):
    assert written.root.size == 12
    assert not {one.account for one in written.root.accounts} & set(cast)


def test_nobody_outside_the_ring_recognises_it(written):
    ring = {person.id for person in read_people(FOLDER / "people.toml") if person.role in {"puppet", "ring_centre"}}
    assert len(ring) == 31
    acts = [act for act in written.activities if act.target_actor in ring and act.type != "follow"]
    assert {act.actor for act in acts} <= ring


def test_brand_answers_nobody(written):
    said = {act.type for act in written.activities if act.actor == sample.BRAND}
    assert said == {"account", "note"}


def test_brand_has_the_widest_audience(written):
    followers = {act.actor: act.followers for act in written.activities if act.type == "account"}
    assert followers[sample.BRAND] == max(followers.values()) == 2_000_000


def test_like_bait_gets_most_likes(written):
    likes = Counter(act.target_actor for act in written.activities if act.type == "like")
    assert likes.most_common(1)[0][0] == sample.LIKE_BAIT
