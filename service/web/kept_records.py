"""Records behind a score, as far as they are kept: who is called what, what was said, accepted; links to messages."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from flask import request

from candor.messages.ranking import Message
from candor.scoring.activity import POSTS, RECORD_TYPES
from candor.scoring.kinds import LABELS
from candor.scoring.taken import ANSWERS, takes_changes
from candor.scoring.window import newest_claim
from candor.store.client import DamagedValueError
from candor.store.storage import DamagedFileError
from service.api.messages import topic_named
from service.auth import owner
from service.context import context
from service.findings import kept
from service.kept_records import MOST_SEARCHED, opened_table
from service.problems import ProblemError
from service.schemas.base import show_instant

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from candor.scoring.activity import Activity
    from candor.scoring.acts_compared import ActCompared
    from candor.scoring.document import Act, ScoreDocument
    from candor.scoring.table import Table
    from candor.store.models import JobRequest

MOST_RECORDS = 200_000
"""More are not read for a page."""
_KNOWN = "candor.kept_records"  # where WSGI keeps what is ours
_ACCEPTED = {"act.accepted_answer": "accepted answers", "act.accepted_change": "merged changes"}
_WITH_TEXT = frozenset((*POSTS, "list"))


@dataclass(frozen=True)
class KeptRecords:
    """The records of a data set; without `table` nothing is known of them."""

    table: Table | None

    def profile_url(self, account: str) -> str | None:
        """Return where the profile of an account is, if its own record says so and it did not decline to be scored."""
        claim = None if self.table is None else newest_claim(self.table, account)
        return None if claim is None or claim.consent is False else claim.url

    def act_key(self, act: Act | ActCompared) -> str:
        """Return the key of the words for an act: what was accepted is told apart where its record is there."""
        if act.kind != "accepted":
            return f"act.{act.kind}"
        (of,) = self._types([act.of])
        if of is None:  # what is not there was an answer where nothing else is ever accepted
            return "act.accepted" if self.may_have_changes else "act.accepted_answer"
        return "act.accepted_answer" if of in ANSWERS else "act.accepted_change"

    def accepted(self, acts: Iterable[Act]) -> str:
        """Say what was accepted where all that is known is of one sort, as a forum has no changes; else the kind."""
        taken = [act for act in acts if act.kind == "accepted"]
        self._types([act.of for act in taken])  # all of them in one look
        keys = set(map(self.act_key, taken))
        if not keys and not self.may_have_changes:
            keys = {"act.accepted_answer"}
        if len(keys) > 1:
            keys.discard("act.accepted")
        return _ACCEPTED.get(keys.pop(), LABELS["accepted"]) if len(keys) == 1 else LABELS["accepted"]

    @cached_property
    def may_have_changes(self) -> bool:
        """Say whether anybody took a change here; also where the records are not read for a page."""
        return self.table is None or takes_changes(self.table)

    @cached_property
    def _known_types(self) -> dict[str, str | None]:
        return {}

    def _types(self, record_ids: Sequence[str]) -> list[str | None]:
        """Return of which types records are, by their ids; None for what is not there."""
        known = self._known_types
        if self.table is not None and (new := [each for each in record_ids if each not in known]):
            rows = self.table.rows_of(new)
            known |= dict.fromkeys(new) | {each: RECORD_TYPES[self.table.type[row]] for each, row in rows.items()}
        return [known.get(each) for each in record_ids]


def kept_records(dataset: str | None) -> KeptRecords:
    """Return the records of a data set; nothing where it is gone, damaged or too large to be read for a page."""
    known: dict[tuple[str, str | None], KeptRecords] = request.environ.setdefault(_KNOWN, {})
    if (records := known.get((owner(), dataset))) is None:
        records = known[owner(), dataset] = KeptRecords(opened_table(dataset, MOST_RECORDS))
    return records


MOST_ROWS = 2_000


def names_beside(document: ScoreDocument) -> Mapping[str, str]:
    """Return names by account, as far as its records or the newest board on the score's topic and root have them."""
    store, account, root = context().store, document.account, document.trust_root
    own = {account.account: account.name} if account.name else {}
    dataset = score_dataset(document)
    if dataset is None:
        return own
    own = {**_names_in(dataset), **own}
    names = (root.kind,) if root.kind in ("network", "none") else (root.id, root.digest)
    for name in filter(None, names):
        facts = store.boards.newest(owner(), dataset, document.topic.id, name, document.method.version)
        if facts is not None:
            listed = itertools.islice(store.boards.rows(facts, 0), MOST_ROWS)
            return {row.account: row.name for row in listed if row.name} | own
    return own


