"""Leases: the right to handle a request under its `Idempotency-Key` is short, and renewed while its process lives."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.store import Store
    from candor.store.idempotency import IdempotencyLock

LEASE_S = 6
RENEW_S = 1.5


class LeaseRenewer:
    """Renews what this process holds, by one thread that runs while there is something to renew.

    Whoever asks again after the process died waits for the rest of one lease, however long the request might take.
    """

    def __init__(self, store: Store, pause_s: float = RENEW_S) -> None:
        self._store = store
        self._pause_s = pause_s
        self._held: set[IdempotencyLock] = set()
        self._runs = False
        self._guard = threading.Lock()

    @contextmanager
    def holding(self, lock: IdempotencyLock) -> Iterator[None]:
        """Renew the lock until the block ends."""
        with self._guard:
            self._held.add(lock)
            if not self._runs:
                self._runs = True
                threading.Thread(target=self._run, name="leases", daemon=True).start()
        try:
            yield
        finally:
            with self._guard:
                self._held.discard(lock)

    def _run(self) -> None:
        while held := self._still_held():
            for lock in held:
                with suppress(RedisError, ValueError):  # ValueError: the connection is closed meanwhile, at the end
                    self._store.idempotency.renew(lock, LEASE_S)
            time.sleep(self._pause_s)

    def _still_held(self) -> tuple[IdempotencyLock, ...]:
        with self._guard:
            self._runs = bool(self._held)
            return tuple(self._held)
