"""Boards: the person's row goes. The ranks of the others stay, as they are what was found."""

from __future__ import annotations

import itertools
import zlib
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from candor.scoring.board import BoardRow
from candor.store import keys
from candor.store.boards import FACTS
from candor.store.models import BoardFacts
from candor.store.replies import unpack
from candor.store.subjects.places import hash_fields, revise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from redis import Redis

    from candor.scoring.subject import Subject


class BoardRows:
    """The boards of every owner, page by page, and the trust roots that stand in their facts."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._facts = msgspec.json.Decoder(BoardFacts)
        self._rows = msgspec.json.Decoder(list[BoardRow])

    def show(self, subject: Subject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the person's rows."""
        for key, facts in self._boards(subject, owner):
            for _, page in self._pages(key, subject):
                for row in self._rows.decode(page):
                    if row.account in subject.names:
                        yield {"at": key, "topic": facts.topic.id, "row": msgspec.to_builtins(row)}

    def erase(self, subject: Subject, owner: str | None, at: datetime) -> Mapping[str, int]:
        """See Place."""
        del at
        changed = 0
        for key, _ in self._boards(subject, owner):
            pages = [self._revise_page(key, number, subject) for number, _ in self._pages(key, subject)]
            changed += self._revise_facts(key, subject) or any(pages)
        return {"boards": changed}

    def _boards(self, subject: Subject, owner: str | None) -> Iterator[tuple[str, BoardFacts]]:
        for key, (raw,) in hash_fields(self._redis, keys.every("board", owner), FACTS):
            if raw is not None and (facts := self._facts.decode(raw)).request.network == subject.network:
                yield key, facts

    def _pages(self, key: str, subject: Subject) -> Iterator[tuple[str, bytes]]:
        """Yield the pages that may hold the person."""
        for number in map(str, itertools.count()):
            packed = self._redis.hget(key, number)
            if packed is None:
                return
            if subject.is_among(page := unpack(packed)):
                yield number, page

    def _revise_page(self, key: str, number: str, subject: Subject) -> bool:
        def _change(fields: list[bytes | None]) -> Mapping[str, bytes] | None:
            rows = self._rows.decode(zlib.decompress(fields[0])) if fields[0] else []
            kept = [row for row in rows if row.account not in subject.names]
            return {number: zlib.compress(msgspec.json.encode(kept), 1)} if len(kept) < len(rows) else None

        return revise(self._redis, key, [number], _change)

    def _revise_facts(self, key: str, subject: Subject) -> bool:
        def _change(fields: list[bytes | None]) -> Mapping[str, bytes] | None:
            if fields[0] is None:
                return None
            facts = self._facts.decode(fields[0])
            root = facts.request.trust_root.without(subject.names)
            if root == facts.request.trust_root:
                return None
            return {FACTS: msgspec.json.encode(replace(facts, request=replace(facts.request, trust_root=root)))}

        return revise(self._redis, key, [FACTS], _change)
