"""Fixtures of the contract: a service that asks for keys, with a worker behind it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.serving import make_server

from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.settings import Settings
from candor.store.jobs import part_id
from worker import jobs
from worker.context import CURRENT, WorkerContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from candor.store import Store


class AtWork:
    """The application as one owner meets it: what is asked for is done before the answer is read (WSGI)."""

    def __init__(self, app: Flask, store: Store, owner: str) -> None:
        self._app, self._store, self._owner = app, store, owner
        self._context = WorkerContext(store, load_method(), score)
        self.secret = store.keys.create(owner, "test", ("read", "write", "erase", "admin"))[1]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        answer = self._app(environ, start_response)
        self.work()
        return answer

    def work(self) -> None:
        """Do what is asked for."""
        token = CURRENT.set(self._context)
        try:
            for job in self._store.jobs.list(self._owner, limit=5)[0]:
                parts = range(len(job.request.topics)) if job.is_whole else ()
                for name in (job.id, *(part_id(job.id, number) for number in parts)):
                    jobs.score(self._owner, name)  # does nothing where it has ended
            for name in self._store.queue.waiting():
                if name.startswith("er_") and (erasure := self._store.erasures.start(name)):
                    self._store.eraser.run(erasure)
        finally:
            CURRENT.reset(token)


@pytest.fixture
def at_work(share_app: Callable[..., Flask], store: Store) -> AtWork:
    """The service as bob meets it, with a worker."""
    return AtWork(share_app(Settings(host="0.0.0.0"), store), store, "bob")


@pytest.fixture
def url(at_work: AtWork, store: Store) -> Iterator[str]:
    """Where the service listens; parts of jobs are done as well."""

    def with_parts(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        answer = at_work(environ, start_response)
        token = CURRENT.set(at_work._context)
        try:
            for job in store.jobs.list("bob", limit=5)[0]:
                for part in range(len(job.request.topics) if not job.request.accounts else 0):
                    jobs.score("bob", part_id(job.id, part))
        finally:
            CURRENT.reset(token)
        return answer

    server = make_server("127.0.0.1", 0, with_parts)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
