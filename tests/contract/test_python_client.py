"""candor.client against a service that listens: upload, append, ask, wait, documents and boards."""

from __future__ import annotations

import sys
from collections import Counter
from types import ModuleType
from unittest.mock import Mock

import msgspec
import pytest

from candor import sample
from candor.client import Client, ClientError
from candor.scoring.records import RecordReader
from service.commands.community import rank_here, rank_there
from service.commands.job_body import job_body, question
from service.commands.sources import ScoreRequest, UploadedRecords

LINE = {"id": "a1", "actor": "u7", "type": "question", "published": "2026-10-01T12:00:00Z", "content": "Which hops?"}
MORE = {"id": "a2", "actor": "u19", "type": "answer", "object": "a1", "published": "2026-10-01T13:00:00Z"}


@pytest.fixture
def client(url, at_work):
    return Client(url, at_work.secret)


@pytest.fixture
def town(client):
    """The sample, as a data set of bob's."""
    client.upload("town", sample.records_path(), network=sample.NETWORK, profile=sample.PROFILE)
    return {"topics": [sample.TOPIC], "dataset": "town", "trust_root": "network", "as_of": sample.AS_OF.isoformat()}


def test_records_are_uploaded_and_appended(client):
    kept = client.upload("beer", [LINE], network="custom:beer", profile="qa")
    assert (kept["id"], kept["records"]) == ("beer", 1)
    assert client.append("beer", [MORE])["records"] == 2
    assert client.dataset("beer")["counts"]["records"] == 2
    client.delete("beer")
    with pytest.raises(ClientError, match="no data set"):
        client.dataset("beer")


def test_a_topic_of_ones_own_is_asked_about_and_an_account_erased(client):
    client.upload("beer", [LINE, MORE], network="custom:beer", profile="qa")
    assert client.put_topic("brewing", {"label": "Brewing", "terms": ["hops"]})["id"] == "brewing"
    job = client.wait(client.ask(topics=["brewing"], dataset="beer", trust_root="network"))
    assert job["results"][0]["topic"] == "brewing"
    assert client.erase("custom:beer", "u19")["erased"]["datasets"] == 1
    assert client.dataset("beer")["records"] == 1


def test_a_column_is_named_as_it_is_written(client, tmp_path):
    (table := tmp_path / "posts.csv").write_text(
        "id,type,Member,published,content\na1,question,u7,2026-10-01T12:00:00Z,Which hops?\n"
    )
    assert client.upload("beer", table, network="custom:beer", profile="qa", map="actor=Member")["records"] == 1
    table.write_text(table.read_text().replace("a1", "a2"))
    assert client.append("beer", table, map="actor=Member")["records"] == 2


def test_a_file_is_named_by_its_path_as_text_and_what_is_no_record_is_named(client, tmp_path):
    (lines := tmp_path / "posts.ndjson").write_bytes(msgspec.json.encode(LINE) + b"\n")
    assert client.upload("beer", str(lines), network="custom:beer", profile="qa")["records"] == 1
    with pytest.raises(ClientError, match=r"gone\.csv cannot be read: No such file"):
        client.append("beer", str(tmp_path / "gone.csv"))
    with pytest.raises(ClientError, match="'actor' is none"):
        client.append("beer", ["actor", "published"])


def test_a_job_is_waited_for_by_its_id_and_no_longer_than_asked(url, at_work, town):
    client = Client(url.removeprefix("http://"), at_work.secret)
    job = client.ask(**town)
    with pytest.raises(ClientError, match="has not ended within 0 seconds"):
        client.wait({**job, "status": "queued"}, timeout_s=0)
    assert client.wait(job["id"])["status"] == "succeeded"


def test_why_a_board_is_empty_is_told(url, at_work, town):
    told = []
    client = Client(url, at_work.secret, on_message=told.append)
    assert client.board(client.wait(client.ask(**{**town, "topics": ["tag:nothing-of-it"]}))) == []
    assert told
    assert "tag" in told[0] or "topic" in told[0]


def test_a_source_is_followed(client):
    assert client.follow("space", network="stackexchange:space", every=60)["source"]["status"] == "queued"


