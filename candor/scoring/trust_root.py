"""TrustRoot: whose word counts. Declared by the caller, never learned."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Literal, Protocol, TypeVar

import msgspec
from msgspec import Meta

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

Entry = TypeVar("Entry")
TrustRootKind = Literal["accounts", "list", "network", "none"]


class RootAccount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account that the caller trusts."""

    account: Annotated[str, Meta(description="The account's id on its network.")]
    weight: Annotated[float, Meta(gt=0, le=1, description="How much it is trusted: above 0, at most 1.")] = 1.0
    topics: Annotated[
        tuple[str, ...] | None, Meta(description="Topics for which the account is named; null for none.")
    ] = None


class TrustRoot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A declared trust root.

    Kind `accounts` names accounts; `list` is the members of a list, already resolved into `accounts`; `network` is
    everybody (face value); `none` is nobody (no expertise number).
    """

    kind: Annotated[TrustRootKind, Meta(description="accounts, list, network or none.")]
    network: Annotated[str | None, Meta(description="The network that the accounts are on.")] = None
    accounts: Annotated[tuple[RootAccount, ...], Meta(description="The accounts.")] = ()
    list: Annotated[str | None, Meta(description="The list, read when a job runs; null with other kinds.")] = None
    id: Annotated[str | None, Meta(description="Its id.")] = None

    @property
    def size(self) -> int:
        """Count the accounts named."""
        return len(self.accounts)

    @property
    def people(self) -> int:
        """Count the people named, each once."""
        return len({named.account for named in self.accounts})

    @property
    def digest(self) -> str:
        """Digest of what the root says, whatever its id and the order of its accounts."""
        named = sorted((a.account, a.weight, sorted(a.topics or ())) for a in self.accounts)
        stated = msgspec.json.encode([self.kind, self.network, self.list, named])
        return "sha256:" + hashlib.sha256(stated).hexdigest()

    def without(self, people: Collection[str]) -> TrustRoot:
        """Return the root without the people."""
        return msgspec.structs.replace(self, accounts=tuple(a for a in self.accounts if a.account not in people))


class NamedRoot(Protocol):
    """What tells which root it is: declared, asked for, or in a document."""

    @property
    def id(self) -> str | None: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def digest(self) -> str: ...  # noqa: D102


def root_names(root: NamedRoot) -> tuple[str, ...]:
    """Return by which names boards under a root are found: its id if it has one, its digest, or what kind it is."""
    if root.kind in ("network", "none"):
        return (root.kind,)
    return (root.digest,) if root.id is None else (root.id, root.digest)


class NamedTwiceError(ValueError):
    """An account is named in two places of a list, `first` and `place`, which say different things of it."""

    def __init__(self, account: str, first: int, place: int) -> None:
        super().__init__(f"{account!r} is named twice, in /accounts/{first} with another weight or other topics")
        self.place = place


def named_once(entries: Iterable[tuple[str, Entry]]) -> dict[str, Entry]:
    """Return what a list says of each account, in its order; what it says again in the same way counts once.

    Two spellings of one name look alike, and a list of hundreds has some. Raises NamedTwiceError.
    """
    found: dict[str, tuple[int, Entry]] = {}
    for place, (account, entry) in enumerate(entries):
        first, known = found.setdefault(account, (place, entry))
        if known != entry:
            raise NamedTwiceError(account, first, place)
    return {account: entry for account, (_, entry) in found.items()}


FACE_VALUE = TrustRoot(kind="network")
NO_ROOT = TrustRoot(kind="none")
