"""What the sample is for: each of its cast shows one thing, whatever the ids and the order of the lines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import msgspec
import pytest

import sample
from sample.community import build
from sample.people import read_people
from scoring.catalogue import load_catalogue
from scoring.method import load_method
from scoring.question import Question
from scoring.records import RecordReader
from scoring.score import score
from scoring.trust_root import FACE_VALUE, TrustRoot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scoring.activity import Activity
    from scoring.document import ScoreDocument

FOLDER = Path(sample.__file__).parent
CAST = (
    sample.EXPERT,
    sample.DIRECTOR,
    sample.ENTHUSIAST,
    sample.BRAND,
    sample.LIKE_BAIT,
    sample.RING_CENTRE,
    sample.DECLINED,
)


@dataclass(frozen=True)
class World:
    """The sample as written, or with every id renamed; `name` tells what somebody of the sample is called in it."""

    activities: tuple[Activity, ...]
    root: TrustRoot
    name: Callable[[str], str]

    def scored(self, accounts: Iterable[str], *, root: TrustRoot | None = None) -> dict[str, ScoreDocument]:
        """Documents by the name in the sample."""
        accounts = tuple(accounts)
        question = Question(
            network=sample.NETWORK,
            accounts=tuple(map(self.name, accounts)),
            topics=(load_catalogue()[sample.TOPIC],),
            trust_root=root or self.root,
            as_of=sample.AS_OF,
            profile=sample.PROFILE,
        )
        return dict(zip(accounts, score(self.activities, question, load_method()), strict=True))

    def without(self, dropped: Callable[[Activity], bool]) -> World:
        """The world in which some records were never written."""
        kept = tuple(activity for activity in self.activities if not dropped(activity))
        return World(kept, self.root, self.name)


def read_sample() -> tuple[Activity, ...]:
    reader = RecordReader()
    reader.feed(sample.records_path().read_bytes().splitlines())
    assert not reader.bad
    return tuple(reader.activities)


def renamed_and_shuffled(written: World) -> World:
    random = Random(5)
    ids = {one for act in written.activities for one in (act.id, act.actor, act.object, act.target_actor) if one}
    new = dict(zip(sorted(ids), (f"{number:032x}" for number in random.sample(range(10**9), len(ids))), strict=True))
    fields = ("id", "actor", "object", "target_actor")
    renamed = [
        msgspec.structs.replace(act, **{field: new.get(getattr(act, field)) for field in fields})
        for act in written.activities
    ]
    random.shuffle(renamed)
    accounts = tuple(msgspec.structs.replace(one, account=new[one.account]) for one in written.root.accounts)
    return World(tuple(renamed), msgspec.structs.replace(written.root, accounts=accounts), new.__getitem__)


@pytest.fixture(scope="module")
def written() -> World:
    return World(read_sample(), sample.trust_root(), lambda account: account)


@pytest.fixture(scope="module", params=["as written", "renamed and shuffled"])
def world(request: pytest.FixtureRequest, written: World) -> World:
    return written if request.param == "as written" else renamed_and_shuffled(written)


@pytest.fixture(scope="module")
def cast(world: World) -> dict[str, ScoreDocument]:
    return world.scored(CAST)


@pytest.fixture(scope="module")
def without_accepts(world: World) -> dict[str, ScoreDocument]:
    return world.without(lambda act: act.type == "accept").scored(CAST)


def expertise(document: ScoreDocument) -> float:
    assert document.expertise.status == "ok"
    assert document.expertise.score is not None
    return document.expertise.score


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


def test_root_is_six_people_and_none_of_the_cast(written):
    assert written.root.size == 6
    assert not {one.account for one in written.root.accounts} & set(CAST)


def test_nobody_outside_the_ring_recognises_it(written):
    ring = {person.id for person in read_people(FOLDER / "people.toml") if person.role in {"puppet", "ring_centre"}}
    assert len(ring) == 31
    acts = [act for act in written.activities if act.target_actor in ring and act.type != "follow"]
    assert {act.actor for act in acts} <= ring


def test_brand_answers_nobody(written):
    said = {act.type for act in written.activities if act.actor == sample.BRAND}
    assert said == {"account", "note"}


def test_brand_is_addressed_and_not_reachable(cast):
    reachability = cast[sample.BRAND].facts["reachability"]
    assert reachability.value == 0
    assert reachability.n >= 5


def test_director_answers_everybody_who_addresses_him(cast):
    assert cast[sample.DIRECTOR].facts["reachability"].value == 1


def test_director_is_known_for_being_consulted(cast):
    acknowledged = cast[sample.DIRECTOR].expertise.features[0]
    points = {share.kind: share.contribution for share in acknowledged.by_kind}
    assert points["consulted"] > acknowledged.contribution / 2


def test_brand_has_the_widest_audience(written):
    followers = {act.actor: act.followers for act in written.activities if act.type == "account"}
    assert followers[sample.BRAND] == max(followers.values()) == 2_000_000


def test_expert_stands_above_the_enthusiast_in_expertise(cast):
    assert expertise(cast[sample.EXPERT]) > expertise(cast[sample.ENTHUSIAST]) + 20


def test_expert_stands_above_the_brand_in_expertise(cast):
    assert expertise(cast[sample.EXPERT]) > expertise(cast[sample.BRAND]) + 20


def test_director_who_answers_stands_above_the_brand(cast):
    assert expertise(cast[sample.DIRECTOR]) > expertise(cast[sample.BRAND]) + 15


def test_enthusiast_has_the_highest_interest_of_all_people(world, written):
    people = [act.actor for act in written.activities if act.type == "account" and act.kind == "person"]
    interest = {name: document.interest.score or 0.0 for name, document in world.scored(people).items()}
    enthusiasts = interest.pop(sample.ENTHUSIAST)
    assert enthusiasts > max(interest.values()) + 3


def test_ring_centre_is_unverified_under_the_root(cast):
    ring_centre = cast[sample.RING_CENTRE].expertise
    assert (ring_centre.status, ring_centre.score) == ("unverified", None)


def test_ring_centre_is_high_at_face_value(world):
    face_value = world.scored([sample.RING_CENTRE], root=FACE_VALUE)[sample.RING_CENTRE].expertise
    assert face_value.status == "face_value"
    assert face_value.score > 60


def test_document_under_the_root_shows_the_ring_centre_at_face_value(cast):
    assert cast[sample.RING_CENTRE].expertise.at_face_value.score > 60


def test_like_bait_gets_most_likes(written):
    likes = Counter(act.target_actor for act in written.activities if act.type == "like")
    assert likes.most_common(1)[0][0] == sample.LIKE_BAIT


def test_like_bait_has_next_to_no_expertise(cast):
    assert sum(feature.contribution for feature in cast[sample.LIKE_BAIT].expertise.features) < 5


def test_who_does_not_want_to_be_indexed_is_declined(cast):
    assert cast[sample.DECLINED].expertise.status == "declined"


def test_expert_stands_above_the_director_while_accepts_are_there(cast):
    assert expertise(cast[sample.EXPERT]) > expertise(cast[sample.DIRECTOR]) + 5


def test_order_flips_when_the_helpers_accepts_are_taken_out(without_accepts):
    assert expertise(without_accepts[sample.DIRECTOR]) > expertise(without_accepts[sample.EXPERT]) + 5


def test_order_flips_when_only_the_experts_accepts_are_taken_out(world):
    expert = world.name(sample.EXPERT)
    bare = world.without(lambda act: act.type == "accept" and act.target_actor == expert)
    documents = bare.scored([sample.EXPERT, sample.DIRECTOR])
    assert expertise(documents[sample.DIRECTOR]) > expertise(documents[sample.EXPERT]) + 5


def test_renaming_and_shuffling_change_no_number(written):
    before, after = written.scored(CAST), renamed_and_shuffled(written).scored(CAST)
    for account in CAST:
        for part in ("expertise", "interest"):
            was, now = getattr(before[account], part), getattr(after[account], part)
            assert (now.status, now.score) == (was.status, pytest.approx(was.score, abs=2e-6))
