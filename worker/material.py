"""Material: what some of a job's accounts are scored from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from candor.scoring.question import Question

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from candor.scoring.activity import Activity
    from candor.store.models import AccountName, Job, Problem
    from worker.context import WorkerContext


@dataclass(frozen=True)
class Material:
    """Records of one network and the question about them.

    `names` gives for each account asked about the name that the question has for it, `problems` why some have none.
    """

    question: Question
    activities: Sequence[Activity]
    names: Mapping[AccountName, str]
    problems: Mapping[AccountName, Problem] = field(default_factory=dict)


def question_of(context: WorkerContext, job: Job, network: str, accounts: Iterable[str], **more: Any) -> Question:  # noqa: ANN401
    """Return what the job asks about these accounts of a network; `more` is said by the network itself."""
    request = job.request
    names = tuple(dict.fromkeys(accounts))
    asked: dict[str, Any] = {
        "network": network,
        "accounts": names,
        "contested": context.store.disputes.contested(job.owner, network, names),
        "topics": request.topics,
        "trust_root": request.trust_root,
        "as_of": request.as_of,
        "window_days": request.window_days,
        "profile": request.profile,
        "granted_rights": request.granted_rights,
        "contact": context.contact,
    }
    return Question(**{**asked, **more})
