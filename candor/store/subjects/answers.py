"""Fetched answers: networks call people by names of their own, so who is in which can not be told; all of them go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from candor.scoring.subject import Subject
    from candor.store.answers import Answers


class FetchedAnswers:
    """What networks said lately, whoever had asked. Of a `custom:` network nothing is ever fetched."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def show(self, subject: Subject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the questions whose answers hold one of the names."""
        del owner
        for answer_id in self._answers.ids():
            answer = self._answers.get(answer_id)
            if answer is not None and (subject.is_among(answer.body) or subject.stands_in(answer.url)):
                yield {"at": answer_id, "url": answer.url, "fetched_at": answer.fetched_at}

    def erase(self, subject: Subject, owner: str | None, at: datetime) -> Mapping[str, int]:
        """See Place."""
        del owner, at
        ids = [] if subject.network.startswith("custom:") else self._answers.ids()
        self._answers.forget(ids)
        return {"answers": len(ids)}
