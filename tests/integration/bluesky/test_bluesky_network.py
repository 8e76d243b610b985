"""Our connector before a real Bluesky: what it reads there, and what it leaves alone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests

from candor.store import utc_now
from tests.integration.bluesky.people import LINK

if TYPE_CHECKING:
    from candor.scoring.activity import Activity
    from candor.store import Store
    from tests.integration.bluesky.network import Network
    from tests.integration.bluesky.people import People
    from worker.connectors.bluesky import Bluesky
    from worker.connectors.gaps import Gaps

pytestmark = pytest.mark.network


@pytest.fixture
def acts(bluesky: Bluesky, people: People) -> list[Activity]:
    """What Ada did in the last 30 days."""
    return list(bluesky.activities("ada.test", utc_now() - timedelta(days=30), utc_now()))


@pytest.fixture
def recognised(bluesky: Bluesky, acts: list[Activity]) -> Any:
    """Reads who took up a post of Ada's."""

    def read(uri: str) -> list[tuple[str, str | None]]:
        posts = [act for act in acts if act.id == uri]
        return [(act.type, act.actor) for act in bluesky.recognition(posts)]

    return read


def of_type(acts: list[Activity], kind: str) -> list[tuple[str | None, str | None]]:
    return [(act.actor, act.target_actor) for act in acts if act.type == kind]


def test_a_handle_leads_to_the_did_that_records_use(bluesky, people):
    assert bluesky.profile("ada.test").account.actor == people.ada.did


def test_all_posts_are_read_although_they_fill_more_than_a_page(acts, people):
    assert {act.id for act in acts if act.actor == people.ada.did and act.type in {"note", "reply"}} == people.hers


def test_a_page_with_hidden_posts_is_short_and_the_ones_behind_it_are_read(acts, network: Network, people):
    asked = {"actor": people.ada.did, "filter": "posts_with_replies", "limit": "100"}
    page = requests.get(f"{network.places.appview}/xrpc/app.bsky.feed.getAuthorFeed", asked, timeout=30).json()
    assert len(page["feed"]) < 100
    assert page["cursor"]
    assert {act.id for act in acts} > {entry["post"]["uri"] for entry in page["feed"]}


def test_reading_it_all_leaves_no_gap(acts, gaps: Gaps):
    assert gaps.lines() == ()


def test_links_are_read_in_full_and_tags_from_both_places(acts, people):
    (essay,) = (act for act in acts if act.id == people.essay.uri)
    assert essay.content == f"Crème brûlée can wait: why a #sourdough starter wants rye, {LINK}"
    assert set(essay.tags) == {"baking", "sourdough"}


def test_with_an_answer_come_the_question_and_whom_it_names(acts, people):
    ben = people.bakers[0].did
    assert of_type(acts, "mention") == [(ben, people.ada.did)]
    assert (people.ada.did, ben) in of_type(acts, "reply")


def test_replies_under_an_answer_are_read(recognised, people):
    ben, cat = (baker.did for baker in people.bakers[:2])
    assert {("reply", ben), ("reply", cat)} <= set(recognised(people.answer.uri))


def test_reposts_and_quotes_of_a_post_are_read(recognised, people):
    reposts = {("reshare", baker.did) for baker in people.bakers[1:]}
    quotes = {("quote", baker.did) for baker in people.bakers[1:3]}
    assert set(recognised(people.essay.uri)) == reposts | quotes


def test_likes_and_reposts_come_from_the_accounts_own_server(acts, people):
    assert of_type(acts, "like") == [(people.ada.did, people.bakers[0].did)]
    assert {of for _, of in of_type(acts, "reshare")} == {people.removed.did, people.left.did}


def test_whoever_makes_lists_and_starter_packs_vouches_for_those_on_them(bluesky, people):
    listed = [(act.object, act.target_actor) for act in bluesky.vouches_of(people.bakers[0].did) if act.type == "list"]
    on_list = [(people.bakers_list.uri, someone.did) for someone in (people.ada, people.bakers[1])]
    in_pack = [(people.pack.uri, baker.did) for baker in people.bakers]
    assert sorted(listed) == sorted(on_list + in_pack)


def test_a_starter_pack_is_read_by_its_address_and_by_its_page(bluesky, people):
    owner, key = people.bakers[0], people.pack.uri.rpartition("/")[2]
    bakers = sorted(baker.did for baker in people.bakers)
    assert sorted(bluesky.list_members(people.pack.uri)) == bakers
    assert sorted(bluesky.list_members(f"https://bsky.app/starter-pack/{owner.handle}/{key}")) == bakers


@pytest.mark.parametrize(
    ("who", "status", "reason"),
    [
        ("removed", "gone", "taken down"),
        ("left", "gone", "deactivated by its owner"),
        ("shy", "declined", "!no-unauthenticated: shown to nobody who is not signed in"),
    ],
)
def test_who_is_not_to_be_read_is_left_alone_and_nothing_is_kept(
    bluesky, people, store: Store, who: str, status: str, reason: str
):
    person = getattr(people, who)
    profile = bluesky.profile(person.did)
    assert (profile.status, profile.reason, profile.account.name) == (status, reason, None)
    assert list(bluesky.activities(person.did, utc_now() - timedelta(days=30), utc_now())) == []
    assert store.redis.zcard("candor:responses") == 0


def test_a_repost_by_somebody_who_is_not_to_be_read_is_not_read(recognised, people):
    assert people.shy.did not in {actor for _, actor in recognised(people.essay.uri)}
