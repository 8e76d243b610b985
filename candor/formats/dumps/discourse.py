"""Topics of a Discourse forum, as /t/ID.json gives them, a file or a line each."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import msgspec

from candor.formats.compression import peek
from candor.formats.dumps.dump import Format, FormatFacts, Run, chunks_of
from candor.formats.dumps.objects import objects_in
from candor.formats.follow_ups import Addressees, different_words
from candor.formats.forum_texts import says_nothing
from candor.formats.lenient import NEEDED
from candor.formats.reading import MALFORMED, read_item, record
from candor.scoring.activity import Instant
from candor.scoring.markup import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from candor.scoring.activity import Activity

FACTS = FormatFacts(
    id="discourse",
    label="Discourse topics",
    files="the JSON of topics (/t/ID.json?print=true), in files of their own or one a line",
    network="discourse:HOST",
    account="user name",
    question="the first post of a topic, with the topic's tags",
    answer="every other post is a reply, to what it quotes or to the first where it says nothing else; of whoever "
    "asked by guess to somebody else",
    accept="the accepted answer, by who asked unless it says who, dated as the answer",
    trusted="administrators, moderators and staff among who posted",
    lost="who liked what, messages to some, unlisted topics, what is hidden or of deleted members; posts not in the "
    "file are counted",
)


_UNDATED = datetime.min.replace(tzinfo=UTC)
_LARGEST_TOPIC_BYTES = 256 * 2**20
_ASIDE = re.compile(r"<aside\s[^<>]{1,1000}>")
_POST_OF = re.compile(r"""\sdata-post=["'](\d{1,9})["']""")
_TOPIC_OF = re.compile(r"""\sdata-topic=["'](\d{1,18})["']""")
_TOPIC = re.compile(rb'\{\s*"topic"\s*:\s*\{')
_WHISPER = 4
"""What only those who look after the forum see."""
EVERYBODYS = frozenset({"regular", "banner"})
"""The kinds of topics for everybody: a banner stands on top of all pages."""


class _Held(msgspec.Struct):
    """A topic within what holds it."""

    topic: msgspec.Raw


class _Name(msgspec.Struct):
    username: str


class Solution(msgspec.Struct):
    """An accepted answer, and who accepted it where the forum shows that, in one place or another."""

    post_number: int | None = None
    accepter_username: str | None = None
    accepter: _Name | None = None

    @property
    def by(self) -> str | None:
        """Return who accepted it, None where it is not said."""
        return self.accepter_username or (self.accepter.username if self.accepter else None)


class MaybeSolution(Protocol):
    """A post, as far as it may be an accepted answer."""

    @property
    def post_number(self) -> int:
        """Return its place in the topic."""

    @property
    def accepted_answer(self) -> bool:
        """Return whether it says so itself."""


class ReplyRef(Protocol):
    """A post, as far as it says what it replies to."""

    @property
    def post_number(self) -> int:
        """Return its place in the topic."""

    @property
    def reply_to_post_number(self) -> int | None:
        """Return the place of the post whose button was pressed; None where it was that of the topic."""

    @property
    def username(self) -> str | None:
        """Return who wrote it."""

    @property
    def user_id(self) -> int | None:
        """Return the number of who wrote it; those of the forum itself are below 0."""

    @property
    def cooked(self) -> str:
        """Return it as HTML."""

    @property
    def words(self) -> str:
        """Return what it says in its author's own words."""


def replied_to(posts: Sequence[ReplyRef], topic: int | None) -> dict[int, int]:
    """Return by places which post each of a topic replies to, the first apart; `posts` in order.

    That is what it says, else what it quotes of this topic, else the first. What whoever began the topic says later
    replies to a post of somebody else, as Addressees says: a guess, as in tables of threads.
    """
    by = [(post.username or "").lower() for post in posts]
    asker = by[0] if posts and posts[0].post_number == 1 else ""
    goes_on = bool(asker) and asker in by[1:]
    found: dict[int, int] = {}
    since, last = Addressees(), 1
    for post, name in zip(posts, by, strict=True):
        if name == asker:
            last, since = int(since.chosen() or last), Addressees()
        found[post.post_number] = post.reply_to_post_number or _quoted(post, topic) or (last if name == asker else 1)
        if goes_on and name != asker and (post.user_id or 0) >= 0 and not says_nothing(post.words):
            since.add((_UNDATED, post.post_number), different_words(post.words), str(post.post_number))
    return found


def _quoted(post: ReplyRef, topic: int | None) -> int | None:
    """Return the place of the first post of this topic that a post quotes, if that is an earlier one."""
    for tag in _ASIDE.findall(post.cooked):
        at, of = _POST_OF.search(tag), _TOPIC_OF.search(tag)
        if at and of and topic is not None and int(of[1]) == topic and int(at[1]) < post.post_number:
            return int(at[1])
    return None


def solution_of(post: MaybeSolution, told: Iterable[Solution]) -> Solution | None:
    """Return what a topic tells of a post as an accepted answer, None where it is none."""
    found = next((each for each in told if each.post_number == post.post_number), None)
    return found or (Solution() if post.accepted_answer else None)


class _Post(msgspec.Struct):
    id: int
    created_at: Instant
    post_number: int
    username: str | None = None
    name: str | None = None
    user_id: int | None = None
    cooked: str = ""
    raw: str = ""
    reply_to_post_number: int | None = None
    post_type: int = 1
    accepted_answer: bool = False
    hidden: Annotated[bool, NEEDED] = False
    user_deleted: Annotated[bool, NEEDED] = False
    deleted_at: Annotated[str | None, NEEDED] = None
    admin: bool = False
    moderator: bool = False
    staff: bool = False

    @property
    def is_by_the_forum(self) -> bool:
        """Whether the forum itself wrote it, whose accounts have numbers below 0 and look after everything."""
        return self.user_id is not None and self.user_id < 0

    @property
    def words(self) -> str:
        """What it says."""
        return plain(self.cooked) or self.raw


_LONGEST_TAG = 200
"""As a record may have; no tag of a forum is longer."""


class _Stream(msgspec.Struct):
    posts: list[msgspec.Raw] | dict[str, msgspec.Raw] = []
    stream: list[Any] = []


class Topic(msgspec.Struct):
    """A topic with its posts, as the forum gives it. Since 2026 several answers may be accepted."""

    post_stream: _Stream
    id: int | None = None
    title: str = ""
    archetype: Annotated[str | None, NEEDED] = None
    visible: Annotated[bool | None, NEEDED] = None
    tags: list[Any] | None = None
    accepted_answer: Solution | bool | None = None
    accepted_answers: list[Solution] | None = None
    deleted_at: Annotated[str | None, NEEDED] = None

    @property
    def hidden(self) -> str | None:
        """Why it is left out; None for one that is listed for everybody. One that is not is shown by its address."""
        if not self.archetype:
            return "unclear"
        if self.archetype not in EVERYBODYS or self.visible is False:
            return "private"
        return "deleted" if self.deleted_at else None

    @property
    def posts(self) -> list[msgspec.Raw]:
        """Its posts, also where there is one alone, or PHP wrote them by number."""
        found = self.post_stream.posts
        if isinstance(found, list):
            return found
        return [msgspec.Raw(msgspec.json.encode(found))] if "id" in found else list(found.values())


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of topics. Raises UnreadableError."""
    yield from run.each_file(paths, lambda path: run.each(_topics(path), Topic, lambda topic: records_of(topic, run)))


def _topics(path: Path) -> Iterator[Any]:
    """Yield topics: one that has a file for itself may be longer than a line can be."""
    with chunks_of(path) as chunks:
        body, _ = peek(chunks, _LARGEST_TOPIC_BYTES)
    if body.lstrip()[:1] == b"{" and len(body) < _LARGEST_TOPIC_BYTES and _is_one(body):
        yield _bare(msgspec.Raw(body))
    else:
        yield from map(_bare, objects_in(path))


def _bare(thing: Any) -> Any:  # noqa: ANN401 JSON
    """Return a topic, also where something is around it."""
    if not isinstance(thing, msgspec.Raw) or _TOPIC.match(thing) is None:
        return thing
    try:
        return read_item(thing, _Held).topic
    except MALFORMED:
        return thing


def _is_one(body: bytes) -> bool:
    try:
        msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeError):
        return False
    return True


def records_of(topic: Topic, run: Run) -> Iterator[Activity]:
    """Yield the records of a topic; what is not for everybody is counted. May raise one of MALFORMED."""
    if topic.hidden:
        run.left_out[topic.hidden] += len(topic.posts)
        return
    if (missing := len(topic.post_stream.stream) - len(topic.posts)) > 0:
        run.left_out["cut"] += missing
    posts = [post for raw in topic.posts if (post := _readable(raw, run)) is not None]
    posts.sort(key=lambda post: post.post_number)
    to = replied_to(posts, topic.id)
    ids = {post.post_number: str(post.id) for post in posts}
    asker = posts[0].username if posts and posts[0].post_number == 1 else None
    told = [*(topic.accepted_answers or ()), topic.accepted_answer]
    solutions = [each for each in told if isinstance(each, Solution)]
    for post in posts:
        try:
            made = [_record(topic, post, to[post.post_number], ids)]
            if post.post_number != 1 and (solution := solution_of(post, solutions)) is not None:
                made.append(_accept(post, solution.by or asker))
        except MALFORMED:
            run.left_out["malformed"] += 1
            continue
        if (post.admin or post.moderator or post.staff) and not post.is_by_the_forum:
            run.trusted[str(post.username)] = None
        run.name(str(post.username), post.name, post.created_at, "bot" if post.is_by_the_forum else None)
        yield from made


def _accept(post: _Post, by: str | None) -> Activity:
    act = {"actor": by, "published": post.created_at, "object": str(post.id), "target_actor": post.username}
    return record(type="accept", id=f"{post.id}/accept", **act)


def _readable(raw: msgspec.Raw, run: Run) -> _Post | None:
    """Return a post that is somebody's words and still stands; one that is not is counted, and loses nothing else."""
    try:
        post = read_item(raw, _Post, run.left_out)
    except msgspec.MsgspecError:
        run.left_out["malformed"] += 1
        return None
    if post.hidden or post.user_deleted or post.deleted_at or not post.username:
        run.left_out["deleted"] += 1
        return None
    if post.post_type not in {1, 2}:
        run.left_out["private" if post.post_type == _WHISPER else "other"] += 1
        return None
    return post


def _record(topic: Topic, post: _Post, to: int, ids: dict[int, str]) -> Activity:
    act = {"id": str(post.id), "actor": post.username, "published": post.created_at}
    text = post.words
    if post.post_number == 1:
        named = [tag.get("name") if isinstance(tag, dict) else tag for tag in topic.tags or ()]
        tags = [tag for tag in named if isinstance(tag, str) and len(tag) <= _LONGEST_TAG]
        return record(type="question", content=f"{topic.title}\n\n{text}".strip(), tags=tags, **act)
    first = ids.get(1)
    answered = ids.get(to, first if to == 1 else f"{first or topic.id}/{to}")  # else it is gone
    return record(type="reply", object=answered, content=text, **act)


FORMAT = Format(FACTS, read)
