"""Exports of one's own data of Instagram and Threads, as JSON, in any language, and as they were in 2020."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.archive import ArchiveError
from candor.formats.compression import UnreadableError
from candor.formats.instagram_tables import (
    TableValue,
    ToldTable,
    account_in,
    first_of,
    is_name,
    is_private,
    name_in,
    put_right,
    put_right_text,
    table_of,
)
from candor.formats.json_items import is_one_list, json_items
from candor.formats.reading import (
    MALFORMED,
    Entry,
    Reading,
    RecordCollector,
    from_json,
    items,
    items_in,
    opened,
    read_item,
    record,
)
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from candor.scoring.activity import Activity

SHOWS = (
    "what the account did itself, and nothing of what others did: interest can be scored, expertise says that there is "
    "not enough evidence; stories, which are gone after a day, and messages were left out"
)
_OLD = "this export is as Instagram wrote it before 2021"
_UNCLEAR = "the export does not say whether the account is private: name the account to say that it is public"
_SAID_PUBLIC = "the export does not say whether the account is private; whoever brought it named the account"
_THREADS = "posts on Threads, where the account is the same, are among them"
_NOT_WHOSE = "its personal_information.json does not say whose export it is: name the account"
_NO_JSON = "one of its files is cut off or not JSON: bring the export as it was downloaded, as JSON, not HTML"
_KINDS = (
    "personal_information|posts|reels|igtv_videos|archived_posts|post_comments|reels_comments|hype|liked_posts"
    "|liked_comments|threads_and_replies|liked_threads|archived_threads|stories|recently_deleted_content|profile|media"
    "|comments|likes|other_content|reposts"
)
_FILE = re.compile(rf"(?:.*/)?({_KINDS})(?:_\d+)?\.json")
_HTML = re.compile(
    r"(?:.*/)?(?:(?:personal_information|posts|post_comments|liked_posts|reels|threads_and_replies)(?:_\d+)?\.html"
    r"|start_here\.html|(?:your_instagram_activity|personal_information)/.*\.html)"
)
_OTHER = re.compile(
    r"(?:.*/)?(?:your_instagram_activity|followers_and_following|logged_information|security_and_login_information)/.*\.json"
)
WITHOUT = "this is a part of an Instagram export without posts, comments and likes: bring the part with those"
_OF_THREADS = re.compile(r"(?:.*/)?(?:threads/[^/]+|(?:liked|archived)_threads.*|threads_and_replies.*)")
_FOR_SUBSCRIBERS = re.compile(r"(?:.*/)?subscriptions/[^/]+")
_POSTS = frozenset({"posts", "reels", "igtv_videos", "other_content", "threads_and_replies"})
_COMMENTS = frozenset({"post_comments", "reels_comments", "hype"})
_COUNTED = {
    **dict.fromkeys(("liked_comments", "stories", "reposts"), "other"),
    **dict.fromkeys(("archived_posts", "archived_threads", "for subscribers"), "private"),
    "recently_deleted_content": "deleted",
}
_SAY_WHOSE = frozenset({"personal_information", "profile"})
_MARKS = frozenset({"media", "string_map_data", "string_list_data", "label_values"})
_MOST_HELD_BYTES = 64 * 2**20
_OF_POST = re.compile(
    r"https?://(?:www\.)?instagram\.com/(?:[\w.]+/)?(?:p|reels?|tv)/\S+|https?://(?:www\.)?threads\.\w+/\S+/post/\S+"
)
_ALONE = (
    (re.compile(rb'\s*\[\s*\{\s*"media"\s*:\s*\[\s*\{\s*"uri"'), "posts_1.json"),
    (re.compile(rb'\s*\{\s*"ig_reels_media"\s*:'), "reels.json"),
    (re.compile(rb'\s*\{\s*"text_post_app_text_posts"\s*:'), "threads/threads_and_replies.json"),
    (re.compile(rb'\s*\{\s*"likes_media_likes"\s*:'), "liked_posts.json"),
    (re.compile(rb'\s*\{\s*"comments_(?:media|reels)_comments"\s*:'), "post_comments.json"),
    (re.compile(rb'\s*\[\s*\{\s*"(?:media_list_data|string_map_data)"\s*:'), "post_comments.json"),
)
_LEAST_SECONDS, _MOST_SECONDS = 10**9, 10**10
_HASHTAG = re.compile(r"#(\w+)")


class _OnThreads(msgspec.Struct):
    is_reply: bool = False


class _Media(msgspec.Struct):
    uri: str = ""
    creation_timestamp: Any = None
    title: str = ""
    text_app_post: _OnThreads | None = None


class _Post(msgspec.Struct):
    media: list[_Media] | _Media = []
    title: str = ""
    creation_timestamp: Any = None
    timestamp: Any = None
    label_values: list[dict[str, Any]] = []
    fbid: str = ""


class _OldPhoto(msgspec.Struct):
    path: str
    taken_at: str
    caption: str = ""


def is_ours(name: str) -> bool:
    """Say whether an entry of this name belongs to an export of Instagram and is read."""
    return _FILE.fullmatch(name) is not None


def is_html(name: str) -> bool:
    """Say whether an entry of this name belongs to an export that was asked for as HTML."""
    return _HTML.fullmatch(name) is not None


def is_other(name: str) -> bool:
    """Say whether an entry of this name belongs to an export of Instagram, though it is not read."""
    return _OTHER.fullmatch(name) is not None


def file_alone(start: bytes) -> str | None:
    """Return the name of a file of an export that comes by itself, from its start; None where it is no such file."""
    return next((name for begins, name in _ALONE if begins.match(start)), None)


def read_instagram(entries: Mapping[str, Entry], account: str | None = None, folder: Path | None = None) -> Reading:
    """Return the records of an export's entries; `account` says whose it is where they do not.

    Large lists are read item by item, and many records wait in `folder`. All of a private account is left out, and of
    one that does not say whether it is. Raises ArchiveError.
    """
    files = [(kind, entries[name]) for name in sorted(entries) if (kind := _kind(name))]
    of_threads = {id(entries[name]) for name in entries if _OF_THREADS.fullmatch(name)}
    here, there = ([each for each in files if (id(each[1]) in of_threads) == is_there] for is_there in (False, True))
    (owner, private), (on_threads, private_there) = _owner(here), _owner(there)
    owner = owner or on_threads or (account and account.lower())
    if owner is None:
        _check_json(files)
        raise ArchiveError(_NOT_WHOSE)
    records = RecordCollector("instagram", folder)
    if any(kind == "profile" for kind, _ in files):
        records.notes[_OLD] = None
    for some, told in ((here, private), (there, private_there)):
        if told is None and any(kind not in _SAY_WHOSE for kind, _ in some):
            records.notes[_SAID_PUBLIC if account == owner else _UNCLEAR] = None
        for kind, file in some:
            _Files(records, owner, private=account != owner if told is None else told).read(kind, file)
    if any(kind == "threads_and_replies" for kind, _ in there):
        records.notes[_THREADS] = None
    return records.reading(owner, SHOWS)


def _kind(name: str) -> str:
    found = _FILE.fullmatch(name)
    return "" if found is None else "for subscribers" if _FOR_SUBSCRIBERS.fullmatch(name) else found[1]


def _owner(files: list[tuple[str, Entry]]) -> tuple[str | None, bool | None]:
    """Return the account's name, and whether it is private, None where that is not told. Raises ArchiveError."""
    named, private = None, None
    for kind, file in files:
        if kind == "profile":
            profile = from_json(_held(file), _NO_JSON)
            if isinstance(profile, dict) and isinstance(profile.get("username"), str):
                named, told = profile["username"].lower(), profile.get("private_account")
                private = told if isinstance(told, bool) else None
        elif kind == "personal_information":
            for thing in items_in(_held(file), _MARKS, _NO_JSON):
                try:
                    table = table_of(read_item(thing, ToldTable))
                except MALFORMED:
                    continue
                named = named or name_in(table)
                private = is_private(table) if private is None else private
    return named, private


