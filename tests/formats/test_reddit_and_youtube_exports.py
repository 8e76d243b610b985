"""What Reddit and YouTube give one person of their own, in the layouts and languages it comes in."""

from __future__ import annotations

import io
import json

import pytest

from candor.formats import ArchiveError, holds_records, is_archive, read_archive

POSTS = (
    "id,permalink,date,ip,subreddit,gildings,title,url,body\n"
    'ab1,https://www.reddit.com/r/beer/comments/ab1/w/,2026-01-05 10:00:00 UTC,,beer,0,Which hops?,,"Saaz,\nor Citra"\n'
    "ab2,https://www.reddit.com/r/beer/comments/ab2/malt/,2026-01-05 11:00:00 UTC,,beer,0,Malt,https://m.example,\n"
)
THREAD = "https://www.reddit.com/r/beer/comments/zz9/foam/"
COMMENTS = (
    "id,permalink,date,ip,subreddit,gildings,link,parent,body,media\n"
    f"c1,{THREAD}c1/,2026-01-06 10:00:00 UTC,,beer,0,{THREAD},,Less gas,\n"
    f"c2,{THREAD}c2/,2026-01-06 11:00:00 UTC,,beer,0,{THREAD},c9x,Or more,\n"
    f"c3,{THREAD}c3/,2026-01-06 12:00:00 UTC,,beer,0,{THREAD},c9x,[deleted],\n"
    f"c4,{THREAD}c4/,,,beer,0,{THREAD},c9x,When?,\n"
)
WHOSE = "statistic,value\naccount name,Ada_L\nexport time,2026-02-01 00:00:00 UTC\n"
OTHERS = {"messages.csv": b"id,from,to,body\n", "post_votes.csv": b"id,permalink,direction\n"}
CHANNEL = "UC" + "a" * 22
TOP = "Ug" + "x" * 24


@pytest.mark.parametrize(
    "names",
    [
        ("posts.csv", "comments.csv", "statistics.csv"),
        ("export_ada/posts.csv", "export_ada/comments_1.csv", "export_ada/statistics.csv"),
    ],
)
def test_posts_and_comments_of_reddit_are_read_and_what_is_gone_is_counted(zipped, names):
    tables = (f"\ufeff{text}".encode() for text in (POSTS, COMMENTS, WHOSE))
    file = zipped(dict(zip(names, tables, strict=True)) | OTHERS)
    assert not holds_records(file, {})
    reading = read_archive(file)
    assert (reading.network, reading.account, reading.left_out) == ("reddit", "ada_l", {"deleted": 1, "undated": 1})
    assert [(each.type, each.id, each.object, each.actor, each.content) for each in reading.activities] == [
        ("question", "t3_ab1", None, "ada_l", "Which hops?\n\nSaaz,\nor Citra"),
        ("note", "t3_ab2", None, "ada_l", "Malt"),
        ("reply", "t1_c1", "t3_zz9", "ada_l", "Less gas"),
        ("reply", "t1_c2", "t1_c9x", "ada_l", "Or more"),
    ]
    assert {each.tags for each in reading.activities} == {("beer",)}


def test_a_table_of_reddit_alone_is_that_of_whoever_is_named():
    assert is_archive(COMMENTS.encode(), "text/csv")
    assert len(read_archive(io.BytesIO(COMMENTS.encode()), "u/Ada_L").activities) == 2
    with pytest.raises(ArchiveError, match="name the account"):
        read_archive(io.BytesIO(POSTS.encode()))


def test_votes_alone_of_reddit_are_refused_with_what_to_bring(zipped):
    with pytest.raises(ArchiveError, match="bring the whole export"):
        read_archive(zipped(OTHERS | {"statistics.csv": WHOSE.encode()}))


def test_a_zip_of_records_is_none_of_reddit_s_whatever_its_tables_are_called(zipped):
    ours = b"id,actor,published,content\nq1,ada,2026-01-05T10:00:00Z,Which hops?\n"
    assert holds_records(zipped({"posts.csv": ours, "comments.csv": ours}), {})
    with pytest.raises(ArchiveError, match="no export of one person"):
        read_archive(zipped({"posts.csv": b"nr,who\n1,ada\n"}))


def comments(header: str, text: str, *, old: bool = False) -> bytes:
    quoted = text.replace('"', '""')
    before = (
        f"{CHANNEL},2026-01-05T10:00:00.5+00:00,0,{TOP}" if old else f"{TOP},{CHANNEL},2026-01-05T10:00:00.5+00:00,0"
    )
    row = f'{before},,dQw4w9WgXcQ,"{quoted}"' if old else f'{before},,,dQw4w9WgXcQ,"{quoted}",'
    reply = (
        ""
        if old
        else f'{TOP}.9b,{CHANNEL},2026-01-06T10:00:00+00:00,0,{TOP},,dQw4w9WgXcQ,"{{""text"":""Or""}}",{TOP}\n'
    )
    return f"{header}\n{row}\n{reply}".encode()


ENGLISH = (
    "Comment ID,Channel ID,Comment Create Timestamp,Price,Parent Comment ID,Post ID,Video ID,Comment Text,"
    "Top-Level Comment ID"
)
GERMAN = (
    "Kommentar-ID,Kanal-ID,Zeitstempel der Erstellung des Kommentars,Preis,Übergeordnete Kommentar-ID,Beitrags-ID,"
    "Video-ID,Kommentartext,Kommentar-ID der obersten Ebene"
)
FORMER = "Channel ID,Comment Create Timestamp,Price,Comment ID,Parent Comment ID,Video ID,Comment Text"
PARTS = '{"text":"Which "},{"text":"\\n"},{"text":"hops?"}'
SEGMENTS = json.dumps({"takeoutSegments": [{"text": "Which "}, {"text": "\n"}, {"text": "hops?"}]})


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("Takeout/YouTube and YouTube Music/comments/comments.csv", comments(ENGLISH, PARTS)),
        ("Takeout/YouTube und YouTube Music/Kommentare/Kommentare.csv", comments(GERMAN, PARTS)),
        ("comments/comments(1).csv", comments(ENGLISH, PARTS)),
        ("Takeout/YouTube and YouTube Music/comments/comments.csv", comments(FORMER, SEGMENTS, old=True)),
    ],
)
def test_comments_of_youtube_are_read_in_any_language_and_layout(zipped, name, table):
    rest = {
        "Takeout/YouTube and YouTube Music/subscriptions/subscriptions.csv": f"Channel Id,Url\n{CHANNEL},u\n".encode()
    }
    for file in (zipped({name: table} | rest), io.BytesIO(table)):
        reading = read_archive(file)
        first, *others = reading.activities
        assert (reading.network, reading.account, reading.left_out) == ("youtube", CHANNEL, {})
        assert (first.type, first.id, first.object, first.content) == ("reply", TOP, "dQw4w9WgXcQ", "Which \nhops?")
        assert [each.object for each in others] in ([], [TOP])


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("Takeout/YouTube and YouTube Music/my-comments/my-comments.html", "ask Takeout for a new one"),
        ("Takeout/YouTube and YouTube Music/history/watch-history.json", "comments among its data"),
        ("messages/c46/messages.json", "DiscordChatExporter"),
    ],
)
def test_an_export_without_what_is_read_says_what_to_bring(zipped, name, advice):
    with pytest.raises(ArchiveError, match=advice):
        read_archive(zipped({name: b"[]"}))


def test_a_table_of_records_about_channels_is_none_of_youtube_s():
    ours = f"id,actor,published,value\nv1,{CHANNEL},2026-01-05T10:00:00Z,1\n".encode()
    assert not is_archive(ours, "text/csv")
