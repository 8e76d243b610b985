"""The made-up community behind the page's button: its records, its trust root, and what is asked about it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from candor import sample
from service.api.datasets import keep_records
from service.auth import owner
from service.context import context
from service.schemas.datasets import DatasetQuerySchema

DATASET = "sample"
ROOT = "sample-moderators"
CAST = (sample.EXPERT, sample.ENTHUSIAST, sample.BRAND, sample.RING_CENTRE)


def put() -> None:
    """Keep the records as a data set and the people named as a trust root; doing it twice changes nothing."""
    query: dict[str, Any] = DatasetQuerySchema().load({"network": sample.NETWORK, "profile": sample.PROFILE})
    with sample.records_path().open("rb") as lines:
        keep_records(query, DATASET, lines)
    context().store.trust_roots.put(owner(), ROOT, replace(sample.trust_root(), id=ROOT))


def cast() -> dict[str, Any]:
    """Return the body of a job about four of its people."""
    return _body([{"network": sample.NETWORK, "account": account} for account in CAST])


def everybody() -> dict[str, Any]:
    """Return the body of a job that ranks everybody."""
    return _body([])


def _body(accounts: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "accounts": accounts,
        "topics": [sample.TOPIC],
        "trust_root": ROOT,
        "dataset": DATASET,
        "as_of": sample.AS_OF.isoformat(),
    }
