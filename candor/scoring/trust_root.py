"""TrustRoot: whose word counts. Declared by the caller, never learned."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Collection

TrustRootKind = Literal["accounts", "list", "network", "none"]


class RootAccount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account the caller trusts: `weight` above 0 and at most 1.

    `topics` are those it is named for, null for none.
    """

    account: str
    weight: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0
    topics: tuple[str, ...] | None = None


class TrustRoot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A declared trust root.

    Kind `accounts` names accounts; `list` is the members of a list, already resolved into `accounts`; `network` is
    everybody (face value); `none` is nobody (no expertise number).
    """

    kind: TrustRootKind
    network: str | None = None
    accounts: tuple[RootAccount, ...] = ()
    list: str | None = None
    id: str | None = None

    @property
    def size(self) -> int:
        """Count the accounts named."""
        return len(self.accounts)

    @property
    def digest(self) -> str:
        """Digest of what the root says, whatever its id and the order of its accounts."""
        named = sorted((a.account, a.weight, sorted(a.topics or ())) for a in self.accounts)
        stated = msgspec.json.encode([self.kind, self.network, self.list, named])
        return "sha256:" + hashlib.sha256(stated).hexdigest()

    def without(self, people: Collection[str]) -> TrustRoot:
        """Return the root without the people."""
        return msgspec.structs.replace(self, accounts=tuple(a for a in self.accounts if a.account not in people))


FACE_VALUE = TrustRoot(kind="network")
NO_ROOT = TrustRoot(kind="none")
