"""Engines: where the queries run. DuckDB in this process, or a Spark Connect server by its address."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import threading
from concurrent.futures import Future, wait
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import duckdb
import numpy as np

from candor.boards.reachable import NO_CLIENT
from candor.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

    from candor.boards.sql import Step

    Relation = Mapping[str, NDArray[Any]]


LOCK = ".lock"
_PREFIX = "board-"
LONGEST_WAIT_S, LONGEST_GOODBYE_S = 900.0, 10.0
Answer = TypeVar("Answer")


class SilentEngineError(Exception):
    """A server that runs queries gave no answer for too long."""


class Engine(Protocol):
    """What runs queries: tables are put in and made of one another, and fetched when they are small."""

    def put(self, name: str, columns: Relation) -> None:
        """Make a table of arrays, in place of the one of that name."""

    def put_chunks(self, name: str, chunks: Iterable[Relation]) -> None:
        """Make a table of arrays that come some rows at a time, of which no more are in memory."""

    def run(self, step: Step) -> None:
        """Make a table by a query, in place of the one of that name."""

    def fetch(self, name: str) -> dict[str, NDArray[Any]]:
        """Return the columns of a table."""

    def close(self) -> None:
        """Give everything up."""


class Scratch:
    """A folder of one engine, deleted with it; what killed processes left goes when the next one is made.

    A lock beside the folder says that it is in use: the system takes it from a process that is gone.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep(folder)
        descriptor, lock = tempfile.mkstemp(prefix=_PREFIX, suffix=LOCK, dir=folder.resolve())
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        self._descriptor, self._lock = descriptor, Path(lock)
        self.path = self._lock.with_suffix("")
        self.path.mkdir(mode=0o700)

    def close(self) -> None:
        """Delete it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.unlink(missing_ok=True)
        os.close(self._descriptor)


def sweep(folder: Path) -> None:
    """Delete what engines of processes that are gone left in a folder, and what a server wrote that was given up."""
    for lock in folder.glob(f"*{LOCK}"):
        with contextlib.suppress(OSError), lock.open("rb") as file:  # another may sweep too, or have it in use
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
            lock.unlink()
    for left in folder.glob(f"{_PREFIX}*"):
        if left.suffix != LOCK and not left.with_suffix(LOCK).exists():
            shutil.rmtree(left, ignore_errors=True)


class DuckDB:
    """DuckDB in this process: what does not fit in `memory_mb` goes to a folder that is deleted at the end."""

    def __init__(self, folder: Path, *, memory_mb: int | None = None, threads: int | None = None) -> None:
        self._scratch = Scratch(folder)
        config: dict[str, Any] = {
            "temp_directory": str(self._scratch.path),
            "autoinstall_known_extensions": False,
            "preserve_insertion_order": False,
        }
        if memory_mb is not None:
            config["memory_limit"] = f"{memory_mb}MB"
        if threads is not None:
            config["threads"] = threads
        self._connection = duckdb.connect(str(self._scratch.path / "board.duckdb"), config=config)

    def put(self, name: str, columns: Relation) -> None:
        """Make a table of arrays."""
        self._connection.register("given", dict(columns))
        self._connection.execute(f'create or replace table "{name}" as select * from given')
        self._connection.unregister("given")

    def put_chunks(self, name: str, chunks: Iterable[Relation]) -> None:
        """Write arrays as Parquet, and have a view read them."""
        folder = self._scratch.path / name
        shutil.rmtree(folder, ignore_errors=True)
        with duckdb.connect(config={"threads": 1}) as writer:
            _write(writer, folder, chunks)
        self._connection.execute(f"create or replace view \"{name}\" as select * from read_parquet('{folder}/*')")

    def run(self, step: Step) -> None:
        """Make a table by a query."""
        self._connection.execute(f'create or replace {"view" if step.is_view else "table"} "{step.name}" as {step.sql}')
        for sql in step.more:
            self._connection.execute(f'insert into "{step.name}" {sql}')

    def fetch(self, name: str) -> dict[str, NDArray[Any]]:
        """Return the columns of a table."""
        return {key: np.asarray(each) for key, each in self._connection.table(name).fetchnumpy().items()}

    def close(self) -> None:
        """Close it and delete its folder."""
        self._connection.close()
        self._scratch.close()


class SparkConnect:
    """A Spark Connect server: Spark itself, or Sail. Tables lie as Parquet in a folder that it and this process see.

    Whatever asks it raises SilentEngineError where it gives no answer within `longest_s`, and is asked no more then.
    """

    def __init__(self, address: str, folder: Path, *, longest_s: float = LONGEST_WAIT_S) -> None:
        self._longest_s, self._is_silent = longest_s, False
        self._scratch = Scratch(folder)
        try:
            self._spark = self._answer(_sessions().builder.remote(address).create)
        except BaseException:
            self._scratch.close()
            raise
        self._writer = duckdb.connect(config={"threads": 1})
        self._made = 0

    def put(self, name: str, columns: Relation) -> None:
        """Write arrays to the folder and make them a table."""
        self.put_chunks(name, (columns,))

    def put_chunks(self, name: str, chunks: Iterable[Relation]) -> None:
        """Write arrays to the folder and make them a table."""
        path = self._next(name)
        _write(self._writer, path, chunks)
        self._read(name, path)

    def run(self, step: Step) -> None:
        """Let the server write a table by a query: Sail works a view out at each use."""
        if step.is_view:
            self._answer(lambda: self._spark.sql(step.sql).createOrReplaceTempView(step.name))
            return
        path = self._next(step.name)

        def _made() -> Any:  # noqa: ANN401 # as pyspark describes a table
            made = self._spark.sql(step.sql)
            made.write.mode("overwrite").parquet(str(path))
            return made.schema

        def _more(sql: str) -> None:
            self._spark.sql(sql).write.mode("append").parquet(str(path))

        schema = self._answer(_made)
        for sql in step.more:
            self._answer(partial(_more, sql))
        self._read(step.name, path, schema)

    def fetch(self, name: str) -> dict[str, NDArray[Any]]:
        """Return the columns of a table."""
        table = self._answer(lambda: self._spark.table(name).toArrow())
        return {key: table.column(key).to_numpy() for key in table.column_names}

    def close(self) -> None:
        """End the session and delete what it wrote; of a server that gives no answer nothing is asked."""
        with contextlib.suppress(SilentEngineError):
            self._answer(self._spark.stop, LONGEST_GOODBYE_S)
        if self._is_silent:  # else pyspark asks the server when this process ends, again and again: it would not end
            self._spark.client.close()
        self._writer.close()
        self._scratch.close()

    def _answer(self, ask: Callable[[], Answer], longest_s: float | None = None) -> Answer:
        """Return what the server answers. It is asked in a thread: nothing else ends a wait that it never ends."""
        if self._is_silent:
            raise SilentEngineError
        answer: Future[Answer] = Future()

        def _ask() -> None:
            try:
                answer.set_result(ask())
            except BaseException as error:  # noqa: BLE001 # whoever waits raises it
                answer.set_exception(error)

        threading.Thread(target=_ask, daemon=True).start()
        self._is_silent = not wait([answer], longest_s or self._longest_s).done
        if self._is_silent:
            raise SilentEngineError
        return answer.result()

    def _next(self, name: str) -> Path:
        """Return where the next table of a name is: an older one may still be read."""
        self._made += 1
        return self._scratch.path / f"{self._made}-{name}"

    def _read(self, name: str, path: Path, schema: Any = None) -> None:  # noqa: ANN401 # as pyspark describes it
        """Make the files a table; where a query found nothing there is none, and only the schema says what it has."""
        reader = self._spark.read if schema is None else self._spark.read.schema(schema)
        self._answer(lambda: reader.parquet(str(path)).createOrReplaceTempView(name))


_PLAIN = "format parquet, compression uncompressed, dictionary_size_limit 1"  # a third of the CPU, twice the size


def _write(writer: DuckDBPyConnection, folder: Path, chunks: Iterable[Relation]) -> None:
    """Write arrays as Parquet into a new folder, a file for each chunk."""
    folder.mkdir(mode=0o700)
    for number, chunk in enumerate(chunks):
        writer.register("given", dict(chunk))
        writer.execute(f"copy (select * from given) to '{folder}/{number:06}.parquet' ({_PLAIN})")
        writer.unregister("given")


def _sessions() -> Any:  # noqa: ANN401 # pyspark is an extra, and may not be there when types are checked
    try:
        return import_module("pyspark.sql.connect.session").SparkSession
    except ImportError as error:
        raise OperatorError(NO_CLIENT) from error


def open_engine(engine: str, folder: Path, *, memory_mb: int, longest_s: float) -> Engine:
    """Open the engine that CANDOR_ENGINE names: DuckDB takes so much memory, a server so long for a query at most."""
    if engine.startswith("sc://"):
        return SparkConnect(engine, folder, longest_s=longest_s)
    return DuckDB(folder, memory_mb=memory_mb)
