"""Dumps of whole communities: what becomes what, and what is left out and counted."""

from __future__ import annotations

import gzip
import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from candor.formats.compression import zstd
from candor.formats.dumps.dump import DumpError, Run
from candor.formats.dumps.registry import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from candor.scoring.activity import Activity

Found = tuple["list[Activity]", Run]


@pytest.fixture
def dump(tmp_path: Path) -> Callable[..., Found]:
    """Read a dump made of files by name: text as it is, the rest as JSON."""

    def read(
        name: str, files: dict[str, Any], network: str = "custom:c", *, whole: bool = False, **rename: str
    ) -> Found:
        for file, content in files.items():
            path = tmp_path / file
            path.parent.mkdir(parents=True, exist_ok=True)
            text = content if isinstance(content, str | bytes) else json.dumps(content)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        run = Run(network, rename)
        paths = [tmp_path] if whole else [tmp_path / file for file in files]
        return list(FORMATS[name].found(paths, run)), run

    return read


def acts(records: list[Activity]) -> list[Activity]:
    return [each for each in records if each.type != "account"]


def told(records: list[Activity]) -> list[tuple[str, str | None, str | None, str | None]]:
    return [(each.type, each.id, each.actor, each.object) for each in records]


POSTS = """\ufeff<?xml version="1.0" encoding="utf-8"?>
<posts>
  <row Id="1" PostTypeId="1" AcceptedAnswerId="2" CreationDate="2026-01-05T22:00:00.823" @ />
  <row Id="2" PostTypeId="2" ParentId="1" CreationDate="2026-01-05T23:00:00.823" Body="Saaz" OwnerUserId="20" />
  <row Id="3" PostTypeId="2" ParentId="1" CreationDate="2026-01-06T23:00:00.823" Body="of somebody deleted" />
  <row Id="4" PostTypeId="5" CreationDate="2026-01-06T23:00:00.823" Body="a wiki" />
  <row Id="5" PostTypeId="2" ParentId="1" Body="without a date" />
</posts>
""".replace("@", 'Body="&lt;p&gt;Which &amp;amp; why?&lt;/p&gt;" OwnerUserId="10" Title="Hops" Tags="|hops|beer|"')
MORE = {
    "Votes.xml": """<votes>
  <row Id="1" PostId="2" VoteTypeId="1" CreationDate="2026-01-08T00:00:00.000" />
  <row Id="2" PostId="2" VoteTypeId="2" CreationDate="2026-01-07T00:00:00.000" />
  <row Id="3" PostId="3" VoteTypeId="3" CreationDate="2026-01-07T00:00:00.000" />
</votes>""",
    "Comments.xml": """<comments>
  <row Id="7" PostId="2" UserId="10" CreationDate="2026-01-07T00:00:00.000" Text="Why?" />
</comments>""",
    "Users.xml": """<users>
  <row Id="20" CreationDate="2020-01-01T00:00:00.000" DisplayName="Bo" AboutMe="&lt;b&gt;brewer&lt;/b&gt;" />
</users>""",
    "Badges.xml": """<badges>
  <row Id="1" UserId="20" Name="hops" Class="1" TagBased="True" />
  <row Id="2" UserId="30" Name="Editor" Class="3" TagBased="False" />
</badges>""",
}


def test_posts_of_stack_exchange_are_questions_answers_and_accepts(dump):
    records, run = dump("stackexchange", {"Posts.xml": POSTS}, "stackexchange:beer")
    assert told(records) == [
        ("question", "1", "10", None),
        ("answer", "2", "20", "1"),
        ("answer", "3", None, "1"),
        ("accept", "accept-1", "10", "2"),
    ]
    assert (records[0].content, records[0].tags) == ("Hops\n\nWhich & why?", ("hops", "beer"))
    assert records[3].published == records[1].published
    assert run.left_out == {"other": 1, "malformed": 1}


def test_the_other_files_of_the_dump_bring_votes_comments_members_and_trust(dump):
    records, run = dump("stackexchange", {"Posts.xml": POSTS, **MORE}, whole=True)
    accept = next(each for each in records if each.type == "accept")
    assert accept.published.day == 8
    assert [each.value for each in records if each.type == "vote"] == [1.0, -1.0]
    assert ("reply", "comment-7", "10", "2") in told(records)
    assert next(each for each in records if each.type == "account").bio == "brewer"
    assert list(run.trusted) == ["20"]


