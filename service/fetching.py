"""Fetching, as far as the interface knows it: which networks the workers read, and how much a job may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from candor.store.models import FetchBudget
from service.context import context
from service.problems import Fault, ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Complain = Callable[[str, str], None]

DAY_S = 86_400
CANNOT_FETCH = "There are neither `activities` nor a `dataset`, and not every network named is one that Candor reads."


def is_read(network: str) -> bool:
    """Tell whether the workers have a connector for the network."""
    return context().store.connectors.of(network) is not None


def fetch_budget(given: Mapping[str, Any], complain: Complain) -> FetchBudget | None:
    """Return how much a job may read from networks, or None where it brings records or names a data set.

    Raises ProblemError when a network is not read; smaller faults go to `complain` as a pointer and words.
    """
    if given["activities"] is not None or given["dataset"] is not None:
        if given["fetch"] is not None:
            complain("/fetch", "a job that brings records or names a data set reads no network")
        if given["max_age_s"] is not None:
            complain("/max_age_s", "a job that brings records or names a data set is always scored from them")
        return None
    _check_networks(given)
    if given["granted_rights"]:
        complain("/granted_rights", "nobody vouches for this where records are fetched")
    settings, asked = context().settings, given["fetch"] or {}
    if (given["max_age_s"] or 0) > settings.documents_days * DAY_S:
        complain("/max_age_s", f"this service keeps scores for {settings.documents_days} days")
    usual = {"max_requests": settings.fetch_requests, "max_posts": settings.fetch_posts}
    most = {"max_requests": settings.max_fetch_requests, "max_posts": settings.max_fetch_posts}
    for name, limit in most.items():
        if (asked.get(name) or 0) > limit:
            complain(f"/fetch/{name}", f"this service reads at most {limit}")
    return FetchBudget(**{name: asked.get(name) or min(usual[name], most[name]) for name in usual})


def _check_networks(given: Mapping[str, Any]) -> None:
    faults = tuple(
        Fault(f"/accounts/{index}/network", f"Candor does not read {account['network']}")
        for index, account in enumerate(given["accounts"])
        if not is_read(account["network"])
    )
    if faults:
        raise ProblemError("cannot_fetch", CANNOT_FETCH, faults)
