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
from candor.store.client import SCAN_AT_ONCE, DamagedValueError
from candor.store.sealed import Sealed
from candor.store.secret import private, regular
from candor.store.storage import DIRECTORY_ID, StorageAwayError

if TYPE_CHECKING:
    from redis import Redis

    from candor.store.secret import Secret
    from candor.store.storage import Storage

LAYOUT = 1
"""How what is kept is written, in Redis and in the data directory. Whoever writes it another way raises this."""
LAYOUT_FILE = "layout"
_DATASETS = "datasets"
_PURPOSE = "fingerprint of the secret"
_MEND = (
    "All machines of a service share one data directory: mount it here and name it in CANDOR_DATA_DIR. Or they share "
    "CANDOR_STORAGE, and each has the file `secret` of the first in its own data directory. If the other is lost for "
    "good, `candor store adopt` has the store used with this one from then on"
)


_ANEW = (
    "Nothing is converted. Start with an empty CANDOR_DATA_DIR, and an empty database at CANDOR_REDIS_URL if that is "
    "set; or go on with the version that wrote this. Copy the files `secret` and `left` into the new directory before: "
    "with them whoever opted out or was erased stays out. Keys, topics and data sets have to be brought again"
)


class LayoutError(OperatorError):
    """What is kept was written by a version of Candor that writes it another way."""


class IdentityError(OperatorError):
    """The machine brings another secret or storage than the store is used with."""


class Fingerprints(msgspec.Struct, frozen=True):
    """What the store keeps of a machine's secret and storage: enough to tell others, too little to forge any."""

    secret: str
    storage: str
    layout: int = 0


