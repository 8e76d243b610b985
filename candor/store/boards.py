"""Boards: everybody on one topic, in compressed pages; the newest of a data set by topic and trust root."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
from collections import Counter
from datetime import UTC
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from candor.scoring.board_row import BoardRow
from candor.scoring.trust_root import root_names
from candor.store import redis_keys
from candor.store.client import (
    DamagedValueError,
    hash_fields,
    pack,
    revise_hash,
    seal,
    text,
    unpack,
    unseal,
)
from candor.store.damaged import Damaged
from candor.store.findings import FACTS, PAGE_ROWS, put_pages
from candor.store.job_redaction import redact_asked
from candor.store.models import DAY_S, BoardFacts, JobRequest, Retention
from candor.store.workers import write

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from redis import Redis
    from redis.client import Pipeline

    from candor.scoring.account_kinds import SaidKind
    from candor.scoring.method import Method
    from candor.scoring.question import Contested
    from candor.scoring.redaction import DataSubject
    from candor.store.job_roots import JobRoots

PAGES_AT_ONCE = 10
MOST_IN_SERIES = 50
MOST_LOOKED_THROUGH = 2_000
"""In so many rows of a board, the first, one account is looked for."""


class Boards:
    """The boards of all owners, kept as long as documents. One asked for again is the newest again."""

    def __init__(self, redis: Redis, roots: JobRoots, retention: Retention) -> None:
        self._redis = redis
        self._roots = roots
        self._life_s = retention.documents_days * DAY_S
        self._facts = msgspec.json.Decoder(BoardFacts)
        self._rows = msgspec.json.Decoder(list[BoardRow])

    def put(self, facts: BoardFacts, rows: Iterable[BoardRow]) -> None:
        """Keep a board: its pages, then its facts, and only then is it found. Doing it twice changes nothing."""
        key = redis_keys.board(facts.owner, facts.id)
        put_pages(self._redis, key, rows, self._life_s)
        self._roots.keep_for_board(facts.owner, facts.request.trust_root, self._life_s)
        index = redis_keys.boards_of(facts.owner, str(facts.request.dataset))

        def _put(pipe: Pipeline) -> None:
            pipe.hset(key, FACTS, seal(facts))
            pipe.expire(key, self._life_s)
            for name in root_names(facts.request.trust_root):
                pipe.hset(index, _place(facts.topic.id, name, facts.method), facts.id)
            pipe.expire(index, self._life_s)

        write(self._redis, _put)
        self._put_in_series(facts)

    def _put_in_series(self, facts: BoardFacts) -> None:
        """Note a board among those of the same question on other days, and forget those that are no longer kept."""
        key = redis_keys.board_series(facts.owner, str(facts.request.dataset))
        series = _series(facts.topic.id, root_names(facts.request.trust_root)[0])
        at = facts.request.as_of.astimezone(UTC).isoformat(timespec="microseconds")
        member = f"{series} {at} {facts.id}"
        others = [each for each in self._in_series(key, series) if each != member]
        kept = [each for each in others if self._redis.exists(redis_keys.board(facts.owner, each.split(" ")[-1]))]
        gone = [*(each for each in others if each not in kept), *kept[: max(0, len(kept) + 1 - MOST_IN_SERIES)]]

        def _put(pipe: Pipeline) -> None:
            pipe.zadd(key, {member: 0})
            if gone:
                pipe.zrem(key, *gone)
            pipe.expire(key, self._life_s)

        write(self._redis, _put)

    def _in_series(self, key: str, series: str) -> list[str]:
        return [text(each) for each in self._redis.zrangebylex(key, f"[{series} ", f"({series}!")]

    def series(self, facts: BoardFacts) -> list[BoardFacts]:
        """Return the boards of the same data set, topic and trust root, by any method: the latest day first."""
        name, *_ = root_names(facts.request.trust_root)
        return self.series_of(facts.owner, str(facts.request.dataset), facts.topic.id, name)

    def series_of(self, owner: str, dataset_id: str, topic_id: str, root: str) -> list[BoardFacts]:
        """Return the boards of a data set on a topic under a trust root (id, kind or digest), the latest day first."""
        key, series = redis_keys.board_series(owner, dataset_id), _series(topic_id, root)
        found = (self.readable(owner, each.split(" ")[-1]) for each in self._in_series(key, series))
        return sorted((each for each in found if each is not None), key=_when, reverse=True)

    def first_rows(self, facts: BoardFacts) -> list[BoardRow]:
        """Return the rows of the first page that is kept."""
        return list(itertools.islice(self.rows(facts), PAGE_ROWS))

    def row_of(self, facts: BoardFacts, account: str) -> BoardRow | None:
        """Return the row of an account among the first, or None; only pages that have its name are read."""
        key, name = redis_keys.board(facts.owner, facts.id), msgspec.json.encode(account)
        for number in range(-(-min(facts.people, MOST_LOOKED_THROUGH) // PAGE_ROWS)):
            packed = self._redis.hget(key, str(number))
            page = b"[]" if packed is None else unpack(packed)
            if name in page:
                for row in self._rows.decode(page):
                    if row.account == account:
                        return row
        return None

    def newest(self, owner: str, dataset_id: str, topic_id: str, root: str, method: str) -> BoardFacts | None:
        """Return the newest board of the owner's data set, or None; `root` is a trust root's id, kind or digest."""
        found = self._redis.hget(redis_keys.boards_of(owner, dataset_id), _place(topic_id, root, method))
        return None if found is None else self.get(owner, text(found))

    def of_dataset(self, owner: str, dataset_id: str) -> list[BoardFacts]:
        """Return the newest board on each topic under each trust root and method of the owner's data set."""
        found = {text(board) for board in self._redis.hvals(redis_keys.boards_of(owner, dataset_id))}
        kept = (self.readable(owner, board) for board in sorted(found))
        return [facts for facts in kept if facts is not None]

    def get(self, owner: str, board_id: str) -> BoardFacts | None:
        """Return what is known of a board, or None."""
        raw = self._redis.hget(redis_keys.board(owner, board_id), FACTS)
        return None if raw is None else unseal(raw, self._facts)

    def delete(self, owner: str, board_id: str) -> bool:
        """Delete a board; the one of the latest day before answers its question then. False when there is none."""
        if (facts := self.readable(owner, board_id)) is None:  # a damaged one is found by its id alone
            return bool(self._redis.delete(redis_keys.board(owner, board_id)))
        dataset, names = str(facts.request.dataset), root_names(facts.request.trust_root)
        index, series = redis_keys.boards_of(owner, dataset), redis_keys.board_series(owner, dataset)
        others = [each for each in self.series(facts) if each.id != board_id and each.method == facts.method]
        member = next(
            (each for each in self._in_series(series, _series(facts.topic.id, names[0])) if each.endswith(board_id)), ""
        )
        places = [_place(facts.topic.id, name, facts.method) for name in names]
        shown = [place for place in places if text(self._redis.hget(index, place) or b"") == board_id]

        def _forget(pipe: Pipeline) -> None:
            pipe.delete(redis_keys.board(owner, board_id))
            pipe.zrem(series, member)
            for place in shown:
                if others and others[0].request.trust_root.digest == facts.request.trust_root.digest:
                    pipe.hset(index, place, others[0].id)
                else:
                    pipe.hdel(index, place)

        write(self._redis, _forget)
        return True

    def readable(self, owner: str, board_id: str) -> BoardFacts | None:
        """Return what is known of a board, or None where there is none or it is damaged, for lists of many."""
        with contextlib.suppress(DamagedValueError):
            return self.get(owner, board_id)
        return None

    def life_s(self, owner: str, board_id: str) -> int | None:
        """Return for how many seconds more a board is kept, or None when there is none."""
        left = int(self._redis.ttl(redis_keys.board(owner, board_id)))
        return left if left > 0 else None

    def rows(self, facts: BoardFacts, after: int = 0) -> Iterator[BoardRow]:
        """Yield the rows behind one, by its number: the first page of them alone, others some at a time.

        Raises DamagedValueError.
        """
        key = redis_keys.board(facts.owner, facts.id)
        number, pages, at_once = after // PAGE_ROWS, -(-facts.people // PAGE_ROWS), 1
        while number < pages:
            some = list(map(str, range(number, min(number + at_once, pages))))
            for raw in self._redis.hmget(key, some):
                if raw is None:
                    raise DamagedValueError("a page of a board is not there")
                yield from (row for row in self._rows.decode(unpack(raw)) if row.row > after)
            number, at_once = number + at_once, PAGES_AT_ONCE

    def kept_of(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the person's rows."""
        for key, facts in self._on_network(subject.network, owner, Damaged()):
            with contextlib.suppress(DamagedValueError):
                for _, page in self._mentioning(key, subject):
                    for row in self._rows.decode(page):
                        if row.account in subject.names:
                            yield {"at": key, "topic": facts.topic.id, "row": msgspec.to_builtins(row)}

    def erase(self, subject: DataSubject, owner: str | None) -> Mapping[str, int]:
        """Leave the person's rows out, and delete damaged boards, of which nobody can tell who is on them.

        Everybody keeps their rank: documents and cards were published with it.
        """
        changed, damaged = 0, Damaged()
        for key, _ in self._on_network(subject.network, owner, damaged):
            with damaged.noted(key):
                gone = Counter[str]()
                for number, _ in self._mentioning(key, subject):
                    gone.update(self._redact_page(key, number, subject))
                changed += bool(self._redact_facts(key, subject, gone) or gone)
        return {"boards": changed, **damaged.delete(self._redis)}

    def _on_network(self, network: str, owner: str | None, damaged: Damaged) -> Iterator[tuple[str, BoardFacts]]:
        """Yield the boards of a network; those of which it cannot be told go into `damaged`."""
        for key, (raw,) in hash_fields(self._redis, redis_keys.board(owner, None), FACTS):
            with damaged.noted(key):
                facts = None if raw is None else unseal(raw, self._facts)
                if facts is not None and facts.request.network == network:
                    yield key, facts

    def _mentioning(self, key: str, subject: DataSubject) -> Iterator[tuple[str, bytes]]:
        """Yield the pages that may hold the person. Raises DamagedValueError."""
        for number in [text(name) for name in self._redis.hkeys(key) if name.isdigit()]:
            packed = self._redis.hget(key, number)
            if packed is not None and subject.may_occur_in(page := unpack(packed)):
                yield number, page

    def _redact_facts(self, key: str, subject: DataSubject, gone: Mapping[str, int]) -> bool:
        """Count rows that are gone, by kind, no longer, and call a list of the person's by its address no longer."""

        def _change(fields: list[bytes | None]) -> Mapping[str, bytes] | None:
            facts = unseal(fields[0], self._facts) if fields[0] else None
            if facts is None:
                return None
            kinds = {kind: max(0, count - gone.get(kind, 0)) for kind, count in facts.kinds.items()}
            root = redact_asked(facts.request.trust_root, subject)
            left = replace(facts, request=replace(facts.request, trust_root=root), kinds=kinds)
            return None if left == facts else {FACTS: seal(left)}

        return revise_hash(self._redis, key, [FACTS], _change)

    def _redact_page(self, key: str, number: str, subject: DataSubject) -> list[str]:
        """Leave the person's rows out of a page; return of what kinds they were."""
        gone: list[str] = []

        def _change(fields: list[bytes | None]) -> Mapping[str, bytes] | None:
            rows = self._rows.decode(unpack(fields[0])) if fields[0] else []
            kept = [row for row in rows if row.account not in subject.names]
            gone[:] = [row.kind for row in rows if row.account in subject.names]
            return {number: pack(msgspec.json.encode(kept))} if gone else None

        revise_hash(self._redis, key, [number], _change)
        return gone


def board_id(
    request: JobRequest, method: Method, contested: Iterable[Contested] = (), kinds: Iterable[SaidKind] = ()
) -> str:
    """Return the id of the board a request leads to, made from all it depends on: left-out evidence, kinds by word."""
    root = request.trust_root
    made_from = [
        *(request.network, request.dataset, request.dataset_digest, request.topics[0].digest, request.as_of),
        *(request.window_days, request.profile, request.granted_rights, root.digest, root.id, method.digest),
        *contested,
        *kinds,
    ]
    return "bd_" + hashlib.sha256(msgspec.json.encode(made_from)).hexdigest()[:32]


def _place(topic_id: str, root: str, method: str) -> str:
    """Name the question of a board: it says no topic or trust root aloud, whose ids may hold a name."""
    return hashlib.sha256(msgspec.json.encode([topic_id, root, method])).hexdigest()[:32]


def _series(topic_id: str, root: str) -> str:
    """Name the question whose boards follow one another: it says no trust root aloud, which can be somebody's list."""
    return hashlib.sha256(msgspec.json.encode([topic_id, root])).hexdigest()[:16]


def _when(facts: BoardFacts) -> tuple[datetime, datetime]:
    """Return what sorts the boards of a series: the time they speak of, then when they were made."""
    return facts.request.as_of, facts.made_at or facts.request.as_of
