"""Lines of Bluesky's Jetstream: what people did in public, one event a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.dumps.dump import Format, FormatFacts, Run
from candor.formats.dumps.objects import objects_in
from candor.formats.reading import record
from candor.scoring.loose_values import time_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from candor.scoring.activity import Activity

FACTS = FormatFacts(
    id="jetstream",
    label="Bluesky Jetstream",
    files="events, one a line, also .zst",
    network="bluesky",
    account="DID",
    question="none: a post that answers none is a note",
    answer="a reply; a post with a post in it is a quote, a repost a reshare",
    accept="none: answers cannot be accepted there",
    lost="what is deleted or edited later, what is blocked, pictures; who is not among the events",
)
_POST, _LIKE, _REPOST, _FOLLOW = (
    f"app.bsky.{name}" for name in ("feed.post", "feed.like", "feed.repost", "graph.follow")
)


_CREATES = frozenset({"create", "c"})
"""As it is written, and as it was in the first months of Jetstream."""


class _Commit(msgspec.Struct):
    collection: str
    rkey: str
    operation: str = ""
    type: str = ""
    record: dict[str, Any] = {}


class _Event(msgspec.Struct):
    did: str
    time_us: int
    commit: _Commit | None = None


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of events. Raises UnreadableError."""
    for path in paths:
        yield from run.each(objects_in(path), _Event, lambda event: _said(event, run))


def _said(event: _Event, run: Run) -> Iterator[Activity]:
    done = event.commit
    if done is None or not _CREATES & {done.operation, done.type}:
        run.left_out["other"] += 1
        return
    yield from records_of(event.did, f"{done.collection}/{done.rkey}", done.record, time_of(event.time_us)[0], run)


def records_of(did: str, key: str, said: Mapping[str, Any], at: datetime | None, run: Run) -> Iterator[Activity]:
    """Yield what a record of an account, under COLLECTION/KEY, makes; others are counted. May raise MALFORMED."""
    collection, uri = key.partition("/")[0], f"at://{did}/{key}"
    act = {"actor": did, "published": at}
    if collection == _POST:
        yield from _post(uri, said, act)
    elif collection in {_LIKE, _REPOST}:
        kind, of = "like" if collection == _LIKE else "reshare", said["subject"]["uri"]
        yield record(type=kind, id=uri, object=of, target_actor=_author(of), via=_uri(said, "via"), **act)
    elif collection == _FOLLOW:
        yield record(type="follow", id=uri, target_actor=said["subject"], **act)
    else:
        run.left_out["other"] += 1


def _post(key: str, post: Mapping[str, Any], act: Mapping[str, Any]) -> Iterator[Activity]:
    features = [feature for facet in post.get("facets") or () for feature in facet.get("features") or ()]
    tags = [feature["tag"] for feature in features if "tag" in feature]
    said = {"id": key, "content": post.get("text") or "", "tags": [*tags, *(post.get("tags") or ())], **act}
    parent, quoted = _uri(post.get("reply"), "parent"), _quoted(post.get("embed"))
    if parent is not None:
        yield record(type="reply", object=parent, target_actor=_author(parent), **said)
        if quoted is not None:
            yield record(type="quote", id=f"{key}#quote", object=quoted, target_actor=_author(quoted), **act)
    elif quoted is not None:
        yield record(type="quote", object=quoted, target_actor=_author(quoted), **said)
    else:
        yield record(type="note", **said)
    answered = None if parent is None else _author(parent)
    for name in dict.fromkeys(feature["did"] for feature in features if "did" in feature):
        if name != answered:
            yield record(type="mention", id=f"{key}#mention-{name}", object=key, target_actor=name, **act)


def _uri(value: object, name: str) -> str | None:
    found = value.get(name) if isinstance(value, dict) else None
    uri = found.get("uri") if isinstance(found, dict) else None
    return uri if isinstance(uri, str) else None


def _quoted(embed: object) -> str | None:
    """Return the address of the post that stands in another, alone or beside pictures."""
    return _uri(embed, "record") or (_uri(embed.get("record"), "record") if isinstance(embed, dict) else None)


def _author(uri: str) -> str | None:
    return uri.removeprefix("at://").partition("/")[0] if uri.startswith("at://did:") else None


FORMAT = Format(FACTS, read)