def test_a_dump_without_posts_is_refused(dump):
    with pytest.raises(DumpError, match=r"Posts\.xml"):
        dump("stackexchange", {"Votes.xml": MORE["Votes.xml"]})


LOG = """commit aaaaaaa1111111111111111111111111111111aa
Author:     Ada <Ada@a.example>
AuthorDate: 2026-01-05T10:00:00+01:00
Commit:     Mo <mo@a.example>
CommitDate: 2026-01-06T10:00:00+01:00

    net: rework the driver

    It was slow.

    Reported-by: Cy <cy@a.example>
    Reviewed-by: Bo <bo@a.example>
    Tested-by: Bo <bo@a.example>
    Signed-off-by: Ada <ada@a.example>

drivers/net/one.c
Makefile

commit bbbbbbb
Author: Mo <mo@a.example>
Date:   Mon Jan 5 08:36:41 2026 +0000

    fix it

commit ccccccc
Author: nobody
Date:   Mon Jan 5 08:36:41 2026 +0000

    broken
"""


def test_a_git_history_says_who_wrote_took_reviewed_tested_and_reported(dump):
    records, run = dump("git", {"log.txt": LOG}, "git:c")
    key = "aaaaaaa1111111111111111111111111111111aa"
    assert told(acts(records)) == [
        ("note", key, "ada@a.example", None),
        ("accept", f"{key}/accept", "mo@a.example", key),
        ("report", f"{key}/report/cy@a.example", "cy@a.example", key),
        ("review", f"{key}/review/bo@a.example", "bo@a.example", key),
        ("note", "bbbbbbb", "mo@a.example", None),
        ("note", "ccccccc", None, None),
    ]
    assert len({each.published for each in records[:4]}) == 1
    assert (records[0].tags, run.left_out) == (("drivers", "net"), {})
    assert "Reviewed-by" not in str(records[0].content)


def test_names_in_the_message_of_a_commit_say_nothing_for_its_author_and_are_taken_in_once_each(dump):
    named = "    Reviewed-by: Bo <bo@a.example>\n"
    records, _ = dump("git", {"log.txt": LOG.replace(named, named + named.replace("Reviewed", "Acked"))}, "git:c")
    reviews = [each for each in acts(records) if each.type in {"review", "test"}]
    assert [(each.type, each.actor, each.value) for each in reviews] == [("review", "bo@a.example", None)]


def test_sections_of_maintainers_are_topics_and_their_people_trusted(dump):
    maintainers = "NETWORK DRIVERS\nM:\tMo <mo@a.example>\nF:\tdrivers/net/\n\nTHE REST\nM: Bo <bo@a.example>\nF: *\n"
    records, run = dump("git", {"MAINTAINERS": maintainers, "log.txt": gzip.compress(LOG.encode())}, "git:c")
    assert (records[0].tags, list(run.trusted)) == (("network drivers",), ["mo@a.example", "bo@a.example"])


def test_a_repository_is_read_by_git_itself(tmp_path):
    git = ("git", "-C", str(tmp_path), "-c", "user.name=Ada", "-c", "user.email=ada@a.example")
    for command in (("init", "-q"), ("commit", "-q", "--allow-empty", "-m", "begin")):
        subprocess.run((*git, *command), check=True)
    (note,) = FORMATS["git"].read([tmp_path], Run("git:c"))
    assert (note.type, note.actor, note.content) == ("note", "ada@a.example", "begin")


def test_records_of_other_names_are_read_from_a_table_by_a_map(dump):
    table = "key,who,what,on\n1,7,post,2026-10-01 12:00:00\n2,8,reply,soon\n"
    named = {"id": "key", "actor": "who", "type": "what", "published": "on", "post": "note"}
    records, run = dump("records", {"posts.csv": table}, **named)
    assert (told(records), run.left_out["malformed"]) == ([("note", "1", "7", None)], 1)


def test_every_format_says_what_becomes_what():
    for form in FORMATS.values():
        assert all(getattr(form.facts, name) for name in form.facts.__struct_fields__)


# Chats: a check mark by who began the thread is a yes, whatever the chat.

