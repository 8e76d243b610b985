"""Exports of X, Instagram, Threads and LinkedIn in the layouts that they had over the years."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from candor.formats import ArchiveError, read_archive
from tests.formats.test_archive_kinds import ACCOUNT, PROFILE, kinds
from tests.formats.test_archives import assigned, table, tweet

if TYPE_CHECKING:
    from candor.formats.reading import Reading

# X


def edited(newest: str, *, first: bool) -> dict[str, Any]:
    versions = {"editTweetIds": ["1", "2"] if newest == "2" else [newest], "editsRemaining": "4"}
    return {"initial": versions} if first else {"edit": {"initialTweetId": "1", "editControlInitial": versions}}


def test_of_a_post_that_was_edited_the_newest_version_is_read(zipped):
    posts = [
        tweet("1", "orbit", edit_info=edited("2", first=True)),
        tweet("2", "orbits", edit_info=edited("2", first=False)),
        tweet("3", "alone", edit_info=edited("3", first=True)),
    ]
    reading = read_archive(zipped(ACCOUNT | {"data/tweets.js": assigned("tweets", *posts)}))
    assert ({each.content for each in reading.activities}, reading.left_out) == ({"orbits", "alone"}, {"duplicates": 1})


def test_a_retweet_of_before_2019_says_of_which_post_it_is(zipped):
    original = {"id_str": "99", "text": "all of it &amp; more", "user": {"screen_name": "Cy"}}
    post = {"id_str": "1", "text": "RT @Cy: all of…", "created_at": "2015-01-24 02:02:37 +0000"}
    entries = {
        "data/js/user_details.js": b'var user_details = {"screen_name": "Ada"}',
        "data/js/tweets/2015_01.js": assigned("x", post | {"retweeted_status": original}).replace(
            b"window.YTD.x.part0", b"Grailbird.data.tweets_2015_01"
        ),
    }
    reading = read_archive(zipped(entries))
    assert kinds(reading) == [("reshare", "99", "cy")]
    assert reading.activities[0].content == "all of it & more"


def test_a_part_without_the_account_says_whose_it_is_in_its_manifest(zipped):
    manifest = b'window.__THAR_CONFIG = {"userInfo": {"accountId": "7", "userName": "Ada", "displayName": "A"}}'
    entries = {"x/data/manifest.js": manifest, "x/data/tweets-part1.js": assigned("tweets", tweet("1", "a"))}
    reading = read_archive(zipped(entries))
    assert (reading.account, reading.activities[0].actor) == ("ada", "ada")
    assert "does not say whether the account is protected" in reading.notes[0]


# Instagram and Threads

THREADS = "your_instagram_activity/threads"
AT = 1767600000


def profile(key: str, private: str = "False") -> dict[str, Any]:
    told = {"Username": {"value": "Ada"}, "Private Account": {"value": private}}
    return {key: [{"media_map_data": {}, "string_map_data": told}]}


def threads(*posts: tuple[str, bool]) -> dict[str, Any]:
    """A file of posts: a list of media even where there are none, with the text as the title."""
    return {
        "text_post_app_text_posts": [
            {
                "media": [
                    {
                        "uri": "",
                        "creation_timestamp": AT + place,
                        "title": text,
                        "cross_post_source": {"source_app": "FB"},
                        "text_app_post": {"reply_control": "everyone", "is_reply": is_reply},
                    }
                ]
            }
            for place, (text, is_reply) in enumerate(posts)
        ]
    }


OWN = {"personal_information/personal_information.json": profile("profile_user")}
ON_THREADS = {f"{THREADS}/personal_information.json": profile("text_post_app_text_post_app_profile")}
POSTS = {f"{THREADS}/threads_and_replies.json": threads(("orbits #space", False), ("I agree", True))}


def made(reading: Reading) -> list[tuple[str, str | None]]:
    return [(each.type, each.content) for each in reading.activities]


@pytest.mark.parametrize("beside", [{}, OWN])
def test_posts_on_threads_are_read_and_replies_told_from_others(zipped, beside):
    reading = read_archive(zipped(ON_THREADS | POSTS | beside))
    assert (reading.account, made(reading)) == ("ada", [("note", "orbits #space"), ("reply", "I agree")])
    assert reading.activities[0].tags == ("space",)
    assert any("Threads" in note for note in reading.notes)


def test_whether_an_account_is_private_is_told_for_instagram_and_threads_apart(zipped):
    private = {f"{THREADS}/personal_information.json": profile("text_post_app_text_post_app_profile", "True")}
    photos = {"your_instagram_activity/media/posts_1.json": [{"creation_timestamp": AT, "title": "a", "media": []}]}
    reading = read_archive(zipped(OWN | private | POSTS | photos))
    assert (made(reading), reading.left_out) == ([("note", "a")], {"private": 2})
    told_nowhere = read_archive(zipped(OWN | POSTS | photos))
    assert (made(told_nowhere), told_nowhere.left_out) == ([("note", "a")], {"private": 2})
    assert any("does not say whether the account is private" in note for note in told_nowhere.notes)


def test_likes_on_threads_name_whose_post_it_was(zipped):
    liked = [
        {"title": "Bo.1", "string_list_data": [{"href": "https://t.example/1", "value": "👍", "timestamp": AT}]},
        {"title": "", "string_list_data": [{"href": "https://t.example/2", "value": "cy_2", "timestamp": AT + 1}]},
        {"title": "", "string_list_data": [{"href": "https://t.example/3", "value": "❤", "timestamp": AT + 2}]},
    ]
    files = {f"{THREADS}/liked_threads.json": {"text_post_app_media_likes": liked}}
    assert kinds(read_archive(zipped(ON_THREADS | files))) == [
        ("like", "https://t.example/1", "bo.1"),
        ("like", "https://t.example/2", "cy_2"),
        ("like", "https://t.example/3", None),
    ]


def test_what_is_archived_or_for_subscribers_is_private(zipped):
    files = {
        f"{THREADS}/archived_threads.json": threads(("old", False)),
        "your_instagram_activity/subscriptions/reels.json": {"subscriptions_reels": [{"string_map_data": {}}]},
    }
    with pytest.raises(ArchiveError, match="nothing that can be kept"):
        read_archive(zipped(OWN | ON_THREADS | files)).check_not_empty()
    assert read_archive(zipped(OWN | ON_THREADS | files)).left_out == {"private": 2}


def test_an_export_of_threads_as_html_is_refused_with_what_to_ask_for(zipped):
    with pytest.raises(ArchiveError, match="ask Instagram for JSON"):
        read_archive(zipped({f"{THREADS}/threads_and_replies.html": b"<html>"}))


@pytest.mark.parametrize(
    "comment",
    [
        {"title": "bo.1", "string_list_data": [{"value": "nice orbit", "timestamp": AT}]},
        {
            "label_values": [
                {"label": "Comment", "value": "nice orbit"},
                {"title": "Media Owner", "vec": [{"label": "Media owner", "value": "bo.1"}]},
                {"label": "Time", "timestamp_value": AT},
            ]
        },
    ],
    ids=["2021", "2025"],
)
def test_comments_are_read_as_they_were_written_over_the_years(zipped, comment):
    files = {"your_instagram_activity/comments/post_comments_1.json": {"comments_media_comments": [comment]}}
    reading = read_archive(zipped(OWN | files))
    assert [(each.content, each.target_actor, each.published.timestamp()) for each in reading.activities] == [
        ("nice orbit", "bo.1", AT)
    ]


# LinkedIn


def test_votes_in_polls_are_counted(zipped):
    shares = table(
        "Date,ShareLink,ShareCommentary,SharedUrl,MediaUrl,Visibility",
        "2026-10-01 12:00:00,https://l.example/1,x,,,PUBLIC",
    )
    votes = table("Date,Link,OptionText", "2026-10-01 12:00:00,https://l.example/2,CubeSats")
    reading = read_archive(zipped(PROFILE | {"Shares.csv": shares, "Votes.csv": votes}))
    assert (len(reading.activities), reading.left_out) == (1, {"other": 1})
