"""Reads thread scripts: one post a line, written by hand, turned into drafts of records.

A thread begins with `== tags`; each line after it is HANDLE, MARK and maybe WHOM in one word, then the text. The marks:
`?` asks, `*` notes, `#` reports (these open the thread); `!` answers, `^` replies to, `%` reviews, `$` tests that post;
`>` replies to the latest post of WHOM, or the post before; `+` accepts the latest post of WHOM, or the latest answer.
`@handle` in a text is a mention, shown by first name.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from candor.sample import AS_OF

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from candor.scoring.activity import AccountKind, RecordType


PUPPET_BIO = "Big fan of Max Sterling. (made up: a sockpuppet)"

TYPE_OF_MARK: dict[str, RecordType] = {
    "?": "question",
    "*": "note",
    "#": "report",
    "!": "answer",
    "^": "reply",
    "%": "review",
    "$": "test",
    ">": "reply",
    "+": "accept",
}
OPENING = "?*#"
_LINE = re.compile(r"(?P<handle>[a-z]+)(?P<mark>[?*#!^%$>+])(?P<whom>[a-z]*)(?: (?P<text>.*))?")
_MENTION = re.compile(r"@([a-z]+)")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody made up. `handle` is what scripts call them, `id` what records call them."""

    id: str
    handle: str
    name: str
    role: str
    bio: str
    kind: AccountKind = "person"
    followers: int = 0
    consent: bool | None = None

    @property
    def first_name(self) -> str:
        """The name a mention shows."""
        return self.name.split()[0]


def read_people(file: Path) -> tuple[Person, ...]:
    """Return everybody in the order of the file: the ring's puppets after the others, then who came for the story."""
    said = tomllib.loads(file.read_text(encoding="utf-8"))
    puppets = [
        {"handle": f"puppet{number}", "name": name, "role": "puppet", "bio": PUPPET_BIO, "followers": 31 + number}
        for number, name in enumerate(said["ring"]["names"])
    ]
    everybody = [*said["person"], *puppets, *said["newcomer"]]
    return tuple(Person(id=f"p{number:02}", **one) for number, one in enumerate(everybody, start=1))


@dataclass(kw_only=True, eq=False)
class Draft:
    """A record to be: people by handle, other records by reference, `at` set when it is placed in the year.

    Nobody is named on a vote.
    """

    type: RecordType
    actor: str | None = None
    content: str | None = None
    object: Draft | None = None
    via: Draft | None = None
    target: str | None = None
    tags: tuple[str, ...] = ()
    value: int | None = None
    at: datetime = AS_OF


def read_threads(script: str, first_names: Mapping[str, str]) -> list[list[Draft]]:
    """Return the threads of a script, each its drafts in the order they were said. Raises ValueError on a bad line."""
    threads: list[list[Draft]] = []
    tags: tuple[str, ...] = ()
    for line in filter(None, map(str.strip, script.splitlines())):
        if line.startswith("=="):
            tags = tuple(line.removeprefix("==").split())
            threads.append([])
        else:
            threads[-1] += _drafts_of(line, threads[-1], tags, first_names)
    return threads


def _drafts_of(line: str, said: list[Draft], tags: tuple[str, ...], first_names: Mapping[str, str]) -> list[Draft]:
    if not (match := _LINE.fullmatch(line)):
        raise ValueError(f"not a line of a thread: {line!r}")
    handle, mark, whom, text = match["handle"], match["mark"], match["whom"], match["text"]
    post = Draft(type=TYPE_OF_MARK[mark], actor=handle, content=text and _MENTION.sub(_named(first_names), text))
    if mark in OPENING:
        post.tags = tags
    else:
        post.object = _object_of(mark, whom, said)
        post.target = post.object.actor
    if mark in "%$":
        post.value = 1
    mentioned = _MENTION.findall(text or "")
    return [post, *(Draft(type="mention", actor=handle, object=post, target=other) for other in mentioned)]


def _named(first_names: Mapping[str, str]) -> Callable[[re.Match[str]], str]:
    return lambda match: f"@{first_names[match[1]]}"


def _object_of(mark: str, whom: str, said: list[Draft]) -> Draft:
    if mark in "!^%$":
        return said[0]
    posts = [post for post in reversed(said) if post.type not in {"accept", "mention"}]
    if whom:
        return next(post for post in posts if post.actor == whom)
    return posts[0] if mark == ">" else next(post for post in posts if post.type == "answer")
