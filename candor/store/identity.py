"""Identity: the one secret and the one data directory that a store is used with, so that no machine brings others.

Links and the list of who is suppressed are worth nothing under another secret, and a data set that was uploaded on one
machine has to be there on all.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from candor.errors import OperatorError
from candor.store import redis_keys
from candor.store.secret import random_file

if TYPE_CHECKING:
    from pathlib import Path

    from redis import Redis

    from candor.store.secret import Secret

DIRECTORY_ID = "directory-id"
_PURPOSE = "fingerprint of the secret"
_MEND = (
    "All machines of a service share one data directory: mount it here and name it in CANDOR_DATA_DIR. If the other "
    "is lost for good, `candor store adopt` has the store used with this one from then on"
)


class IdentityError(OperatorError):
    """The machine brings another secret or data directory than the store is used with."""


class Fingerprints(msgspec.Struct, frozen=True):
    """What the store keeps of a machine's secret and data directory: enough to tell others, too little to forge any."""

    secret: str
    data_dir: str


class Identity:
    """Compares this machine's secret and data directory with those of whoever used the store first."""

    def __init__(self, redis: Redis, data_dir: Path, secret: Secret) -> None:
        self._redis = redis
        self._data_dir = data_dir
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
                f"the secret in {self._data_dir} is not the one that this store is used with: links, and the list "
                f"of who is suppressed, would be worth nothing here. {_MEND}"
            )
        if kept.data_dir != ours.data_dir:
            raise IdentityError(
                f"the data directory {self._data_dir} is not the one that this store is used with: data sets that were "
                f"uploaded elsewhere are not in it. {_MEND}"
            )

    def matches(self) -> bool:
        """Say whether `check` would pass now; where nobody has used the store it would, without its directory not."""
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
        random_file(self._data_dir / DIRECTORY_ID)
        self._secret.digest(_PURPOSE, b"")

    def _ours(self) -> Fingerprints:
        """Return the fingerprints of what there is on this machine, empty where nothing is; looking makes nothing."""
        secret = self._secret.digest(_PURPOSE, b"") if self._secret.exists() else ""
        try:
            directory = hashlib.sha256((self._data_dir / DIRECTORY_ID).read_bytes()).hexdigest()
        except FileNotFoundError:
            directory = ""
        return Fingerprints(secret=secret, data_dir=directory)
