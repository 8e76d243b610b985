"""Started: a job that runs from now on, with what it brings, as the answer that starts it has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from candor.store.models import Job


class Brought(NamedTuple):
    """What a job brings, as it is kept, and whether more has to be asked for.

    `root` is None where it names nobody, or is gone. `suppressed` counts the lists that name anybody, `said` what its
    owner has of disputes and of kinds of accounts.
    """

    activities: bytes
    root: bytes | None
    suppressed: int
    said: int


class Started(NamedTuple):
    """A job that runs from now on, and what it brings: None where it is scored from something else."""

    job: Job
    brought: Brought | None
