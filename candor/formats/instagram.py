"""Instagram's export of one's own data: JSON files of posts, comments and likes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.archive import MALFORMED, ArchiveError, Reading, Records, items, opened, read_item, record
from candor.scoring.activity import Instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from candor.scoring.activity import Activity

SHOWS = (
    "what the account did itself, and nothing of what others did: interest can be scored, expertise says that there is "
    "not enough evidence; stories, which are gone after a day, and messages were left out"
)
_FILE = re.compile(
    r"(?:.*/)?(personal_information|posts|reels|post_comments|reels_comments|liked_posts)(?:_\d+)?\.json"
)
_UNDER = {"reels": "ig_reels_media", "reels_comments": "comments_reels_comments", "liked_posts": "likes_media_likes"}
_NO_JSON = "one of its files is not JSON: ask Instagram for JSON, not HTML"
_HASHTAG = re.compile(r"#(\w+)")


class _Value(msgspec.Struct):
    value: str = ""
    href: str = ""
    timestamp: Instant | None = None


class _Told(msgspec.Struct):
    """Something told as a table of names and values."""

    string_map_data: dict[str, _Value]


class _Like(msgspec.Struct):
    string_list_data: list[_Value]
    title: str = ""


class _Media(msgspec.Struct):
    uri: str
    creation_timestamp: Instant
    title: str = ""


class _Post(msgspec.Struct):
    media: list[_Media]
    title: str = ""
    creation_timestamp: Instant | None = None


def is_ours(name: str) -> bool:
    """Say whether an entry of this name belongs to an export of Instagram and is read."""
    return _FILE.fullmatch(name) is not None


def read_instagram(entries: Mapping[str, bytes]) -> Reading:
    """Return the records of an export's entries. All of a private account is left out."""
    files = [
        (found[1], opened(body, _NO_JSON)) for name, body in sorted(entries.items()) if (found := _FILE.fullmatch(name))
    ]
    owner, private = _owner([value for kind, value in files if kind == "personal_information"])
    records = Records()
    for kind, value in files:
        under = value.get(_UNDER[kind]) if isinstance(value, dict) and kind in _UNDER else value
        listed = items(opened(under, _NO_JSON))
        if private:
            records.left_out["private"] += len(listed)
        elif kind in {"posts", "reels"}:
            records.each(listed, _Post, lambda post: _posted(post, owner))
        elif kind in {"post_comments", "reels_comments"}:
            records.each(listed, _Told, lambda told: _commented(told, owner))
        elif kind == "liked_posts":
            records.each(listed, _Like, lambda like: _liked(like, owner))
    return records.reading("instagram", owner, SHOWS)


def _owner(told: list[Any]) -> tuple[str, bool]:
    """Return the account's name and whether it is private. Raises ArchiveError."""
    users = items(opened(told[0].get("profile_user"), _NO_JSON)) if told and isinstance(told[0], dict) else []
    try:
        data = read_item(users[0] if users else None, _Told).string_map_data
        return data["Username"].value.lower(), data.get("Private Account", _Value()).value.lower() == "true"
    except (*MALFORMED, KeyError) as error:
        raise ArchiveError("its personal_information.json does not say whose export it is") from error


def _posted(post: _Post, owner: str) -> Iterator[Activity]:
    first = post.media[0] if post.media else None
    if first is not None:
        text = _text(post.title or first.title)
        at = post.creation_timestamp or first.creation_timestamp
        yield record(type="note", id=first.uri, actor=owner, published=at, content=text, tags=_HASHTAG.findall(text))


def _commented(told: _Told, owner: str) -> Iterator[Activity]:
    data = told.string_map_data
    at, text = data["Time"].timestamp, _text(data["Comment"].value)
    to = _text(data.get("Media Owner", _Value()).value).lower() or None
    if at is not None:
        key = f"comment-{int(at.timestamp())}-{to}"
        yield record(type="reply", id=key, actor=owner, published=at, content=text, target_actor=to)


def _liked(like: _Like, owner: str) -> Iterator[Activity]:
    for each in like.string_list_data:
        if each.timestamp is not None and each.href:
            act = {"actor": owner, "published": each.timestamp, "target_actor": _text(like.title).lower() or None}
            yield record(type="like", id=f"{each.href}#like", object=each.href, **act)


def _text(text: str) -> str:
    """Undo what the export does to text: UTF-8 read as if it were Latin-1."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text