SLACK = {
    "users.json": [
        {"id": "U1", "real_name": "Ada", "is_admin": True, "updated": 1_767_600_000},
        {"id": "U2", "name": "bo"},
    ],
    "channels.json": [{"name": "brew"}],
    "brew/2026-01-05.json": [
        {
            "type": "message",
            "user": "U1",
            "ts": "1767600000.0001",
            "thread_ts": "1767600000.0001",
            "text": "Which hops?",
        },
        {
            "type": "message",
            "user": "U2",
            "ts": "1767600060.0",
            "thread_ts": "1767600000.0001",
            "text": "<@U1> try <https://x.example|Saaz> &amp; wait",
            "reactions": [{"name": "white_check_mark", "users": ["U1", "U3"]}, {"name": "+1", "users": ["U1"]}],
        },
        {"type": "message", "subtype": "channel_join", "user": "U3", "ts": "1767600070.0", "text": "joined"},
        {"type": "message", "user": "U3", "text": "without a time"},
    ],
    "secret/2026-01-05.json": [{"type": "message", "user": "U1", "ts": "1767600000.2", "text": "private"}],
}


@pytest.mark.parametrize("packed", [False, True])
def test_slack_threads_are_replies_and_check_marks_of_the_asker_accepts(dump, zipped, packed):
    files = {"export.zip": zipped(SLACK).getvalue()} if packed else SLACK
    records, run = dump("slack", files, whole=not packed)
    begun, answer = "brew/1767600000.0001", "brew/1767600060.0"
    assert [each for each in told(records) if each[0] != "account"] == [
        ("note", begun, "U1", None),
        ("reply", answer, "U2", begun),
        ("mention", f"{answer}/mention/U1", "U2", answer),
        ("accept", f"{answer}/accept/U1/white_check_mark", "U1", answer),
        ("like", f"{answer}/like/U3/white_check_mark", "U3", answer),
    ]
    assert next(each.content for each in records if each.id == answer) == "try Saaz & wait"
    assert (list(run.trusted), run.left_out) == (["U1"], {"private": 1, "other": 1, "malformed": 1})


def test_what_is_no_slack_export_is_refused(dump):
    for files in ({"a.txt": "x"}, {"a.json": {}, "b.json": {}}):
        with pytest.raises(DumpError):
            dump("slack", files)


def test_zulip_topics_are_threads_of_public_channels(dump):
    realm = {
        "zerver_userprofile": [
            {"id": 1, "delivery_email": "Ada@a.example", "full_name": "Ada", "role": 200},
            {"id": 2, "email": "bo@a.example", "role": 400},
        ],
        "zerver_stream": [
            {"id": 5, "name": "brew", "invite_only": False},
            {"id": 6, "name": "secret", "invite_only": True},
            {"id": 7, "name": "untold"},
        ],
        "zerver_recipient": [{"id": 10 * id_, "type": 2, "type_id": id_} for id_ in (5, 6, 7)],
        "zerver_reaction": [{"message": 11, "user_profile": 1, "emoji_name": "check"}],
    }
    message = {"sender": 1, "recipient": 50, "date_sent": 1_767_600_000.5, "subject": "Hops", "content": "Which?"}
    messages = [
        {"id": 10, **message},
        {"id": 11, **message, "sender": 2, "subject": "✔ Hops", "content": "Saaz."},
        {"id": 12, **message, "recipient": 60},
        {"id": 13, **message, "recipient": 70},
    ]
    files = {"realm.json": realm, "messages-000001.json": {"zerver_message": messages}}
    records, run = dump("zulip", files, "zulip:chat.example", whole=True)
    assert [each for each in told(records) if each[0] != "account"] == [
        ("note", "10", "ada@a.example", None),
        ("reply", "11", "bo@a.example", "10"),
        ("accept", "11/accept/ada@a.example/check", "ada@a.example", "11"),
    ]
    assert (list(run.trusted), run.left_out) == (["ada@a.example"], {"private": 1, "unclear": 1})


def discord(kind: str, *messages: dict[str, Any]) -> dict[str, Any]:
    return {
        "guild": {"id": "1"},
        "channel": {"type": kind, "name": "brew"},
        "messages": list(messages),
        "messageCount": 3,
    }


def chat(key: str, by: str, kind: str = "Default", **more: Any) -> dict[str, Any]:
    said = {"content": f"message {key}", "timestamp": "2026-01-05T08:00:00+00:00", "mentions": [], "reactions": []}
    return {"id": key, "type": kind, "author": {"id": by}, **said, **more}


