"""`candor score` without an account: everybody is ranked, and the boards leave as text or in a form that tools read."""

from __future__ import annotations

import csv
import io
import json

import duckdb
import msgspec
import pytest

from candor import sample
from candor.scoring.board_row import TitledRow
from service.commands.community import shown

FACTS = {"network": sample.NETWORK, "profile": sample.PROFILE, "topic": sample.TOPIC, "trust_root": "network"}


@pytest.fixture
def ranked(candor):
    """Runs `candor score --in-process` on the sample, for everybody."""

    def run(*more):
        named = [f"--{name.replace('_', '-')}={value}" for name, value in FACTS.items()]
        return candor(
            "score", "--in-process", f"--activities={sample.records_path()}", "--as-of=2026-10-31", *named, *more
        )

    return run


def test_the_board_is_printed_with_its_first_twenty(ranked):
    result = ranked()
    title, _, head, first, *others = result.stdout.splitlines()
    assert (result.exit_code, title.endswith(f"accounts on {sample.TOPIC}")) == (0, True)
    assert head.split()[:3] == ["rank", "account", "score"]
    assert first.split()[0] == "1"
    assert sum(line.lstrip()[:1].isdigit() for line in others) == 19
    assert "more: --format csv" in result.stdout
    assert "Where the intervals of two overlap, their order may be chance." in result.stdout


def test_a_number_that_rests_on_few_is_called_rough(ranked):
    rows = json.loads(ranked("--format=json").stdout)[:20]
    rough = [str(row["rank"]) for row in rows if row["expertise"]["little_evidence"]]
    assert 0 < len(rough) < 20
    assert [line.split()[0] for line in ranked().stdout.splitlines() if line.endswith("  rough")] == rough


def test_every_form_holds_the_same_rows(ranked, tmp_path):
    rows = json.loads(ranked("--format=json").stdout)
    assert [row["row"] for row in rows] == list(range(1, len(rows) + 1))
    assert {(row["topic"], row["network"], row["trust_root"], row["as_of"]) for row in rows} == {
        (sample.TOPIC, sample.NETWORK, "network", "2026-10-31T00:00:00Z")
    }
    assert [json.loads(line) for line in ranked("--format=ndjson").stdout.splitlines()] == rows
    table = csv.DictReader(io.StringIO(ranked("--format=csv").stdout, newline=""))
    assert [(row["account"], row["expertise_score"]) for row in table] == [
        (row["account"], "" if (score := row["expertise"]["score"]) is None else str(score)) for row in rows
    ]
    assert ranked("--format=parquet", f"--output={tmp_path / 'board.parquet'}").stdout == ""
    found = duckdb.sql(f"SELECT account, expertise_score FROM '{tmp_path / 'board.parquet'}'").fetchall()
    assert found == [(row["account"], row["expertise"]["score"]) for row in rows]


def test_two_topics_make_two_boards(ranked):
    rows = json.loads(ranked("--topic=tag:cooking", "--json").stdout)
    assert list(dict.fromkeys(row["topic"] for row in rows)) == [sample.TOPIC, "tag:cooking"]


def test_a_document_is_no_table(ranked):
    result = ranked("--account=p03", "--format=csv")
    assert (result.exit_code, result.stderr.startswith("Error: a document is no table")) == (2, True)


def test_documents_leave_one_a_line(ranked, tmp_path):
    path = tmp_path / "documents.ndjson"
    assert ranked("--account=p03", "--account=p16", "--format=ndjson", f"--output={path}").exit_code == 0
    assert [json.loads(line)["account"]["account"] for line in path.read_text().splitlines()] == ["p03", "p16"]


def test_a_topic_that_nothing_is_about_says_so(candor, records):
    result = candor("score", "--in-process", f"--activities={records}", "--network=github", "--topic=tag:gardens")
    assert (result.exit_code, result.stdout) == (
        0,
        "Nobody is on a board: nothing in the records is on these topics.\n",
    )


def test_the_table_gives_no_rank_to_whoever_has_no_place(ranked):
    rows = msgspec.json.decode(ranked("--format=json").stdout, type=list[TitledRow])
    first, *_, last = rows
    assert (first.position.rank, last.position.rank) == (1, None)
    *_, one, other, _ = shown([first, last])
    assert (one.split()[0], other.split()[0]) == ("1", "-")
