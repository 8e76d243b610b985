"""Disputes: what somebody contests in a score, and what the operator decided."""

from __future__ import annotations

import logging
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from candor.scoring.activity import AccountKind
from candor.scoring.question import Contested
from candor.store import redis_keys
from candor.store.account_kinds import AccountKindRecord
from candor.store.client import DamagedValueError, grow, keys_like, number_at, seal, unseal
from candor.store.damaged import Damaged
from candor.store.deliveries import Deliveries, Notification, ResourceRef
from candor.store.models import DAY_S

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from redis import Redis
    from redis.client import Pipeline

    from candor.scoring.document import ScoreDocument
    from candor.scoring.redaction import DataSubject
    from candor.store.account_kinds import AccountKinds
    from candor.store.models import Retention

log = logging.getLogger(__name__)

_WORDS, _IDS = ("reason", "contact", "note"), ("of", "url")
DisputeStatus: TypeAlias = Literal["open", "accepted", "rejected"]
_WHY_KIND = "in a dispute that was accepted"
DisputeAbout: TypeAlias = Literal[
    "evidence", "missing", "wrong_person", "wrong_kind", "wrong_topic", "too_low", "other"
]
"""What is wrong: evidence that should not count, or is missing; the person, kind of account or topic; the number."""


_READ = """
local found = {}
for _, index in ipairs(KEYS) do
  for _, id in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    found[#found + 1] = redis.call('GET', ARGV[1] .. id) or nil
  end
end
return found
"""
"""KEYS: indexes of ids. ARGV: what the keys of an owner's disputes begin with. Gives those that are still kept."""


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody contests in a score; of evidence acts of `by`, all of them or (`of`) those on one contribution.

    `kind` is what the account is instead, `url` where evidence is that is missing. `contact` is whom to answer, `note`
    what the operator said when deciding; `answer_by` is set where the person scored is promised an answer.
    """

    id: str
    owner: str
    score_id: str
    network: str
    account: str
    topic: str
    by: str | None
    of: str | None
    reason: str
    about: DisputeAbout = "evidence"
    kind: AccountKind | None = None
    url: str | None = None
    answer_by: datetime | None = None
    contact: str | None
    created_at: datetime
    status: DisputeStatus = "open"
    decided_at: datetime | None = None
    note: str | None = None


class Disputes:
    """The disputes of all owners. One ends `disputes_days` after it was made, decided, or last left something out."""

    def __init__(
        self,
        redis: Redis,
        deliveries: Deliveries,
        account_kinds: AccountKinds,
        retention: Retention,
        clock: Callable[[], datetime],
    ) -> None:
        self._redis = redis
        self._kinds = account_kinds
        self._deliveries = deliveries
        self._life_s = retention.disputes_days * DAY_S
        self._clock = clock
        self._decoder = msgspec.json.Decoder(Dispute)
        self._read = redis.register_script(_READ)

    def open(self, dispute: Dispute) -> None:
        """Keep a new dispute; webhooks that asked for it are told in the same step."""
        self._keep(dispute, "score.disputed", dispute.created_at)

    def decide(self, owner: str, dispute_id: str, *, accept: bool, note: str | None) -> Dispute | None:
        """Accept or reject; another decision or note takes the place of an earlier one, the same again changes nothing.

        Return None when there is no such dispute. Accepting what somebody says their account is puts it on record as
        their word, without their reasons: those are for the operator, and what is on record is shown with each score.
        """
        dispute, now = self.get(owner, dispute_id), self._clock()
        if dispute is None:
            return None
        decided = replace(dispute, status="accepted" if accept else "rejected", decided_at=now, note=note)
        if dispute.status == decided.status and note in {None, dispute.note}:
            return dispute
        self._keep(decided, "dispute.decided", now)
        if accept and decided.kind is not None:
            record = AccountKindRecord(
                network=decided.network,
                account=decided.account,
                kind=decided.kind,
                said_by="person",
                why=_WHY_KIND,
                at=now,
            )
            self._kinds.put(owner, record)
        with self._redis.pipeline() as pipe:
            grow(pipe, redis_keys.decisions(owner))
            pipe.expire(redis_keys.decisions(owner), self._life_s)
            pipe.execute()
        return decided

    def decisions(self, owner: str) -> int:
        """Return a number that is another one after each decision about the owner's scores."""
        return number_at(self._redis, redis_keys.decisions(owner))

    def open_since(self) -> list[datetime]:
        """Return when the disputes of all owners that wait for an answer were made, oldest first."""
        least_s = self._clock().timestamp() - self._life_s
        found: list[Any] = self._redis.zrangebyscore(redis_keys.OPEN_DISPUTES, least_s, "+inf", withscores=True)
        return [datetime.fromtimestamp(made_s, UTC) for _, made_s in found]

    def get(self, owner: str, dispute_id: str) -> Dispute | None:
        """Return the owner's dispute, or None."""
        raw = self._redis.get(redis_keys.dispute(owner, dispute_id))
        return None if raw is None else unseal(raw, self._decoder)

    def all(self, owner: str | None = None) -> list[Dispute]:
        """Return an owner's disputes, or everybody's, oldest first; the latter looks at every key there is.

        Damaged ones are left out; the log says so.
        """
        if owner is not None:
            return self._all_of(owner, is_readable=True)
        keys = keys_like(self._redis, redis_keys.dispute(None, None))
        kept = [raw for raw in self._redis.mget(keys) if raw is not None] if keys else []
        found = [dispute for raw in kept if (dispute := self._readable(raw)) is not None]
        return sorted(found, key=lambda dispute: (dispute.created_at, dispute.id))

    def _all_of(self, owner: str, *, is_readable: bool) -> list[Dispute]:
        """Return an owner's disputes; damaged ones are left out, or (not `is_readable`) raise DamagedValueError."""
        kept = self._kept_in(owner, redis_keys.disputes_of(owner))
        if not is_readable:
            return [unseal(raw, self._decoder) for raw in kept]
        return [dispute for raw in kept if (dispute := self._readable(raw)) is not None]

    def _readable(self, raw: object) -> Dispute | None:
        try:
            return unseal(raw, self._decoder)
        except DamagedValueError:
            log.exception("stored value damaged: a dispute")
            return None

    def of_score(self, owner: str, document: ScoreDocument) -> list[Dispute]:
        """Return the disputes about a score, oldest first.

        Among them are those about another score of the account that were accepted: as long as this one still counts,
        among its evidence shown, what the next one leaves out, or where this one left something out after a dispute.
        """
        about = self._about(owner, document.account.network, document.account.account)
        return [
            each
            for each in about
            if each.score_id == document.id or still_counts(document, each) or left_out_by(document, each)
        ]

    def contested(self, owner: str, network: str, accounts: Iterable[str] | None = None) -> tuple[Contested, ...]:
        """Return what was disputed with success of the accounts' scores, or everybody's; those disputes are kept on."""
        if accounts is None:
            about = [each for each in self._all_of(owner, is_readable=False) if each.network == network]
        else:
            about = self._about(owner, network, *dict.fromkeys(accounts))
        found = set()
        for each in about:
            if each.status == "accepted" and each.by is not None:
                self._renew(each)
                found.add(Contested(account=each.account, topic=each.topic, by=each.by, of=each.of or ""))
        return tuple(sorted(found))

    def accepted_since(
        self, since: datetime, owner: str, network: str, topic: str, accounts: Collection[str] | None = None
    ) -> set[str]:
        """Return of whom, among some accounts or all, evidence on a topic was disputed with success after `since`.

        Damaged disputes are left out; the log says so.
        """
        indexes = [redis_keys.disputes_about(owner, network, each) for each in accounts or ()]
        if accounts is None:
            indexes = [redis_keys.disputes_of(owner)]
        found = map(self._readable, self._kept_in(owner, *indexes) if indexes else ())
        return {
            each.account
            for each in found
            if each is not None
            and (each.status, each.network, each.topic) == ("accepted", network, topic)
            and each.by is not None
            and each.decided_at is not None
            and each.decided_at > since
        }

    def decided_since(self, since: datetime, owner: str, network: str, account: str, topic: str) -> bool:
        """Tell whether a dispute about the account's scores on the topic was decided after `since`."""
        about = (each for each in self._about(owner, network, account) if each.topic == topic)
        return any(each.decided_at is not None and each.decided_at > since for each in about)

    def kept_of(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the disputes that name the person."""
        for each in self._on_network(subject.network, owner, Damaged()):
            if {each.account, each.by}.intersection(subject.names) or _redacted(each, subject) != each:
                yield {"owner": each.owner, "dispute": msgspec.to_builtins(each)}

    def erase(self, subject: DataSubject, owner: str | None) -> Mapping[str, int]:
        """Delete disputes about the person, as scored or as voice; in the words of others the name is replaced."""
        changed, damaged = 0, Damaged()
        for each in self._on_network(subject.network, owner, damaged):
            if {each.account, each.by}.intersection(subject.names):
                changed += self._delete(each)
            elif (left := _redacted(each, subject)) != each:
                key = redis_keys.dispute(each.owner, each.id)
                changed += bool(self._redis.set(key, seal(left), xx=True, keepttl=True))
        for name in subject.names:
            for key in keys_like(self._redis, redis_keys.disputes_about(owner, subject.network, name)):
                self._redis.delete(key)
        for place in damaged.places:
            self._redis.zrem(redis_keys.OPEN_DISPUTES, *place)
        return {"disputes": changed, **damaged.delete(self._redis)}

    def _on_network(self, network: str, owner: str | None, damaged: Damaged) -> Iterator[Dispute]:
        """Yield the disputes on a network; where unreadable ones are goes into `damaged`."""
        for key in keys_like(self._redis, redis_keys.dispute(owner, None)):
            with damaged.noted(key):
                dispute = unseal(raw, self._decoder) if (raw := self._redis.get(key)) else None
                if dispute is not None and dispute.network == network:
                    yield dispute

    def _delete(self, dispute: Dispute) -> bool:
        key = redis_keys.dispute(dispute.owner, dispute.id)
        with self._redis.pipeline() as pipe:
            pipe.delete(key)
            pipe.zrem(redis_keys.OPEN_DISPUTES, key)
            for index in _indexes(dispute):
                pipe.zrem(index, dispute.id)
            return bool(pipe.execute()[0])

    def _note_open(self, pipe: Pipeline, key: str, dispute: Dispute) -> None:
        if dispute.status == "open":
            pipe.zadd(redis_keys.OPEN_DISPUTES, {key: dispute.created_at.timestamp()})
            pipe.zremrangebyscore(redis_keys.OPEN_DISPUTES, "-inf", self._clock().timestamp() - self._life_s)
            pipe.expire(redis_keys.OPEN_DISPUTES, self._life_s)
        else:
            pipe.zrem(redis_keys.OPEN_DISPUTES, key)

    def _keep(self, dispute: Dispute, event: str, at: datetime) -> None:
        subject = ResourceRef(id=dispute.id, url=f"/v1/disputes/{dispute.id}")
        with self._redis.pipeline() as pipe:
            key = redis_keys.dispute(dispute.owner, dispute.id)
            pipe.set(key, seal(dispute), ex=self._life_s)
            self._note_open(pipe, key, dispute)
            for index in _indexes(dispute):
                pipe.zadd(index, {dispute.id: dispute.created_at.timestamp()})
                pipe.expire(index, self._life_s)
            self._deliveries.enqueue(pipe, dispute.owner, Notification(type=event, timestamp=at, data=subject))
            pipe.execute()

    def _renew(self, dispute: Dispute) -> None:
        with self._redis.pipeline() as pipe:
            for key in (redis_keys.dispute(dispute.owner, dispute.id), *_indexes(dispute)):
                pipe.expire(key, self._life_s)
            pipe.execute()

    def _about(self, owner: str, network: str, *accounts: str) -> list[Dispute]:
        indexes = [redis_keys.disputes_about(owner, network, account) for account in accounts]
        return [unseal(raw, self._decoder) for raw in self._kept_in(owner, *indexes)] if indexes else []

    def _kept_in(self, owner: str, *indexes: str) -> list[bytes]:
        """Return the disputes under some indexes that are still kept, in one round trip."""
        kept: list[bytes] = self._read(keys=indexes, args=[redis_keys.dispute(owner, "")])
        return kept


def new_dispute_id() -> str:
    """Make the id of a dispute."""
    return "dsp_" + secrets.token_hex(12)


def _redacted(dispute: Dispute, subject: DataSubject) -> Dispute:
    ways = {**dict.fromkeys(_WORDS, subject.redact), **dict.fromkeys(_IDS, subject.redact_id)}
    said = {name: text for name in ways if (text := getattr(dispute, name)) is not None}
    return replace(dispute, **{name: ways[name](text) for name, text in said.items()})


def left_out_by(document: ScoreDocument, dispute: Dispute) -> bool:
    """Say whether a score has left out what was disputed with success of an earlier one."""
    if dispute.by is None or dispute.score_id == document.id or still_counts(document, dispute):
        return False
    is_accepted = (dispute.status, dispute.topic) == ("accepted", document.topic.id)
    return is_accepted and document.inputs.records is not msgspec.UNSET  # which is there where something was left out


def still_counts(document: ScoreDocument, dispute: Dispute) -> bool:
    """Say whether a score counts, among its evidence shown, what was disputed with success."""
    if (dispute.status, dispute.topic) != ("accepted", document.topic.id):
        return False
    counted = ((voice.by, act.of) for voice in document.expertise.evidence for act in voice.acts)
    return any(by == dispute.by and dispute.of in {None, of} for by, of in counted)


def _indexes(dispute: Dispute) -> tuple[str, str]:
    about = redis_keys.disputes_about(dispute.owner, dispute.network, dispute.account)
    return redis_keys.disputes_of(dispute.owner), about
