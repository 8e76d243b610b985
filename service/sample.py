"""The built-in sample: a made-up community and whom to trust in it, there for every caller under the id `sample`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from candor import sample
from service.auth import owner
from service.context import context
from service.problems import ProblemError
from service.schemas.queries import DatasetQuerySchema
from service.uploads import Upload

if TYPE_CHECKING:
    from collections.abc import Iterable

    from candor.scoring.trust_root import TrustRoot
    from candor.store.models import Dataset

SAMPLE = "sample"


def find_dataset(dataset_id: str) -> Dataset | None:
    """Return what is known of a data set of the caller's, or of the sample."""
    if dataset_id == SAMPLE:
        keep_sample()
    return context().store.datasets.get(owner(), dataset_id)


def find_root(root_id: str) -> TrustRoot | None:
    """Return a trust root of the caller's, or the sample's."""
    if root_id == SAMPLE:
        keep_sample()
    return context().store.trust_roots.get(owner(), root_id)


def keep_sample() -> None:
    """Keep the sample for the caller where it is missing; whoever is suppressed stays out of it, as of any data set."""
    store = context().store
    if store.trust_roots.get(owner(), SAMPLE) is None:
        store.trust_roots.put(owner(), SAMPLE, replace(sample.trust_root(), id=SAMPLE))
    if store.datasets.get(owner(), SAMPLE) is None:
        query: dict[str, Any] = DatasetQuerySchema().load({"network": sample.NETWORK, "profile": sample.PROFILE})
        with sample.records_path().open("rb") as lines:
            Upload(query, SAMPLE).keep_records(lines)


def newest_first(datasets: Iterable[Dataset]) -> list[Dataset]:
    """Return data sets as lists of them begin: what was brought last, and the sample behind all."""
    return sorted(datasets, key=lambda each: (each.id == SAMPLE, -each.created_at.timestamp()))


def people_shown(*accounts: str) -> tuple[str, ...]:
    """Return those of some accounts of the sample of which scores may be shown: nobody who is suppressed."""
    suppressed = context().store.suppression.among(sample.NETWORK, accounts)
    return tuple(account for account in accounts if account not in suppressed)


def refuse_change(item_id: str) -> None:
    """Refuse to change the sample. Raises ProblemError 409."""
    if item_id == SAMPLE:
        raise ProblemError("built_in", "`sample` is built in and cannot be changed; choose another id.")