def test_discord_replies_answer_and_threads_answer_what_began_them(dump):
    yes = [{"emoji": {"name": "✅"}, "users": [{"id": "7"}]}]
    reply = chat("2", "8", "Reply", reference={"messageId": "1"}, reactions=yes, mentions=[{"id": "7"}])
    files = {
        "channel.json": discord("GuildTextChat", chat("1", "7"), reply, chat("3", "9", "ChannelPinnedMessage")),
        "thread.json": discord("GuildPublicThread", chat("4", "7"), chat("5", "8", reactions=yes)),
        "direct.json": discord("DirectTextChat", chat("6", "7")),
        "other.json": discord("Unheard", chat("7", "7")),
    }
    records, run = dump("discord", files)
    assert told(records) == [
        ("note", "1", "7", None),
        ("reply", "2", "8", "1"),
        ("mention", "2/mention/7", "8", "2"),
        ("accept", "2/accept/7/✅", "7", "2"),
        ("note", "4", "7", None),
        ("reply", "5", "8", "4"),
        ("accept", "5/accept/7/✅", "7", "5"),
    ]
    assert run.left_out == {"private": 1, "other": 1, "unclear": 1}


def test_people_on_discord_are_called_by_their_latest_nickname_and_bots_are_bots(dump):
    early = chat("1", "7", author={"id": "7", "name": "ada_99", "nickname": "Ada"})
    late = chat("2", "7", author={"id": "7", "name": "ada_99", "nickname": "Ada L."})
    bot = {"id": "9", "name": "helper", "isBot": True}
    liked = [{"emoji": {"name": "👍"}, "users": [{"id": "8", "name": "bo"}]}]
    files = {
        "a.json": discord(
            "GuildTextChat", {**late, "timestamp": "2026-02-05T08:00:00+00:00"}, chat("3", "9", author=bot)
        ),
        "b.json": discord("GuildTextChat", {**early, "reactions": liked}),
        "direct.json": discord("DirectTextChat", chat("6", "6", author={"id": "6", "name": "private"})),
    }
    records, _ = dump("discord", files)
    accounts = {each.actor: (each.name, each.kind) for each in records if each.type == "account"}
    assert accounts == {"7": ("Ada L.", "person"), "8": ("bo", "person"), "9": ("helper", "bot")}
    assert sum(each.type == "account" for each in records) == len(accounts)


def test_people_on_telegram_are_called_as_the_chat_calls_them(dump):
    said = {"type": "message", "text": "hops", "date_unixtime": "1767600000"}
    liked = [{"emoji": "👍", "recent": [{"from": "Bo B", "from_id": "user2"}]}]
    messages = [{**said, "id": 1, "from": "Ada L", "from_id": "user1", "reactions": liked}]
    records, _ = dump("telegram", {"result.json": {"type": "public_supergroup", "id": 9, "messages": messages}})
    names = {each.actor: each.name for each in records if each.type == "account"}
    assert names == {"user1": "Ada L", "user2": "Bo B"}


def test_a_public_chat_of_telegram_is_read_and_no_other(dump):
    messages = [
        {"id": 1, "type": "message", "date_unixtime": "1767600000", "from_id": "user1", "text": "Which?"},
        {
            "id": 2,
            "type": "message",
            "date_unixtime": "1767600060",
            "from_id": "user2",
            "reply_to_message_id": 1,
            "text": ["try ", {"type": "bold", "text": "Saaz"}],
            "reactions": [{"emoji": "✅", "count": 1, "recent": [{"from_id": "user1"}]}],
        },
        {"id": 3, "type": "service", "date_unixtime": "1767600060", "action": "join"},
    ]
    records, run = dump(
        "telegram", {"result.json": {"name": "Brew", "type": "public_supergroup", "id": 9, "messages": messages}}
    )
    assert told(records) == [
        ("note", "9/1", "user1", None),
        ("reply", "9/2", "user2", "9/1"),
        ("accept", "9/2/accept/user1/✅", "user1", "9/2"),
    ]
    assert (records[1].content, run.left_out) == ("try Saaz", {"other": 1})
    with pytest.raises(DumpError, match="not public"):
        dump("telegram", {"result.json": {"name": "Ada", "type": "personal_chat", "id": 9, "messages": messages}})