def _check_json(files: list[tuple[str, Entry]]) -> None:
    """Raise ArchiveError where a file is no JSON, which says more than that nobody's name is there."""
    for _, file in files:
        if not file.is_large:
            opened(file.whole(), _NO_JSON)


class _Files:
    """Reads the files of an export, one after the other."""

    def __init__(self, records: RecordCollector, owner: str, *, private: bool) -> None:
        self._records = records
        self._owner = owner
        self._private = private

    def read(self, kind: str, file: Entry) -> None:
        """Make the records of one file, or count what is in it."""
        if kind in _SAY_WHOSE:
            return
        if kind in {"media", "comments", "likes"}:
            self._read_old(kind, _held(file))
            return
        listed = _list(file)
        if self._private or kind in _COUNTED:
            self._records.left_out["private" if self._private else _COUNTED[kind]] += sum(1 for _ in listed)
        elif kind in _POSTS:
            self._records.each(listed, _Post, self._posted)
        elif kind in _COMMENTS:
            self._records.each(listed, ToldTable, self._commented)
        else:
            self._records.each(listed, ToldTable, self._liked)

    def _read_old(self, kind: str, body: bytes) -> None:
        """Read a file of 2020: lists of times and texts under names of their own."""
        found = opened(body, _NO_JSON)
        for under, listed in found.items() if isinstance(found, dict) else ():
            things = items(opened(listed, _NO_JSON))
            if self._private:
                self._records.left_out["private"] += len(things)
            elif under in {"photos", "videos"}:
                self._records.each(things, _OldPhoto, self._old_photo)
            elif under in {"media_comments", "media_likes"}:
                make = self._old_comment if under == "media_comments" else self._old_like
                self._records.each(things, list[str], make)
            elif kind != "media" or under not in {"profile", "direct", "stories"}:
                self._records.left_out["other"] += len(things)

    def _old_photo(self, photo: _OldPhoto) -> Iterator[Activity]:
        said = {"content": photo.caption, "tags": _HASHTAG.findall(photo.caption)}
        yield record(type="note", id=photo.path, actor=self._owner, published=_old_time(photo.taken_at), **said)

    def _old_comment(self, comment: list[str]) -> Iterator[Activity]:
        (at, text, to) = (_old_time(comment[0]), *comment[1:3])
        act = {"actor": self._owner, "published": at, "content": text, "target_actor": to.lower()}
        yield record(type="reply", id=f"comment-{at}-{to}-{_short(text)}", **act)

    def _old_like(self, like: list[str]) -> Iterator[Activity]:
        at, to = _old_time(like[0]), like[1]
        act = {"actor": self._owner, "published": at, "target_actor": to.lower()}
        yield record(type="like", id=f"like-{at}-{to}", **act)

    def _posted(self, post: _Post) -> Iterator[Activity]:
        media = post.media if isinstance(post.media, list) else [post.media]
        first = media[0] if media else _Media()
        told = table_of(ToldTable(label_values=post.label_values))
        text = put_right_text(post.title or first.title) or first_of(told, "caption").value
        at = _when(post.creation_timestamp or post.timestamp or first.creation_timestamp)
        if at is None:
            self._records.left_out["undated"] += 1
            return
        key = first.uri or post.fbid or f"post-{int(at.timestamp())}-{_short(text)}"
        kind = "reply" if any(each.text_app_post and each.text_app_post.is_reply for each in media) else "note"
        yield record(type=kind, id=key, actor=self._owner, published=at, content=text, tags=_HASHTAG.findall(text))

    def _commented(self, told: ToldTable) -> Iterator[Activity]:
        table = table_of(told)
        if told.string_list_data:  # as it was in 2021: to whom as the title, and one text
            written = put_right(told.string_list_data[0])
            table |= {"comment": written, "owner": TableValue(value=put_right_text(told.title))}
        texts = [value.value for value in table.values() if value.value and value.timestamp is None]
        named = first_of(table, "owner").value
        others = [each for each in texts if each != named]  # of which an account's name is hardly the text
        text = first_of(table, "text").value or next(iter(sorted(others, key=is_name)), "")
        to = named or next((each for each in sorted(texts, key=is_name, reverse=True) if each != text), "")
        at = next((value.timestamp for value in table.values() if value.timestamp), None) or told.timestamp
        if at is None or not text:
            raise ValueError("a comment without text or time")
        target = account_in(to)
        key = f"comment-{int(at.timestamp())}-{target}-{_short(text)}"
        yield record(type="reply", id=key, actor=self._owner, published=at, content=text, target_actor=target)

    def _liked(self, like: ToldTable) -> Iterator[Activity]:
        act = {"actor": self._owner, "target_actor": account_in(put_right_text(like.title))}
        for each in map(put_right, like.string_list_data):
            if each.href and each.timestamp is None:
                self._records.left_out["undated"] += 1
            elif each.href:
                link, whom = each.href, act["target_actor"] or account_in(each.value)  # or else the emoji
                said = {**act, "object": link, "target_actor": whom, "published": each.timestamp}
                yield record(type="like", id=f"{link}#like", **said)
        if like.label_values and (like.timestamp is None or like.timestamp.timestamp() == 0):
            self._records.left_out["undated"] += 1
        elif like.label_values:
            table = table_of(like)
            link = _link_in(table)
            act["target_actor"] = account_in(first_of(table, "name").value)
            yield record(type="like", id=f"{link}#like", object=link, published=like.timestamp, **act)


