"""Exports as they come: in other languages and older layouts, in parts, wrapped or bare; nothing is lost in silence."""

from __future__ import annotations

import io
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from candor.formats import ArchiveError, is_archive, pack_wanted, read_archive
from tests.formats.test_archives import ACTOR, ADA, PUBLIC, assigned, note, outbox, table, tweet

if TYPE_CHECKING:
    from candor.formats.reading import Reading

ACCOUNT = {"data/account.js": assigned("account", {"account": {"username": "Ada"}})}


def kinds(reading: Reading) -> list[tuple[str, str | None, str | None]]:
    return [(each.type, each.object, each.target_actor) for each in reading.activities]


def streams(*things: Any, **more: Any) -> Reading:
    return read_archive(io.BytesIO(json.dumps(outbox(*things)).encode()), **more)


# X


def test_the_whole_text_of_a_long_post_takes_the_place_of_what_was_cut(zipped):
    begun = "a long thought about something else. " * 7
    whole = {"createdAt": "2026-10-01T12:00:00.000Z", "core": {"text": f"{begun}CubeSats!", "hashtags": ["cubesat"]}}
    entries = ACCOUNT | {
        "data/tweets.js": assigned("tweets", tweet("1", f"@bob {begun.strip()[:240]}… https://t.co/abc")),
        "data/note-tweet.js": assigned(
            "note_tweet", {"noteTweet": whole}, {"noteTweet": {**whole, "createdAt": "2020-01-01T00:00:00Z"}}
        ),
    }
    reading = read_archive(zipped(entries))
    assert (reading.activities[0].content, reading.activities[0].tags) == (f"{begun}CubeSats!", ("cubesat",))
    assert reading.left_out == {"unmatched": 1}


@pytest.mark.parametrize("text", [f"a{' ' * 100_000}b", "… https://t.co/abc" * 20_000, "https://t.co/" + "b" * 100_000])
def test_a_post_takes_no_longer_to_read_for_what_it_repeats(zipped, text):
    began_s = time.process_time()
    read_archive(zipped(ACCOUNT | {"data/tweets.js": assigned("tweets", tweet("1", text))}))
    assert time.process_time() - began_s < 2


def test_posts_of_a_protected_account_in_an_old_archive_are_private(zipped):
    told = {**tweet("1", "a")["tweet"], "user": {"screen_name": "ada", "protected": True}}
    reading = read_archive(zipped(ACCOUNT | {"data/tweets.js": assigned("tweets", told)}))
    assert (len(reading.activities), reading.left_out) == (0, {"private": 1})


def test_posts_from_which_somebody_took_the_name_of_the_file_are_read():
    body = json.dumps([tweet("1", "a = b")]).encode()
    assert is_archive(body, "")
    assert read_archive(io.BytesIO(body), "ada").activities[0].content == "a = b"


def test_posts_in_communities_are_read_and_deleted_ones_and_those_for_a_circle_counted(zipped):
    entries = ACCOUNT | {
        "data/community-tweet.js": assigned("community_tweet", tweet("1", "a")),
        "data/deleted-tweets.js": assigned("deleted_tweets", tweet("2", "b")),
        "data/twitter-circle-tweet.js": assigned("twitter_circle_tweet", tweet("3", "c")),
    }
    reading = read_archive(zipped(entries))
    assert ([each.id for each in reading.activities], reading.left_out) == (["1"], {"deleted": 1, "private": 1})


def test_an_archive_of_before_2019_is_read_from_its_root_and_with_bare_posts(zipped):
    entries = {"account.js": ACCOUNT["data/account.js"], "tweet.js": assigned("tweet", tweet("1", "a")["tweet"])}
    assert read_archive(zipped(entries)).activities[0].actor == "ada"


def test_an_archive_of_before_2018_is_read_and_said_to_be_old(zipped):
    post = {"id_str": "1", "text": "a", "created_at": "2015-01-24 02:02:37 +0000"}
    entries = {
        "data/js/user_details.js": b'var user_details = {"screen_name": "Ada"}',
        "data/js/tweets/2015_01.js": b"Grailbird.data.tweets_2015_01 = " + json.dumps([post]).encode(),
    }
    reading = read_archive(zipped(entries))
    assert (reading.activities[0].actor, reading.activities[0].content) == ("ada", "a")
    assert "before 2019" in reading.gaps[1]


