"""ActivityStreams 2.0, as a Mastodon export's outbox.json holds it: posts, reshares and likes of one actor."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.archive import MALFORMED, ArchiveError, Reading, Records, items, opened, read_item, record
from candor.formats.markup import plain
from candor.scoring.activity import Instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from candor.scoring.activity import Activity

SHOWS = (
    "what the account did itself, and nothing of what others did: interest can be scored, expertise says that there is "
    "not enough evidence; posts addressed to followers or to persons were left out"
)
_NO_JSON = "what it holds is not JSON"
_EVERYBODY = frozenset({"https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"})
_ACTOR = re.compile(r"https?://([^/]+)/(?:users/|@|u/|profile/|accounts/)([\w.-]+)(?:/.*)?")
_POSTS = frozenset({"Note", "Article", "Page", "Question", "Image", "Video", "Audio"})


class _Tag(msgspec.Struct):
    type: str = ""
    name: str | None = None
    href: str | None = None


class _Object(msgspec.Struct, rename={"in_reply_to": "inReplyTo"}):
    id: str
    type: str = ""
    content: str | None = None
    summary: str | None = None
    name: str | None = None
    url: Any = None
    published: Instant | None = None
    in_reply_to: Any = None
    to: Any = None
    cc: Any = None
    tag: Any = None
    quote: Any = None
    quoteUrl: Any = None  # noqa: N815 as others write what Mastodon calls quote
    quoteUri: Any = None  # noqa: N815


class _Acting(msgspec.Struct):
    actor: Any = None


class _Activity(msgspec.Struct):
    type: str
    object: Any = None
    id: str | None = None
    actor: Any = None
    published: Instant | None = None
    to: Any = None
    cc: Any = None


def read_streams(document: object, actor: object = None) -> Reading:
    """Return the records in an outbox, a collection page, a list of activities, or a single one: JSON, or read already.

    `actor` is the export's actor.json, which says what the account is called. Raises ArchiveError when this is no
    ActivityStreams at all.
    """
    activities = _activities(document)
    names = _Names(actor, activities)
    records = Records()
    records.each(activities, _Activity, lambda activity: _made(activity, names, records))
    return records.reading("mastodon", names.owner, SHOWS)


def _activities(document: object) -> list[Any]:
    found = opened(document, _NO_JSON)
    if isinstance(found, list):
        return found
    if isinstance(found, dict):
        for field in ("orderedItems", "items"):
            if isinstance(listed := opened(found.get(field), _NO_JSON), list):
                return listed
        if isinstance(first := opened(found.get("first"), _NO_JSON), dict):
            return _activities(first)
        if "object" in found:
            return [found if document is found else msgspec.Raw(msgspec.json.encode(found))]
    raise ArchiveError("this is no collection of ActivityStreams activities")


class _Names:
    """Accounts as `@user@host`, by the address of their actor."""

    def __init__(self, actor: object, activities: list[Any]) -> None:
        self._known: dict[str, str] = {}
        self.owner: str | None = None
        uri = next(filter(None, map(_actor_of, activities)), None)
        if isinstance(actor, dict) and isinstance(actor.get("id"), str):
            uri, host = actor["id"], actor["id"].split("/")[2:3]
            name = actor.get("preferredUsername")
            if isinstance(name, str) and host:
                self._known[uri] = f"@{name}@{host[0]}".lower()
        self.owner = self.of(uri)

    def learn(self, tag: _Tag) -> None:
        """Take in a mention, which says what an address is called."""
        if tag.href and tag.name and tag.name.count("@") == 2:
            self._known.setdefault(tag.href, tag.name.lower())

    def of(self, uri: str | None) -> str | None:
        """Return what an actor is called, read from its address or that of something of its own if need be."""
        if uri is None:
            return None
        found = _ACTOR.fullmatch(uri)
        return self._known.get(uri) or (f"@{found[2]}@{found[1]}".lower() if found else None)

    def actor(self, uri: str | None) -> str | None:
        """As `of`; an address that tells no name is a name itself."""
        return self.of(uri) or uri


def _actor_of(activity: object) -> str | None:
    try:
        return _id(read_item(activity, _Acting).actor)
    except MALFORMED:
        return None


def _made(activity: _Activity, names: _Names, records: Records) -> Iterator[Activity]:
    if activity.type not in {"Create", "Announce", "Like"}:
        records.left_out["other"] += 1
        return
    if activity.published is None:
        records.left_out["undated"] += 1
        return
    visibility = _visibility(activity)
    if visibility is None:
        records.left_out["private"] += 1
        return
    actor = names.actor(_id(activity.actor)) or names.owner
    act = {"actor": actor, "published": activity.published, "visibility": visibility}
    if activity.type == "Create":
        yield from _post(activity, names, act, records)
        return
    target = _id(activity.object)
    kind = "reshare" if activity.type == "Announce" else "like"
    yield record(type=kind, id=activity.id, object=target, target_actor=names.of(target), **act)


def _post(activity: _Activity, names: _Names, act: Mapping[str, Any], records: Records) -> Iterator[Activity]:
    post = msgspec.convert(activity.object, _Object, strict=False)
    if post.type not in _POSTS:
        records.left_out["other"] += 1
        return
    tags = [msgspec.convert(tag, _Tag) for tag in items(post.tag) if isinstance(tag, dict)]
    mentions = [tag for tag in tags if tag.type == "Mention"]
    for mention in mentions:
        names.learn(mention)
    parent, quoted = _id(post.in_reply_to), _id(post.quote) or _id(post.quoteUrl) or _id(post.quoteUri)
    asker = names.of(parent)
    text = "\n".join(filter(None, (post.name, plain(post.summary or ""), plain(post.content or ""))))
    hashtags = [tag.name.lstrip("#") for tag in tags if tag.type == "Hashtag" and tag.name]
    said = {"id": post.id, "content": text, "tags": hashtags, "url": _id(post.url), **act}
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
        if name is not None and name != asker:
            yield record(type="mention", id=f"{post.id}#mention-{name}", object=post.id, target_actor=name, **act)


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
