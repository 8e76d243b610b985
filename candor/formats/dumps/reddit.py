"""Dumps of Reddit: submissions and comments, one a line, mostly packed as zstd."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from candor.formats.dumps.dump import DumpError, Format, FormatFacts, Run, chunks_of
from candor.formats.dumps.objects import objects_in
from candor.formats.lenient import NEEDED
from candor.formats.reading import MALFORMED, read_item, record
from candor.scoring.markup import own_words
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from candor.scoring.activity import Activity

FACTS = FormatFacts(
    id="reddit",
    label="Reddit dump",
    files="submissions and comments as NDJSON, also .zst, as the API lists them, or nested as bdfr archives them",
    network="custom:NAME",
    account="user name in lower case",
    question="a submission whose title ends with a question mark; others are notes, tagged with subreddit and flair",
    answer="a comment is a reply; a crosspost is a quote",
    accept="none: a reply of whoever asked counts as thanks, whatever it says",
    trusted="who was shown as a moderator, AutoModerator left out",
    lost="votes, awards, what was deleted or removed, also later, or is not for search engines",
)
_NOBODY = frozenset({"[deleted]", "[removed]", "DELETED"})
_GONE = re.compile(r"\[ ?(?:deleted|removed)(?: (?:by|in response)[^\]]{0,100})? ?\]", re.IGNORECASE)
_BOT = "automoderator"
_NAMED = re.compile(r"(?<![\w/])/?u/([A-Za-z0-9_-]{1,20})(?![\w/-])")
_NESTS = re.compile(rb'"(?:comments|replies)"\s*:\s*\[\s*\{')
_COMMUNITY = re.compile(r"(?:https?://[\w.]+)?/r/(\w{2,50})/")
_FOR_SOME = frozenset({"private", "employees_only", "gold_only"})
_OF_ONE_ACCOUNT = re.compile(rb'"?id"?,"?permalink"?,"?(?:date|direction)"?|"?statistic"?,"?value"?')
_HEAD_BYTES = 1_000
_PREFIX = re.compile(r"t[13]_")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class _Wrapped(msgspec.Struct):
    kind: str
    data: dict[str, Any]


class _Nested(msgspec.Struct):
    comments: list[msgspec.Raw] = []
    replies: list[msgspec.Raw] = []


class _Meta(msgspec.Struct):
    """What Arctic Shift notes of a thing whose text it kept."""

    removal_type: Any = None
    was_deleted_later: bool = False


class _Author(msgspec.Struct):
    """Somebody, as programs on praw write an object of it."""

    name: str | None = None


class _Original(msgspec.Struct):
    author: str | None = None


class _Thing(msgspec.Struct):
    id: str
    created_utc: Any = None
    author: str | _Author | None = None
    title: str | None = None
    selftext: str | None = None
    body: str | None = None
    parent_id: str | int | None = None
    link_id: str | None = None
    subreddit_type: Any = None
    subreddit: str | None = None
    permalink: str | None = None
    link_flair_text: str | None = None
    distinguished: str | None = None
    crosspost_parent: str | None = None
    crosspost_parent_list: list[_Original] = []
    removed_by_category: Any = None
    is_robot_indexable: Annotated[bool, NEEDED] = True
    meta: _Meta | None = msgspec.field(name="_meta", default=None)

    @property
    def text(self) -> str:
        return self.body if self.body is not None else self.selftext or ""

    @property
    def is_comment(self) -> bool:
        """Whether it is one, also where its text is gone."""
        return self.body is not None or (self.title is None and (self.parent_id or self.link_id) is not None)

    @property
    def by(self) -> str | None:
        """Who wrote it; None for nobody known."""
        name = self.author.name if isinstance(self.author, _Author) else self.author
        return None if name is None or name in _NOBODY else name

    @property
    def key(self) -> str:
        return _full_name("t1" if self.is_comment else "t3", self.id)

    @property
    def page(self) -> str | None:
        return f"https://www.reddit.com{self.permalink}" if (self.permalink or "").startswith("/r/") else self.permalink

    @property
    def is_gone(self) -> bool:
        """Whether it was deleted or removed: some dumps keep a title or a text that the site does not show any more."""
        noted = self.meta is not None and (self.meta.was_deleted_later or bool(self.meta.removal_type))
        is_empty = self.is_comment and self.body is None
        gone = any(map(_GONE.fullmatch, (self.text, self.title or "")))
        return noted or is_empty or bool(self.removed_by_category) or gone

    @property
    def community(self) -> str | None:
        """The subreddit, also where only the address says it."""
        found = _COMMUNITY.match(self.permalink or "")
        return self.subreddit or (found[1] if found else None)


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of submissions and comments. Raises UnreadableError."""

    def _of(path: Path) -> Iterator[Activity]:
        with chunks_of(path) as chunks:
            head = next(iter(chunks), b"")[:_HEAD_BYTES]
        if _OF_ONE_ACCOUNT.match(head):
            raise DumpError(
                "this is what Reddit gives one account of its own, which says nothing of what others did: bring it "
                "without a format, as that person's own export, or a dump of the community"
            )
        yield from run.each(_things(objects_in(path), run), _Thing, lambda thing: _said(thing, run))

    yield from run.each_file(paths, _of)


