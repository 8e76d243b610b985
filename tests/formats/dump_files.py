"""Small dumps of every format for tests: what software writes, in its usual shape, to be changed and packed."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from candor.scoring.activity import Activity

AT = "2026-01-05T08:36:41"
NETWORKS = {
    "stackexchange": "stackexchange:beer",
    "git": "git:c",
    "gerrit": "git:c",
    "gharchive": "github",
    "hackernews": "hackernews",
    "jetstream": "bluesky",
    "car": "bluesky",
    "discourse": "discourse:f.example",
    "zulip": "zulip:z.example",
}


def body_of(content: Any) -> bytes:
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    return text if isinstance(text, bytes) else text.encode()


def zipped(files: dict[str, Any]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, body_of(content))
    return body.getvalue()


def tarred(files: dict[str, Any]) -> bytes:
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(body_of(content))
            archive.addfile(info, io.BytesIO(body_of(content)))
    return body.getvalue()


def short(each: Activity) -> str:
    return " ".join(filter(None, (each.type, each.actor, each.object and f">{each.object}")))


def lines(*things: Any) -> bytes:
    return b"\n".join(body_of(each) for each in things)


MESSAGE = {"type": "message", "user": "U1", "ts": "1767600000.000100", "text": "hops"}
SLACK = {"users.json": [{"id": "U1"}], "channels.json": [{"name": "brewing"}], "brewing/2026-01-05.json": [MESSAGE]}
CHAT = {"name": "c", "type": "public_supergroup", "id": 1, "messages": []}
TOLD = {"id": 1, "type": "message", "date_unixtime": "1767600000", "from_id": "user1", "text": "hops"}
CHANNEL = {"guild": {}, "channel": {"id": "7", "type": "GuildTextChat", "name": "beer"}}
SAID = {"id": "1", "type": "Default", "timestamp": f"{AT}+00:00", "author": {"id": "a"}, "content": "hops"}
LOG = f"commit 1234567890\nAuthor:     Ada <ada@a.example>\nAuthorDate: {AT}Z\nCommit:     Ada <ada@a.example>\n"
RAW = """commit 1234567890
tree 12
author Ada <ada@a.example> 1767600000 +0100
committer Bo <bo@a.example> 1767600000 +0100

    net: fix
"""
COMMIT = f"{LOG}CommitDate: {AT}Z\n\n    net: fix\n"
MAIL = f"From ada@a.example Mon Jan  5 08:36:41 2026\nFrom: Ada <ada@a.example>\nDate: {AT}Z\nMessage-ID: <1@a>\n"
MAIL = MAIL.replace(f"{AT}Z", "Mon, 5 Jan 2026 08:36:41 +0000")
ROW = f'<row Id="1" PostTypeId="1" CreationDate="{AT}.823" OwnerUserId="10" Title="T" Body="b" Tags="" />'
REALM = {
    "zerver_userprofile": [{"id": 1, "email": "ada@z.example", "role": 100, "date_joined": 1.7e9}],
    "zerver_stream": [{"id": 3, "name": "beer", "invite_only": False}],
    "zerver_recipient": [{"id": 5, "type": 2, "type_id": 3}],
}
ZULIP = {"realm.json": REALM}
SENT = {
    "zerver_message": [
        {"id": 1, "sender": 1, "recipient": 5, "date_sent": 1767600000.0, "subject": "s", "content": "c"}
    ]
}
ISSUE = {
    "number": 1,
    "title": "t",
    "body": "b",
    "user": {"login": "ada", "type": "User"},
    "author_association": "OWNER",
}
EVENT = {
    "id": "1",
    "type": "IssuesEvent",
    "actor": {"login": "ada"},
    "repo": {"name": "o/r"},
    "created_at": f"{AT}Z",
    "payload": {"action": "opened", "issue": ISSUE},
}
CHANGE = {
    "_number": 1,
    "project": "p",
    "created": f"{AT}.000000000".replace("T", " "),
    "owner": {"email": "a@a.example"},
}
REDDIT = {"id": "x", "created_utc": 1767600000, "author": "Ada", "subreddit": "beer"}
TOPIC = {
    "title": "T",
    "archetype": "regular",
    "post_stream": {"posts": [{"id": 1, "post_number": 1, "username": "ada", "created_at": f"{AT}Z", "cooked": "c"}]},
}
DID = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
POST = {"did": DID, "time_us": 1767600000000000}
DONE = {"collection": "app.bsky.feed.post", "rkey": "1", "record": {"text": "hops", "facets": None, "langs": None}}
