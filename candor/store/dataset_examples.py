"""Examples: what is said of a data set's records names some of their ids and fields, and nobody who was erased."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from candor.scoring.record_counts import Counts, References
from candor.store import redis_keys
from candor.store.client import DamagedValueError, keys_like, seal, unseal
from candor.store.job_redaction import redact_counts, redact_references

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from redis import Redis
    from redis.client import Pipeline

    from candor.scoring.redaction import DataSubject

_DECODER = msgspec.json.Decoder(dict[str, Any])


class DatasetExamples:
    """The examples in what is known of the data sets of all owners, an ErasureTarget."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def kept_of(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield where examples name the person."""
        return ({"at": key} for key in self._naming(subject, owner))

    def erase(self, subject: DataSubject, owner: str | None) -> Mapping[str, int]:
        """Take the name out of the examples."""
        return {"dataset_examples": sum(self._redact(key, subject) for key in self._naming(subject, owner))}

    def _naming(self, subject: DataSubject, owner: str | None) -> Iterator[str]:
        for key in keys_like(self._redis, redis_keys.dataset(owner, None)):
            raw = self._redis.get(key)
            if isinstance(raw, bytes) and _without(raw, subject):
                yield key

    def _redact(self, key: str, subject: DataSubject) -> bool:
        def _step(pipe: Pipeline) -> None:
            raw = pipe.get(key)
            left = _without(raw, subject) if isinstance(raw, bytes) else None
            pipe.multi()
            if left is not None:
                pipe.set(key, left, keepttl=True)

        return bool(self._redis.transaction(_step, key))


def _without(raw: bytes, subject: DataSubject) -> bytes | None:
    """Return what is known of a data set with the name out of its examples; None where it is not in them.

    In a data set of another network the same word is somebody else's.
    """
    if not subject.may_occur_in(raw):
        return None
    try:
        kept = unseal(raw, _DECODER)
    except DamagedValueError:  # it goes with the data sets
        return None
    if kept["dataset"]["network"] != subject.network:
        return None
    counts = msgspec.convert(kept["dataset"]["counts"], Counts)
    references = msgspec.convert(kept["dataset"]["references"], References)
    left = redact_counts(counts, subject), redact_references(references, subject)
    if left == (counts, references):
        return None
    kept["dataset"]["counts"], kept["dataset"]["references"] = left
    return seal(kept)
