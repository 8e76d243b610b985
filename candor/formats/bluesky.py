"""Posts of Bluesky as their authors wrote them (app.bsky lexicons), wherever they are found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from candor.scoring.markup import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from candor.scoring.activity import Activity

NO_STRANGERS = "!no-unauthenticated"
"""What an account labels itself with that asks to be shown to nobody who is not signed in."""
CURATED = "app.bsky.graph.defs#curatelist"
"""The purpose of a list that recommends people; others mute them, or stand behind a starter pack."""
_POST = re.compile(r"at://(did:[a-z0-9]+:[\w.:%-]+)/app\.bsky\.feed\.post/[\w.~:-]+")


class Reference(msgspec.Struct):
    """A pointer to a record."""

    uri: str


class ReplyTo(msgspec.Struct):
    """Where a reply stands."""

    parent: Reference


class Span(msgspec.Struct):
    """A stretch of a text, in bytes of UTF-8."""

    byteStart: int  # noqa: N815 as the lexicon spells it
    byteEnd: int  # noqa: N815


class Meaning(msgspec.Struct):
    """What a stretch of text is: a mention has a did, a hashtag a tag, a link a uri."""

    did: str | None = None
    tag: str | None = None
    uri: str | None = None


class Facet(msgspec.Struct):
    """A stretch of text and what it is."""

    index: Span
    features: list[Meaning] = []


class PostRecord(msgspec.Struct):
    """A post as its author wrote it."""

    text: str = ""
    createdAt: str = ""  # noqa: N815
    tags: list[str] = []
    facets: list[Facet] = []
    reply: ReplyTo | None = None
    embed: dict[str, Any] | None = None
    bridgyOriginalText: str | None = None  # noqa: N815 # of a post that is longer where it was bridged from, as HTML

    @property
    def quoted(self) -> str | None:
        """Return the uri of the post that is quoted, beside pictures or not; feeds and lists are no posts."""
        found: Any = self.embed
        while isinstance(found, dict):
            found = found.get("record", found.get("uri"))
        return found if isinstance(found, str) and _POST.fullmatch(found) else None

    @property
    def content(self) -> str:
        """Return the text with its links in full, which a client shortens. Offsets count bytes of UTF-8."""
        if self.bridgyOriginalText:
            return plain(self.bridgyOriginalText)
        if not self.facets:
            return self.text
        raw, done, parts = self.text.encode(), 0, []
        for facet in sorted(self.facets, key=lambda facet: facet.index.byteStart):
            start, end = facet.index.byteStart, facet.index.byteEnd
            uri = next((meaning.uri for meaning in facet.features if meaning.uri), None)
            if uri and done <= start < end <= len(raw):
                parts += [raw[done:start], uri.encode()]
                done = end
        return b"".join([*parts, raw[done:]]).decode(errors="replace")


def author_of(uri: str) -> str | None:
    """Return whose post stands at an at:// address, None when it is no post's."""
    found = _POST.fullmatch(uri)
    return found[1] if found else None


def records_of_post(
    uri: str, wrote: PostRecord, quoted: str | None, record: Callable[..., Activity], *, did: str, at: datetime
) -> Iterator[Activity]:
    """Yield a post's records: itself, the post that it quotes, whom it mentions beside the one it answers.

    `record` makes one of its fields. May raise one of MALFORMED.
    """
    act = {"actor": did, "published": at}
    meanings = [meaning for facet in wrote.facets for meaning in facet.features]
    tags = list(dict.fromkeys([*wrote.tags, *(meaning.tag for meaning in meanings if meaning.tag)]))
    said = {**act, "id": uri, "content": wrote.content, "tags": tags, "url": _page(uri, did)}
    of = {"object": quoted, "target_actor": author_of(quoted or "")}
    answered = wrote.reply.parent.uri if wrote.reply else None
    asker = author_of(answered or "")
    if answered is not None:
        yield record(type="reply", object=answered, target_actor=asker, **said)
        if quoted:
            yield record(type="quote", id=f"{uri}#quote", **of, **act)
    elif quoted:
        yield record(type="quote", **of, **said)
    else:
        yield record(type="note", **said)
    for named in dict.fromkeys(meaning.did for meaning in meanings if meaning.did not in {None, asker}):
        yield record(type="mention", id=f"{uri}#mention-{named}", object=uri, target_actor=named, **act)


def _page(uri: str, did: str) -> str:
    return f"https://bsky.app/profile/{did}/post/{uri.rpartition('/')[2]}"
