"""Records decoded, uploaded and scored, each against msgspec decoding the same bytes and keeping nothing."""

from __future__ import annotations

import gzip
import resource
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import asdict

from candor.scoring.activity import Activity
from candor.scoring.records import RecordReader
from candor.store import open_store
from candor.store.embedded import EmbeddedServer
from lab.speed.community import END, community
from lab.speed.rows import Pair, cpu_s, in_turn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RECORDS, TOPICS = 10_000_000, 20
SMALL = 712_560
DECODED = 200_000
UPLOAD_ROUNDS, ROUNDS, COMMAND_ROUNDS = 3, 5, 3
ASKED = ("--network", "custom:bench", "--profile", "qa", "--topic", "tag:topic", "--account", "u150")
HOW = ("--in-process", "--trust-root", "network", "--as-of", END.isoformat(), "--json", "--output")


def lines(records: int, topics: int) -> Iterator[bytes]:
    """Yield the records as an upload brings them, every field in each, spread over so many topics."""
    encode = msgspec.json.Encoder().encode
    return (encode(asdict(activity)) + b"\n" for activity in community(records * 20 // 19, topics=topics))


def uploading() -> list[Pair]:
    """Upload as many records as a real community has, against msgspec decoding the same bytes and keeping nothing."""
    written = list(lines(SMALL, 10))
    with tempfile.TemporaryDirectory() as folder, EmbeddedServer(Path(folder) / "valkey") as server:
        datasets = open_store(server.url, Path(folder)).datasets
        facts = {"network": "custom:bench", "profile": "qa", "granted_rights": False}
        put = partial(datasets.put, "bench", "town", **facts)  # type: ignore[arg-type] # by name
        return in_turn(lambda: _decode_s(written), lambda: cpu_s(lambda: put(lines=iter(written))), UPLOAD_ROUNDS)


def decoding() -> list[Pair]:
    """Read records as an upload does, checked and counted, against msgspec decoding the same bytes; for one record."""
    written = [msgspec.json.encode(activity) for activity in community(DECODED)]
    decode = msgspec.json.Decoder(Activity).decode

    def _read() -> None:
        RecordReader("custom:speed", keep=lambda _, records: kept.extend(records)).feed(written)

    kept: list[Activity] = []
    rounds = []
    for _ in range(ROUNDS):
        alone_s = cpu_s(lambda: [decode(line) for line in written])
        ours_s = cpu_s(_read)
        kept.clear()
        rounds.append(Pair(alone_s / len(written), ours_s / len(written)))
    return rounds


def command() -> list[Pair]:
    """Score one account on one topic in a process of its own, from a packed file; the reference decodes its lines."""
    written = list(lines(SMALL, 1))
    with tempfile.TemporaryDirectory() as folder:
        packed = Path(folder) / "records.ndjson.gz"
        packed.write_bytes(gzip.compress(b"".join(written), 6))
        return in_turn(lambda: _decode_s(written), lambda: _scored_s(packed), COMMAND_ROUNDS)


def _decode_s(written: Sequence[bytes]) -> float:
    """Return the CPU seconds in which msgspec decodes the records, keeping nothing."""
    decode = msgspec.json.Decoder(Activity).decode

    def _decode() -> None:
        for line in written:
            decode(line)

    return cpu_s(_decode)


def _scored_s(packed: Path) -> float:
    """Return the CPU seconds of the command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ("from service.cli import main; main()", "score", "--activities", str(packed), *ASKED, *HOW)
    subprocess.run([sys.executable, "-c", *command, str(packed.with_suffix(".json"))], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
