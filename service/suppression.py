"""The suppression list: a request that names an account on it is refused, and nothing of it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.context import context
from service.problems import Fault, ProblemError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def refuse_kept_out(network: str, named: Mapping[str, str]) -> None:
    """Raise ProblemError 403 with a pointer to each account that is kept out; `named` gives accounts by pointer.

    It does not say who asked for it or when, and only who has the whole name can ask.
    """
    kept_out = context().store.suppression.among(network, named.values())
    if faults := tuple(Fault(pointer, "is kept out") for pointer, account in named.items() if account in kept_out):
        raise ProblemError("suppressed", "The request names an account that is kept out of this service.", faults)


def pointers(base: str, accounts: Iterable[str]) -> dict[str, str]:
    """Return a pointer to each item of a list of accounts."""
    return {f"{base}/{index}/account": account for index, account in enumerate(accounts)}
