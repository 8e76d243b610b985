"""A worker whose scorer is slow, or deadly, on request: the topic's id says what is to happen."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING

from candor.scoring.score import score
from worker.process import main

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from candor.scoring.activity import Activity
    from candor.scoring.document import ScoreDocument
    from candor.scoring.method import Method
    from candor.scoring.question import Question


def slow_score(activities: Sequence[Activity], question: Question, method: Method) -> Iterator[ScoreDocument]:
    """Score as ever, after what the topic `sleep-SECONDS` or `poison` asks for."""
    for document in score(activities, question, method):
        word, _, detail = document.topic.id.partition("-")
        if word == "sleep":
            time.sleep(float(detail))
        elif word == "poison":
            os.kill(os.getpid(), signal.SIGKILL)
        yield document


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ, slow_score))