@pytest.mark.parametrize("end", [b";", b";\r\n", b"\n"])
def test_what_ends_an_assignment_is_passed_over(zipped, end):
    entries = {
        name: body + end for name, body in (ACCOUNT | {"data/tweets.js": assigned("tweets", tweet("1", "a"))}).items()
    }
    assert len(read_archive(zipped(entries)).activities) == 1


@pytest.mark.parametrize("alone", [True, False])
def test_a_part_without_the_account_is_read_as_that_of_whoever_is_named(zipped, alone):
    body = assigned("tweets", tweet("1", "a")).replace(b"part0", b"part1")
    made = lambda: io.BytesIO(body) if alone else zipped({"data/tweets-part1.js": body})  # noqa: E731
    with pytest.raises(ArchiveError, match="name the account"):
        read_archive(made())
    reading = read_archive(made(), "@Ada")
    assert (reading.account, reading.activities[0].actor, len(reading.notes)) == ("ada", "ada", 1)


@pytest.mark.parametrize(
    ("link", "author"),
    [
        ("https://twitter.com/i/web/status/99", None),
        ("https://x.com/i/status/99", None),
        ("https://mobile.twitter.com/Cy/status/99", "cy"),
        ("https://www.x.com/Cy/statuses/99?s=20", "cy"),
    ],
)
def test_a_link_to_a_post_is_a_quote_however_the_address_is_written(zipped, link, author):
    urls = {"urls": [{"url": "https://t.co/q", "expanded_url": link}]}
    entries = ACCOUNT | {"data/tweets.js": assigned("tweets", tweet("1", "see https://t.co/q", entities=urls))}
    assert kinds(read_archive(zipped(entries))) == [("quote", "99", author)]


# LinkedIn

PROFILE = {"Profile.csv": table("First Name,Last Name", "Ada,Lovelace")}
SHARE = "2026-10-01 12:00:00,https://l.example/1,x,,,MEMBER_NETWORK"
SHARES = "Date,ShareLink,ShareCommentary,SharedUrl,MediaUrl,Visibility"


def test_quotes_in_comments_are_escaped_with_a_backslash(zipped):
    row = '2026-10-01 12:00:00,https://l.example/1,"I led the \\"tea, Earl Grey\\" team,\n\nonce."'
    entries = PROFILE | {"Comments_123.csv": table("Date,Link,Message", row)}
    assert read_archive(zipped(entries)).activities[0].content == 'I led the "tea, Earl Grey" team,\n\nonce.'


@pytest.mark.parametrize(
    "shares",
    [
        table(SHARES, "2026-10-01 12:00:00,https://l.example/1,x,,,"),
        table(SHARES[:-11], "2026-10-01 12:00:00,https://l.example/1,x,,"),
    ],
    ids=["empty", "missing"],
)
def test_who_may_see_a_share_is_not_guessed(zipped, shares):
    reading = read_archive(zipped(PROFILE | {"Shares.csv": shares}))
    assert (reading.activities, reading.left_out) == ((), {"unclear": 1})
    with pytest.raises(ArchiveError, match="who may see them"):
        reading.check_not_empty()


def test_the_smaller_export_is_refused_with_advice(zipped):
    for entries in (PROFILE, {"Connections.csv": b"Notes:"}):
        with pytest.raises(ArchiveError, match="larger one"):
            read_archive(zipped(entries)).check_not_empty()


@pytest.mark.parametrize(
    "profile",
    [
        table("Vorname,Nachname", "Ada,Lovelace"),
        b'Notes:\n"This file, and so on"\n\nFirst Name,Last Name\nAda,Lovelace\n',
    ],
    ids=["German", "with notes above"],
)
def test_a_profile_in_another_language_or_below_notes_says_whose_it_is(zipped, profile):
    reading = read_archive(zipped({"Profile.csv": profile, "Shares.csv": table(SHARES, SHARE)}))
    assert (reading.account, len(reading.activities)) == ("Ada Lovelace", 1)


def test_columns_in_another_language_are_read_by_their_order(zipped):
    columns = "Datum,Link,Kommentar,URL,Medien,Sichtbarkeit"
    assert len(read_archive(zipped(PROFILE | {"Shares.csv": table(columns, SHARE)})).activities) == 1


