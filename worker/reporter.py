"""Reporter: tells the store how far a job is, and notices that it has ended meanwhile."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec

from worker.errors import EndedError

if TYPE_CHECKING:
    from store.jobs import Jobs
    from store.models import Job, Progress

EVERY_S = 0.5


class Reporter:
    """Keeps the progress of the job in hand."""

    def __init__(self, jobs: Jobs, job: Job) -> None:
        self._jobs = jobs
        self._job_id = job.id
        self._told_s = 0.0
        self.progress: Progress = msgspec.structs.replace(
            job.progress, done=0, total=job.request.total, until=None, waits_for=None
        )

    def report(self, **changes: Any) -> None:  # noqa: ANN401 fields of Progress
        """Save the progress, changed. Raises EndedError when the job has ended."""
        self.progress = msgspec.structs.replace(self.progress, **changes)
        self._told_s = time.monotonic()
        if not self._jobs.report(self._job_id, self.progress):
            raise EndedError(self._job_id)

    def fetched(self, posts: int, requests: int) -> None:
        """Note posts read and requests made; saved twice a second at most."""
        self.progress = msgspec.structs.replace(self.progress, posts=posts, requests=requests)
        if time.monotonic() - self._told_s >= EVERY_S:
            self.report()
