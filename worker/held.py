"""Held: looks through everything that is kept, of all owners, for one person who has shown who they are."""

from __future__ import annotations

import contextlib
import heapq
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote

import msgspec
from msgspec.structs import replace

from candor.scoring.activity import Activity
from candor.scoring.board_row import BoardRow
from candor.scoring.document import ScoreDocument
from candor.scoring.made_from import TrustRootRef
from candor.scoring.taken import takes_changes
from candor.store.account_kinds import AccountKindRecord
from candor.store.disputes import Dispute
from candor.store.held import (
    Asker,
    Held,
    HeldDispute,
    HeldKind,
    HeldPlace,
    HeldRecord,
    HeldScore,
    HeldStep,
    HeldTaken,
    RequestCount,
    StoredHeld,
)
from candor.store.history import HistoryStep
from candor.store.scores import score_row
from candor.store.storage import DamagedFileError
from candor.telemetry.logs import logger, reason

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from candor.scoring.redaction import DataSubject
    from candor.store import Store

log = logger(__name__)
LOCAL = "local"
MOST_RECORDS = 5_000
_MOST_CHARACTERS = 300


class _Collector:
    """Takes what each kind of thing holds about a person, and makes it one."""

    def __init__(self, store: Store, subject: DataSubject) -> None:
        self._store = store
        self._subject = subject
        self._scores: dict[str, HeldScore] = {}
        self._names: list[tuple[datetime, str]] = []
        self._owners: dict[str, dict[str, None]] = {}
        self._history: list[HeldStep] = []
        self._rankings: list[HeldPlace] = []
        self._asked: dict[tuple[Asker, Literal["you", "everybody"]], list[date]] = {}
        self._kinds: list[HeldKind] = []
        self._disputes: list[HeldDispute] = []
        self._records: list[tuple[str, HeldRecord, str | None]] = []
        self._word: dict[str, dict[str, None]] = {}
        self._mentions: dict[str, None] = {}
        self._other: Counter[str] = Counter()

    def collect(self) -> StoredHeld:
        """Look through everything. Raises RedisError."""
        takers = {
            "documents": self._document,
            "histories": self._steps,
            "boards": self._place,
            "jobs": self._job,
            "account_kinds": self._kind,
            "disputes": self._dispute,
            "datasets": self._record,
        }
        for kind, target in self._store.eraser.targets.items():
            take = takers.get(kind)
            try:
                for found in target.kept_of(self._subject, None):
                    if take is None:
                        self._other[kind] += 1
                    else:
                        take(found)
            except OSError as error:
                log.warning("not all that is held of somebody could be read", kind=kind, why=reason(error))
                self._other["unread"] += 1
        return StoredHeld(held=self._held(), owners={name: tuple(whose) for name, whose in self._owners.items()})

    def _held(self) -> Held:
        subject = self._subject
        self._other.pop("claims", None)
        if self._mentions:
            self._other["mentions"] = len(self._mentions)
        newest = heapq.nlargest(MOST_RECORDS, self._records, key=lambda each: each[1].published)
        return Held(
            gathered_at=self._store.now(),
            name=max(self._names, default=(None, None))[1],
            suppressed=bool(self._store.suppression.among(subject.network, subject.names)),
            scores=tuple(sorted(self._scores.values(), key=lambda each: each.as_of, reverse=True)),
            history=tuple(sorted(self._history, key=lambda each: (each.topic, each.as_of))),
            rankings=tuple(sorted(self._rankings, key=lambda each: (each.topic, each.as_of))),
            asked=tuple(
                RequestCount(by=by, about=about, times=len(days), last=max(days))
                for (by, about), days in sorted(self._asked.items())
            ),
            kinds=tuple(self._kinds),
            disputes=tuple(sorted(self._disputes, key=lambda each: each.created_at)),
            word_counted={topic: len(scores) for topic, scores in sorted(self._word.items())},
            records=tuple(_with_what_was_taken(self._store, newest)),
            other=dict(sorted(self._other.items())),
        )

    def _document(self, found: dict[str, Any]) -> None:
        owner, score_id = _ids(found["at"])[-2:]
        if "document" not in found:
            self._mentions[score_id] = None
            if "evidence" in found:
                self._word.setdefault(found["topic"], {})[score_id] = None
            return
        self._owners.setdefault(score_id, {})[owner] = None
        if score_id not in self._scores:
            document = msgspec.convert(found["document"], ScoreDocument)
            row = score_row(document, None)
            self._call(document.account.name, row.as_of)
            self._scores[score_id] = HeldScore(
                score_id=score_id,
                topic=row.topic,
                label=document.topic.label,
                as_of=row.as_of,
                method=row.method,
                trust_root=row.trust_root,
                expertise=row.expertise,
                interest=row.interest,
                disputed=any(
                    each.by is not None and each.status == "accepted"
                    for each in self._store.disputes.of_score(owner, document)
                ),
            )

    def _steps(self, found: dict[str, Any]) -> None:
        topic = _ids(found["at"])[-1]
        for raw in found["steps"]:
            step = msgspec.json.decode(raw, type=HistoryStep)
            self._history.append(
                HeldStep(
                    topic=topic,
                    as_of=step.as_of,
                    method=step.method,
                    expertise=step.expertise.score,
                    interest=step.interest.score,
                )
            )

    def _place(self, found: dict[str, Any]) -> None:
        owner, board_id = _ids(found["at"])[-2:]
        facts = self._store.boards.get(owner, board_id)
        if facts is None:
            return
        row, root = msgspec.convert(found["row"], BoardRow), facts.request.trust_root
        self._call(row.name, facts.request.as_of)
        made = facts.made_at or facts.request.as_of
        self._note(owner, "everybody", made)
        self._rankings.append(
            HeldPlace(
                topic=facts.topic.id,
                as_of=facts.request.as_of,
                label=facts.topic.label,
                dataset=facts.request.dataset,
                trust_root=TrustRootRef(id=root.id, kind=root.kind, digest=root.digest, size=root.size),
                rank=row.position.rank,
                accounts=row.position.of,
                expertise=row.expertise.score,
                interest=row.interest.score,
                made_at=facts.made_at,
                disputed=bool(
                    self._store.disputes.accepted_since(
                        made, owner, self._subject.network, facts.topic.id, [row.account]
                    )
                ),
            )
        )

    def _record(self, found: dict[str, Any]) -> None:
        self._other["records"] += 1
        record = msgspec.convert(found["record"], Activity)
        if record.actor in self._subject.names:
            self._call(record.name, record.published)
            held = HeldRecord(
                dataset=found["dataset"],
                id=record.id,
                type=record.type,
                published=record.published,
                content=record.content,
                url=record.url,
            )
            self._records.append((found["owner"], held, record.object))

    def _job(self, found: dict[str, Any]) -> None:
        job = self._store.jobs.find(_ids(found["at"])[-1])
        self._other["jobs"] += 1
        if job is not None and found["named"]:
            self._note(job.owner, "you", job.created_at)

    def _kind(self, found: dict[str, Any]) -> None:
        record = msgspec.convert(found["record"], AccountKindRecord)
        if record.account in self._subject.names:
            self._kinds.append(HeldKind(kind=record.kind, said_by=record.said_by, why=record.why, at=record.at))

    def _dispute(self, found: dict[str, Any]) -> None:
        dispute = msgspec.convert(found["dispute"], Dispute)
        if dispute.account not in self._subject.names:
            self._mentions[dispute.id] = None
            return
        self._disputes.append(
            HeldDispute(
                about=dispute.about,
                score_id=dispute.score_id,
                status=dispute.status,
                reason=dispute.reason,
                note=dispute.note,
                created_at=dispute.created_at,
                decided_at=dispute.decided_at,
                answer_by=dispute.answer_by,
            )
        )

    def _call(self, name: str | None, at: datetime) -> None:
        if name:
            self._names.append((at, name))

    def _note(self, owner: str, about: Literal["you", "everybody"], at: datetime) -> None:
        by: Asker = "operator" if owner == LOCAL else "app"
        self._asked.setdefault((by, about), []).append(at.date())