def test_posts_alone_are_read_as_those_of_whoever_is_named(zipped):
    with pytest.raises(ArchiveError, match="name the account"):
        read_archive(zipped({"Shares.csv": table(SHARES, SHARE)}))
    assert (
        read_archive(zipped({"Shares.csv": table(SHARES, SHARE)}), "Ada Lovelace").activities[0].actor == "Ada Lovelace"
    )


def test_likes_of_2018_reposts_and_articles_are_read(zipped):
    page = '<h1><a href="https://l.example/a">On orbits</a></h1><p>Published on 2021-02-03 10:11</p><div>Text</div>'
    entries = PROFILE | {
        "Likes.csv": table("Date,Type,Link", '"7/30/18, 4:08 PM",LIKE,https://l.example/1'),
        "InstantReposts.csv": table("Date,Link", "2026-10-01 12:00:00,https://l.example/2"),
        "Articles/Articles/a.html": page.encode(),
        "Articles/Articles/draft.html": b"<h1>Draft</h1>",
    }
    reading = read_archive(zipped(entries))
    assert kinds(reading) == [
        ("like", "https://l.example/1", None),
        ("note", None, None),
        ("reshare", "https://l.example/2", None),
    ]
    assert (reading.activities[1].content.splitlines()[0], reading.left_out) == ("On orbits", {"private": 1})


def test_a_comment_that_ends_with_a_backslash_takes_no_other_along(zipped):
    lines = r"""Date,Link,Message
2026-01-05 08:36:41,https://l/1,"in C:\\"
2026/01/06 08:36:41 UTC,https://l/2,"b"
"""
    reading = read_archive(zipped({"Comments.csv": lines.encode()}), "Ada L")
    assert [each.content for each in reading.activities] == ["in C:\\", "b"]


def test_a_table_that_was_saved_in_another_encoding_is_refused_with_advice(zipped):
    lines = "Date,Link,Message\n2026-01-05 08:36:41,https://l/1,\u00e9t\u00e9\n"
    with pytest.raises(ArchiveError, match="is not UTF-8"):
        read_archive(zipped({"Comments.csv": lines.encode("cp1252")}), "Ada L")
    for_excel = lines.replace(",", "\t").encode("utf-16")
    assert read_archive(zipped({"Comments.csv": for_excel}), "Ada L").activities[0].content == "\u00e9t\u00e9"


def test_two_comments_of_one_second_are_two(zipped):
    rows = [f"2026-10-01 12:00:00,https://l.example/1,{text}" for text in ("one", "two", "two")]
    reading = read_archive(zipped(PROFILE | {"Comments.csv": table("Date,Link,Message", *rows)}))
    assert (len(reading.activities), reading.left_out) == (2, {"duplicates": 1})


# Instagram


def mojibake(text: str) -> str:
    return text.encode().decode("latin-1")


def profile(**told: str) -> dict[str, Any]:
    values = {mojibake(name): {"value": value} for name, value in told.items()}
    return {"personal_information/personal_information.json": {"profile_user": [{"string_map_data": values}]}}


PUBLIC_PROFILE = profile(**{"Username": "Ada", "Private Account": "False"})
POST = {"media": [{"uri": "media/1.jpg", "creation_timestamp": 1_790_812_800, "title": "orbits"}]}


@pytest.mark.parametrize(
    "told",
    [
        {"Adresse e-mail": "a@b.c", "Nom de profil": "ada", "Nom": "Ada L.", "Compte privé": "False"},
        {"E-Mail-Adresse": "a@b.c", "Benutzername": "ada", "Name": "Ada", "Privates Konto": "False"},
        {"Nom d'utilisateur": "ada", "Compte privé": "Faux"},
        {"電話番号": "0612345678", "何か": "ada", "非公開アカウント": "False"},
    ],
)
def test_the_language_of_the_account_does_not_matter(zipped, told):
    reading = read_archive(zipped(profile(**told) | {"posts_1.json": [POST]}))
    assert (reading.account, len(reading.activities), reading.notes) == ("ada", 1, ())


def test_a_private_account_is_known_in_its_language(zipped):
    entries = profile(**{"Nom de profil": "ada", "Compte privé": "True"}) | {"posts_1.json": [POST]}
    assert read_archive(zipped(entries)).left_out == {"private": 1}