class Identity:
    """Compares this machine's secret and storage with those of whoever used the store first."""

    def __init__(self, redis: Redis, storage: Storage, secret: Secret) -> None:
        self._redis = redis
        self._storage = storage
        self._secret = secret
        self._fingerprints = Sealed[Fingerprints](redis, Fingerprints)

    def check(self) -> None:
        """Claim a store that nobody has used.

        Raises IdentityError where it is used with others, or empty beside data sets of another; LayoutError where it or
        the directory is of another version.
        """
        if (kept := self._kept()) is None:
            self._check_directory(is_claimed=False)
            self._check_is_first()
            self._make()
            self._redis.set(redis_keys.IDENTITY, self._written(), nx=True)
            kept = self._kept()
        if kept is not None and kept.layout != LAYOUT:
            raise LayoutError(f"what Redis holds was written by another version of Candor {_of(kept.layout)}. {_ANEW}")
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
        self._check_directory(is_claimed=True)
        self._note_layout()

    def is_unused(self) -> bool:
        """Tell whether nobody has used the store so far: nothing of this service is kept in it."""
        return next(iter(self._redis.scan_iter(redis_keys.every(), count=SCAN_AT_ONCE)), None) is None

    def _check_is_first(self) -> None:
        """Raise IdentityError where data sets are here and Redis knows nothing: it was put back in part, or is another.

        Whoever went on would have it saved as empty, over a snapshot that was put back and not read.
        """
        datasets = self._secret.folder / _DATASETS
        holds_some = any(each.is_file() and each.name != DIRECTORY_ID for each in datasets.rglob("*"))
        if holds_some and self.is_unused():
            raise IdentityError(
                f"Redis holds nothing, and {datasets} holds data sets: Redis was not put back, or CANDOR_REDIS_URL "
                "names another. With `appendonly yes` Redis reads no snapshot (dump.rdb): start it once with "
                "`appendonly no`, then CONFIG SET appendonly yes. If all that it held is lost for good, `candor store "
                "adopt` begins anew: the data sets have to be brought again"
            )

    def matches(self) -> bool:
        """Say whether the secret and the layout are those of the store; where nobody has used it they are."""
        try:
            kept = self._kept()
            return kept is None or (kept.secret, kept.layout) == (self._secret_digest(), LAYOUT)
        except (OSError, IdentityError):
            return False

    def confirm_storage(self) -> None:
        """Raise StorageAwayError unless the storage is the one that the store is used with, or nobody has used it.

        What is missing in another place, such as a folder below which nothing is mounted, is not gone.
        """
        try:
            kept = self._kept()
            if kept is None or kept.storage == self._storage_digest():
                return
        except StorageAwayError:
            raise
        except (OSError, IdentityError) as error:
            raise StorageAwayError(f"{self._storage} cannot be told from others: {error}") from error
        raise StorageAwayError(f"{self._storage} is away: what is there is not what this store is used with. {_MEND}")

    def adopt(self) -> bool:
        """Use the store with this machine's secret and directory from now on; True where it knew another secret.

        Raises LayoutError.
        """
        try:
            before = self._kept()
        except IdentityError:
            before = None  # damaged: this is how it is mended
        if before is not None and before.layout != LAYOUT:
            raise LayoutError(
                f"what Redis holds was written by another version of Candor {_of(before.layout)}. {_ANEW}"
            )
        self._check_directory(is_claimed=before is not None)
        self._make()
        self._redis.set(redis_keys.IDENTITY, self._written())
        return before is not None and before.secret != self._ours().secret

    def _kept(self) -> Fingerprints | None:
        found = self._redis.get(redis_keys.IDENTITY)
        if isinstance(found, bytes) and found.startswith(b"{"):  # without a checksum, as before there were layouts
            return msgspec.json.decode(found, type=Fingerprints)
        try:
            return None if found is None else self._fingerprints.read(redis_keys.IDENTITY, found)
        except DamagedValueError as error:
            raise IdentityError(
                "what Redis holds of the secret and the directory that it is used with is damaged. If you are sure "
                "that this machine has them, `candor store adopt` writes it anew"
            ) from error

    def _written(self) -> bytes:
        return self._fingerprints.written(redis_keys.IDENTITY, self._ours())

    def _make(self) -> None:
        self._note_layout()  # first: where the disk is full then, the next start finds nothing of another version
        self._secret.digest(_PURPOSE, b"")
        self._storage.make_mark()

    def _check_directory(self, *, is_claimed: bool) -> None:
        """Raise LayoutError where the directory is of another layout: one that holds anything is of one.

        Where the store was claimed with it, a file that is missing says nothing: it comes from a back-up of some files.
        """
        folder = self._secret.folder
        if (found := self._layout()) is None and not is_claimed and (folder / _DATASETS).exists():
            found = 0
        if found not in {None, LAYOUT}:
            raise LayoutError(f"{folder} was written by another version of Candor {_of(found or 0)}. {_ANEW}")

    def _layout(self) -> int | None:
        try:
            with open(self._secret.folder / LAYOUT_FILE, opener=regular) as file:
                return int(said) if (said := file.read(20).strip()) else None
        except FileNotFoundError:
            return None
        except ValueError:
            raise LayoutError(
                f"{self._secret.folder / LAYOUT_FILE} is damaged: it holds the number {LAYOUT} where this version "
                f"of Candor wrote the directory"
            ) from None

    def _note_layout(self) -> None:
        if self._layout() is None:
            self._secret.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(self._secret.folder / LAYOUT_FILE, "w", opener=private) as file:
                file.write(f"{LAYOUT}\n")

    def _ours(self) -> Fingerprints:
        """Return the fingerprints of what there is on this machine, empty where nothing is; looking makes nothing."""
        return Fingerprints(secret=self._secret_digest(), storage=self._storage_digest(), layout=LAYOUT)

    def _secret_digest(self) -> str:
        return self._secret.digest(_PURPOSE, b"") if self._secret.exists() else ""

    def _storage_digest(self) -> str:
        mark = self._storage.mark()
        return hashlib.sha256(mark).hexdigest() if mark is not None else ""


def _of(layout: int) -> str:
    return f"(layout {layout}; this version has {LAYOUT})"
