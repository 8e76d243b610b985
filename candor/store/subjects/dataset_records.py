"""Data sets: written anew without the person; an export of the person's own goes as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from candor.scoring.subject import Subject
    from candor.scoring.table import Table
    from candor.store.datasets import Datasets
    from candor.store.models import Dataset


class DatasetRecords:
    """The data sets of every owner, and files of theirs that are still on the disk."""

    def __init__(self, datasets: Datasets) -> None:
        self._datasets = datasets

    def show(self, subject: Subject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the records by the person and towards the person."""
        for dataset in self._on_network(subject, owner):
            table = self._datasets.whole(dataset)
            for record in records_of(table, subject.names):
                yield {"owner": dataset.owner, "dataset": dataset.id, "record": msgspec.to_builtins(record)}

    def erase(self, subject: Subject, owner: str | None, at: datetime) -> Mapping[str, int]:
        """See Place."""
        changed = sum(self._erase(dataset, subject, at) for dataset in self._on_network(subject, owner))
        self._datasets.drop_unclaimed(subject.names)
        return {"datasets": changed}

    def _erase(self, dataset: Dataset, subject: Subject, at: datetime) -> bool:
        if dataset.archive is not None and dataset.archive.account in subject.names:
            return self._datasets.delete(dataset.owner, dataset.id)
        return self._datasets.take_out(dataset, subject.names, at)

    def _on_network(self, subject: Subject, owner: str | None) -> Iterator[Dataset]:
        return (each for each in self._datasets.all(owner) if each.network == subject.network)


def records_of(table: Table, people: tuple[str, ...]) -> Iterator[Any]:
    """Yield the records of a table by some people or towards them."""
    numbers = [number for number, name in enumerate(table.people.all()) if name in people]
    for row in np.flatnonzero(np.isin(table.actor, numbers) | np.isin(table.target, numbers)).tolist():
        yield table.record(row)