MBOX = """From ada@a.example Mon Jan  5 08:36:41 2026
From: Ada <Ada@a.example>
Date: Mon, 5 Jan 2026 08:36:41 +0000
Subject: [list] Which hops?
Message-ID: <1@a.example>

Tell me.
>From here on nothing.

From bo@a.example Mon Jan  5 09:36:41 2026
From: bo at a.example (Bo)
Date: Mon, 5 Jan 2026 09:36:41 +0000
Subject: Re: [list] Which hops?
Message-ID: <2@a.example>
In-Reply-To: <1@a.example>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="b"

--b
Content-Type: text/plain; charset="iso-8859-1"
Content-Transfer-Encoding: quoted-printable

> Tell me.
Saaz, caf=E9.
Reviewed-by: Bo <bo@a.example>
Tested-by: Cy <cy@a.example>

--b
Content-Type: text/html

<p>Saaz</p>
--b--

From nobody Mon Jan  5 09:36:41 2026
Subject: broken

x
"""


def test_a_mailing_list_has_threads_without_quotes_and_reviews_in_answers(dump):
    records, run = dump("mbox", {"list.mbox": MBOX})
    assert told(acts(records)) == [
        ("question", "1@a.example", "ada@a.example", None),
        ("reply", "2@a.example", "bo@a.example", "1@a.example"),
        ("review", "2@a.example/reviewed", "bo@a.example", "1@a.example"),
    ]
    assert records[0].content == "Which hops?\n\nTell me.\nFrom here on nothing."
    assert str(records[1].content).splitlines()[2] == "Saaz, café."
    assert run.left_out == {"malformed": 1}


def test_discourse_topics_keep_their_posts_though_one_is_gone(dump):
    post = {"created_at": "2026-01-05T08:00:00Z", "cooked": "<p>text</p>"}
    posts = [
        {"id": 1, "post_number": 1, "username": "Ada", **post},
        {"id": 2, "post_number": 2, "username": "bo", "accepted_answer": True, "moderator": True, **post},
        {"id": 3, "post_number": 3, "username": None, "user_deleted": True, **post},
        {"id": 4, "post_number": 4, "username": "cy", "reply_to_post_number": 3, **post},
        {"id": 5, "post_number": 5, "username": "bo", "post_type": 4, **post},
    ]
    topic = {"id": 9, "title": "Hops", "archetype": "regular", "tags": None, "post_stream": {"posts": posts}}
    message, untold = {**topic, "archetype": "private_message"}, {**topic, "archetype": None}
    files = {"9.json": topic, "10.json": message, "11.json": untold}
    records, run = dump("discourse", files, "discourse:f.example")
    assert told(records) == [
        ("question", "1", "Ada", None),
        ("reply", "2", "bo", "1"),
        ("accept", "2/accept", "Ada", "2"),
        ("reply", "4", "cy", "1/3"),
    ]
    assert (list(run.trusted), run.left_out) == (["bo"], {"deleted": 1, "private": 6, "unclear": 5})


def test_a_wish_below_the_answer_of_a_discourse_topic_takes_no_thanks(dump):
    texts = ("Which hops?", "Saaz, and all of it late", "Good luck", "Thanks, that helped")
    posts = [
        {"id": at, "post_number": at, "username": by, "created_at": f"2026-01-0{at}T08:00:00Z", "cooked": text}
        for at, (by, text) in enumerate(zip(("ada", "bo", "cy", "ada"), texts, strict=True), 1)
    ]
    topic = {"id": 9, "title": "Hops", "archetype": "regular", "post_stream": {"posts": posts}}
    records, _ = dump("discourse", {"9.json": topic}, "discourse:f.example")
    assert [each.object for each in records if each.type == "reply"] == ["1", "1", "2"]


def test_discourse_topics_may_have_several_solutions(dump):
    said = {"created_at": "2026-01-05T08:00:00Z", "cooked": "<p>text</p>"}
    posts = [{"id": n, "post_number": n, "username": f"u{n}", **said} for n in (1, 2, 3, 4)]
    told = [{"post_number": 2, "accepter_username": "mo"}, {"post_number": 3, "accepter": {"username": "cy"}}]
    topic = {
        "id": 9,
        "title": "Hops",
        "archetype": "regular",
        "accepted_answers": told,
        "post_stream": {"posts": posts},
    }
    records, _ = dump("discourse", {"9.json": topic}, "discourse:f.example")
    accepts = [(each.object, each.actor) for each in records if each.type == "accept"]
    assert accepts == [("2", "mo"), ("3", "cy")]


