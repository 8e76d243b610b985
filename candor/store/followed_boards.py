"""Followed boards: boards that are made again when their data set has changed, and which board came after which."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from candor.scoring.topics import Topic  # msgspec looks it up
from candor.store import redis_keys
from candor.store.client import DamagedValueError, revise_hash, text
from candor.store.damaged import Damaged
from candor.store.deliveries import Notification, ResourceRef
from candor.store.published_datasets import readable
from candor.store.sealed import OwnedHash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from redis import Redis
    from redis.client import Pipeline

    from candor.scoring.redaction import DataSubject
    from candor.store.deliveries import Deliveries

log = logging.getLogger(__name__)

UPDATED = "board.updated"
MOST_KEPT = 50
LOOKED_AT_S = 30.0
_CLAIM = """
local due = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not due or tonumber(due) > tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
return 1
"""
"""KEYS: due. ARGV: owner and id, time, when another may look if whoever claims it dies. Returns 1 to one caller."""


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """A board that took the place of the one before."""

    board_id: str
    made_at: datetime
    dataset_digest: str


class FollowedBoard(msgspec.Struct, frozen=True, kw_only=True):
    """A board to be made again when its data set has changed, at most every so many minutes.

    `trust_root` is the id of a root, `network` or `none`. `places` are the first places whose changes are told of.
    `updates` are the boards made so far, the newest last; `job_id` is the job that makes the next one.
    """

    id: str
    owner: str
    dataset: str
    topic: Topic
    trust_root: str
    window_days: int
    every_minutes: int
    places: int
    updates: tuple[Update, ...] = ()
    job_id: str | None = None
    next_at: datetime | None = None
    error: str | None = None

    @property
    def asks(self) -> tuple[str, str, str, int]:
        """Say what is ranked; the rest says how often, and what is told."""
        return self.dataset, self.topic.digest, self.trust_root, self.window_days


class FollowedBoards:
    """The followed boards of all owners, an ErasureTarget, kept until they are deleted."""

    def __init__(self, redis: Redis, deliveries: Deliveries, clock: Callable[[], datetime]) -> None:
        self._redis = redis
        self._deliveries = deliveries
        self._boards = OwnedHash(redis, FollowedBoard, redis_keys.followed_boards)
        self._claim = redis.register_script(_CLAIM)
        self.clock = clock

    def put(self, board: FollowedBoard) -> bool:
        """Follow a board from now on; True when the id is new."""
        is_new = self._boards.put(board.owner, board.id, board)
        self.look_at(board, self.clock())
        return is_new

    def get(self, owner: str, name: str) -> FollowedBoard | None:
        """Return the owner's followed board, or None."""
        return self._boards.get(owner, name)

    def list(self, owner: str) -> list[FollowedBoard]:
        """Return all the owner's followed boards, by id; damaged ones are left out."""
        return [*self._boards.readable(owner)]

    def delete(self, owner: str, name: str) -> bool:
        """Follow it no longer; False when there was none. The boards made so far stay."""
        self._redis.zrem(redis_keys.FOLLOWED_BOARDS, _member(owner, name))
        return self._boards.delete(owner, name)

    def due(self) -> Iterator[FollowedBoard]:
        """Yield the boards that are to be looked at, each to one caller."""
        now_s = self.clock().timestamp()
        for raw in self._redis.zrangebyscore(redis_keys.FOLLOWED_BOARDS, "-inf", now_s):
            member = text(raw)
            if self._claim(keys=[redis_keys.FOLLOWED_BOARDS], args=[member, now_s, now_s + LOOKED_AT_S]):
                owner, name = msgspec.json.decode(member, type=tuple[str, str])
                try:
                    board = self.get(owner, name)
                except DamagedValueError:
                    log.exception("a followed board is damaged, so it is followed no longer: %s", name)
                    board = None
                if board is not None:
                    yield board
                else:
                    self._redis.zrem(redis_keys.FOLLOWED_BOARDS, member)

    def save(self, before: FollowedBoard, board: FollowedBoard, at: datetime, *, update: Update | None = None) -> bool:
        """Keep what became of a board, to be looked at then; False when it was changed or deleted meanwhile.

        Webhooks are told of an `update` in the same step; who entered and who left is read at its address, not sent.
        """
        key, member = redis_keys.followed_boards(board.owner), _member(board.owner, board.id)

        def _step(pipe: Pipeline) -> None:
            raw = pipe.hget(key, board.id)
            if not isinstance(raw, bytes) or self._boards.read(key, board.id, raw) != before:
                raise _ChangedError
            pipe.multi()
            pipe.hset(key, board.id, self._boards.written(key, board.id, board))
            pipe.zadd(redis_keys.FOLLOWED_BOARDS, {member: at.timestamp()})
            if update is not None:
                about = ResourceRef(id=board.id, url=f"/v1/followed-boards/{board.id}")
                told = Notification(type=UPDATED, timestamp=update.made_at, data=about)
                self._deliveries.enqueue(pipe, board.owner, told)

        try:
            self._redis.transaction(_step, key)
        except _ChangedError:
            return False
        return True

    def kept_of(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the boards whose error speaks of the person."""
        for key, board_id in self._naming(subject, owner, Damaged()):
            yield {"at": key, "board": board_id}

    def erase(self, subject: DataSubject, owner: str | None) -> Mapping[str, int]:
        """Take the name out of why a board could not be made; a damaged one is followed no longer."""

        def _change(fields: list[bytes | None], key: str, board_id: str) -> Mapping[str, bytes] | None:
            board = self._boards.read(key, board_id, fields[0]) if fields[0] else None
            if not board or not board.error:
                return None
            return {board_id: self._boards.written(key, board_id, replace(board, error=subject.redact(board.error)))}

        damaged = Damaged()
        named = list(self._naming(subject, owner, damaged))
        changed = [
            revise_hash(self._redis, key, [name], partial(_change, key=key, board_id=name)) for key, name in named
        ]
        return {"followed_boards": sum(changed), **damaged.delete(self._redis)}

    def _naming(self, subject: DataSubject, owner: str | None, damaged: Damaged) -> Iterator[tuple[str, str]]:
        """Yield where boards stand whose error speaks of the person; where unreadable ones stand goes to `damaged`."""
        for key, name, board in self._boards.located(redis_keys.followed_boards(owner), damaged):
            if board.error and subject.redact(board.error) != board.error and self._may_be_about(board, subject):
                yield key, name

    def _may_be_about(self, board: FollowedBoard, subject: DataSubject) -> bool:
        """Tell whether its data set is of the person's network, or gone: elsewhere the same word is somebody else."""
        kept = readable(self._redis.get(redis_keys.dataset(board.owner, board.dataset)))
        return kept is None or kept.dataset.network == subject.network

    def look_at(self, board: FollowedBoard, at: datetime) -> None:
        """Have it looked at then."""
        self._redis.zadd(redis_keys.FOLLOWED_BOARDS, {_member(board.owner, board.id): at.timestamp()})


class _ChangedError(Exception):
    """Somebody else changed the board meanwhile."""


def _member(owner: str, name: str) -> str:
    return msgspec.json.encode([owner, name]).decode()
