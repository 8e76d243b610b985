"""What the records of Bluesky accounts make, as repositories and Jetstream hold them: two readings of the same files.

The first finds who asks not to be read, what was deleted, and which lists recommend people: these may stand anywhere.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.bluesky import (
    CURATED,
    NO_STRANGERS,
    PostRecord,
    Reference,
    author_of,
    records_of_post,
)
from candor.formats.reading import MALFORMED, read_item, record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from candor.formats.dumps.dump import Run
    from candor.scoring.activity import Activity

_POST, _LIKE, _REPOST, _FOLLOW, _LIST, _PLACE, _PACK, _PROFILE, _GATE = (
    f"app.bsky.{name}"
    for name in (
        *("feed.post", "feed.like", "feed.repost", "graph.follow", "graph.list", "graph.listitem"),
        *("graph.starterpack", "actor.profile", "feed.postgate"),
    )
)
TELLING = frozenset({_LIST, _PACK, _PROFILE, _GATE})
"""Collections that say how others are to be read."""


class _Label(msgspec.Struct):
    val: str = ""


class _Labels(msgspec.Struct):
    values: list[_Label] = []


class _Profile(msgspec.Struct):
    displayName: str | None = None  # noqa: N815 as the lexicon spells it
    labels: _Labels | None = None

    @property
    def own_labels(self) -> set[str]:
        return {label.val for label in self.labels.values} if self.labels else set()


class _Act(msgspec.Struct):
    subject: Reference
    via: Reference | None = None


class _Follow(msgspec.Struct):
    subject: str


class _Place(msgspec.Struct):
    subject: str
    list: str


class _Listing(msgspec.Struct):
    purpose: str | None = None
    list: str | None = None
    name: str = ""
    description: str | None = None


class _Gate(msgspec.Struct):
    post: str
    detachedEmbeddingUris: list[str] = []  # noqa: N815


class Accounts:
    """What accounts say that changes how their records, or those of others, are read."""

    def __init__(self) -> None:
        self._declines: dict[str, tuple[datetime, bool]] = {}
        self._gone: dict[str, tuple[datetime, bool]] = {}
        self._deleted: set[int] = set()
        self._detached: dict[str, set[str]] = {}
        self._lists: dict[str, dict[str, str]] = {}

    def take_in(self, did: str, key: str, said: object, at: datetime) -> None:
        """Note what a record of one of the TELLING collections says; the newest of a profile counts."""
        collection, uri = key.partition("/")[0], f"at://{did}/{key}"
        with suppress(*MALFORMED):
            if collection == _PROFILE:
                declines = NO_STRANGERS in read_item(said, _Profile).own_labels
                self._declines[did] = max(self._declines.get(did, (at, declines)), (at, declines))
            elif collection == _GATE:
                gate = read_item(said, _Gate)
                if author_of(gate.post) == did:  # nobody else may take a post out of a quote
                    for quoting in gate.detachedEmbeddingUris:
                        self._detached.setdefault(quoting, set()).add(gate.post)
            elif collection in {_LIST, _PACK}:
                listing = read_item(said, _Listing)
                if listing.purpose == CURATED or collection == _PACK:
                    of = listing.list or "" if collection == _PACK else uri
                    text = f"{listing.name}\n{listing.description or ''}".strip()
                    self._lists.setdefault(of, {})[uri] = text

    def take_out(self, did: str, key: str) -> None:
        """Note that a record was deleted."""
        self._deleted.add(hash((did, key)))

    def set_active(self, did: str, at: datetime, *, active: bool) -> None:
        """Note whether an account is there; the newest word counts."""
        self._gone[did] = max(self._gone.get(did, (at, not active)), (at, not active))

    def declined(self) -> Iterator[Activity]:
        """Yield who asks not to be shown to strangers."""
        for did, (at, declines) in self._declines.items():
            if declines:
                yield record(type="account", actor=did, published=at, consent=False)

    def why_not(self, did: str, key: str) -> str | None:
        """Say under which reason a record is left out: its account asks for that, or it is gone."""
        if did in self._declines and self._declines[did][1]:
            return "private"
        is_gone = did in self._gone and self._gone[did][1]
        return "deleted" if is_gone or hash((did, key)) in self._deleted else None

    def records_of(self, did: str, key: str, said: Mapping[str, Any], at: datetime, run: Run) -> Iterator[Activity]:
        """Yield what a record of an account, under COLLECTION/KEY, makes; others are counted. May raise MALFORMED."""
        if reason := self.why_not(did, key):
            run.left_out[reason] += 1
            return
        collection, uri = key.partition("/")[0], f"at://{did}/{key}"
        if collection == _POST:
            wrote = read_item(said, PostRecord, run.left_out)
            quoted = None if wrote.quoted in self._detached.get(uri, ()) else wrote.quoted
            yield from records_of_post(uri, wrote, quoted, record, did=did, at=at)
        elif collection in {_LIKE, _REPOST}:
            yield _act("like" if collection == _LIKE else "reshare", uri, did, at, read_item(said, _Act, run.left_out))
        elif collection == _FOLLOW:
            yield record(type="follow", id=uri, actor=did, published=at, target_actor=read_item(said, _Follow).subject)
        elif collection == _PROFILE:
            profile = read_item(said, _Profile, run.left_out)
            run.name(did, profile.displayName, at, "bot" if "bot" in profile.own_labels else None)
        elif collection == _PLACE and (made := list(self._listed(did, read_item(said, _Place), at))):
            yield from made
        elif collection not in TELLING:
            run.left_out["other"] += 1

    def _listed(self, did: str, place: _Place, at: datetime) -> Iterator[Activity]:
        """Yield a place on a list, and in the starter packs that it stands behind; all of them the account's own."""
        for uri, text in self._lists.get(place.list, {}).items() if place.list.startswith(f"at://{did}/") else ():
            if uri.startswith(f"at://{did}/"):
                whom = place.subject
                said = {"object": uri, "target_actor": whom, "content": text}
                yield record(type="list", id=f"{uri}#{whom}", actor=did, published=at, **said)


def _act(kind: str, uri: str, did: str, at: datetime, act: _Act) -> Activity:
    of, via = act.subject.uri, act.via.uri if act.via else None
    whose = of.removeprefix("at://").partition("/")[0] if of.startswith("at://did:") else None
    return record(type=kind, id=uri, actor=did, published=at, object=of, target_actor=whose, via=via)
