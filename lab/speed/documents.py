"""One account's document from a data set, cold and warm, against DuckDB reading the rows by and towards that person."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import msgspec

from candor.scoring.document import encode
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.score import score
from candor.scoring.topics import tag_topic
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.store import open_store
from candor.store.embedded import EmbeddedServer
from lab.speed.community import END, community
from lab.speed.rows import Pair, cpu_s
from worker.open_datasets import OpenDatasets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.store.datasets import Datasets

RECORDS = 712_560
ROOT = TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=f"u{number}") for number in range(100)))
ACCOUNTS = ("u150", "u250", "u400")
COLUMNS = (
    "{id: 'VARCHAR', type: 'VARCHAR', actor: 'VARCHAR', object: 'VARCHAR', published: 'TIMESTAMP', tags: 'VARCHAR[]'}"
)
ROWS = """
WITH own AS (SELECT id FROM kept WHERE actor = $who)
SELECT * FROM kept WHERE id IN (FROM own) OR object IN (FROM own)
"""
FACTS = {"network": "custom:bench", "profile": "qa", "granted_rights": False}


@dataclass(frozen=True)
class BothForms:
    """The same records as a data set and as a Parquet file."""

    datasets: Datasets
    parquet: str

    def read_by_duckdb(self, account: str) -> None:
        """Read the rows by and towards a person."""
        with duckdb.connect() as connection:
            connection.execute(f"CREATE VIEW kept AS FROM read_parquet('{self.parquet}')")
            connection.execute(ROWS, {"who": account}).fetchall()

    def document(self, opened: OpenDatasets, account: str) -> bytes:
        """Score a person on one topic, as a worker does."""
        question = Question(
            network="custom:bench",
            accounts=(account,),
            topics=(tag_topic("tag:topic"),),
            trust_root=ROOT,
            as_of=END,
            profile="qa",
            community=True,
        )
        world = opened.community("bench", "town", question, load_method())
        return encode(next(score(world, question, load_method())))


@contextmanager
def kept() -> Iterator[BothForms]:
    """Keep the records both ways for a while."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedServer(Path(folder) / "valkey") as server:
        datasets = open_store(server.url, Path(folder)).datasets
        lines = Path(folder) / "records.ndjson"
        with lines.open("wb") as file:
            file.writelines(msgspec.json.encode(each) + b"\n" for each in community(RECORDS * 20 // 19))
        with lines.open("rb") as file:
            datasets.put("bench", "town", lines=file, **FACTS)  # type: ignore[arg-type] # by name
        parquet = f"{folder}/records.parquet"
        with duckdb.connect() as connection:
            connection.execute(f"CREATE VIEW records AS FROM read_json('{lines}', columns={COLUMNS})")
            connection.execute(f"COPY (FROM records ORDER BY actor) TO '{parquet}'")
        yield BothForms(datasets, parquet)


def cold() -> list[Pair]:
    """Each account from a worker that has opened nothing."""
    with kept() as data:
        return [_compared(data, OpenDatasets(data.datasets), account) for account in ACCOUNTS]


def warm() -> list[Pair]:
    """Each account from a worker that has the community at hand for another one."""
    with kept() as data:
        opened = OpenDatasets(data.datasets)
        data.document(opened, "u1")
        return [_compared(data, opened, account) for account in ACCOUNTS]


def _compared(data: BothForms, opened: OpenDatasets, account: str) -> Pair:
    return Pair(cpu_s(lambda: data.read_by_duckdb(account)), cpu_s(lambda: data.document(opened, account)))


def ten_at_once() -> list[Pair]:
    """Ten accounts in one job from cold, against one."""
    with kept() as data:
        return [Pair(cpu_s(lambda: _job(data, 1)), cpu_s(lambda: _job(data, 10))) for _ in range(3)]


def _job(data: BothForms, accounts: int) -> None:
    opened = OpenDatasets(data.datasets)
    for number in range(accounts):
        data.document(opened, f"u{150 + 20 * number}")