@pytest.mark.parametrize(
    ("label", "no", "yes"),
    [
        ("Privéaccount", "Onwaar", "Waar"),
        ("Konto prywatne", "Fałsz", "Prawda"),
        ("Gizli Hesap", "Yanl\u0131\u015f", "Do\u011fru"),
        ("Закрытый аккаунт", "Нет", "Да"),
        ("حساب خاص", "لا", "نعم"),
        ("非公開アカウント", "いいえ", "はい"),
        ("Privat konto", "Falskt", "Sant"),
    ],
)
def test_a_yes_in_any_language_is_no_public_account_whoever_is_named(zipped, label, no, yes):
    for private in (False, True):
        told = {"Username": "ada", label: yes if private else no}
        reading = read_archive(zipped(profile(**told) | {"posts_1.json": [POST]}), "ada")
        assert (reading.left_out == {"private": 1}, len(reading.activities)) == (private, 0 if private else 1)
    unknown = profile(**{"Username": "ada", "Kontó zárolva": "Igaz"}) | {"posts_1.json": [POST]}
    assert read_archive(zipped(unknown), "ada").left_out == {"private": 1}


def test_an_account_that_does_not_say_whether_it_is_private_is_not_taken_for_public(zipped):
    entries = profile(Username="ada") | {"posts_1.json": [POST]}
    with pytest.raises(ArchiveError, match="does not say whether the account is private"):
        read_archive(zipped(entries)).check_not_empty()
    for other in ("eve", None):
        assert read_archive(zipped(entries), other).left_out == {"private": 1}
    named = read_archive(zipped(entries), "https://instagram.com/Ada")
    assert (len(named.activities), len(named.notes)) == (1, 1)


def test_a_part_of_an_export_is_read_as_that_of_whoever_is_named(zipped):
    with pytest.raises(ArchiveError, match="name the account"):
        read_archive(zipped({"posts_1.json": [POST]}))
    assert read_archive(zipped({"posts_1.json": [POST]}), "Ada").activities[0].actor == "ada"


@pytest.mark.parametrize("written", [POST, [POST], {"any_name": [POST]}], ids=["one alone", "a list", "wrapped"])
@pytest.mark.parametrize("name", ["posts_1", "reels", "igtv_videos", "other_content"])
def test_posts_are_found_however_they_are_wrapped(zipped, written, name):
    assert kinds(read_archive(zipped(PUBLIC_PROFILE | {f"{name}.json": written}))) == [("note", None, None)]


@pytest.mark.parametrize(
    "labels",
    [("Comment", "Media Owner", "Time"), ("Commentaire", "Propriétaire du média", "Heure"), ("何", "誰", "時")],
)
@pytest.mark.parametrize("wrapped", [True, False])
def test_comments_are_read_in_any_language(zipped, labels, wrapped):
    text, owner, time = map(mojibake, labels)
    comment = {
        "string_map_data": {text: {"value": "Well done"}, owner: {"value": "bob"}, time: {"timestamp": 1_790_812_800}}
    }
    entries = PUBLIC_PROFILE | {
        "post_comments_1.json": {"comments_media_comments": [comment]} if wrapped else [comment]
    }
    reading = read_archive(zipped(entries))
    assert (reading.activities[0].content, kinds(reading)) == ("Well done", [("reply", None, "bob")])


def test_the_name_of_whom_a_comment_answers_is_not_its_text(zipped):
    comment = {
        "string_map_data": {"a": {"value": "bob"}, "b": {"value": "Well done"}, "c": {"timestamp": 1_790_812_800}}
    }
    reading = read_archive(zipped(PUBLIC_PROFILE | {"post_comments_1.json": [comment]}))
    assert (reading.activities[0].content, kinds(reading)) == ("Well done", [("reply", None, "bob")])


def test_the_page_of_an_author_is_not_the_post_that_was_liked(zipped):
    page = {"label": "URL", "value": "https://www.instagram.com/bob/"}
    like = {
        "timestamp": 1_790_812_800,
        "label_values": [
            {"label": "Cím", "value": "https://www.instagram.com/p/A/"},
            {"title": "Owner", "dict": [{"dict": [page, {"label": "Username", "value": "bob"}]}]},
        ],
    }
    reading = read_archive(zipped(PUBLIC_PROFILE | {"liked_posts.json": [like]}))
    assert kinds(reading) == [("like", "https://www.instagram.com/p/A/", "bob")]


