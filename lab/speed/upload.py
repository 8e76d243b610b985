"""A community of ten million records, uploaded, converted and ranked on 20 topics in one go: seconds and peak memory.

`python -m lab.speed.upload [RECORDS [TOPICS]]`. The reference decodes the same bytes with msgspec and keeps nothing.
"""

from __future__ import annotations

import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import asdict

from candor.scoring.activity import Activity
from candor.scoring.board import make_board
from candor.scoring.everybody import Everybody
from candor.scoring.memory import kept_memory
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.topics import tag_topic
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.scoring.world import build_world
from candor.store import open_store
from candor.store.embedded import EmbeddedServer
from lab.speed.community import END, TAGS, community
from lab.speed.processes import peak_mb
from lab.speed.rows import Pair, cpu_s, in_turn

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORDS, TOPICS = 10_000_000, 20
SMALL, ROUNDS = 712_560, 3
ROOT = TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=f"u{number}") for number in range(100)))


def lines(records: int, topics: int) -> Iterator[bytes]:
    """Yield the records as an upload brings them, every field in each, spread over so many topics."""
    encode = msgspec.json.Encoder().encode
    return (encode(asdict(activity)) + b"\n" for activity in community(records * 20 // 19, topics=topics))


def rounds() -> list[Pair]:
    """Upload as many records as a real community has, against msgspec decoding the same bytes and keeping nothing."""
    written = list(lines(SMALL, 10))
    decode = msgspec.json.Decoder(Activity).decode

    def _decode() -> None:
        for line in written:
            decode(line)

    with tempfile.TemporaryDirectory() as folder, EmbeddedServer(Path(folder) / "valkey") as server:
        datasets = open_store(server.url, Path(folder)).datasets
        facts = {"network": "custom:bench", "profile": "qa", "granted_rights": False}
        put = partial(datasets.put, "bench", "town", **facts)  # type: ignore[arg-type] # by name
        return in_turn(lambda: cpu_s(_decode), lambda: cpu_s(lambda: put(lines=iter(written))), ROUNDS)


def main() -> None:
    """Print what each step took."""
    records, topics = (int(given) for given in (*sys.argv[1:], *map(str, (RECORDS, TOPICS)[len(sys.argv) - 1 :])))
    decode = msgspec.json.Decoder(Activity).decode
    started_s = time.process_time()
    for line in lines(records, topics):
        decode(line)
    reference_s = time.process_time() - started_s
    with tempfile.TemporaryDirectory() as folder, EmbeddedServer(Path(folder) / "valkey") as server:
        datasets = open_store(server.url, Path(folder)).datasets
        started_s = time.process_time()
        facts = {"network": "custom:bench", "profile": "qa", "granted_rights": False}
        dataset = datasets.put("bench", "town", lines=lines(records, topics), **facts)  # type: ignore[arg-type] # by name
        uploaded_s = time.process_time() - started_s
        print(
            f"upload of {dataset.records:,} records: {uploaded_s:.0f} s of CPU, generating included; generating and "
            f"decoding alone {reference_s:.0f} s, ratio {uploaded_s / reference_s:.1f}; "
            f"file {dataset.bytes / 1e6:,.0f} MB; peak {peak_mb():,.0f} MB",
            flush=True,
        )
        question = Question(
            network="custom:bench", accounts=(), topics=(), trust_root=ROOT, as_of=END, profile="qa", window_days=1825
        )
        with kept_memory():
            rank(Everybody(build_world(datasets.activities("bench", "town"), question, load_method())), topics)


def rank(everybody: Everybody, topics: int) -> None:
    """Rank everybody on one topic after the other."""
    started_s = time.perf_counter()
    for (name,) in TAGS[:topics]:
        board = make_board(everybody.world.about((tag_topic(f"tag:{name}"),)), 0, everybody=everybody)
        people = sum(1 for _ in board.rows(0, len(board)))
        took_s = time.perf_counter() - started_s
        print(f"{name}: {people:,} people, {took_s:.0f} s, peak {peak_mb():,.0f} MB", flush=True)


if __name__ == "__main__":
    main()
