"""Dumps as other versions, tools and systems write them: read, or refused with advice; what is lost is counted."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from candor.formats.compression import UnreadableError, zstd
from candor.formats.dumps.dump import DumpError, Run
from candor.formats.dumps.registry import FORMATS
from tests.formats.dump_files import (
    AT,
    CHANGE,
    CHANNEL,
    CHAT,
    COMMIT,
    DID,
    DONE,
    EVENT,
    ISSUE,
    MAIL,
    MESSAGE,
    NETWORKS,
    POST,
    RAW,
    REALM,
    REDDIT,
    ROW,
    SAID,
    SENT,
    SLACK,
    TOLD,
    TOPIC,
    body_of,
    lines,
    tarred,
    zipped,
)
from tests.formats.test_car import RECORDS, repository

if TYPE_CHECKING:
    from pathlib import Path

    from candor.scoring.activity import Activity

# however it is packed and wherever it lies


@pytest.mark.parametrize(
    ("form", "name", "content"),
    [
        ("slack", "export", SLACK),
        ("slack", "export", {f"my team/{name}": each for name, each in SLACK.items()}),
        ("slack", "export", {**SLACK, "brewing/._2026-01-05.json": b"\0\5", "__MACOSX/channels.json": b"\0"}),
        ("slack", "export.zip", zipped({f"team\\{name}".replace("/", "\\"): each for name, each in SLACK.items()})),
        ("slack", "export.zip", zipped({name: json.dumps(each).encode("utf-16") for name, each in SLACK.items()})),
        ("slack", "export.tar.gz", tarred({f"./team/{name}": each for name, each in SLACK.items()})),
    ],
)
def test_an_export_of_slack_is_found_however_it_is_packed(read, form, name, content):
    assert read(form, content, name)[0] == ["account U1", "note U1"]


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("telegram", {"result.json": lines({**CHAT, "messages": [TOLD]}), "photos/a.jpg": b"\xff"}),
        ("telegram", zipped({"ChatExport\\result.json": {**CHAT, "messages": [TOLD]}})),
        ("telegram", zipped({"result.json": json.dumps({**CHAT, "messages": [TOLD]}).encode("utf-16")})),
        ("discord", json.dumps({**CHANNEL, "messages": [SAID]}).encode("utf-16")),
        ("discord", zipped({"a.json": b"\xef\xbb\xbf" + lines({**CHANNEL, "messages": [SAID]})})),
        ("git", COMMIT.encode("utf-16")),
        ("git", b"\xef\xbb\xbf" + COMMIT.replace("\n", "\r\n").encode()),
        ("mbox", {"cur/1700000000.M1.host:2,S": MAIL.partition("\n")[2] + "\nhops"}),
        ("mbox", zipped({"2026-January": MAIL + "\nhops"})),
        ("hackernews", zipped({"items.ndjson": lines({"id": 1, "type": "story", "by": "ada", "time": 1767600000})})),
        ("gerrit", b")]}'\n" + json.dumps([CHANGE], indent=2).encode()),
        ("stackexchange", {"beer/Posts.xml": f"<posts>\n{ROW}\n</posts>"}),
        ("stackexchange", zipped({"dump.txt": f"<posts>{ROW}</posts>"})),
        ("discourse", gzip.compress(b"\xef\xbb\xbf" + json.dumps(TOPIC, indent=1).encode())),
        ("jetstream", {"a.jsonl": lines({**POST, "kind": "commit", "commit": {**DONE, "operation": "create"}})}),
    ],
)
def test_one_message_is_read_from_folders_zips_and_other_encodings(read, form, content):
    made, _ = read(form, content)
    assert [each.partition(" ")[0] for each in made if not each.startswith("account")] in (["note"], ["question"])


def test_a_packed_repository_of_bluesky_is_read(read):
    whole = repository(RECORDS)
    assert read("car", zstd.compress(whole))[0] == read("car", whole)[0] != []


@pytest.mark.parametrize(
    ("form", "content", "advice"),
    [
        ("discord", zipped({"all.zip": zipped({"a.json": {}})}), "all.zip in it is packed itself"),
        ("telegram", zipped({"messages.html": "<html>"}), "ask for JSON"),
        ("telegram", "<!DOCTYPE html>", "machine-readable JSON"),
        ("telegram", {**CHAT, "type": "private_group"}, "not public"),
        ("mbox", b"BZh91AY", "bzip2"),
        ("reddit", b"\xfd7zXZ\0\0", "xz"),
        ("hackernews", b"SQLite format 3\0", "SQLite"),
        ("gharchive", b"PK\x07\x08PK", "split zip"),
        ("zulip", zipped({"a.json": {}}), "no realm.json"),
        ("stackexchange", {"a/Posts.xml": "<posts>", "b/Posts.xml": "<posts>"}, "one site at a time"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_helps(read, form, content, advice):
    with pytest.raises(UnreadableError, match=advice):
        read(form, content)


@pytest.mark.parametrize("form", ["slack", "reddit"])
def test_a_zip_with_a_password_is_said_to_have_one(read, form):
    locked = bytearray(zipped({"a.json": b"{}"}))
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(UnreadableError, match="locked with a password"):
        read(form, bytes(locked))


def test_files_that_are_not_read_are_counted_and_media_are_not(read):
    files = {"a.json": {**CHANNEL, "messages": [SAID]}, "b.zip": b"PK", "c.png": b"x", ".DS_Store": b"x", "d.bin": b""}
    assert read("discord", zipped(files)) == (["note a"], Run("custom:c", left_out={"files": 2}))


# whatever is in it


@pytest.mark.parametrize(
    ("form", "content", "makes"),
    [
        (
            "slack",
            {**SLACK, "brewing/2026-01-05.json": [{**MESSAGE, "reactions": None, "thread_ts": None}]},
            ["note U1"],
        ),
        ("slack", {**SLACK, "channels.json": [{"name": "brewing", "is_private": True}]}, []),
        (
            "slack",
            {**SLACK, "brewing/2026-01-05.json": [{**MESSAGE, "user": None, "comment": {"user": "U1"}}]},
            ["note U1"],
        ),
        ("slack", {**SLACK, "brewing/2026-01-04.json": "[{"}, ["note U1"]),
        ("zulip", {"realm.json": lines(REALM), "messages-000001.json": lines(SENT)}, ["note ada@z.example"]),
        ("zulip", tarred({"x/realm.json": REALM, "x/messages-000001.json": SENT}), ["note ada@z.example"]),
        ("discord", {**CHANNEL, "messages": [{**SAID, "mentions": None, "reactions": None}]}, ["note a"]),
        (
            "discord",
            {**CHANNEL, "messages": [{**SAID, "author": {"id": "b", "name": "Bot", "isBot": True}}]},
            ["note b", "account b"],
        ),
        (
            "discord",
            {"guild": {}, "channel": {"id": "7", "type": "GuildPrivateThread"}, "messages": [SAID]},
            [],
        ),
        ("telegram", {"id": 1, "messages": [TOLD], "name": "c", "type": "public_channel"}, ["note user1"]),
        (
            "telegram",
            {**CHAT, "messages": [{"id": 1, "type": "message", "date": AT, "from_id": 9, "text": "old"}]},
            ["note user9"],
        ),
        ("telegram", {**CHAT, "messages": [{**TOLD, "forwarded_from": "Bo"}]}, ["reshare user1"]),
        (
            "telegram",
            {
                **CHAT,
                "messages": [
                    {"id": 1, "type": "service", "action": "topic_created", "date_unixtime": "1767600000", "text": ""},
                    {**TOLD, "id": 2, "reply_to_message_id": 1},
                    {**TOLD, "id": 3, "reply_to_message_id": 9, "reply_to_peer_id": "channel77"},
                ],
            },
            ["note user1", "reply user1 >77/9"],
        ),
        ("git", COMMIT + "    Reviewed-by: Bo Without Address\n    Tested-by: Cy, PhD <cy@c.example>\n", "nt"),
        ("git", COMMIT.replace("Ada <", "Ada, PhD (x) <"), ["note ada@a.example"]),
        ("git", COMMIT.replace(f"{AT}Z", "Mon Jan 5 08:36:41 2026"), ["note ada@a.example"]),
        ("git", COMMIT.replace(f"{AT}Z", "2026-01-05 08:36:41 +0100"), ["note ada@a.example"]),
        ("git", COMMIT.replace(f"{AT}Z", "1767600000 +0100"), ["note ada@a.example"]),
        ("git", COMMIT.replace("commit", "* commit"), ["note ada@a.example"]),
        (
            "git",
            RAW,
            ["note ada@a.example", "accept bo@a.example >1234567890"],
        ),
        ("mbox", MAIL.replace("Ada <", "Ada at Work <") + "\nFrom 2010 on, we brewed.\n", ["note ada@a.example"]),
        ("mbox", MAIL.replace("Ada <ada@a.example>", "ada (at) a.example (Ada)") + "\nhops", ["note ada@a.example"]),
        ("stackexchange", f"<posts>{ROW}{ROW.replace(' Id=', chr(10) + 'Id=')}</posts>", ["question 10"] * 2),
        ("stackexchange", f"<posts>\n{ROW.replace('.823', 'Z')}\n<row Id='2'\n", ["question 10"]),
        (
            "hackernews",
            {"objectID": "7", "author": "ada", "created_at_i": 1767600000, "comment_text": "c", "parent_id": 1},
            ["reply ada >1"],
        ),
        (
            "hackernews",
            {
                "id": 1,
                "type": "story",
                "author": "ada",
                "created_at": f"{AT}.000Z",
                "title": "Ask HN: why?",
                "children": [{"id": 2, "type": "comment", "author": "bob", "created_at_i": 1767600000, "parent_id": 1}],
            },
            ["reply bob >1", "question ada"],
        ),
        (
            "hackernews",
            {"id": 2, "by": "bob", "time": 1767600000, "text": "t", "parent": 1},
            ["reply bob >1"],
        ),
        ("reddit", {**REDDIT, "body": "b", "parent_id": 46655, "link_id": "t3_a"}, ["reply ada >t1_zzz"]),
        ("reddit", {**REDDIT, "body": "b", "parent_id": None, "link_id": "t3_a"}, ["reply ada >t3_a"]),
        ("reddit", {**REDDIT, "title": "t", "selftext": "[removed]"}, []),
        ("reddit", {**REDDIT, "title": "t", "subreddit_type": "private"}, []),
        ("reddit", {**REDDIT, "title": "t", "subreddit_type": "gold_only"}, []),
        (
            "reddit",
            [
                {"kind": "Listing", "data": {"children": [{"kind": "t3", "data": {**REDDIT, "title": "Why?"}}]}},
                {
                    "kind": "Listing",
                    "data": {"children": [{"kind": "t1", "data": {**REDDIT, "body": "b", "parent_id": "t3_x"}}]},
                },
            ],
            ["question ada", "reply ada >t3_x"],
        ),
        ("gharchive", {**EVENT, "created_at": "2026-01-05 08:36:41 UTC"}, ["question ada"]),
        ("gharchive", {**EVENT, "payload": json.dumps(EVENT["payload"])}, ["question ada"]),
        (
            "gharchive",
            {
                **EVENT,
                "payload": {"action": "opened", "issue": {**ISSUE, "labels": [{"name": None}, {}, None], "body": None}},
            },
            ["question ada"],
        ),
        (
            "gharchive",
            {**EVENT, "type": "PullRequestEvent", "payload": {"action": "merged", "pull_request": {"number": 1}}},
            ["accept ada >o/r#1"],
        ),
        ("gerrit", [{**CHANGE, "hashtags": None, "messages": None, "labels": None}], ["note a@a.example"]),
        (
            "gerrit",
            [
                {
                    **CHANGE,
                    "updated": CHANGE["created"],
                    "labels": {"Code-Review": {"approved": {"email": "b@a.example"}}},
                }
            ],
            ["note a@a.example", "review b@a.example >1"],
        ),
        ("gerrit", [{**CHANGE, "is_private": {"odd": 1}}], []),
        ("discourse", {**TOPIC, "tags": {"odd": 1}, "title": None}, ["question ada"]),
        (
            "jetstream",
            {**POST, "type": "com", "commit": {**DONE, "type": "c"}},
            [f"note {DID}"],
        ),
    ],
)
def test_what_other_versions_and_tools_write_is_read_and_what_is_lost_counted(read, form, content, makes):
    made, run = read(form, lines(content) if form not in {"slack", "zulip"} and isinstance(content, dict) else content)
    if makes == "nt":
        assert made[:2] == ["note ada@a.example", "review cy@c.example >1234567890"]
        return
    assert [each for each in made if form == "discord" or not each.startswith("account")] == makes
    assert makes or run.left_out.total() > 0


@pytest.mark.parametrize(
    ("how", "paths"),
    [
        ("M\tdrivers/net/one.c", ("drivers", "net")),
        ("R100\told/a.c\tnew/sub/a.c", ("new", "sub")),
        ("3\t1\tdrivers/net/one.c", ("drivers", "net")),
        (" drivers/net/one.c | 3 +++\n 1 file changed, 3 insertions(+)", ("drivers", "net")),
        ("diff --git a/lib/x.c b/lib/x.c\n--- a/lib/x.c\n+++ b/lib/x.c\n+some/odd/line\n-1", ("lib",)),
    ],
)
def test_paths_of_a_commit_are_those_it_changes_however_they_are_printed(tmp_path, how, paths):
    (tmp_path / "log").write_text(f"{COMMIT}\n{how}\n")
    note, _ = FORMATS["git"].records([tmp_path / "log"], Run("git:c"))
    assert note.tags == paths


def test_posts_that_the_file_of_a_topic_does_not_have_are_counted(read):
    topic = {**TOPIC, "post_stream": {**TOPIC["post_stream"], "stream": [1, 2, 3]}}
    assert read("discourse", lines(topic)) == (["question ada"], Run("discourse:f.example", left_out={"cut": 2}))


def test_a_mail_that_is_only_a_page_has_the_words_of_the_page(tmp_path):
    (tmp_path / "box").write_text(f"{MAIL}Content-Type: text/html\n\n<p>Saaz &amp; <b>more</b></p>")
    note, _ = FORMATS["mbox"].records([tmp_path / "box"], Run("custom:c"))
    assert note.content == "Saaz & more"


def test_an_odd_field_that_can_be_spared_is_left_out_and_counted(read):
    odd = {**SAID, "mentions": "none", "reactions": [{"emoji": 7}]}
    assert read("discord", lines({**CHANNEL, "messages": [odd]}))[1].left_out == {"fields": 2}


def test_parts_of_a_thread_on_discord_are_one_thread_in_their_order(read):
    thread = {"guild": {}, "channel": {"id": "7", "type": "GuildPublicThread"}}
    parts = {"a [7].json": "1", "a [7] [part 2].json": "2"}
    files = {name: lines({**thread, "messages": [{**SAID, "id": key}]}) for name, key in parts.items()}
    assert read("discord", files)[0] == ["note a", "reply a >1"]


@pytest.mark.parametrize(
    ("form", "content", "trusted"),
    [
        ("gharchive", EVENT, ["ada"]),
        ("gharchive", {**EVENT, "payload": {"action": "opened", "issue": {**ISSUE, "author_association": "NONE"}}}, []),
        (
            "gerrit",
            {**CHANGE, "status": "MERGED", "submitted": CHANGE["created"], "submitter": {"email": "b@a.example"}},
            ["b@a.example"],
        ),
        ("gerrit", {**CHANGE, "status": "MERGED", "submitted": CHANGE["created"], "submitter": CHANGE["owner"]}, []),
    ],
)
def test_whom_a_source_lets_decide_is_whom_it_trusts(read, form, content, trusted):
    assert [*read(form, lines(content))[1].trusted] == trusted


def test_what_is_no_chat_of_discord_is_refused(read):
    with pytest.raises(DumpError, match="of which channel"):
        read("discord", lines({"messages": []}))


QUESTION = '<row Id="1" PostTypeId="1" AcceptedAnswerId="2" CreationDate="2026-01-05" Title="Which?" OwnerUserId="7" />'
ANSWER = '<row Id="2" PostTypeId="2" ParentId="1" CreationDate="2026-01-06T10:00:00" Body="This" OwnerUserId="8" />'
LICENCE = f"<!-- {'This is shared under a licence. ' * 200}-->"


def made_of(folder: Path, form: str, files: dict[str, Any]) -> tuple[list[Activity], Run]:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body_of(content))
    run = Run(NETWORKS.get(form, "custom:c"))
    return list(FORMATS[form].records([folder], run)), run


@pytest.mark.parametrize("form", ["stackexchange", "records"])
@pytest.mark.parametrize("rows", [(QUESTION, ANSWER), (ANSWER, QUESTION)])
def test_posts_of_any_order_below_a_note_on_their_licence_are_read(tmp_path: Path, form, rows):
    posts = f'<?xml version="1.0" encoding="utf-8"?>\n{LICENCE}\n<posts>\n' + "\n".join(rows) + "\n</posts>"
    found, _ = made_of(tmp_path, form, {"Posts.xml": posts})
    (accept,) = (each for each in found if each.type == "accept")
    assert (accept.actor, accept.object, accept.published.day) == ("7", "2", 6)


TABLE = (
    "Id,PostTypeId,AcceptedAnswerId,ParentId,CreationDate,Body,OwnerUserId,Title,Tags\n"
    "1,1,2,,2026-01-05 10:00:00,<p>x</p>,7,Which?,<hops><malt>\n2,2,,1,2026-01-06 10:00:00,This,8,,\n"
)


@pytest.mark.parametrize("form", ["stackexchange", "records"])
def test_a_table_of_posts_from_the_data_explorer_is_one_of_questions_and_answers(tmp_path: Path, form):
    found, _ = made_of(tmp_path, form, {"QueryResults.csv": TABLE})
    assert [(each.type, each.id, each.object, each.actor) for each in found] == [
        ("question", "1", None, "7"),
        ("answer", "2", "1", "8"),
        ("accept", "accept-1", "2", "7"),
    ]
    assert (found[0].content, found[0].tags) == ("Which?\n\nx", ("hops", "malt"))


def test_a_row_of_such_a_table_that_is_wrong_is_counted(tmp_path: Path):
    found, run = made_of(tmp_path, "records", {"q.csv": TABLE + "3,2,,,2026-01-06 10:00:00,lost,8,,\n"})
    assert (len(found), run.left_out["malformed"]) == (3, 1)


def test_words_of_apps_and_people_of_several_workspaces_are_read(tmp_path: Path):
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "in a block"}}
    message = {"type": "message", "user": "U1", "text": "", "ts": "1767600000.0001", "blocks": [block]}
    people = [{"id": "U1", "name": "ada", "is_owner": True}]
    files = {"channels.json": [{"name": "c"}], "org_users.json": people, "c/2026.json": [message]}
    found, run = made_of(tmp_path, "slack", files)
    assert [(each.type, each.content or each.name) for each in found] == [("account", "ada"), ("note", "in a block")]
    assert list(run.trusted) == ["U1"]


def test_a_post_of_a_topic_that_has_no_date_loses_no_other(read):
    first = TOPIC["post_stream"]["posts"][0]
    late = first | {"id": 99, "post_number": 9, "created_at": "10000-01-01T00:00:00Z"}
    topic = {**TOPIC, "tags": ["x" * 400], "post_stream": {"posts": [first, late]}}
    made, run = read("discourse", lines(topic))
    assert (made, run.left_out["malformed"]) == (["question ada"], 1)
