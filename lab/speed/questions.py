"""Questions against a community in the interface: upload, words kept by a worker, and how long each answer takes.

`python -m lab.speed.questions ACTIVITIES [QUESTIONS]`. The reference is the upload of the same records in the same run.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from candor.evaluation.inputs import read_activities
from candor.settings import Settings
from candor.store import open_store
from candor.store.embedded import EmbeddedServer
from candor.store.question_indexes import QuestionIndexes
from lab.speed.processes import peak_mb
from service.app import create_app

QUESTIONS = 200


def main() -> None:
    """Print what each step took."""
    source, many = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else QUESTIONS
    records = read_activities(source)
    asked = [record for record in records if record.type == "question" and record.content][-many:]
    as_of = max(record.published for record in records).isoformat()
    with tempfile.TemporaryDirectory() as folder, EmbeddedServer(Path(folder) / "valkey") as server:
        settings = Settings(data_dir=Path(folder))
        store = open_store(server.url, settings.data_dir)
        client = create_app(settings, store).test_client()
        started_s = time.perf_counter()
        with Path(source).open("rb") as lines:
            headers = {"Content-Encoding": "gzip"} if source.endswith(".gz") else {}
            url = "/v1/datasets/town?network=custom:town&profile=qa"
            kept = client.put(url, data=lines, content_type="application/x-ndjson", headers=headers)
        uploaded_s = time.perf_counter() - started_s
        if kept.status_code >= 400:
            sys.exit(kept.text)
        started_s = time.perf_counter()
        QuestionIndexes(store).keep_words(store.datasets.all_of("local")[0], datetime.now(UTC))
        kept_s = time.perf_counter() - started_s
        took_s = []
        for record in asked:
            body = {"text": record.content, "tags": list(record.tags or ()), "dataset": "town", "as_of": as_of}
            started_s = time.perf_counter()
            answer = client.post("/v1/questions", json=body)
            took_s.append(time.perf_counter() - started_s)
            if answer.status_code != 200:
                sys.exit(answer.text)
        median, most = np.quantile(took_s[1:], (0.5, 0.99)).tolist()
        print(
            f"{len(records):,} records: upload {uploaded_s:.1f} s; words kept in {kept_s:.1f} s, "
            f"{kept_s / uploaded_s:.2f} of the upload; first question {took_s[0]:.2f} s; then {len(took_s) - 1} "
            f"questions: p50 {1000 * median:.0f} ms, p99 {1000 * most:.0f} ms; peak {peak_mb():,.0f} MB"
        )


if __name__ == "__main__":
    main()
