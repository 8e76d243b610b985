"""The bulk export of a Mattermost server, as mmctl writes it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from candor.formats.compression import UnreadableError
from candor.formats.dumps.recognised import format_of_head
from tests.formats.dump_files import lines, zipped

AT = 1767600000000
HEAD = [
    {"type": "version", "version": 1, "info": {"generator": "mattermost-server"}},
    {"type": "role", "role": {"name": "system_admin"}},
    {"type": "team", "team": {"name": "brewers", "display_name": "Brewers", "type": "O"}},
    {"type": "channel", "channel": {"team": "brewers", "name": "hops", "display_name": "Hops", "type": "O"}},
    {"type": "channel", "channel": {"team": "brewers", "name": "board", "display_name": "Board", "type": "P"}},
    {"type": "user", "user": {"username": "ada", "first_name": "Ada", "last_name": "L", "roles": "system_user"}},
    {"type": "user", "user": {"username": "bo", "nickname": "Bo", "teams": [{"roles": "team_admin team_user"}]}},
    {"type": "user", "user": {"username": "cy", "delete_at": AT}},
    {"type": "bot", "bot": {"username": "ci", "display_name": "CI", "owner": "ada"}},
]


def said(user: str, message: str, after: int = 0, **more: Any) -> dict[str, Any]:
    return {"user": user, "message": message, "create_at": AT + after * 1000, **more}


def post(user: str, message: str, after: int = 0, **more: Any) -> dict[str, Any]:
    return {"type": "post", "post": {"team": "brewers", "channel": "hops", **said(user, message, after, **more)}}


CHECK = {"user": "ada", "emoji_name": "white_check_mark", "create_at": AT + 9000}
THREAD = post("ada", "Which hops?", replies=[said("bo", "Saaz, @ada.", 5, reactions=[CHECK]), said("ada", "thanks", 9)])


def test_posts_are_notes_and_replies_with_whoever_accepted_them(made_of):
    made, run = made_of("mattermost", lines(*HEAD, THREAD), "import.jsonl")
    acts = [each for each in made if each.type != "account"]
    note, reply, mention, accept, thanks = acts
    assert [each.type for each in acts] == ["note", "reply", "mention", "accept", "reply"]
    assert (note.actor, note.tags, reply.actor, reply.object) == ("ada", ("Hops",), "bo", note.id)
    assert (mention.target_actor, accept.actor, accept.object, thanks.object) == ("ada", "ada", reply.id, reply.id)
    assert f"{reply.published:%Y-%m-%d %H:%M:%S}" == "2026-01-05 08:00:05"
    assert (list(run.trusted), run.left_out) == (["bo"], {})
    named = {each.actor: (each.name, each.consent) for each in made if each.type == "account"}
    assert named == {"ada": ("Ada L", None), "bo": ("Bo", None), "cy": (None, False)}


@pytest.mark.parametrize(
    ("line", "left_out"),
    [
        ({"type": "direct_post", "direct_post": said("ada", "psst", replies=[said("bo", "yes")])}, {"private": 2}),
        ({"type": "post", "post": {**THREAD["post"], "channel": "board"}}, {"private": 3}),
        ({"type": "post", "post": {**THREAD["post"], "channel": "elsewhere"}}, {"unclear": 3}),
        (post("ada", "ada joined", type="system_join_channel"), {"other": 1}),
        (post("ada", "gone", delete_at=AT), {"deleted": 1}),
        (post("ada", ""), {"other": 1}),
        ({"type": "post", "post": {"team": "brewers", "channel": "hops", "user": "ada"}}, {"malformed": 1}),
        ({"type": "emoji", "emoji": {"name": "hop"}}, {}),
        ({"type": "direct_channel", "direct_channel": {"members": ["ada", "bo"]}}, {}),
    ],
)
def test_what_is_not_for_all_or_not_said_is_counted(read, line, left_out):
    made, run = read("mattermost", lines(*HEAD, line, post("bo", "hi", 1)), "import.jsonl")
    assert [each for each in made if not each.startswith("account")] == ["note bo"]
    assert run.left_out == left_out


def test_a_post_has_the_same_id_in_each_export(made_of):
    first, _ = made_of("mattermost", lines(*HEAD, THREAD), "a.jsonl")
    again, _ = made_of("mattermost", lines(*HEAD, post("bo", "new", 2), THREAD), "b.jsonl")
    assert {each.id for each in first} <= {each.id for each in again}


def test_the_zip_with_files_beside_is_read(read):
    body = zipped({"import.jsonl": lines(*HEAD, THREAD), "data/plan.txt": "x", "data/hop.png": "x"})
    made, run = read("mattermost", body, "export.zip")
    assert ("note ada" in made, run.left_out) == (True, {"files": 1})


def test_an_export_is_known_by_its_first_line_and_another_file_refused(read):
    assert format_of_head(lines(*HEAD)) == "mattermost"
    assert format_of_head(json.dumps({"type": "note", "id": "1", "version": 1}).encode()) is None
    with pytest.raises(UnreadableError, match="bring the whole import"):
        read("mattermost", lines({"type": "note", "id": "1"}), "import.jsonl")