def test_a_job_is_asked_for_waited_for_and_read(client, town):
    told = []
    accounts = [{"network": sample.NETWORK, "account": "p03"}]
    job = client.wait(client.ask(**town, accounts=accounts), lambda done, total: told.append((done, total)))
    (document,) = client.documents(job)
    assert msgspec.json.decode(document)["account"]["account"] == "p03"
    assert told[-1] == (1, 1)
    with pytest.raises(ClientError, match="made no board"):
        client.board(job)


def test_scores_are_read_by_their_ids_side_by_side_and_over_time(client, town):
    accounts = [{"network": sample.NETWORK, "account": name} for name in ("p03", "p08")]
    made = [each["score_id"] for each in client.wait(client.ask(**town, accounts=accounts))["results"]]
    assert [client.score(each)["account"]["account"] for each in made] == ["p03", "p08"]
    assert client.comparison(*made)["score_b"] == made[1]
    steps = list(client.history(sample.NETWORK, "p03", topic=sample.TOPIC))
    assert made[0] in {each["score_id"] for each in steps}
    with pytest.raises(ClientError, match="read its rows with `board`"):
        client.documents(client.wait(client.ask(**town)))


def test_a_board_of_what_has_none_yet_is_said_in_words(client, town):
    with pytest.raises(ClientError, match="has not ended: wait for it first"):
        client.board({**client.ask(**town), "status": "queued"})
    with pytest.raises(ClientError, match="this is no job"):
        client.board({"id": "x"})


def test_a_board_comes_as_rows_by_its_job_or_its_id(client, town):
    job = client.wait(client.ask(**town))
    rows = client.board(job, kind="all")
    assert [row["row"] for row in rows] == list(range(1, len(rows) + 1))
    people = client.board(job["results"][0]["board_id"])
    assert people == [row for row in rows if row["kind"] in {"person", "unknown"}]
    assert client.board(job, topic=sample.TOPIC) == people


def test_who_is_not_listed_is_told(url, at_work, town):
    told = []
    client = Client(url, at_work.secret, on_message=told.append)
    job = client.wait(client.ask(**town))
    every = client.board(job, kind="all")
    assert told == []
    others = Counter(row["kind"] for row in every if row["kind"] not in {"person", "unknown"})
    assert len(client.board(job)) == len(every) - others.total()
    assert all(f"{kind} {n}" in told[0] for kind, n in others.items())


def test_a_board_comes_as_a_frame_where_pandas_is(client, town, monkeypatch):
    job = client.wait(client.ask(**town))
    made, frame = ModuleType("pandas"), Mock()
    made.json_normalize = Mock(return_value=frame)
    monkeypatch.setitem(sys.modules, "pandas", made)
    assert client.board_frame(job) == frame.drop.return_value
    made.json_normalize.assert_called_once_with(client.board(job), sep="_")
    assert "interest_interval" in frame.drop.call_args.kwargs["columns"]  # its limits have columns of their own
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ClientError, match="pip install pandas"):
        client.board_frame(job)


def test_what_the_service_refuses_is_said_in_its_words(client):
    with pytest.raises(ClientError, match="missing: choose qa, forum or microblog") as refused:
        client.upload("beer", [LINE], network="custom:beer")
    assert refused.value.exit_code == 2


def test_a_service_ranks_as_this_process_does(client):
    reader = RecordReader(sample.NETWORK)
    with sample.records_path().open("rb") as lines:
        reader.feed(lines)
    body = job_body(
        sample.NETWORK,
        (),
        [sample.TOPIC],
        trust_root="network",
        as_of=sample.AS_OF,
        window_days=1825,
        method=None,
    )
    asked = ScoreRequest(body, sample.NETWORK, sample.PROFILE, granted_rights=False)
    source = UploadedRecords(reader.activities)
    asking = question(body, network=sample.NETWORK, profile=sample.PROFILE, granted_rights=False, contact=None)
    here, there = list(rank_here(source, asking, None)), list(rank_there(source, asked, client))
    assert msgspec.json.encode(there) == msgspec.json.encode(here)
    assert len(here) > 20