@pytest.mark.parametrize("table", [False, True])
def test_items_of_hacker_news_are_read_from_lines_and_tables(dump, table):
    items = [
        {
            "id": 1,
            "type": "story",
            "by": "Ada",
            "time": 1_767_600_000,
            "title": "Ask HN: Which?",
            "text": "",
            "parent": "",
        },
        {"id": 2, "type": "comment", "by": "bo", "time": 1_767_600_060, "title": "", "text": "<p>Saaz", "parent": 1},
    ]
    lines = "\n".join(json.dumps({name: value for name, value in item.items() if value != ""}) for item in items)
    rows = "\n".join(",".join(map(str, row)) for row in (items[0].keys(), *(item.values() for item in items)))
    records, _ = dump("hackernews", {"items": rows if table else lines}, "hackernews")
    assert told(records) == [("question", "1", "Ada", None), ("reply", "2", "bo", "1")]


def test_reddit_dumps_are_read_from_zstd(dump):
    things = [
        {
            "id": "a",
            "created_utc": 1_767_600_000,
            "author": "Ada",
            "title": "Which hops?",
            "selftext": "",
            "subreddit": "beer",
        },
        {
            "id": "b",
            "created_utc": "1767600060",
            "author": "Bo",
            "body": "Saaz",
            "parent_id": "t3_a",
            "distinguished": "moderator",
        },
        {"id": "c", "created_utc": 1_767_600_070, "author": "[deleted]", "body": "[removed]", "parent_id": "t3_a"},
    ]
    records, run = dump("reddit", {"all.zst": zstd.compress("\n".join(map(json.dumps, things)).encode())})
    assert told(records) == [("question", "t3_a", "ada", None), ("reply", "t1_b", "bo", "t3_a")]
    assert (list(run.trusted), run.left_out) == (["bo"], {"deleted": 1})


def event(kind: str, by: str, **payload: Any) -> dict[str, Any]:
    base = {"id": "1", "repo": {"name": "a/b"}, "created_at": "2026-01-05T08:00:00Z", "public": True}
    return {**base, "type": kind, "actor": {"login": by}, "payload": payload}


def test_hours_of_gh_archive_have_issues_comments_reviews_and_merges(dump):
    change = {"number": 2, "title": "Fix", "body": None, "user": {"login": "ada"}, "labels": [{"name": "net"}]}
    events = [
        event("IssuesEvent", "cy", action="opened", issue={"number": 1, "title": "Slow", "body": "very", "labels": []}),
        event("PullRequestEvent", "ada", action="opened", pull_request=change),
        event("IssueCommentEvent", "bo", action="created", issue={"number": 1}, comment={"id": 7, "body": "why?"}),
        event("PullRequestReviewEvent", "bo", pull_request=change, review={"id": 8, "state": "approved", "body": None}),
        event(
            "PullRequestEvent",
            "mo",
            action="closed",
            pull_request={**change, "merged": True, "merged_by": {"login": "mo"}},
        ),
        event("WatchEvent", "cy", action="started"),
        event("IssuesEvent", "cy", action="opened"),
        {**event("IssuesEvent", "cy", action="opened"), "public": False},
    ]
    records, run = dump(
        "gharchive", {"0.json.gz": gzip.compress("\n".join(map(json.dumps, events)).encode())}, "github"
    )
    assert told(records) == [
        ("question", "a/b#1", "cy", None),
        ("note", "a/b#2", "ada", None),
        ("reply", "a/b#1/7", "bo", "a/b#1"),
        ("review", "a/b#2/review/8", "bo", "a/b#2"),
        ("accept", "a/b#2/merge", "mo", "a/b#2"),
    ]
    assert (records[1].tags, run.left_out) == (("a/b", "net"), {"other": 1, "malformed": 1, "private": 1})