def _when(written: Any) -> datetime | None:  # noqa: ANN401 JSON
    """Return a time, mostly in seconds since 1970; None where that is 0 or nothing."""
    if type(written) is int and _LEAST_SECONDS <= written < _MOST_SECONDS:
        return datetime.fromtimestamp(written, UTC)
    return time_of(written)[0]


def _link_in(table: Mapping[str, TableValue]) -> str:
    """Return the address of the post that was liked: it tells so itself, and that of its author does not."""
    written = [each for value in table.values() for each in (value.href, value.value)]
    label = first_of(table, "link")
    return next((each for each in written if _OF_POST.fullmatch(each)), label.href or label.value)


def _list(file: Entry) -> Iterable[Any]:
    """Return the things in a file, of a large list one after the other; an empty file holds none."""
    if not file.is_large and not file.whole().strip():
        return []
    if not file.is_large or not _is_one_list(file):
        return items_in(_held(file), _MARKS, _NO_JSON)
    return _large_list(file)


def _is_one_list(file: Entry) -> bool:
    try:
        return is_one_list(file.chunks())
    except UnreadableError as error:
        raise ArchiveError(_NO_JSON) from error


def _large_list(file: Entry) -> Iterator[msgspec.Raw]:
    try:
        yield from map(msgspec.Raw, json_items(file.chunks(), inside=True))
    except UnreadableError as error:
        raise ArchiveError(_NO_JSON) from error


def _held(file: Entry) -> bytes:
    """Read a file whole. Raises ArchiveError where it is too large to be held."""
    if file.size > _MOST_HELD_BYTES:
        raise ArchiveError(f"one of its files is larger than {_MOST_HELD_BYTES:,} bytes, and is no list")
    return file.whole()


def _old_time(written: str) -> str:
    """Return a time in UTC, which exports of before 2020 did not say. Raises ValueError."""
    at, _ = time_of(written)
    if at is None:
        raise ValueError("no time")
    return at.isoformat()


def _short(text: str) -> str:
    return blake2b(text.encode(), digest_size=4).hexdigest()