def _things(found: Iterable[Any], run: Run) -> Iterator[Any]:
    """Yield submissions and comments, also those that the API and archivers put into one another."""
    for each in found:
        wrapped = _wrapped(each)
        if wrapped is None:
            yield each
            yield from _things(_below(each), run)
        elif wrapped.kind == "Listing":
            yield from _things([*wrapped.data.get("children", ())], run)
        elif wrapped.kind == "more":  # what the API did not list
            run.leave_out("cut", count if isinstance(count := wrapped.data.get("count"), int) and count > 0 else 1)
        elif wrapped.kind not in {"t1", "t3"}:  # a subreddit, a member, a message
            run.leave_out("other", 1)
        else:
            yield wrapped.data
            yield from _things([replies] if isinstance(replies := wrapped.data.get("replies"), dict) else [], run)


def _full_name(kind: str, written: str) -> str:
    """Return an id with the kind of thing before it, which some programs write and others do not."""
    return written if _PREFIX.match(written) else f"{kind}_{written}"


def _below(thing: Any) -> list[Any]:  # noqa: ANN401 JSON
    """Return the comments that stand in a submission, and the replies that stand in a comment."""
    if isinstance(thing, msgspec.Raw) and not _NESTS.search(thing):
        return []
    try:
        nested = read_item(thing, _Nested)
    except MALFORMED:
        return []
    return [each for each in (*nested.comments, *nested.replies) if bytes(memoryview(each)[:1]) == b"{"]


def _wrapped(thing: Any) -> _Wrapped | None:  # noqa: ANN401 JSON
    try:
        return read_item(thing, _Wrapped)
    except MALFORMED:
        return None


def _said(thing: _Thing, run: Run) -> Iterator[Activity]:
    author = thing.by and thing.by.lower()
    if thing.is_gone:
        run.left_out["deleted"] += 1
        return
    if thing.subreddit_type in _FOR_SOME or not thing.is_robot_indexable:  # earlier dumps lack both, read by a stranger
        run.left_out["private"] += 1
        return
    if (at := time_of(thing.created_utc)[0]) is None:
        run.left_out["undated"] += 1
        return
    if author == _BOT:
        run.name(author, thing.by, at, "bot")
    elif thing.distinguished == "moderator" and author is not None:
        run.trusted[author] = None
    tags = [tag for tag in (thing.community, thing.link_flair_text) if tag]
    act = {"actor": author, "published": at}
    key, title, of = thing.key, thing.title or "", thing.crosspost_parent
    text = unescape(thing.text if thing.is_comment else f"{title}\n\n{thing.text}").strip()
    said = {"id": key, "content": text, "url": thing.page, "tags": tags, **act}
    if thing.is_comment:
        yield record(type="reply", object=_parent(thing), **said)
    elif of:
        whose = next((each.author for each in thing.crosspost_parent_list if each.author not in _NOBODY), None)
        yield record(type="quote", object=of, target_actor=whose and whose.lower(), **said)
    else:
        yield record(type="question" if title.rstrip().endswith("?") else "note", **said)
    for name in dict.fromkeys(each.lower() for each in (_NAMED.findall(own_words(text)) if "u/" in text else ())):
        if name != author:
            yield record(type="mention", id=f"{key}#mention-{name}", object=key, target_actor=name, **act)


def _parent(thing: _Thing) -> str | None:
    """Return what a comment answers; for some years dumps had numbers in place of ids, and tables have bare ids."""
    if isinstance(thing.parent_id, int):
        return f"t1_{_base_36(thing.parent_id)}"
    post = thing.link_id and _full_name("t3", thing.link_id)
    if not thing.parent_id:
        return post
    return post if post == f"t3_{thing.parent_id}" else _full_name("t1", thing.parent_id)


def _base_36(number: int) -> str:
    digits = ""
    while number > 0:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"


FORMAT = Format(FACTS, read)
