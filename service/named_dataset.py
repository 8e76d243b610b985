"""Data sets as requests name them: whether there may be one of that id, network and profile, and what to say else."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from candor.formats.dumps.registry import FORMATS
from candor.names.networks import UnknownNetworkError, network_of
from service.auth import owner
from service.context import context
from service.problems import Fault, ProblemError, invalid
from service.schemas.base import SLUG

if TYPE_CHECKING:
    from candor.store.models import Dataset


def faults_of_id(dataset_id: str) -> list[Fault]:
    """Say what is wrong with the id of a data set to be."""
    if len(dataset_id) > 200 or not re.fullmatch(SLUG, dataset_id):
        return [Fault("/dataset_id", "an id is a slug of at most 200 characters: a-z, 0-9, joined by - _ .")]
    return []


def check_dataset(query: dict[str, Any], dataset_id: str) -> None:
    """Refuse an id that is no slug, and a profile that is not the network's own or is missing. Raises ProblemError.

    A format of one network alone gives `query` that network. Without one an upload may still be somebody's own export,
    which says itself where it is from.
    """
    faults = faults_of_id(dataset_id)
    if query["network"] is None and query["format"] is not None:
        query["network"] = _network_of(query["format"])
        if query["network"] is None:
            raise invalid(*faults, Fault("/network", which_network(query["format"])))
    if query["network"] is None:
        if faults:
            raise invalid(*faults)
        return
    fixed = network_of(query["network"]).profile
    if fixed is not None and query["profile"] not in {None, fixed}:
        faults.append(Fault("/profile", f"{query['network']} always uses {fixed}"))
    if fixed is None and query["profile"] is None:
        faults.append(Fault("/profile", "missing: choose qa, forum or microblog for a custom: network"))
    if faults:
        raise invalid(*faults)


def _network_of(form: str) -> str | None:
    """Return the one network that a format is of; None where there are several."""
    written = FORMATS[form].facts.network
    try:
        return written if network_of(written).argument is None else None
    except UnknownNetworkError:
        return None


def which_network(form: str | None) -> str:
    """Say that the network is missing, with one that a format may be of, if records come in one."""
    written = FORMATS[form].facts.network if form is not None else ""
    example = written if ":" in written and len(written.split()) == 1 else "custom:NAME"
    return f"missing: which network the records come from, as in network={example}"


def check_network(there: Dataset | None, network: str, pointer: str) -> None:
    """Refuse to put another network in the place of the one that a data set is of. Raises ProblemError 422."""
    if there is not None and there.network != network:
        words = (
            f"the data set {there.id!r} holds {there.network}, not {network}: delete it first, or choose another name"
        )
        raise invalid(Fault(pointer, words))


def unknown_dataset(dataset_id: str) -> ProblemError:
    """Make the error for a data set that the caller does not have; it says which may have been meant."""
    if context().store.sources.get(owner(), dataset_id) is not None:
        return ProblemError("not_found", f"The data set {dataset_id!r} follows a source of which nothing is read yet.")
    near = get_close_matches(dataset_id, [each.id for each in context().store.datasets.all_of(owner())], n=1)
    if near:
        return ProblemError("not_found", f"You have no data set {dataset_id!r}: did you mean {near[0]!r}?")
    return ProblemError("not_found", f"You have no data set {dataset_id!r}.")
