"""Question: who is asked about, on which topics, under which trust root, as of when."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal

import msgspec

from candor.scoring.account_kinds import SaidKind
from candor.scoring.document import Position
from candor.scoring.topics import Topic
from candor.scoring.trust_root import TrustRoot

ALL_DAYS = 36_500
"""A window that reaches behind every record."""


class Contested(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """What `by` did for `account` is left out of its score on `topic`: all of it, or what concerns `of` only."""

    account: str
    topic: str
    by: str
    of: str = ""


class OptedOut(msgspec.Struct, frozen=True, kw_only=True):
    """An account of which nothing is said: it does not want to be read, or is no more. `reason` says by what sign."""

    account: str
    status: Literal["declined", "gone"]
    reason: str


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a score depends on beside the activities and the method.

    `as_of` carries an offset from UTC. `profile` is given for `custom:` networks only. `granted_rights` is the source's
    word that taking changes is a right others gave. `contact` is the operator whom the scored person can write to.
    `gaps` says what could not be read, `gaps_of` what of it concerns one account alone and `gaps_on` one topic, by its
    id. `opted_out` says of which accounts nothing is to be said. `vouches` are pairs (who vouched, for whom) seen
    earlier, beside those in the activities: a snapshot that standing flows through as well. `contested` is evidence
    that is left out after a dispute. `kinds` are what is said of accounts beside the records: by their network, the
    operator, or themselves. `community` says that the records are those of a whole community, among whom the account
    has a place; `contested` is then of everybody there. `places` are those known already, as a board of these records
    gives them, by account and id of topic.
    """

    network: str
    accounts: tuple[str, ...]
    topics: tuple[Topic, ...]
    trust_root: TrustRoot
    as_of: datetime
    window_days: int = 1825
    profile: str | None = None
    granted_rights: bool = False
    contact: str | None = None
    gaps: tuple[str, ...] = ()
    gaps_of: dict[str, tuple[str, ...]] = {}
    gaps_on: dict[str, tuple[str, ...]] = {}
    opted_out: tuple[OptedOut, ...] = ()
    vouches: tuple[tuple[str, str], ...] = ()
    contested: tuple[Contested, ...] = ()
    kinds: tuple[SaidKind, ...] = ()
    community: bool = False
    places: dict[str, dict[str, Position]] = {}

    def gaps_about(self, account: str, topic: str) -> tuple[str, ...]:
        """Return what could not be read and concerns an account on a topic."""
        return (*self.gaps, *self.gaps_of.get(account, ()), *self.gaps_on.get(topic, ()))

    @property
    def vouches_digest(self) -> str:
        """Digest of the snapshot, whatever the order of its pairs."""
        return "sha256:" + hashlib.sha256(msgspec.json.encode(sorted(set(self.vouches)))).hexdigest()
