"""Exports of X, Instagram, Threads and LinkedIn in the layouts that they had over the years."""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from candor.formats import ArchiveError, holds_records, is_archive, read_archive
from tests.formats.test_archive_kinds import ACCOUNT, PROFILE, kinds
from tests.formats.test_archives import ACTOR, assigned, note, outbox, table, tweet

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


def posts_of_x(zipped, *posts: Any, **more: bytes) -> Reading:
    files = {f"data/{name}.js": body for name, body in more.items()}
    return read_archive(zipped(ACCOUNT | {"data/tweets.js": assigned("tweets", *posts)} | files))


@pytest.mark.parametrize("limit", [{"scopes": {"followers": True}}, {"exclusive_tweet_control": {"x": "1"}}])
def test_a_post_for_followers_or_subscribers_is_private(zipped, limit):
    reading = posts_of_x(zipped, tweet("1", "orbit", **limit), tweet("2", "orbits", scopes={"followers": False}))
    assert ([each.id for each in reading.activities], reading.left_out) == (["2"], {"private": 1})


def test_whom_a_post_answers_that_is_gone_is_not_lost(zipped):
    reading = posts_of_x(zipped, tweet("1", "@bo yes", in_reply_to_screen_name="Bo", in_reply_to_user_id_str="7"))
    assert kinds(reading) == [("note", None, None), ("mention", "1", "bo")]


def test_a_post_may_have_its_number_alone_and_one_without_a_time_is_undated(zipped):
    told = tweet("1", "orbit")["tweet"]
    number = {"tweet": {"id": 1858000000000000001} | {name: told[name] for name in ("full_text", "created_at")}}
    reading = posts_of_x(zipped, number, {"tweet": {"id_str": "2", "full_text": "when?"}})
    assert ([each.id for each in reading.activities], reading.left_out) == (["1858000000000000001"], {"undated": 1})


def test_a_part_without_posts_says_which_part_has_them(zipped):
    for entries in (ACCOUNT, ACCOUNT | {"data/tweet-headers.js": assigned("tweet_headers", {"tweet": {}})}):
        with pytest.raises(ArchiveError, match="bring the part with it"):
            read_archive(zipped(entries)).check_not_empty()


def test_an_empty_file_holds_nothing_and_one_that_is_cut_off_is_refused_with_advice(zipped):
    reading = read_archive(
        zipped(ACCOUNT | {"data/tweets.js": b"", "data/tweets-part1.js": assigned("t", tweet("1", "a"))})
    )
    assert len(reading.activities) == 1
    with pytest.raises(ArchiveError, match="as it was downloaded"):
        read_archive(zipped(ACCOUNT | {"data/tweets.js": assigned("tweets", tweet("1", "a"))[:-9]}))


# LinkedIn

COLUMNS = "Date,ShareLink,ShareCommentary,SharedUrl,MediaUrl,Visibility"


@pytest.mark.parametrize(
    ("header", "row", "made"),
    [
        (COLUMNS, "2026-10-01 12:00:00,https://l.example/1,orbits,,,MEMBER_NETWORK", "note"),
        ("Date,Link,Message", "2026-10-01 12:00:00,https://l.example/1,orbits", "reply"),
        ("Date,Type,Link", "2026-10-01 12:00:00,LIKE,https://l.example/1", "like"),
    ],
)
def test_a_table_of_linkedin_alone_is_that_of_whoever_is_named(header, row, made):
    body = f"{header}\n{row}\n".encode()
    assert is_archive(body, "text/csv")
    reading = read_archive(io.BytesIO(body), "Ada L")
    assert [(each.type, each.actor) for each in reading.activities] == [(made, "Ada L")]
    with pytest.raises(ArchiveError, match="name the account"):
        read_archive(io.BytesIO(body))


def test_columns_in_french_which_say_date_as_well_are_read_by_their_order(zipped):
    french = "Date,Lien,Commentaire,URL partagée,URL du média,Visibilité"
    shares = table(french, '2026-10-01 12:00:00,https://l.example/1,"a\r\n""b""",,,LOGGED_IN')
    reading = read_archive(zipped({"Profile.csv": table("First Name,Last Name", "Ada,L"), "Shares.csv": shares}))
    assert [each.content for each in reading.activities] == ['a\n"b"']


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


