"""Reporter: tells store, log and metrics how far a job is, and notices that it has ended meanwhile."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec

from candor.telemetry.kinds import STAGE_SECONDS
from candor.telemetry.logs import logger
from worker.errors import EndedError

if TYPE_CHECKING:
    from candor.store.jobs import Jobs
    from candor.store.models import Job, Progress, Stage
    from candor.telemetry.meters import Meters

EVERY_S = 0.5
log = logger(__name__)


class Reporter:
    """Keeps the progress of the job in hand."""

    def __init__(self, jobs: Jobs, job: Job, meters: Meters) -> None:
        self._jobs = jobs
        self._meters = meters
        self._stage: Stage | None = None
        self._since_s = time.monotonic()
        self._job_id = job.id
        self._told_s = 0.0
        self.progress: Progress = msgspec.structs.replace(
            job.progress, done=0, total=job.request.total, until=None, waits_for=None
        )

    def report(self, **changes: Any) -> None:  # noqa: ANN401 fields of Progress
        """Save the progress, changed. Raises EndedError when the job has ended."""
        if (stage := changes.get("stage", self._stage)) != self._stage:
            self.leave_stage()
            self._stage = stage
        self.progress = msgspec.structs.replace(self.progress, **changes)
        self._told_s = time.monotonic()
        if not self._jobs.report(self._job_id, self.progress):
            raise EndedError(self._job_id)

    def fetched(self, posts: int, requests: int) -> None:
        """Note posts read and requests made; saved twice a second at most."""
        self.progress = msgspec.structs.replace(self.progress, posts=posts, requests=requests)
        if time.monotonic() - self._told_s >= EVERY_S:
            self.report()

    def leave_stage(self) -> None:
        """Note how long the stage took that the job was in."""
        seconds = time.monotonic() - self._since_s
        if self._stage is not None:
            log.info("stage", stage=self._stage, seconds=round(seconds, 3))
            self._meters.observe(STAGE_SECONDS, seconds, self._stage)
        self._stage, self._since_s = None, time.monotonic()