def test_likes_as_tables_of_labels_are_read(zipped):
    owner = {
        "title": "Owner",
        "dict": [{"dict": [{"label": "Name", "value": "Bob B."}, {"label": "Username", "value": "bob"}]}],
    }
    like = {
        "timestamp": 1_790_812_800,
        "label_values": [{"label": "URL", "value": "x", "href": "https://i.example/p/1"}, owner],
    }
    reading = read_archive(zipped(PUBLIC_PROFILE | {"liked_posts.json": [like]}))
    assert kinds(reading) == [("like", "https://i.example/p/1", "bob")]


def test_an_export_of_2020_is_read_and_said_to_be_old(zipped):
    at = "2019-01-05T08:36:41"
    entries = {
        "profile.json": {"username": "ada", "private_account": False},
        "media.json": {"photos": [{"caption": "orbits", "taken_at": at, "path": "p/1.jpg"}], "stories": [{}]},
        "comments.json": {"media_comments": [[at, "nice", "bob"]]},
        "likes.json": {"media_likes": [[at, "cy"]], "comment_likes": [[at, "cy"]]},
    }
    reading = read_archive(zipped(entries))
    assert sorted(kinds(reading)) == [("like", None, "cy"), ("note", None, None), ("reply", None, "bob")]
    assert (reading.left_out, "before 2021" in reading.notes[0]) == ({"other": 1}, True)


def test_an_export_of_pages_is_refused_with_advice(zipped):
    for name in ("your_instagram_activity/media/posts_1.html", "start_here.html"):
        with pytest.raises(ArchiveError, match="ask Instagram for JSON, not HTML"):
            read_archive(zipped({name: b"<html>"}))


def test_a_part_without_posts_is_refused_with_advice(zipped):
    with pytest.raises(ArchiveError, match="without posts, comments and likes"):
        read_archive(zipped({"connections/followers_and_following/followers_1.json": []}))


@pytest.mark.parametrize("name", ["archived_posts", "threads_and_replies", "liked_comments", "stories"])
def test_what_is_not_read_is_counted(zipped, name):
    reading = read_archive(zipped(PUBLIC_PROFILE | {f"{name}.json": {"any": [POST, POST]}}))
    assert sum(reading.left_out.values()) == 2


# Mastodon and its kin


def test_a_text_by_language_only_is_taken():
    post = note(contentMap={"en": "<p>orbits</p>"})
    del post["object"]["content"]
    assert streams(post).activities[0].content == "orbits"


def test_the_choices_of_a_poll_are_part_of_it():
    post = note(type="Question", oneOf=[{"type": "Note", "name": "3U"}, {"type": "Note", "name": "6U"}])
    assert streams(post).activities[0].content == "post 1\n3U\n6U"


def test_a_post_without_an_activity_is_that_of_whom_it_is_attributed_to():
    post = {**note()["object"], "published": "2026-10-01T00:00:00Z", "attributedTo": ADA}
    reading = streams(post, {**post, "id": f"{ADA}/2", "to": f"{ADA}/followers", "cc": []})
    assert (reading.account, kinds(reading), reading.left_out) == (
        "@ada@example.social",
        [("note", None, None)],
        {"private": 1},
    )


@pytest.mark.parametrize("parent", ["https://far.example/objects/zz", "https://far.example/ap/users/7/statuses/9"])
def test_whom_a_reply_answers_is_learned_from_whom_it_mentions(parent):
    tag = {"type": "Mention", "name": "@bob@far.example", "href": "https://far.example/ap/users/7"}
    assert kinds(streams(note(inReplyTo=parent, tag=[tag]))) == [("reply", parent, "@bob@far.example")]


def test_who_of_several_is_answered_is_not_guessed():
    tags = [
        {"type": "Mention", "name": f"@{name}@far.example", "href": f"https://far.example/{name}"}
        for name in ("bob", "cy")
    ]
    assert kinds(streams(note(inReplyTo="https://far.example/objects/zz", tag=tags))) == [
        ("reply", "https://far.example/objects/zz", None)
    ]