@pytest.mark.parametrize(
    "written",
    [
        [{"media": [{"uri": "1", "creation_timestamp": AT, "title": "orbits"}]}],
        {"ig_reels_media": [{"media": [{"uri": "1", "creation_timestamp": AT * 1000, "title": "orbits"}]}]},
        {"comments_media_comments": [{"title": "bo", "string_list_data": [{"value": "orbits", "timestamp": AT}]}]},
        [{"string_map_data": {"Comment": {"value": "orbits"}, "Time": {"timestamp": AT}}}],
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_a_file_of_instagram_alone_is_that_of_whoever_is_named(written, indent):
    body = json.dumps(written, indent=indent).encode()
    assert is_archive(body, "application/json")
    reading = read_archive(io.BytesIO(body), "ada")
    assert [(each.content, int(each.published.timestamp())) for each in reading.activities] == [("orbits", AT)]


def test_a_post_without_a_time_is_undated(zipped):
    post = {"media": [{"uri": "1", "creation_timestamp": 0, "title": "orbits"}]}
    reading = read_archive(zipped({"content/posts_1.json": [post], "content/posts_2.json": b""}), "ada")
    assert (len(reading.activities), reading.left_out) == (0, {"undated": 1})


@pytest.mark.parametrize(("label", "no"), [("Privatni račun", "Ne"), ("חשבון פרטי", "לא"), ("不公開帳號", "否")])
def test_more_languages_say_that_an_account_is_public(zipped, label, no):
    told = {"Username": {"value": "ada"}, label: {"value": no}}
    post = {"media": [{"uri": "1", "creation_timestamp": AT, "title": "orbits"}]}
    person = {"profile_user": [{"string_map_data": told}]}
    reading = read_archive(zipped({"personal_information.json": person, "posts_1.json": [post]}))
    assert (len(reading.activities), reading.notes) == (1, ())


def test_an_export_of_facebook_is_named(zipped):
    with pytest.raises(ArchiveError, match="export of Facebook"):
        read_archive(zipped({"your_facebook_activity/posts/your_posts_1.json": []}))


# Mastodon and its kin


def test_an_export_is_read_from_a_tar_and_with_paths_of_windows(zipped):
    file, body = io.BytesIO(), json.dumps(outbox(note())).encode()
    with tarfile.open(fileobj=file, mode="w") as archive:
        info = tarfile.TarInfo("export/outbox.json")
        info.size = len(body)
        archive.addfile(info, io.BytesIO(body))
    assert is_archive(file.getvalue(), "application/octet-stream")
    windows = zipped({"export\\outbox.json": outbox(note()), "export\\actor.json": ACTOR})
    assert not holds_records(windows, {})
    assert [len(read_archive(each).activities) for each in (file, windows)] == [1, 1]


@pytest.mark.parametrize("at", ["2026-10-01T00:00:00", "2026-10-01 00:00:00 UTC", "2026-10-01T02:00:00+0200"])
def test_a_time_without_a_zone_or_with_blanks_loses_no_post(at):
    post = note()
    body = json.dumps(outbox(post | {"published": at, "object": post["object"] | {"published": at}})).encode()
    (record,) = read_archive(io.BytesIO(body)).activities
    assert record.published.timestamp() == AT_OF_NOTE


AT_OF_NOTE = 1790812800


def test_a_link_to_a_post_among_the_tags_is_a_quote_and_one_tag_may_stand_without_a_list():
    link = {"type": "Link", "mediaType": 'application/ld+json; profile="x"', "href": "https://o.example/users/bo/9"}
    things = [note("1", tag=[link]), note("2", tag={"type": "Hashtag", "name": "#space"})]
    quote, other = read_archive(io.BytesIO(json.dumps(outbox(*things)).encode())).activities
    assert (quote.type, quote.object, quote.target_actor) == ("quote", link["href"], "@bo@o.example")
    assert (other.type, other.tags) == ("note", ("space",))


def test_of_several_exports_in_one_zip_the_others_are_counted(zipped):
    reading = read_archive(zipped({"a/outbox.json": outbox(note("1")), "b/outbox.json": outbox(note("2"))}))
    assert (len(reading.activities), reading.left_out) == (1, {"files": 1})
    assert "one by one" in reading.notes[0]
