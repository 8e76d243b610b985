"""Which other scores of the caller's a score can be compared with, among those asked for lately."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.auth import owner
from service.context import context

if TYPE_CHECKING:
    from candor.scoring.document import ScoreDocument

LOOKED_AT = 30
OFFERED = 50


def others_like(document: ScoreDocument) -> dict[str, str]:
    """Return ids of scores that were asked for in the same words, newest first, and whose they are."""
    jobs, _ = context().store.jobs.list(owner(), limit=LOOKED_AT)
    found: dict[str, str] = {}
    for job in jobs:
        if job.request.trust_root.digest != document.trust_root.digest:
            continue
        for result in job.results:
            alike = result.topic == document.topic.id and result.score_id not in {None, document.id}
            if alike and result.account is not None and result.account.network == document.account.network:
                found.setdefault(str(result.score_id), result.account.account)
    return dict(list(found.items())[:OFFERED])
