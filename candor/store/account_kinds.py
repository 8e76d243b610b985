"""What operators say an account is (a person, an organisation, a bot), who told them, and why."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from candor.scoring.account_kinds import SaidKind, by_word
from candor.scoring.activity import AccountKind, Instant
from candor.store import redis_keys
from candor.store.client import grow, revise_hash
from candor.store.damaged import Damaged
from candor.store.sealed import OwnedHash

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from redis import Redis

    from candor.scoring.redaction import DataSubject

SaidBy: TypeAlias = Literal["operator", "person"]
MOST_WHY = 500  # characters


class AccountKindRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What an account is by the operator's word, or by that of the person behind it."""

    network: Annotated[str, Meta(description="The network.")]
    account: Annotated[str, Meta(description="The account's id there.")]
    kind: Annotated[AccountKind, Meta(description="person, organisation, bot or unknown.")]
    said_by: Annotated[SaidBy, Meta(description="Whose word it is: operator or person.")]
    why: Annotated[str, Meta(description="By what it is known, in words; documents show it.")]
    at: Annotated[Instant, Meta(description="When it was put on record.")]


class AccountKinds:
    """The records of all owners, kept until they are deleted or the person is erased."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._kept = OwnedHash(redis, AccountKindRecord, redis_keys.account_kinds)

    def put(self, owner: str, record: AccountKindRecord) -> bool:
        """Keep a record in place of an earlier one of the account; True when there was none."""
        grow(self._redis, redis_keys.decisions(owner))
        return self._kept.put(owner, _field(record.network, record.account), record)

    def delete(self, owner: str, network: str, account: str) -> bool:
        """Forget the record of an account; False when there was none."""
        grow(self._redis, redis_keys.decisions(owner))
        return self._kept.delete(owner, _field(network, account))

    def get(self, owner: str, network: str, account: str) -> AccountKindRecord | None:
        """Return the record of an account, or None."""
        return self._kept.get(owner, _field(network, account))

    def list(self, owner: str) -> list[AccountKindRecord]:
        """Return all the owner's records, by network and account."""
        return self._kept.list(owner)

    def said(self, owner: str, network: str, accounts: Collection[str] | None = None) -> tuple[SaidKind, ...]:
        """Return what accounts of a network are, or all that there is about the network, for questions and boards."""
        if accounts is None:
            found = [each for each in self.list(owner) if each.network == network]
        else:
            found = list(self._kept.get_all(owner, [_field(network, name) for name in accounts]))
        return tuple(
            SaidKind(account=each.account, kind=each.kind, reason=by_word(each.said_by, each.why)) for each in found
        )

    def changed_since(self, since: datetime, owner: str, network: str, account: str) -> bool:
        """Tell whether something was put on record of the account after `since`."""
        record = self.get(owner, network, account)
        return record is not None and record.at > since

    def kept_of(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the records of the person, and those of others on the network that name it."""
        for key, _, record in self._naming(subject, owner, Damaged()):
            yield {"at": key, "record": msgspec.to_builtins(record)}

    def erase(self, subject: DataSubject, owner: str | None) -> Mapping[str, int]:
        """Delete the records of the person, and damaged ones; in the words of others the name is replaced."""
        changed, damaged = 0, Damaged()
        for key, field, record in list(self._naming(subject, owner, damaged)):
            if record.account in subject.names:
                changed += int(self._redis.hdel(key, field))
            else:
                redacted = partial(self._redacted, key, field, subject)
                changed += revise_hash(self._redis, key, [field], redacted)
        return {"account_kinds": changed, **damaged.delete(self._redis)}

    def _redacted(
        self, key: str, field: str, subject: DataSubject, fields: Sequence[bytes | None]
    ) -> Mapping[str, bytes] | None:
        if fields[0] is None:
            return None
        record = self._kept.read(key, field, fields[0])
        return {field: self._kept.written(key, field, replace(record, why=subject.redact(record.why)))}

    def _naming(
        self, subject: DataSubject, owner: str | None, damaged: Damaged
    ) -> Iterator[tuple[str, str, AccountKindRecord]]:
        """Yield the records that name the person, with where they are; where unreadable ones are goes to `damaged`."""
        for key, field, record in self._kept.located(redis_keys.account_kinds(owner), damaged):
            names = record.account in subject.names or subject.redact(record.why) != record.why
            if record.network == subject.network and names:
                yield key, field, record


def _field(network: str, account: str) -> str:
    return msgspec.json.encode([network, account]).decode()