def test_an_actor_whose_address_tells_no_name_is_named_after_its_pages_or_by_the_caller():
    uri = "https://m.example/ap/users/1155"
    numbered = {**note(), "actor": uri}
    shown = {**numbered, "object": {**numbered["object"], "url": "https://m.example/@ada/1"}}
    accounts = [streams(numbered).account, streams(shown).account, streams(numbered, account="Eve@m.example").account]
    assert accounts == [uri, "@ada@m.example", "@eve@m.example"]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (
            {"@context": "x", "type": "OrderedCollection", "first": "https://m.example/outbox?page=true"},
            "only the address",
        ),
        ([{"id": "9", "text": "x", "createdAt": "x", "visibility": "public", "replyId": None}], "Misskey"),
        ([{"id": "1", "created_at": "x", "visibility": "public", "in_reply_to_id": None}], "Mastodon's API"),
        (
            {"version": 1, "statuses": [{"created_at": "x", "visibility": "x", "in_reply_to_id": None}]},
            "Mastodon's API",
        ),
        (outbox("https://m.example/1"), "only addresses of posts"),
    ],
)
def test_what_holds_no_activity_is_refused_in_words(document, words):
    body = json.dumps(document).encode()
    assert is_archive(body, "application/json")
    with pytest.raises(ArchiveError, match=words):
        read_archive(io.BytesIO(body)).check_not_empty()


def test_one_page_of_several_says_that_others_follow():
    page = {**outbox(note("1")), "next": "https://m.example/users/ada/outbox?page=2"}
    reading = read_archive(io.BytesIO(json.dumps(page).encode()))
    assert (len(reading.activities), "one page of several" in reading.notes[0]) == (1, True)


def test_an_account_that_is_not_the_one_of_the_export_is_said_to_be_another():
    assert [streams(note("1"), account=name).notes for name in (None, "@Ada@example.social")] == [(), ()]
    reading = streams(note("1"), account="@bob@example.social")
    assert (reading.account, "is another" in reading.notes[0]) == ("@ada@example.social", True)


def test_one_activity_a_line_is_read():
    lines = "\n".join(json.dumps(note(str(number))) for number in range(3))
    assert len(read_archive(io.BytesIO(lines.encode())).activities) == 3


def test_a_post_of_which_only_the_address_is_there_is_counted_with_a_reason():
    reading = streams({**note("1"), "object": "https://m.example/notes/1"}, note("2"))
    assert (len(reading.activities), reading.left_out, len(reading.notes)) == (1, {"other": 1}, 1)


def test_the_rest_of_an_export_without_its_posts_says_what_is_missing(zipped):
    likes = outbox("https://m.example/notes/1")
    with pytest.raises(ArchiveError, match=r"has no outbox\.json"):
        read_archive(zipped({"actor.json": ACTOR, "likes.json": likes}))
    for document, words in ((likes, "only addresses of posts"), (ACTOR, "describes an account")):
        with pytest.raises(ArchiveError, match=words):
            read_archive(io.BytesIO(json.dumps(document).encode()))


def test_what_was_liked_in_a_mastodon_export_has_no_date_and_is_counted(zipped):
    entries = {"outbox.json": outbox(note()), "likes.json": outbox("https://a.example/1", "https://a.example/2")}
    assert read_archive(zipped(entries)).left_out == {"undated": 2}


def test_a_byte_order_mark_is_skipped():
    assert len(read_archive(io.BytesIO(b"\xef\xbb\xbf" + json.dumps(outbox(note())).encode())).activities) == 1


# All of them


def test_what_was_left_out_is_among_the_gaps_of_a_score():
    reading = streams(note(), note("2", to=f"{ADA}/followers", cc=[]))
    assert reading.gaps[-1] == "left out of the export: 1 private"


def test_only_what_is_read_is_packed_for_the_way_to_a_service(zipped, tmp_path):
    path, packed = tmp_path / "export.zip", io.BytesIO()
    path.write_bytes(zipped({"outbox.json": outbox(note()), "media/1.png": bytes(1_000_000)}).getvalue())
    size = pack_wanted(path, packed)
    assert size < 2_000
    assert len(read_archive(packed).activities) == 1