def _names_in(dataset: str) -> Mapping[str, str]:
    """Return how people in a data set call themselves; nothing where it is gone, damaged or too large."""
    found = context().store.datasets.get(owner(), dataset)
    try:
        is_read = found is not None and found.records <= MOST_SEARCHED
        return context().overviews.of(owner(), dataset).names if is_read else {}
    except (LookupError, DamagedFileError):
        return {}


def display_names(dataset_id: str, accounts: Collection[str]) -> Mapping[str, str]:
    """Return how some accounts of a data set call themselves, as far as its records say."""
    names = context().overviews.of(owner(), dataset_id).names
    return {account: names[account] for account in accounts if account in names}


def score_dataset(document: ScoreDocument) -> str | None:
    """Return the data set that a score was made from, if any."""
    account = document.account
    rows = context().store.scores.newest(owner(), account.network, account.account)
    if (row := next((row for row in rows if row.score_id == document.id), None)) is not None:
        return row.dataset
    try:
        steps = context().store.history.steps(owner(), account.network, account.account, document.topic.id)
    except DamagedValueError:
        return None
    return next((step.dataset for step in steps if step.score_id == document.id), None)


def kind_label(kind: str, of: str | None) -> str:
    """Name a kind of recognition of a message, whose type says whether an answer or a change was accepted."""
    if kind != "accepted" or of is None:
        return LABELS[kind]
    return _ACCEPTED["act.accepted_answer" if of in ANSWERS else "act.accepted_change"]


def accepted_in(*documents: ScoreDocument) -> str:
    """Say what was accepted in some scores in the same words everywhere: answers, changes or both."""
    datasets = {score_dataset(document) for document in documents}
    records = kept_records(datasets.pop()) if len(datasets) == 1 else KeptRecords(None)
    voices = (voice for document in documents for voice in document.expertise.evidence if voice.scope == "on_topic")
    return records.accepted(act for voice in voices for act in voice.acts)


def message_url(dataset: str, message: str, asked: JobRequest | ScoreDocument) -> str:
    """Return the address of the page of a message."""
    return f"/message/{dataset}/{quote(message, safe='')}?{whose_word(asked)}"


def message_texts(document: ScoreDocument, dataset: str, messages: Sequence[str]) -> dict[str, str]:
    """Return the texts of messages and the names of lists, by id: of public ones, as far as they are kept."""
    listed = _excerpts(document, dataset)
    others = [each for each in messages if each not in listed]
    table = opened_table(dataset, MOST_SEARCHED) if others else None
    rows = {} if table is None else table.rows_of(others)
    records = {} if table is None else {each: table.record(row) for each, row in rows.items()}
    said = {each: record.content for each, record in records.items() if _is_public(record) and record.content}
    return {each: listed[each] for each in messages if each in listed} | said


def _is_public(record: Activity) -> bool:
    return record.type in _WITH_TEXT and record.visibility in {None, "public"}


def _excerpts(document: ScoreDocument, dataset: str) -> dict[str, str]:
    """Return the beginnings of messages by id, as far as the list of messages of the same community was made."""
    query = {
        "dataset": dataset,
        "trust_root": _root_name(document),
        "as_of": datetime.fromisoformat(document.as_of),
        "method": document.method.version,
    }
    try:
        facts = kept("messages", query, (topic_named(document.topic.id, dataset),))
    except ProblemError:
        return {}
    rows = () if facts is None else context().store.findings.rows(facts, Message)
    return {row.id: row.text for row in rows if row.text and row.author.account == document.account.account}


def whose_word(asked: JobRequest | ScoreDocument) -> str:
    """Write whose word counted and as of when, for an address."""
    as_of = asked.as_of if isinstance(asked.as_of, str) else show_instant(asked.as_of)
    return urlencode({"trust_root": _root_name(asked), "as_of": as_of})


def _root_name(asked: JobRequest | ScoreDocument) -> str:
    root = asked.trust_root
    return root.kind if root.kind in {"network", "none"} else root.id or root.digest
