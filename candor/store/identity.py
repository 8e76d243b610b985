"""Identity: the one secret and the one storage that a store is used with, so that no machine brings others.

Links and the list of who is suppressed are worth nothing under another secret, and a data set that was uploaded on one
machine has to be there on all.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from candor.errors import OperatorError
from candor.store import redis_keys

if TYPE_CHECKING:
    from redis import Redis

    from candor.store.secret import Secret
    from candor.store.storage import Storage

_PURPOSE = "fingerprint of the secret"
_MEND = (
    "All machines of a service share one data directory: mount it here and name it in CANDOR_DATA_DIR. Or they share "
    "CANDOR_STORAGE, and each has the file `secret` of the first in its own data directory. If the other is lost for "
    "good, `candor store adopt` has the store used with this one from then on"
)


class IdentityError(OperatorError):
    """The machine brings another secret or storage than the store is used with."""


class Fingerprints(msgspec.Struct, frozen=True):
    """What the store keeps of a machine's secret and storage: enough to tell others, too little to forge any."""

    secret: str
    storage: str


class Identity:
    """Compares this machine's secret and storage with those of whoever used the store first."""

    def __init__(self, redis: Redis, storage: Storage, secret: Secret) -> None:
        self._redis = redis
        self._storage = storage
        self._secret = secret

    def check(self) -> None:
        """Claim a store that nobody has used. Raises IdentityError where it is used with others."""
        if (kept := self._kept()) is None:
            self._make()
            self._redis.set(redis_keys.IDENTITY, msgspec.json.encode(self._ours()), nx=True)
            kept = self._kept()
        ours = self._ours()
        if kept is None or kept.secret != ours.secret:
            raise IdentityError(
                f"the secret in {self._secret.folder} is not the one that this store is used with: links, and the list "
                f"of who is suppressed, would be worth nothing here. {_MEND}"
            )
        if kept.storage != ours.storage:
            raise IdentityError(
                f"{self._storage} is not the one that this store is used with: data sets that were "
                f"uploaded elsewhere are not in it. {_MEND}"
            )

    def matches(self) -> bool:
        """Say whether `check` would pass now; where nobody has used the store it would, without its storage not."""
        try:
            return self._kept() in {None, self._ours()}
        except OSError:
            return False

    def adopt(self) -> bool:
        """Use the store with this machine's secret and directory from now on; True where it knew another secret."""
        before = self._kept()
        self._make()
        self._redis.set(redis_keys.IDENTITY, msgspec.json.encode(self._ours()))
        return before is not None and before.secret != self._ours().secret

    def _kept(self) -> Fingerprints | None:
        found = self._redis.get(redis_keys.IDENTITY)
        return None if found is None else msgspec.json.decode(found, type=Fingerprints)

    def _make(self) -> None:
        self._storage.make_mark()
        self._secret.digest(_PURPOSE, b"")

    def _ours(self) -> Fingerprints:
        """Return the fingerprints of what there is on this machine, empty where nothing is; looking makes nothing."""
        secret = self._secret.digest(_PURPOSE, b"") if self._secret.exists() else ""
        mark = self._storage.mark()
        return Fingerprints(secret=secret, storage=hashlib.sha256(mark).hexdigest() if mark is not None else "")