def test_many_entries_that_nobody_wants_are_passed_over(zipped):
    entries = {f"data/tweets_media/{number}.jpg": b"" for number in range(20_001)}
    posts = {"data/tweets.js": assigned("tweets", tweet("1", "a"))}
    assert len(read_archive(zipped(ACCOUNT | posts | entries)).activities) == 1


def test_addresses_for_everybody_are_public():
    assert streams(note(to=[PUBLIC])).activities[0].visibility == "public"


# Whatever stands where something else was expected


@pytest.mark.parametrize("kind", [["Note"], ["Note", "Article"], [], [["Note"]], None, 7])
def test_a_post_whose_type_is_a_list_is_of_the_first_of_them(kind):
    reading = streams(note(), note(id="https://example.social/users/ada/statuses/7", type=kind))
    assert len(reading.activities) == (2 if kind in (["Note"], ["Note", "Article"]) else 1)


def test_an_actor_that_is_no_address_names_nobody_and_is_counted():
    post = {"type": "Note", "id": "1", "attributedTo": "ada", "to": [PUBLIC], "published": "2026-10-01T00:00:00Z"}
    assert streams({**post, "url": "https://example.social/@ada/1"}).left_out == {"malformed": 1}


@pytest.mark.parametrize("tags", [[None], [7, {"text": None}, {}], [["x"]]])
@pytest.mark.parametrize("at", ["2026-10-01T12:00:00.000Z", "0001-01-01T00:00:00"])
def test_an_odd_long_text_loses_no_post(zipped, tags, at):
    whole = {"createdAt": at, "core": {"text": "x", "hashtags": tags}}
    tweet = {"id_str": "1", "created_at": "Thu Oct 01 12:00:00 +0000 2026", "full_text": "orbits"}
    entries = ACCOUNT | {
        "data/tweets.js": assigned("tweets", {"tweet": tweet}),
        "data/note-tweet.js": assigned("note_tweet", {"noteTweet": whole}),
    }
    assert len(read_archive(zipped(entries)).activities) == 1


# as other systems and tools pack and save them


def test_files_in_utf_16_and_with_paths_of_windows_are_read(zipped):
    entries = {"data\\account.js": ACCOUNT["data/account.js"], "data\\tweets.js": assigned("tweets", tweet("1", "a"))}
    utf_16 = {name: body.decode().encode("utf-16") for name, body in entries.items()}
    assert read_archive(zipped(utf_16)).activities == read_archive(zipped(entries)).activities != ()


def test_a_null_in_a_post_loses_no_post_and_articles_are_counted(zipped):
    bare = {"tweet": {**tweet("1", "a")["tweet"], "entities": None, "in_reply_to_status_id_str": None}}
    article = assigned("article", {"article": {"id": "7"}})
    reading = read_archive(zipped(ACCOUNT | {"data/tweets.js": assigned("tweets", bare), "data/article.js": article}))
    assert (len(reading.activities), reading.left_out) == (1, {"other": 1})


def test_tables_of_linkedin_that_were_saved_with_semicolons_are_read(zipped):
    profile, comments = (
        b"First Name;Last Name\nAda;L, PhD\n",
        b"Date;Link;Message\n2026-01-05 08:36:41;https://l/1;hi\n",
    )
    reading = read_archive(zipped({"Profile.csv": profile, "Comments.csv": comments}))
    assert (reading.account, kinds(reading)) == ("Ada L, PhD", [("reply", "https://l/1", None)])


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("outer/export.zip", "packed itself"),
        ("xl/workbook.xml", "save its table as CSV"),
        ("records.csv", "by themselves or as parts of one kind"),
    ],
)
def test_a_zip_of_something_else_says_what_helps(zipped, name, advice):
    with pytest.raises(ArchiveError, match=advice):
        read_archive(zipped({"[Content_Types].xml": b"x", name: b"x"}))


def test_an_empty_zip_is_one(zipped):
    assert is_archive(zipped({}).getvalue(), "application/octet-stream")


def test_the_archive_of_a_forum_may_be_named_after_the_member(zipped):
    table = b"topic_title,url,created_at,is_pm,post_raw\nT,https://f.example/t/x/1/1,2026-01-05 08:36:41 UTC,No,hi\n"
    assert len(read_archive(zipped({"user_archive-ada-260105.csv": table}), "ada").activities) == 1
