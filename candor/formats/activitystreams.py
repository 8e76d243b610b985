"""ActivityStreams 2.0, as a Mastodon export's outbox.json holds it: posts, reshares and likes of one actor."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.reading import MALFORMED, Reading, RecordCollector, items, items_in, read_item, record
from candor.formats.streams_changes import LaterChanges
from candor.formats.streams_lists import NO_JSON, ItemsOf, activities_in
from candor.scoring.activity import Instant
from candor.scoring.markup import plain
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from candor.scoring.activity import Activity

SHOWS = (
    "what the account did itself, and nothing of what others did: interest can be scored, expertise says that there is "
    "not enough evidence; posts addressed to followers or to persons were left out"
)
_ONLY_ADDRESSES = "of some posts it holds only the address, and not what they say"
_EVERYBODY = frozenset({"https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"})
_ACTOR = re.compile(r"https?://([^/]+)/(?:users/|@|u/|profile/|accounts/)([\w.-]+)(?:/.*)?")
_OF_PROFILE = re.compile(r"https?://([^/]+)/(?:web/)?@([\w.-]+)(?:/.*)?")
_POSTS = frozenset({"Note", "Article", "Page", "Question", "Image", "Video", "Audio"})
_OF_STREAMS = re.compile(r"application/(?:activity\+json|ld\+json)")
"""What a link to a post says of it (FEP-e232)."""


class _Tag(msgspec.Struct, rename={"media_type": "mediaType"}):
    type: str = ""
    media_type: str = ""
    name: str | None = None
    href: str | None = None


class _Object(msgspec.Struct, rename={"in_reply_to": "inReplyTo"}):
    id: str
    type: str = ""
    content: Any = None
    contentMap: Any = None  # noqa: N815 as ActivityStreams spells it
    summary: Any = None
    summaryMap: Any = None  # noqa: N815
    name: Any = None
    nameMap: Any = None  # noqa: N815
    oneOf: Any = None  # noqa: N815
    anyOf: Any = None  # noqa: N815
    url: Any = None
    published: Instant | None = None
    in_reply_to: Any = None
    to: Any = None
    cc: Any = None
    tag: Any = None
    quote: Any = None
    quoteUrl: Any = None  # noqa: N815 as others write what Mastodon calls quote
    quoteUri: Any = None  # noqa: N815


class _Acting(msgspec.Struct, rename={"attributed_to": "attributedTo"}):
    actor: Any = None
    attributed_to: Any = None


class _Activity(msgspec.Struct, rename={"attributed_to": "attributedTo"}):
    type: str
    object: Any = None
    id: str | None = None
    actor: Any = None
    attributed_to: Any = None
    published: Instant | None = None
    to: Any = None
    cc: Any = None


def read_streams(
    document: object,
    actor: object = None,
    *,
    likes: bytes | None = None,
    account: str | None = None,
    folder: Path | None = None,
) -> Reading:
    """Return the records in an outbox, a collection page, a list of activities or posts, or a single one.

    JSON, read already, or a file of it that is read item by item. `actor` is the export's actor.json, which says what
    the account is called, `likes` its list of what was liked, which has no dates; `account` says whose it is where
    neither does. Many records wait in `folder`. Raises ArchiveError when this is no ActivityStreams at all.
    """
    records = RecordCollector("mastodon", folder)
    activities = ItemsOf(document) if isinstance(document, io.IOBase) else activities_in(document, records)
    names = _Names(actor, activities, account)
    last = LaterChanges(activities, _POSTS).applied(activities, records.left_out)
    records.each(last, dict[str, Any], lambda found: _made(_activity(found), names, records))
    if likes is not None:
        records.left_out["undated"] += len(items_in(likes, frozenset(), NO_JSON))
    return records.reading(names.owner, SHOWS)


class _Names:
    """Accounts as `@user@host`, by the address of their actor."""

    def __init__(self, actor: object, activities: Iterable[Any], account: str | None) -> None:
        self._known: dict[str, str] = {}
        self.owner: str | None = None
        uri = next(filter(None, map(_actor_of, activities)), None)
        if isinstance(actor, dict) and isinstance(actor.get("id"), str):
            uri, host = actor["id"], actor["id"].split("/")[2:3]
            name = actor.get("preferredUsername")
            if isinstance(name, str) and host:
                self._known[uri] = f"@{name}@{host[0]}".lower()
        if uri is not None and self.of(uri) is None:
            self._name(uri, activities, account)
        self.owner = self.actor(uri) or account

    def _name(self, uri: str, activities: Iterable[Any], account: str | None) -> None:
        """Name an actor whose address tells none: as the caller does, or after the pages of its posts on its server."""
        for page in filter(None, map(_page_of, activities)):
            found = _OF_PROFILE.fullmatch(page)
            if account is None and found and [found[1]] == uri.split("/")[2:3]:
                account = f"@{found[2]}@{found[1]}".lower()
        if account is not None:
            self._known[uri] = account

    def learn(self, tag: _Tag) -> None:
        """Take in a mention, which says what an address is called."""
        if tag.href and tag.name and tag.name.count("@") == 2:
            self._known.setdefault(tag.href, tag.name.lower())

    def of(self, uri: str | None) -> str | None:
        """Return what an actor is called, read from its address or that of something of its own if need be."""
        if uri is None:
            return None
        found = _ACTOR.fullmatch(uri)
        if found is None:
            parts = uri.split("/")
            above = ("/".join(parts[:end]) for end in range(len(parts), 3, -1))
            return next((self._known[each] for each in above if each in self._known), None)
        return self._known.get(uri) or f"@{found[2]}@{found[1]}".lower()

    def answered(self, parent: str, mentions: list[_Tag]) -> tuple[str | None, set[str]]:
        """Return who wrote what a post answers, and who among those it mentions may have.

        An address that tells no name is most likely that of the only one mentioned on its server.
        """
        if (known := self.of(parent)) is not None:
            return known, {known}
        host = parent.split("/")[2:3]
        near = [each.href for each in mentions if each.href and each.href.split("/")[2:3] == host]
        there = {name for href in near if (name := self.of(href))}
        return (next(iter(there)) if len(there) == 1 else None), there

    def actor(self, uri: str | None) -> str | None:
        """As `of`; an address that tells no name is a name itself."""
        return self.of(uri) or uri


def _actor_of(activity: object) -> str | None:
    try:
        found = read_item(activity, _Acting)
    except MALFORMED:
        return None
    return _id(found.actor) or _id(found.attributed_to)


def _page_of(activity: object) -> str | None:
    """Return the address of the page that shows a post, or None."""
    try:
        found = read_item(activity, dict[str, Any])
    except MALFORMED:
        return None
    post = found.get("object") if isinstance(found.get("object"), dict) else found
    return _id(post.get("url")) if isinstance(post, dict) else None


def _activity(found: dict[str, Any]) -> _Activity:
    """Read an activity; a post that stands there without one was made by whom it is attributed to."""
    found = {**found, "type": _kind(found)}
    if isinstance(found["type"], str) and found["type"] in _POSTS:
        names = {"published", "attributedTo", "to", "cc"} & found.keys()
        shared: dict[str, Any] = {name: found[name] for name in names}
        found = {"type": "Create", "object": found, **shared}
    try:
        return msgspec.convert(found, _Activity, strict=False)
    except msgspec.ValidationError:
        return msgspec.convert(_with_plain_time(found), _Activity, strict=False)


def _with_plain_time(found: dict[str, Any]) -> dict[str, Any]:
    """Return an activity or a post with a time that any program reads, if it says one: some leave out the zone."""
    at, _ = time_of(found.get("published"))
    return found if at is None else {**found, "published": at.isoformat()}


def _kind(found: Mapping[str, Any]) -> object:
    """Return the type of an object, of several the first."""
    kind = found.get("type")
    return kind[0] if isinstance(kind, list) and kind else kind


def _made(activity: _Activity, names: _Names, records: RecordCollector) -> Iterator[Activity]:
    if activity.type not in {"Create", "Announce", "Like"}:
        records.left_out["other"] += 1
        return
    if activity.published is None and isinstance(activity.object, dict):
        activity.published, _ = time_of(activity.object.get("published"))
    if activity.published is None:
        records.left_out["undated"] += 1
        return
    visibility = _visibility(activity)
    if visibility is None:
        records.left_out["private"] += 1
        return
    actor = names.actor(_id(activity.actor) or _id(activity.attributed_to)) or names.owner
    act = {"actor": actor, "published": activity.published, "visibility": visibility}
    if activity.type == "Create":
        yield from _post(activity, names, act, records)
        return
    target = _id(activity.object)
    kind = "reshare" if activity.type == "Announce" else "like"
    yield record(type=kind, id=activity.id, object=target, target_actor=names.of(target), **act)


def _post(activity: _Activity, names: _Names, act: Mapping[str, Any], records: RecordCollector) -> Iterator[Activity]:
    told = activity.object
    if isinstance(told, str):
        records.left_out["other"] += 1
        records.notes[_ONLY_ADDRESSES] = None
        return
    if isinstance(told, dict):
        told = {**told, "type": _kind(told), "published": None}  # the activity says when
    post = msgspec.convert(told, _Object, strict=False)
    if post.type not in _POSTS:
        records.left_out["other"] += 1
        return
    listed = [post.tag] if isinstance(post.tag, dict) else items(post.tag)
    tags = [msgspec.convert(tag, _Tag) for tag in listed if isinstance(tag, dict)]
    mentions = [tag for tag in tags if tag.type == "Mention"]
    for mention in mentions:
        names.learn(mention)
    parent, quoted = _id(post.in_reply_to), _id(post.quote) or _id(post.quoteUrl) or _id(post.quoteUri)
    quoted = quoted or next(
        (tag.href for tag in tags if tag.type == "Link" and _OF_STREAMS.search(tag.media_type)), None
    )
    asker, askers = (None, set()) if parent is None else names.answered(parent, mentions)
    hashtags = [tag.name.lstrip("#") for tag in tags if tag.type == "Hashtag" and tag.name]
    said = {"id": post.id, "content": _text(post), "tags": hashtags, "url": _id(post.url), **act}
    if parent is not None:
        yield record(type="reply", object=parent, target_actor=asker, **said)
    elif quoted is not None:
        yield record(type="quote", object=quoted, target_actor=names.of(quoted), **said)
    else:
        yield record(type="note", **said)
    if parent is not None and quoted is not None:
        yield record(type="quote", id=f"{post.id}#quote", object=quoted, target_actor=names.of(quoted), **act)
    named = dict.fromkeys(names.actor(mention.href) for mention in mentions)
    for name in named:
        if name is not None and name not in askers:
            yield record(type="mention", id=f"{post.id}#mention-{name}", object=post.id, target_actor=name, **act)


def _text(post: _Object) -> str:
    """Return what a post says: title, warning, text and the choices of a poll."""
    name, summary = _said(post.name, post.nameMap), _said(post.summary, post.summaryMap)
    polls = [each.get("name") for each in (*items(post.oneOf), *items(post.anyOf)) if isinstance(each, dict)]
    choices = [choice for choice in polls if isinstance(choice, str)]
    return "\n".join(filter(None, (name, plain(summary), plain(_said(post.content, post.contentMap)), *choices)))


def _said(text: object, by_language: object) -> str:
    """Return a text, or where it stands by language only, the first of them."""
    if isinstance(text, str) and text:
        return text
    listed = by_language.values() if isinstance(by_language, dict) else ()
    return next((each for each in listed if isinstance(each, str) and each), "")


def _visibility(activity: _Activity) -> str | None:
    """Return public or unlisted; None when the activity or what it carries is addressed to some only."""
    seen = [_addressed(activity.to, activity.cc)]
    if isinstance(activity.object, dict) and ("to" in activity.object or "cc" in activity.object):
        seen.append(_addressed(activity.object.get("to"), activity.object.get("cc")))
    return None if None in seen else "unlisted" if "unlisted" in seen else "public"


def _addressed(to: object, cc: object) -> str | None:
    if _EVERYBODY & _ids(to):
        return "public"
    return "unlisted" if _EVERYBODY & _ids(cc) else None


def _ids(value: object) -> set[str]:
    listed = value if isinstance(value, list) else [value]
    return {found for found in map(_id, listed) if found is not None}


def _id(value: object) -> str | None:
    """Return the address of what may stand there in full, as its address, or as a link."""
    if isinstance(value, dict):
        value = value.get("id") or value.get("href")
    if isinstance(value, list) and value:
        return _id(value[0]) if not isinstance(value[0], list) else None
    return value if isinstance(value, str) and value else None
