"""What `candor score --in-process` costs on as many records as a real community has, against msgspec decoding them."""

from __future__ import annotations

import gzip
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from candor.scoring.activity import Activity
from lab.speed.community import END
from lab.speed.rows import Pair, cpu_s, in_turn
from lab.speed.upload import SMALL, lines

ROUNDS = 3
ASKED = ("--network", "custom:bench", "--profile", "qa", "--topic", "tag:topic", "--account", "u150")
HOW = ("--in-process", "--trust-root", "network", "--as-of", END.isoformat(), "--json", "--output")


def rounds() -> list[Pair]:
    """Score one account on one topic in a process of its own, from a packed file; the reference decodes its lines."""
    written = list(lines(SMALL, 1))
    decode = msgspec.json.Decoder(Activity).decode

    def _decode() -> None:
        for line in written:
            decode(line)

    with tempfile.TemporaryDirectory() as folder:
        packed = Path(folder) / "records.ndjson.gz"
        packed.write_bytes(gzip.compress(b"".join(written), 6))
        return in_turn(lambda: cpu_s(_decode), lambda: _scored_s(packed), ROUNDS)


def _scored_s(packed: Path) -> float:
    """Return the CPU seconds of the command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ("from service.cli import main; main()", "score", "--activities", str(packed), *ASKED, *HOW)
    subprocess.run([sys.executable, "-c", *command, str(packed.with_suffix(".json"))], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
