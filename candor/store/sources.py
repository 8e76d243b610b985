"""Sources: what data sets follow, how far each was read, and when it is read next."""

from __future__ import annotations

import hashlib
import logging
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec
from msgspec.structs import replace
from redis.exceptions import RedisError

from candor.names.accounts import lenient_namer
from candor.store import redis_keys
from candor.store.client import DamagedValueError, if_damaged, keys_like, seal, text, unseal
from candor.store.models import DAY_S
from candor.store.recovery import MAX_LOST, pause_after
from candor.store.workers import holders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from redis import Redis

    from candor.scoring.redaction import DataSubject
    from candor.store.models import Retention
    from candor.store.queue import JobQueue

log = logging.getLogger(__name__)

FUNCTION = "worker.follow.read"
MAX_ATTEMPTS = 3
NOT_BEGUN = "No worker could begin to read; the reason is in the operator's log."
SourceStatus: TypeAlias = Literal["queued", "reading", "waiting", "read", "failed"]
_SAVE = """
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[2], 'token', ARGV[4])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""
"""KEYS: source. ARGV: the token of what was asked, the state, seconds to live, the token from now on.

0: it is another one's by now.
"""


class AskedSource(msgspec.Struct, frozen=True, kw_only=True):
    """What a data set is to follow: a network, or with `part` and `name` one part of it, such as a tag.

    It is read again `every_minutes` after it was read, with at most `max_requests` each time, and from `window_days`
    before it was first read on.
    """

    network: str
    part: str | None = None
    name: str | None = None
    every_minutes: int | None = None
    max_requests: int
    window_days: int

    @property
    def place(self) -> tuple[str, str | None, str | None, int]:
        """Say what is read; the rest says how often."""
        return self.network, self.part, self.name, self.window_days


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """How far a source was read. `cursor` is the reader's own note of where it goes on.

    `began_at` is when the reading in hand began, `spent` what it has asked so far; `requests` and `records` add up over
    all readings. `complete` says whether the last one came to the end of what there was. `kept` says whether the data
    set holds something of it. `trust_root` is the id of the trust root that names whom the source itself trusts.
    `attempts` counts how often the reading in hand was begun, `lost` how often it was found in nobody's hands since.
    """

    status: SourceStatus = "queued"
    cursor: dict[str, Any] = {}
    since: datetime
    began_at: datetime | None = None
    last_read_at: datetime | None = None
    next_read_at: datetime | None = None
    complete: bool = False
    kept: bool = False
    spent: int = 0
    requests: int = 0
    records: int = 0
    gaps: tuple[str, ...] = ()
    trust_root: str | None = None
    waits_for: str | None = None
    error: str | None = None
    attempts: int = 0
    lost: int = 0


class FollowedSource(msgspec.Struct, frozen=True, kw_only=True):
    """What a data set follows and how far it was read.

    `token` is another one when something else is followed, or somebody was erased: a reading in hand keeps nothing
    more then, and begins again where it last kept something.
    """

    id: str
    owner: str
    dataset: str
    asked: AskedSource
    token: str
    state: SourceState

    @property
    def since(self) -> datetime:
        """When this was asked for first."""
        return self.state.since + timedelta(days=self.asked.window_days)


_FIELDS: Mapping[str, msgspec.json.Decoder[Any]] = {
    each.name: msgspec.json.Decoder(each.type) for each in msgspec.structs.fields(FollowedSource) if each.name != "id"
}


class Sources:
    """The sources of all owners, an ErasureTarget, kept as long as data sets.

    One that is due is read until it was, whoever dies.
    """

    def __init__(self, redis: Redis, queue: JobQueue, retention: Retention, clock: Callable[[], datetime]) -> None:
        self._redis = redis
        self._queue = queue
        self._life_s = retention.datasets_days * DAY_S
        self._clock = clock
        self._save = redis.register_script(_SAVE)

    def follow(self, owner: str, dataset: str, asked: AskedSource) -> FollowedSource:
        """Let a data set follow a source from now on. Of the same place, reading goes on where it was."""
        before, now = self._readable(source_id(owner, dataset)), self._clock()
        if before is not None and before.asked.place == asked.place:
            source = replace(before, asked=asked)
        else:
            state = SourceState(since=now - timedelta(days=asked.window_days))
            token = f"{now.timestamp()}"
            name = source_id(owner, dataset)
            source = FollowedSource(id=name, owner=owner, dataset=dataset, asked=asked, token=token, state=state)
        key = redis_keys.source(source.id)
        fields: dict[Any, Any] = {name: seal(getattr(source, name), f"{key} {name}") for name in _FIELDS}
        with self._redis.pipeline() as pipe:
            pipe.delete(key)
            pipe.hset(key, mapping=fields)
            pipe.expire(key, self._life_s)
            pipe.execute()
        return self.refresh(source)

    def refresh(self, source: FollowedSource) -> FollowedSource:
        """Have it read as soon as a worker is free."""
        self._redis.zadd(redis_keys.SOURCES, {source.id: self._clock().timestamp()})
        if self._redis.exists(redis_keys.job_lease(source.id)):
            return source  # read now; the launcher looks when that has ended
        source = replace(source, state=replace(source.state, status="queued", next_read_at=None, attempts=0, lost=0))
        self.save(source)
        try:
            self.push(source.id)
        except RedisError:  # a launcher will find it
            return source
        return source

    def get(self, owner: str, dataset: str) -> FollowedSource | None:
        """Return what the owner's data set follows, or None. Raises DamagedValueError."""
        return self.find(source_id(owner, dataset))

    def find(self, name: str) -> FollowedSource | None:
        """Return a source by its id, or None. Raises DamagedValueError."""
        key = redis_keys.source(name)
        found = self._redis.hgetall(key)
        if not found:
            return None
        said = {each: unseal(found.get(each.encode(), b""), _FIELDS[each], f"{key} {each}") for each in _FIELDS}
        return FollowedSource(id=name, **said)

    def _readable(self, name: str) -> FollowedSource | None:
        """Return what `find` does; a damaged one is none, and the log says so: it is not read until it is set anew."""
        try:
            return self.find(name)
        except DamagedValueError:
            log.exception("what a data set follows is damaged, so it is not read: %s", name)
            return None

    def all_of(self, owner: str) -> dict[str, FollowedSource]:
        """Return all sources of an owner by the data sets that follow them, without damaged ones."""
        return {source.dataset: source for source in self._all() if source.owner == owner}

    def delete(self, owner: str, dataset: str) -> bool:
        """Follow it no longer; False when nothing was followed. A reading in hand keeps nothing more."""
        return self._forget(source_id(owner, dataset))

    def save(self, source: FollowedSource, new_token: str | None = None) -> bool:
        """Keep how far it was read, maybe under a new token; False when the token is another one by now."""
        key = redis_keys.source(source.id)
        state, before = seal(source.state, f"{key} state"), seal(source.token, f"{key} token")
        token = before if new_token is None else seal(new_token, f"{key} token")
        return bool(self._save(keys=[key], args=[before, state, self._life_s, token]))

    def start(self, owner: str, name: str) -> FollowedSource | None:
        """Mark it as being read; None when there is none, or it is not due. A reading broken off goes on."""
        source, due = self._readable(name), self._redis.zscore(redis_keys.SOURCES, name)
        now = self._clock()
        if source is None or source.owner != owner or due is None or due > now.timestamp():
            return None
        state = source.state
        if state.began_at is None:
            state = replace(state, began_at=now, spent=0, gaps=(), error=None)
        state = replace(state, status="reading", waits_for=None, next_read_at=None, attempts=state.attempts + 1, lost=0)
        source = replace(source, state=state)
        return source if self.save(source) else None

    def postpone(
        self, source: FollowedSource, until: datetime, *, waits_for: str | None = None, attempts: int = 0
    ) -> None:
        """Go on with this reading then; a wait that a host asks for is no attempt."""
        status: SourceStatus = "waiting" if waits_for else "reading"
        state = replace(source.state, status=status, next_read_at=until, waits_for=waits_for, attempts=attempts)
        self._leave(replace(source, state=state), until)

    def finish(self, source: FollowedSource, *, error: str | None = None) -> None:
        """End this reading; the next is `every_minutes` from now, if any."""
        state, now = source.state, self._clock()
        newest = self._readable(source.id) or source
        every = newest.asked.every_minutes
        due = None if every is None else now + timedelta(minutes=every)
        ended = replace(
            state,
            status="failed" if error else "read",
            error=error,
            began_at=None,
            last_read_at=now,
            next_read_at=due,
            requests=state.requests + state.spent,
            spent=0,
            attempts=0,
            lost=0,
        )
        self._leave(replace(source, state=ended), due)

    def resume(self) -> tuple[str, ...]:
        """Queue the sources whose time has come; returns their ids."""
        resumed = []
        for name in self._due():
            source = self._readable(name)
            if source is None or source.state.next_read_at is not None:
                if source is not None:
                    self.save(replace(source, state=replace(source.state, status="queued", next_read_at=None)))
                self.push(name)
                resumed.append(name)
        return tuple(resumed)

    def orphans(self) -> set[str]:
        """Return sources that were queued, and wait in no queue and are in nobody's hands."""
        due = self._due()
        loose = sorted(due - self._queue.waiting()) if due else []
        return {name for name, holder in zip(loose, holders(self._redis, loose), strict=True) if holder is None}

    def requeue(self, name: str) -> None:
        """Queue it again after it was lost; ten times in a row, and this reading ends: no worker can begin it."""
        source = self._readable(name)
        if source is None:
            self.push(name)
            return
        source = replace(source, state=replace(source.state, lost=source.state.lost + 1))
        self._queue.remove("batch", name)
        if source.state.lost >= MAX_LOST:
            self.finish(source, error=NOT_BEGUN)
        elif pause := pause_after(source.state.lost):
            due = self._clock() + pause
            self._leave(replace(source, state=replace(source.state, next_read_at=due)), due)
        elif self.save(source):
            self.push(name)

    def push(self, name: str) -> None:
        """Queue it; one that is followed no longer, or is damaged, is read no more."""
        source = self._readable(name)
        if source is None:
            self._redis.zrem(redis_keys.SOURCES, name)
        else:
            self._queue.push("batch", source.owner, name, function=FUNCTION)

    def kept_of(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the sources that are the person, or speak of them."""
        for source in self._naming(subject, owner):
            yield {"at": redis_keys.source(source.id), "dataset": source.dataset}

    def erase(self, subject: DataSubject, owner: str | None) -> Mapping[str, int]:
        """Follow the person no longer; elsewhere take the name out of what was noted while reading.

        A damaged one is deleted, unless it can be told that it is another owner's.
        """
        changed = 0
        damaged = sum(map(self._forget, self._damaged(owner)))
        for source in self._of(owner):
            left = _without(source, subject)
            if left is None:
                changed += self.delete(source.owner, source.dataset)
            elif left != source or source.asked.network == subject.network:
                saved = self.save(left, new_token=secrets.token_hex(8))
                changed += saved and left != source
        return {"sources": changed, **if_damaged(damaged)}

    def _damaged(self, owner: str | None) -> Iterator[str]:
        """Yield the ids of sources that cannot be read and may be the owner's."""
        for key in keys_like(self._redis, redis_keys.source(None)):
            name = key.rpartition(":")[2]
            try:
                self.find(name)
            except DamagedValueError:
                if owner is None or self._owner_at(key) in {None, owner}:
                    yield name

    def _owner_at(self, key: str) -> str | None:
        try:
            return str(unseal(self._redis.hget(key, "owner") or b"", _FIELDS["owner"], f"{key} owner"))
        except DamagedValueError:
            return None

    def _forget(self, name: str) -> bool:
        self._redis.zrem(redis_keys.SOURCES, name)
        return bool(self._redis.delete(redis_keys.source(name)))

    def _naming(self, subject: DataSubject, owner: str | None) -> Iterator[FollowedSource]:
        return (each for each in self._of(owner) if _without(each, subject) != each)

    def _of(self, owner: str | None) -> Iterator[FollowedSource]:
        return (each for each in self._all() if owner in {None, each.owner})

    def _all(self) -> Iterator[FollowedSource]:
        for key in keys_like(self._redis, redis_keys.source(None)):
            if source := self._readable(key.rpartition(":")[2]):
                yield source

    def _due(self) -> set[str]:
        return set(map(text, self._redis.zrangebyscore(redis_keys.SOURCES, "-inf", self._clock().timestamp())))

    def _leave(self, source: FollowedSource, due: datetime | None) -> None:
        if not self.save(source):
            return
        if due is None:
            self._redis.zrem(redis_keys.SOURCES, source.id)
        else:
            self._redis.zadd(redis_keys.SOURCES, {source.id: due.timestamp()})


def _without(source: FollowedSource, subject: DataSubject) -> FollowedSource | None:
    """Return a source without the person; None where it is what they did that is followed."""
    asked, state, named = source.asked, source.state, lenient_namer(source.asked.network)
    followed = {named(name) for name in (asked.name or "", (asked.name or "").partition("/")[0])}  # or a project of it
    if asked.network != subject.network:
        return source  # the same word is no name there
    if not followed.isdisjoint(subject.names):
        return None
    said = {name: text and subject.redact(text) for name in ("waits_for", "error") for text in (getattr(state, name),)}
    gaps = tuple(map(subject.redact, state.gaps))
    cursor = msgspec.json.encode(state.cursor)
    kept = {} if subject.occurs_in_json(cursor) else state.cursor  # read from the start again, past what is there
    return replace(source, state=replace(state, gaps=gaps, cursor=kept, **said))


def source_id(owner: str, dataset: str) -> str:
    """Return the id of what an owner's data set follows."""
    return "src_" + hashlib.sha256(msgspec.json.encode([owner, dataset])).hexdigest()[:32]
