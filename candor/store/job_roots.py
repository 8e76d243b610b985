"""Job roots: whom the trust root of a job names, kept once for all jobs and boards of an owner that have the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from candor.scoring.redaction import redact_root
from candor.scoring.trust_root import TrustRoot
from candor.store import redis_keys
from candor.store.client import hash_fields, pack, revise_hash, unpack, words_of
from candor.store.damaged import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from redis import Redis
    from redis.client import Pipeline

    from candor.scoring.redaction import DataSubject
    from candor.store.models import AskedRoot, Job

SPARE_S = 3600
_KEEP_UNTIL = """
if redis.call('EXISTS', KEYS[1]) == 0 then return end
local until_s = redis.call('TIME')[1] + ARGV[1]
if until_s <= tonumber(redis.call('HGET', KEYS[1], 'until') or '0') then return end
redis.call('HSET', KEYS[1], 'until', until_s)
if redis.call('TTL', KEYS[1]) >= 0 then redis.call('EXPIREAT', KEYS[1], until_s) end
"""
"""KEYS: root. ARGV: seconds that it is to be kept beyond the last open job."""

RELEASE_ROOT = f"""
local function release_root(job)
  local root = redis.call('HGET', job, 'root')
  if not root then return end
  redis.call('HDEL', job, 'root')
  root = string.sub(root, 2, -2)
  if redis.call('HINCRBY', root, 'open', -1) > 0 then return end
  local until_s = tonumber(redis.call('HGET', root, 'until') or '0')
  redis.call('EXPIREAT', root, math.max(until_s, redis.call('TIME')[1] + {SPARE_S}))
end
"""
"""Says that a job, which has ended, needs its root no longer."""


class JobRoots:
    """The roots of the jobs of all owners, an ErasureTarget.

    A root is kept without end while a job that names it is open, then for as long as a board made under it, and for an
    hour at least: jobs under the same root often come one after the other.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._decoder = msgspec.json.Decoder(TrustRoot)
        self._keep_until = redis.register_script(_KEEP_UNTIL)

    def key_of(self, job: Job) -> str:
        """Return where the root of a job is kept, empty for one that names nobody."""
        asked = job.request.trust_root
        return redis_keys.job_root(job.owner, asked.digest) if asked.size else ""

    def writing(self, key: str, root: TrustRoot) -> list[Any]:
        """Return what writes a root that is not there, or not whole, for CREATE of jobs."""
        with self._redis.pipeline() as pipe:
            pipe.hset(key, "root", pack(msgspec.json.encode(replace(root, id=None))))
            pipe.hdel(key, "redacted")
            return words_of(pipe)

    def keep(self, pipe: Pipeline, job: Job) -> None:
        """Say that a job needs its root, in the step that saves the job."""
        if key := self.key_of(job):
            pipe.hincrby(key, "open", 1)
            pipe.persist(key)
            pipe.hset(redis_keys.job(job.id), "root", msgspec.json.encode(key))

    def keep_for_board(self, owner: str, asked: AskedRoot, life_s: int) -> None:
        """Keep the root of a job in hand as long as the board it has made: whoever is on it can be explained."""
        if asked.size:
            self._keep_until(keys=[redis_keys.job_root(owner, asked.digest)], args=[life_s])

    def get(self, owner: str, asked: AskedRoot) -> TrustRoot:
        """Return a root whole, without those erased since. Raises LookupError when it is no longer kept."""
        return self.read(
            asked, self._redis.hget(redis_keys.job_root(owner, asked.digest), "root") if asked.size else None
        )

    def read(self, asked: AskedRoot, packed: object) -> TrustRoot:
        """Return a root from what is kept of it. Raises LookupError when that is nothing, and it names somebody."""
        if not asked.size:
            return TrustRoot(kind=asked.kind, network=asked.network, list=asked.list, id=asked.id)
        if packed is None:
            raise LookupError(f"the trust root {asked.digest} is gone")
        return replace(self._decoder.decode(unpack(packed)), id=asked.id)

    def kept_of(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield how each root names the person."""
        for key, root in self._naming(subject, owner, Damaged()):
            named = [msgspec.to_builtins(each) for each in root.accounts if each.account in subject.names]
            yield {"at": key, "named": named}

    def erase(self, subject: DataSubject, owner: str | None) -> Mapping[str, int]:
        """Leave the person out of every root; a damaged one goes, and jobs that need it say so."""
        damaged = Damaged()

        def _change(fields: list[bytes | None]) -> Mapping[str, bytes] | None:
            if fields[0] is None:
                return None
            left = redact_root(self._decoder.decode(unpack(fields[0])), subject)
            return {"root": pack(msgspec.json.encode(left)), "redacted": b"1"}

        named = self._naming(subject, owner, damaged)
        changed = [revise_hash(self._redis, key, ["root"], _change) for key, _ in named]
        return {"trust_roots": sum(changed), **damaged.delete(self._redis)}

    def _naming(self, subject: DataSubject, owner: str | None, damaged: Damaged) -> Iterator[tuple[str, TrustRoot]]:
        """Yield the roots that name the person; unreadable ones go into `damaged`."""
        for key, (packed,) in hash_fields(self._redis, redis_keys.job_root(owner, None), "root"):
            with damaged.noted(key, "root"):
                raw = b"" if packed is None else unpack(packed)
                if subject.may_occur_in(raw):
                    root = self._decoder.decode(raw)
                    if root.network in {None, subject.network} and redact_root(root, subject) != root:
                        yield key, root
