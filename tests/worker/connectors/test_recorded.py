"""Recorded answers of real networks, in the folder that CANDOR_RECORDED names: nothing of them is kept here.

`CANDOR_RECORDED=… pytest -m recorded`. What every run reads instead are the made-up answers of test_every_connector.py.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from candor.formats import read_streams
from candor.formats.lenient import decode
from worker.connectors import bluesky_posts, github_posts, hackernews, mastodon_posts, x
from worker.connectors.bluesky import Bluesky
from worker.connectors.network_client import NetworkClient
from worker.connectors.stackexchange_posts import User as StackUser

if TYPE_CHECKING:
    from worker.connectors.gaps import Gaps

FOLDER = Path(os.environ.get("CANDOR_RECORDED", "."))
pytestmark = pytest.mark.recorded


def bodies(*names: str) -> list[Any]:
    """The bodies of the good answers in these files, decoded."""
    found = []
    for name in names:
        for path in sorted(FOLDER.glob(name)):
            loaded = json.loads(path.read_text())
            for each in loaded if isinstance(loaded, list) else [loaded]:
                response = each.get("response", {"status": 200, "body": each}) if isinstance(each, dict) else {}
                body = response.get("body")
                if response.get("status") == 200 and body:
                    found.append(json.loads(body) if isinstance(body, str) else body)
    assert found, f"there is none of {names} in CANDOR_RECORDED={FOLDER}"
    return found


def listed(found: list[Any], *path: str) -> list[Any]:
    for step in path:
        found = [each[step] for each in found if isinstance(each, dict) and step in each]
    return [item for each in found for item in (each if isinstance(each, list) else [each])]


@pytest.mark.parametrize(
    ("files", "path", "shape"),
    [
        (["mastodon/account*.json", "mastodon/status_reblogged_by.json"], [], mastodon_posts.Account),
        (
            ["mastodon/entity_status.json", "mastodon/hashtag_tl.json", "mastodon/entity_quote.json"],
            [],
            mastodon_posts.Status,
        ),
        (["mastodon/*context.json"], [], mastodon_posts.Thread),
        (["mastodon/entity_featuredtag.json"], [], mastodon_posts.Tag),
        (["bluesky/loopback*/getProfile*.json"], [], bluesky_posts.Author),
        (["bluesky/loopback*/getAuthorFeed*.json"], ["feed"], bluesky_posts.FeedEntry),
        (["bluesky/loopback*/getQuotes.json", "bluesky/loopback*/getPosts.json"], ["posts"], bluesky_posts.Post),
        (["bluesky/loopback*/getRepostedBy.json"], ["repostedBy"], bluesky_posts.Author),
        (["bluesky/loopback*/getLists.json"], ["lists"], bluesky_posts.Listing),
        (["bluesky/loopback*/getActorStarterPacks.json"], ["starterPacks"], bluesky_posts.Pack),
        (["bluesky/loopback*/pds_listRecords_*.json"], ["records"], bluesky_posts.OwnRecord),
        (
            ["github/pygithub_Issue.testGetComments.json", "github/pygithub_PullRequest.testGetComments.json"],
            [],
            github_posts.Comment,
        ),
        (["github/pygithub_Issue.testGetReactions.json"], [], github_posts.Reaction),
        (["github/octokit_paginate-issues.json"], [], github_posts.Issue),
        (["github/pygithub_NamedUser.testAttributesOfOtherUser.json"], [], github_posts.User),
        (["stackexchange/excerpt_users_*.json"], ["items"], StackUser),
        (["hackernews/user_jl.json"], [], hackernews._User),
        (["twitter/tweepy_client_get_user*.json"], ["data"], x.User),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_recorded_answers_are_of_the_shapes_we_read(files, path, shape):
    things = [thing for thing in listed(bodies(*files), *path) if _is_for(shape, thing)]
    assert things
    for thing in things:
        decode(msgspec.json.encode(thing), shape)


def _is_for(shape: type, thing: Any) -> bool:
    """Leave out other answers that stand in the same file, such as what was posted before it was asked for."""
    needed = {field.encode_name for field in msgspec.structs.fields(shape) if field.required}
    return isinstance(thing, dict) and needed <= thing.keys()


def test_recorded_posts_of_mastodon_become_records():
    statuses = [body for body in listed(bodies("mastodon/entity_status.json")) if "account" in body]
    for body in statuses:
        status = decode(msgspec.json.encode(body), mastodon_posts.Status)
        records = list(mastodon_posts.records_of(status, "mastodon.social", None, None))
        assert bool(records) is status.readable


def test_a_recorded_feed_of_bluesky_becomes_records(gaps: Gaps, outbound):
    reading = Bluesky(NetworkClient(outbound, gaps), "bluesky")
    feed = listed(bodies("bluesky/loopback*/getAuthorFeed_p*.json"), "feed")
    entries = [decode(msgspec.json.encode(each), bluesky_posts.FeedEntry) for each in feed]
    made = [r for e in entries for r in reading.records("posts", "recorded", bluesky_posts.records_of(e.post))]
    assert {"note", "reply"} <= {record.type for record in made}
    assert gaps.lines() == ()


def test_the_recorded_export_of_mastodon_leaves_out_what_is_not_for_everybody():
    (outbox,), (actor,) = bodies("activitypub_archive/outbox*.json"), bodies("activitypub_archive/actor*.json")
    reading = read_streams(outbox, actor)
    for_some = [each for each in outbox["orderedItems"] if "#Public" not in json.dumps([each["to"], each["cc"]])]
    assert reading.left_out["private"] == len(for_some)
    assert {"note", "reply", "reshare", "mention"} == {activity.type for activity in reading.activities}
