"""Links to the pages of messages, and the first words of those whose list is kept."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from candor.messages.ranking import Message
from service.api.messages import topic_named
from service.context import context
from service.findings import kept
from service.problems import ProblemError
from service.schemas.base import show_instant

if TYPE_CHECKING:
    from candor.scoring.document import ScoreDocument
    from candor.store.models import JobRequest


def message_url(dataset: str, message: str, asked: JobRequest | ScoreDocument) -> str:
    """Return the address of the page of a message."""
    return f"/message/{dataset}/{quote(message, safe='')}?{whose_word(asked)}"


def texts_of(document: ScoreDocument, dataset: str) -> dict[str, str]:
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
