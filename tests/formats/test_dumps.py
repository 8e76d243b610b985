"""Dumps of whole communities: what becomes what, and what is left out and counted."""

from __future__ import annotations

import gzip
import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

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
        return list(FORMATS[name].read(paths, run)), run

    return read


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
    assert told(records) == [
        ("note", key, "ada@a.example", None),
        ("accept", f"{key}/accept", "mo@a.example", key),
        ("report", f"{key}/report/cy@a.example", "cy@a.example", key),
        ("review", f"{key}/review/bo@a.example", "bo@a.example", key),
        ("test", f"{key}/test/bo@a.example", "bo@a.example", key),
        ("note", "bbbbbbb", "mo@a.example", None),
    ]
    assert len({each.published for each in records[:5]}) == 1
    assert (records[0].tags, run.left_out) == (("drivers", "net"), {"malformed": 1})
    assert "Reviewed-by" not in str(records[0].content)


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
