"""The queue: a job is taken out and put in again, whatever RQ knows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from candor.store.queue import RQJob

if TYPE_CHECKING:
    import pytest

    from candor.store import Store


def test_a_job_that_a_worker_ends_at_that_moment_is_put_in_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.queue.push("interactive", "ana", "j1")
    fetch = RQJob.fetch

    def fetch_as_it_ends(*args: Any, **how: Any) -> RQJob:
        job = fetch(*args, **how)
        store.redis.delete(job.key)
        return job

    monkeypatch.setattr(RQJob, "fetch", fetch_as_it_ends)
    store.queue.push("interactive", "ana", "j1")
    assert store.queue.waiting() == {"j1"}