def test_gerrit_changes_have_reviews_by_others_and_who_merged_them(dump):
    at = "2026-01-05 08:00:00.000000000"
    vote = {"value": 2, "date": at}
    change = {
        "_number": 5,
        "project": "core",
        "created": at,
        "subject": "Fix",
        "status": "MERGED",
        "submitted": at,
        "owner": {"email": "Ada@a.example"},
        "submitter": {"email": "mo@a.example"},
        "labels": {
            "Code-Review": {"all": [{**vote, "email": "bo@a.example"}, {**vote, "email": "ada@a.example"}]},
            "Verified": {"all": [{**vote, "email": "ci@a.example", "tags": ["SERVICE_USER"]}]},
        },
        "messages": [{"id": "m", "date": at, "message": "why?", "author": {"email": "bo@a.example"}}],
    }
    private = [{**change, "is_private": True, "submitter": {"email": "x@a.example"}}, {**change, "status": "DRAFT"}]
    records, run = dump("gerrit", {"changes.json": [change, *private]}, "git:core")
    assert told(records) == [
        ("note", "5", "ada@a.example", None),
        ("reply", "5/m", "bo@a.example", "5"),
        ("review", "5/review/bo@a.example", "bo@a.example", "5"),
        ("accept", "5/merge", "mo@a.example", "5"),
    ]
    assert (run.left_out, list(run.trusted)) == ({"private": 2}, ["mo@a.example"])


def test_events_of_jetstream_are_posts_replies_quotes_likes_and_follows(dump):
    ada, bo = f"did:plc:{'a' * 24}", f"did:plc:{'b' * 24}"

    def done(collection: str, record: dict[str, Any], operation: str = "create", key: str = "k") -> dict[str, Any]:
        commit = {"operation": operation, "collection": f"app.bsky.{collection}", "rkey": key, "record": record}
        return {"did": ada, "time_us": 1_767_600_000_000_000, "kind": "commit", "commit": commit}

    post = {"uri": f"at://{bo}/app.bsky.feed.post/1", "cid": "x"}
    place = {"byteStart": 0, "byteEnd": 3}
    tag = {"index": place, "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "hops"}]}
    events = [
        done("feed.post", {"text": "one", "facets": [tag]}),
        done("feed.post", {"text": "two", "reply": {"parent": post, "root": post}}),
        done("feed.post", {"text": "three", "embed": {"record": {"record": post}, "media": {}}}),
        done("feed.like", {"subject": post}),
        done("feed.repost", {"subject": post, "via": {"uri": f"at://{bo}/app.bsky.feed.repost/2", "cid": "y"}}),
        done("graph.follow", {"subject": bo}),
        done("feed.post", {}, "delete", "another"),
        {"did": ada, "time_us": 1, "kind": "identity"},
        done("feed.like", {"subject": None}),
    ]
    records, run = dump("jetstream", {"events.ndjson": "\n".join(map(json.dumps, events))}, "bluesky")
    assert [(each.type, each.object, each.target_actor) for each in records] == [
        ("note", None, None),
        ("reply", post["uri"], bo),
        ("quote", post["uri"], bo),
        ("like", post["uri"], bo),
        ("reshare", post["uri"], bo),
        ("follow", None, bo),
    ]
    assert (records[0].tags, run.left_out) == (("hops",), {"other": 2, "malformed": 1})
    assert [each.via for each in records if each.via] == [f"at://{bo}/app.bsky.feed.repost/2"]


def test_items_of_perceval_are_read_as_the_format_they_come_from(dump):
    commit = {
        "commit": "a" * 40,
        "Author": "Ada <ada@a.example>",
        "Commit": "Mo <mo@a.example>",
        "AuthorDate": "Mon Jan 5 08:36:41 2026 +0000",
        "CommitDate": "Mon Jan 5 08:36:41 2026 +0000",
        "message": "net: fix\n\nReviewed-by: Bo <bo@a.example>",
        "files": [{"file": "drivers/net/one.c"}],
    }
    mail = {
        "From": "ada at a.example (Ada)",
        "Date": "Mon, 5 Jan 2026 08:36:41 +0000",
        "Subject": "Which?",
        "Message-ID": "<1@a.example>",
        "body": {"plain": "Tell me."},
    }
    topic = {
        "title": "T",
        "archetype": "regular",
        "post_stream": {
            "posts": [{"id": 1, "post_number": 1, "username": "ada", "created_at": "2026-01-05T08:00:00Z"}]
        },
    }
    items = [("Git", commit), ("Pipermail", mail), ("Discourse", topic), ("Twitter", {})]
    lines = "\n".join(json.dumps({"backend_name": name, "data": data}) for name, data in items)
    records, run = dump("perceval", {"items.json": lines})
    assert [each.type for each in acts(records)] == ["note", "accept", "review", "question", "question"]
    assert (records[0].tags, run.left_out) == (("drivers", "net"), {"other": 1})
