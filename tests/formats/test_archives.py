"""Exports of Mastodon, X, LinkedIn and Instagram: what becomes a record, and what is left out and counted."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.formats import ArchiveError, read_archive, read_streams
from candor.formats.instagram import read_instagram
from candor.formats.reading import Entry
from candor.formats.x import read_x

HOST = "https://example.social"
ADA = f"{HOST}/users/ada"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
FOLLOWERS = f"{ADA}/followers"
ACTOR = {"id": ADA, "type": "Person", "preferredUsername": "ada"}
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
)


def note(key: str = "1", to: Any = PUBLIC, cc: Any = FOLLOWERS, **more: Any) -> dict[str, Any]:
    post = {"id": f"{ADA}/statuses/{key}", "type": "Note", "content": f"<p>post {key}</p>", "to": to, "cc": cc, **more}
    return {"type": "Create", "actor": ADA, "published": "2026-10-01T00:00:00Z", "to": to, "cc": cc, "object": post}


def announce(of: Any, to: Any = PUBLIC) -> dict[str, Any]:
    return {
        "id": f"{ADA}/a/{of}",
        "type": "Announce",
        "actor": ADA,
        "published": "2026-10-02T00:00:00Z",
        "to": to,
        "object": of,
    }


def outbox(*activities: Any) -> dict[str, Any]:
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "type": "OrderedCollection",
        "orderedItems": list(activities),
    }


def test_a_mastodon_export_is_read_from_zip_tar_and_outbox_alike(zipped, tarred):
    entries = {"outbox.json": outbox(note()), "actor.json": ACTOR, "media_attachments/1.png": b"\x89PNG"}
    files = [zipped(entries), tarred(entries), io.BytesIO(json.dumps(entries["outbox.json"]).encode())]
    readings = [read_archive(file) for file in files]
    assert readings[0] == readings[1] == readings[2]
    assert (readings[0].network, readings[0].account) == ("mastodon", "@ada@example.social")
    assert readings[0].activities[0].content == "post 1"


def test_an_actor_whose_address_tells_no_name_is_named_by_the_export(zipped):
    entries = {
        "outbox.json": outbox({**note(), "actor": f"{HOST}/ap/users/17"}),
        "actor.json": {**ACTOR, "id": f"{HOST}/ap/users/17"},
    }
    assert read_archive(zipped(entries)).activities[0].actor == "@ada@example.social"


@pytest.mark.parametrize(
    ("to", "cc"), [(FOLLOWERS, []), (f"{HOST}/users/bob", None), ([], [FOLLOWERS]), (None, None), ({}, 3)]
)
def test_what_is_not_addressed_to_everybody_is_left_out_and_counted(to, cc):
    reading = read_streams(outbox(note("1", to, cc), note("2")))
    assert [activity.id for activity in reading.activities] == [f"{ADA}/statuses/2"]
    assert reading.left_out == {"private": 1}


def test_a_post_addressed_to_some_inside_an_activity_for_everybody_is_left_out():
    activity = note()
    activity["object"]["to"], activity["object"]["cc"] = FOLLOWERS, []
    assert read_streams(outbox(activity)).left_out == {"private": 1}


def test_a_reshare_for_followers_only_is_left_out():
    assert read_streams(outbox(announce(f"{HOST}/users/bob/statuses/1", to=FOLLOWERS))).left_out == {"private": 1}


def test_what_is_addressed_to_everybody_on_the_side_is_unlisted():
    assert read_streams(outbox(note("1", FOLLOWERS, [PUBLIC]))).activities[0].visibility == "unlisted"


def test_hashtags_mentions_and_whom_a_reply_answers_are_read():
    bob = "https://far.example/users/bob"
    tags = [
        {"type": "Hashtag", "name": "#orbits"},
        {"type": "Mention", "name": "@bob@far.example", "href": bob},
        {"type": "Mention", "name": "@cy@near.example", "href": "https://near.example/ap/users/9"},
    ]
    reply, mention = read_streams(outbox(note(inReplyTo=f"{bob}/statuses/7", tag=tags))).activities
    assert (reply.type, reply.object, reply.target_actor) == ("reply", f"{bob}/statuses/7", "@bob@far.example")
    assert (reply.tags, mention.type, mention.target_actor) == (("orbits",), "mention", "@cy@near.example")


@pytest.mark.parametrize("field", ["quote", "quoteUrl", "quoteUri"])
def test_a_quote_names_the_post(field):
    (quote,) = read_streams(outbox(note(**{field: f"{HOST}/users/bob/statuses/9"}))).activities
    assert (quote.type, quote.target_actor) == ("quote", "@bob@example.social")


@pytest.mark.parametrize(
    "of", ["https://far.example/users/bob/statuses/1", {"id": "https://far.example/users/bob/statuses/1"}]
)
def test_a_reshare_names_the_post_and_its_author(of):
    (reshare,) = read_streams(outbox(announce(of))).activities
    assert (reshare.type, reshare.target_actor) == ("reshare", "@bob@far.example")


def test_one_activity_and_a_bare_list_are_read_too():
    assert read_streams(note()).activities == read_streams([note()]).activities != ()


def test_what_has_no_date_is_of_another_kind_or_broken_is_counted():
    undated, deleted, broken = {**note(), "published": None}, {"type": "Delete", "object": "x"}, {"type": 7}
    reading = read_streams(outbox(undated, deleted, broken, None, note(), note()))
    assert reading.left_out == {"duplicates": 1, "malformed": 2, "other": 1, "undated": 1}


@pytest.mark.parametrize("name", ["data/account.js", "x/posts_1.json", "outbox.json"])
def test_an_export_whose_text_is_not_utf_8_is_refused(zipped, name):
    with pytest.raises(ArchiveError, match="is cut off"):
        read_archive(zipped({name: b'["\x8d"]'}))


@given(JSON_VALUES)
def test_whatever_json_an_outbox_holds_nothing_but_a_refusal_comes_of_it(value):
    for document in (
        value,
        outbox(value),
        outbox({**note(), "object": value}),
        outbox(note(tag=value, inReplyTo=value)),
    ):
        try:
            read_streams(document, value)
        except ArchiveError:
            continue


def assigned(name: str, *things: Any) -> bytes:
    return f"window.YTD.{name}.part0 = {json.dumps(things)}".encode()


def tweet(key: str, text: str, **more: Any) -> dict[str, Any]:
    return {"tweet": {"id_str": key, "full_text": text, "created_at": "Thu Oct 01 12:00:00 +0000 2026", **more}}


@pytest.fixture
def x_archive(zipped):
    """Make an archive of X with these tweets and other files."""
    account = assigned("account", {"account": {"username": "Ada", "accountDisplayName": "Ada L."}})

    def make(*tweets: Any, **files: bytes) -> Any:
        more = {f"data/{name.replace('_', '-')}.js": body for name, body in files.items()}
        return read_archive(zipped({"data/account.js": account, "data/tweets.js": assigned("tweets", *tweets), **more}))

    return make


def test_an_archive_of_x_holds_notes_replies_retweets_and_quotes(x_archive):
    link = {"urls": [{"url": "https://t.co/q", "expanded_url": "https://x.com/Cy/status/77?s=20"}]}
    reading = x_archive(
        tweet("1", "a &amp; b", entities={"hashtags": [{"text": "leo"}]}),
        tweet(
            "2",
            "@bob yes",
            in_reply_to_status_id_str="9",
            in_reply_to_screen_name="Bob",
            entities={"user_mentions": [{"screen_name": "Bob"}]},
        ),
        tweet("3", "RT @Cy: look at this"),
        tweet("4", "see https://t.co/q", entities=link),
    )
    assert reading.account == "ada"
    assert [(r.type, r.object, r.target_actor) for r in reading.activities] == [
        ("note", None, None),
        ("reply", "9", "bob"),
        ("reshare", None, "cy"),
        ("quote", "77", "cy"),
    ]
    assert (reading.activities[0].content, reading.activities[0].tags) == ("a & b", ("leo",))


def test_all_of_a_protected_account_is_left_out(x_archive):
    history = [
        {"protectedHistory": {"protectedAt": f"2026-0{n}-01T00:00:00Z", "action": action}}
        for n, action in ((2, "Protect"), (1, "Unprotect"))
    ]
    reading = x_archive(tweet("1", "a"), protected_history=assigned("protected_history", *history))
    assert (reading.activities, reading.left_out) == ((), {"private": 1})


def test_an_account_that_is_no_longer_protected_is_read(x_archive):
    history = [
        {"protectedHistory": {"protectedAt": f"2026-0{n}-01T00:00:00Z", "action": action}}
        for n, action in ((1, "Protect"), (2, "Unprotect"))
    ]
    assert len(x_archive(tweet("1", "a"), protected_history=assigned("protected_history", *history)).activities) == 1


def test_messages_of_x_are_not_even_unpacked(x_archive):
    assert x_archive(tweet("1", "a"), direct_messages=b"window.YTD = this is not JSON").left_out == {}


def test_likes_of_x_have_no_date_and_are_counted(x_archive):
    liked = assigned("like", {"like": {"tweetId": "5", "fullText": "x"}})
    assert x_archive(like=liked).left_out == {"undated": 1}


def test_broken_tweets_are_counted(x_archive):
    assert x_archive(tweet("1", "a", created_at="never"), {"tweet": 3}, tweet("2", "b")).left_out == {"malformed": 2}


def test_an_archive_of_x_that_does_not_say_whose_it_is_is_refused(zipped):
    with pytest.raises(ArchiveError, match="whose"):
        read_archive(zipped({"data/tweets.js": assigned("tweets", tweet("1", "a"))}))


def table(header: str, *rows: str) -> bytes:
    return "\r\n".join(["\ufeff" + header, *rows]).encode()


@pytest.fixture
def linkedin(zipped):
    """Make an export of LinkedIn of these tables."""
    profile = table("First Name,Last Name", "Ada,Lovelace")
    return lambda **tables: read_archive(
        zipped({"Profile.csv": profile, **{f"{name}.csv": rows for name, rows in tables.items()}})
    )


def test_an_export_of_linkedin_holds_shares_comments_and_reactions(linkedin):
    reading = linkedin(
        Shares=table(
            "Date,ShareLink,ShareCommentary,SharedUrl,Visibility",
            '2026-10-01 12:00:00,https://l.example/1,"on #orbits, again",,MEMBER_NETWORK',
        ),
        Comments=table("Date,Link,Message", "2026-10-02 12:00:00,https://l.example/2,well said"),
        Reactions=table("Date,Type,Link", "2026-10-03 12:00:00,LIKE,https://l.example/3"),
    )
    note, reply, like = reading.activities
    assert (note.actor, note.content, note.tags) == ("Ada Lovelace", "on #orbits, again", ("orbits",))
    assert (reply.type, reply.object, like.type, like.published) == (
        "reply",
        "https://l.example/2",
        "like",
        datetime(2026, 10, 3, 12, tzinfo=UTC),
    )


@pytest.mark.parametrize("visibility", ["CONNECTIONS", "CONTAINER"])
def test_shares_for_connections_are_left_out(linkedin, visibility):
    row = f"2026-10-01 12:00:00,https://l.example/1,x,,{visibility}"
    assert linkedin(Shares=table("Date,ShareLink,ShareCommentary,SharedUrl,Visibility", row)).left_out == {"private": 1}


def test_rows_without_a_date_or_link_are_counted(linkedin):
    assert linkedin(
        Comments=table("Date,Link,Message", "soon,https://l.example/2,x", "2026-10-02 12:00:00")
    ).left_out == {"malformed": 2}


@pytest.fixture
def instagram(zipped):
    """Make an export of Instagram of these files."""

    def make(private: str = "False", **files: Any) -> Any:
        told = {
            "profile_user": [{"string_map_data": {"Username": {"value": "Ada"}, "Private Account": {"value": private}}}]
        }
        folder = "your_instagram_activity"
        entries = {f"{folder}/{name}.json": content for name, content in files.items()}
        return read_archive(zipped({"personal_information/personal_information.json": told, **entries}))

    return make


POSTS = [{"media": [{"uri": "media/1.jpg", "creation_timestamp": 1_790_812_800, "title": "caf\u00c3\u00a9 #orbits"}]}]


def test_an_export_of_instagram_holds_posts_comments_and_likes(instagram):
    comment = {"Comment": {"value": "nice"}, "Media Owner": {"value": "Bob"}, "Time": {"timestamp": 1_790_812_900}}
    liked = {
        "title": "Cy",
        "string_list_data": [{"href": "https://i.example/p/1", "value": "x", "timestamp": 1_790_813_000}],
    }
    reading = instagram(
        posts_1=POSTS, post_comments_1=[{"string_map_data": comment}], liked_posts={"likes_media_likes": [liked]}
    )
    assert reading.account == "ada"
    assert [(r.type, r.target_actor) for r in reading.activities] == [("note", None), ("reply", "bob"), ("like", "cy")]


def test_the_text_of_instagram_is_put_right(instagram):
    (note,) = instagram(posts_1=POSTS).activities
    assert (note.content, note.tags) == ("café #orbits", ("orbits",))


def test_all_of_a_private_account_of_instagram_is_left_out(instagram):
    reading = instagram("True", posts_1=POSTS)
    assert (reading.activities, reading.left_out) == ((), {"private": 1})


def test_an_export_in_html_is_refused_with_advice(zipped):
    with pytest.raises(ArchiveError, match="as JSON, not HTML"):
        read_archive(zipped({"x/posts_1.json": b"<html>"}))


@given(JSON_VALUES)
def test_whatever_json_an_export_holds_nothing_but_a_refusal_comes_of_it(value):
    body = json.dumps(value).encode()
    told = json.dumps({"profile_user": [{"string_map_data": {"Username": {"value": "a"}}}]}).encode()
    account = assigned("account", {"account": {"username": "a"}})
    for read, entries in (
        (
            read_x,
            {
                "data/account.js": account,
                "data/tweets.js": b"x = [" + body + b"]",
                "data/protected-history.js": b"x = [" + body + b"]",
            },
        ),
        (read_x, {"data/account.js": b"x = " + body}),
        (
            read_instagram,
            {
                "personal_information.json": told,
                "posts_1.json": body,
                "liked_posts.json": body,
                "post_comments_1.json": b"[" + body + b"]",
            },
        ),
        (read_instagram, {"personal_information.json": body}),
    ):
        try:
            read({name: Entry(entry) for name, entry in entries.items()})
        except ArchiveError:
            continue


def test_every_export_says_that_it_shows_its_owners_acts_only(x_archive, linkedin, instagram):
    for reading in (read_streams(note()), x_archive(), linkedin(), instagram()):
        assert "interest can be scored, expertise says that there is not enough evidence" in reading.shows


def test_what_is_no_export_known_here_is_refused(zipped):
    with pytest.raises(ArchiveError, match="no export"):
        read_archive(zipped({"holiday.jpg": b"x"}))


MEASURED = """
import re, sys
from pathlib import Path
from candor.formats import read_archive
peak = lambda: 1024 * int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
before = peak()
with open(sys.argv[1], "rb") as file:
    reading = read_archive(file)
print(len(reading.activities), peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc; ru_maxrss keeps what was before exec")
def test_reading_an_export_takes_less_than_three_times_what_it_unpacks_to(zipped, tmp_path):
    files = [{"type": "Document", "mediaType": "image/png", "url": None, "name": "beer"}] * 10
    posts = [note(str(key), attachment=files) for key in range(5_000)]
    body = json.dumps(outbox(*posts)).encode()
    path = tmp_path / "export.zip"
    path.write_bytes(zipped({"outbox.json": body}).getvalue())
    said = subprocess.run([sys.executable, "-c", MEASURED, path], check=True, capture_output=True).stdout.split()
    assert int(said[0]) == 5_000
    assert int(said[1]) < 3 * len(body)
