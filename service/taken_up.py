"""What people wrote when they took messages up, from the data set of a score as far as its records are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.messages.wrote import Wrote, wrote
from candor.scoring.window import newest_claim
from service.context import context
from service.kept_records import MOST_SEARCHED, opened_table

if TYPE_CHECKING:
    from collections.abc import Collection

    from candor.scoring.document import Act, ScoreDocument
    from candor.scoring.table import Table


def written_to(document: ScoreDocument, dataset: str | None, messages: Collection[str]) -> dict[str, list[Wrote]]:
    """Return what people wrote by the acts that took each of some messages up, by its id, in the order of time.

    `document` has the evidence that is to be told of. Nothing is said of who asked not to be indexed or has opted out,
    nor of texts that were not public to all; nothing at all where the data set is gone or too large for a page.
    """
    acts = {
        str(act.record): (act, voice.by)
        for voice in document.expertise.evidence
        for act in voice.acts
        if act.record and act.of in messages
    }
    table = opened_table(dataset, MOST_SEARCHED) if acts else None
    said = [] if table is None else [(acts[each.id][0].of, each) for each in _found(table, acts)]
    hidden = set() if table is None else _hidden(document, table, {each.by for _, each in said})
    found: dict[str, list[Wrote]] = {}
    for message, each in sorted(said, key=lambda pair: pair[1].at):
        if each.by not in hidden:
            found.setdefault(message, []).append(each)
    return found


def _found(table: Table, acts: dict[str, tuple[Act, str]]) -> list[Wrote]:
    """Return what the records of acts say, by whom they were done."""
    found = []
    for record_id, row in table.rows_of(acts).items():
        (act, by), record = acts[record_id], table.record(row)
        if record.actor == by and (each := wrote(record, record.type, kind=act.kind, by=by, at=act.at)) is not None:
            found.append(each)
    return found


def _hidden(document: ScoreDocument, table: Table, people: set[str]) -> set[str]:
    """Return who of some people asked not to be indexed, or has opted out here."""
    claims = {person: newest_claim(table, person) for person in people}
    declined = {person for person, claim in claims.items() if claim is not None and claim.consent is False}
    return declined | set(context().store.suppression.among(document.account.network, sorted(people)))