def collect_held(store: Store, subject: DataSubject) -> StoredHeld:
    """Look through everything that is kept, of all owners, for one person. Raises RedisError."""
    return _Collector(store, subject).collect()


def _ids(key: str) -> list[str]:
    """Return the ids that a key is made of."""
    return [unquote(part) for part in key.split(":")[2:]]


def _with_what_was_taken(store: Store, found: Iterable[tuple[str, HeldRecord, str | None]]) -> list[HeldRecord]:
    """Return records, of which owner and acting on what is given, with what was accepted by those that accept.

    Whoever is suppressed is not named: their records are not among those of a data set.
    """
    found = list(found)
    asked: dict[tuple[str, str], set[str]] = {}
    for owner, record, under in found:
        if record.type == "accept" and under is not None:
            asked.setdefault((owner, record.dataset), set()).add(under)
    known = {whose: _taken(store, *whose, ids) for whose, ids in asked.items()}
    return [
        replace(record, taken=known[owner, record.dataset].get(under))
        if record.type == "accept" and under is not None
        else record
        for owner, record, under in found
    ]


def _taken(store: Store, owner: str, dataset: str, record_ids: set[str]) -> dict[str, HeldTaken]:
    with contextlib.suppress(LookupError, DamagedFileError):
        table = store.datasets.activities(owner, dataset)
        rows = table.rows_of(record_ids)
        other = HeldTaken(type=None if takes_changes(table) else "answer")
        return {each: _told(table.record(rows[each])) if each in rows else other for each in record_ids}
    return {}


def _told(record: Activity) -> HeldTaken:
    text = record.content if record.visibility in {None, "public"} else None
    begins = text[: _MOST_CHARACTERS - 1] + "…" if text and len(text) > _MOST_CHARACTERS else text
    return HeldTaken(type=record.type, by=record.actor, name=record.name, content=begins)
