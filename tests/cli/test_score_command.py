"""`candor score --in-process`: what it takes, what it prints, and what it says when something is wrong."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from candor.scoring.document import encode
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.records import RecordReader
from candor.scoring.score import score as score_method
from candor.scoring.topics import load_catalogue
from candor.scoring.trust_root import FACE_VALUE
from tests.cli.conftest import RECORDS

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from tests.cli.conftest import Candor, Score


def document(result: Result) -> dict[str, object]:
    """The one document printed as JSON."""
    assert result.exit_code == 0, result.stderr
    (only,) = json.loads(result.stdout)
    return only


def test_json_is_a_list_of_the_methods_own_bytes(score: Score) -> None:
    reader = RecordReader("github")
    reader.feed(RECORDS.splitlines())
    question = Question(
        network="github",
        accounts=("u", "v"),
        topics=(load_catalogue()["space-technology"],),
        trust_root=FACE_VALUE,
        as_of=datetime(2022, 1, 1, tzinfo=UTC),
        community=True,
    )
    made = [encode(each) for each in score_method(reader.activities, question, load_method())]
    result = score("--account=v", "--json", trust_root="network")
    assert result.stdout_bytes == b"[" + b",\n".join(made) + b"]\n"


def test_the_method_may_be_named_and_is_the_newest_otherwise(score: Score) -> None:
    version = load_method().version
    documents = [document(score("--json", *chosen)) for chosen in ((), ("--method", version))]
    assert [each["method"]["version"] for each in documents] == [version, version]


def test_documents_stand_alone_on_stdout(score: Score) -> None:
    result = score("--json")
    assert "Read 3 records." in result.stderr
    assert document(result)["account"]


def test_the_breakdown_shows_every_feature_and_what_a_number_needs(score: Score) -> None:
    shown = " ".join(score(trust_root="network").stdout.split())
    assert "u on Space technology" in shown
    assert "Rough figure: it rests on 1 person" in shown
    assert re.search(r"1 person used this account's help, and trust reaches \d of them", shown)
    assert re.search(r"INTEREST no score \(not enough evidence; needs \d+ more acts of its own", shown)
    weight = load_method().profiles["forum"].expertise["acknowledged_help"]
    assert re.search(rf"Acknowledged help \d\.\d\d supporters → \d\.\d{{6}} of {weight:g} points", shown)
    assert "accepted answers and changes" in shown
    assert "INTEREST" in shown


def test_without_a_trust_root_the_breakdown_says_why_there_is_no_number(score: Score) -> None:
    assert "no score (no trust root; needs trusted people: without them, fake accounts" in score().stdout


def test_a_root_file_names_whose_word_counts(score: Score, tmp_path: Path) -> None:
    root = tmp_path / "root.json"
    root.write_text('{"kind": "accounts", "network": "github", "accounts": [{"account": "v"}]}')
    kept = document(score("--json", trust_root=str(root)))["trust_root"]
    assert kept == {"id": None, "kind": "accounts", "digest": kept["digest"], "size": 1}


def test_the_breakdown_says_whose_trust_the_voices_rest_on(score: Score, tmp_path: Path) -> None:
    root = tmp_path / "root.json"
    root.write_text('{"kind": "accounts", "network": "github", "accounts": [{"account": "v"}]}')
    totals = document(score("--json", trust_root=str(root)))["expertise"]["totals"]
    shown = " ".join(score(trust_root=str(root)).stdout.split())
    assert f"by the trust of 1 of the people you trust; {totals['on_topic']:.2f} of them count" in shown


def test_records_come_from_stdin(score: Score) -> None:
    assert "Read 3 records." in score(activities="-", stdin=RECORDS).stderr


def test_gzip_is_recognised_whatever_the_name(score: Score) -> None:
    assert "Read 3 records." in score(activities="-", stdin=gzip.compress(RECORDS)).stderr


def test_a_topic_comes_from_a_file(score: Score, tmp_path: Path) -> None:
    topic = tmp_path / "rockets.json"
    topic.write_text('{"id": "rockets", "label": "Rockets", "terms": ["rocket"]}')
    assert document(score("--json", topic=str(topic)))["matched"]["records"] == 1


def test_a_tag_is_a_topic(score: Score) -> None:
    assert document(score("--json", topic="tag:rockets"))["topic"]["id"] == "tag:rockets"


def test_a_map_renames_record_types(score: Score, records: Path) -> None:
    records.write_bytes(RECORDS.replace(b'"answer"', b'"svar-paa"'))
    assert score().exit_code == 2
    assert score("--map=svar-paa=answer").exit_code == 0


def test_an_account_named_twice_is_scored_once(score: Score) -> None:
    document(score("--account=u", "--json"))


def test_a_contact_stands_on_the_document(candor: Candor, records: Path) -> None:
    arguments = ("score", "--in-process", "--json", "--network=gitlab", "--topic=tag:x", "--account=u")
    result = candor(*arguments, f"--activities={records}", env={"CANDOR_OPERATOR_CONTACT": "ops@example.org"})
    assert document(result)["operator"] == {"contact": "ops@example.org"}


def test_records_that_name_nobody_are_refused_with_the_field_that_was_meant(score: Score, records: Path) -> None:
    records.write_bytes(RECORDS.replace(b'"actor":', b'"author":'))
    result = score()
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith("records do not say who did it; that is `actor`: pass --map actor=author\n")
    assert score("--map=actor=author").exit_code == 0


def test_bad_records_are_named_by_line_and_nothing_is_scored(score: Score, records: Path) -> None:
    records.write_bytes(RECORDS + b'{"id": "x"\n{"id": "y", "type": "shout", "published": "2020-01-01T00:00:00Z"}\n')
    result = score()
    assert result.exit_code == 2
    assert "line 4: not valid JSON, at character 11\nline 5, /type: Invalid enum value 'shout'" in result.stderr
    assert result.stdout == ""


def test_a_table_may_be_written_as_its_country_does(candor: Candor, tmp_path: Path) -> None:
    (table := tmp_path / "posts.csv").write_bytes(
        "id;actor;published;content\n1;Zo\xe9;02/03/2026;le CubeSat\n2;Bo;04/03/2026;merci\n".encode("latin-1")
    )
    asked = ["score", "--activities", str(table), "--network=custom:f", "--profile=forum", "--in-process"]
    asked += ["--topic=tag:x", "--account=Zo\xe9"]
    assert "charset windows-1252" in candor(*asked).stderr
    untold = candor(*asked, "--charset=windows-1252")
    assert untold.exit_code == 2
    assert "say --day-first or --month-first" in untold.stderr
    told = candor(*asked, "--charset=windows-1252", "--day-first", "--json", "--as-of=2026-03-03", "--window-days=30")
    assert document(told)["inputs"]["ignored"] == {"not_before_as_of": 1}  # not two of February and April


def test_bad_records_are_left_out_on_request(score: Score, records: Path) -> None:
    records.write_bytes(b"nonsense\n" + RECORDS)
    result = score("--skip-bad", "--json")
    assert "line 1: not valid JSON" in result.stderr
    assert document(result)["inputs"]["activities"] == 3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"activities": "/nowhere"}, "the records cannot be read from /nowhere: No such file or directory"),
        ({"network": "myspace"}, "no network is called 'myspace'"),
        ({"network": "custom:x"}, "custom:x has no profile of its own: choose one with --profile"),
        ({"profile": "qa"}, "github always uses forum: --profile is for custom: networks only"),
        ({"topic": "spaec"}, "no topic is called 'spaec'; `candor topics list` names those that are there"),
        ({"topic": "tag:"}, "tag:NAME needs a name"),
        ({"topic": "none.json"}, "the topic cannot be read from none.json: No such file or directory"),
        ({"trust_root": "none.json"}, "the trust root cannot be read from none.json: No such file or directory"),
        ({"as_of": "soon"}, "--as-of 'soon' is neither a date"),
        ({"as_of": "2999-01-01"}, "--as-of 2999-01-01 is in the future"),
        ({"as_of": "1969-01-01"}, "as_of: a time before 1970"),
        ({"map": "like"}, "--map 'like' is not FROM=TO"),
        ({"account": ""}, "accounts 0 account: Length must be between 1 and 512"),
        ({"window_days": "0"}, "Invalid value for '--window-days'"),
        ({"server": "http://127.0.0.1"}, "--server and --in-process exclude each other"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(score: Score, options: dict[str, str], words: str) -> None:
    result = score(**options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_a_root_of_another_network_is_refused(score: Score, tmp_path: Path) -> None:
    root = tmp_path / "root.json"
    root.write_text('{"kind": "accounts", "network": "gitlab", "accounts": [{"account": "v"}]}')
    result = score(trust_root=str(root))
    assert result.exit_code == 2
    assert "the root names accounts on gitlab, the records are of github" in result.stderr


def test_a_file_that_is_not_json_is_named(score: Score, tmp_path: Path) -> None:
    (tmp_path / "root.json").write_text("{")
    result = score(trust_root=str(tmp_path / "root.json"))
    assert result.exit_code == 2
    assert "is not JSON" in result.stderr


def test_broken_gzip_is_said_in_a_sentence(score: Score) -> None:
    result = score(activities="-", stdin=gzip.compress(RECORDS)[:-12])
    assert result.exit_code == 2
    assert "the records cannot be read from -" in result.stderr


def test_names_can_not_move_the_cursor(score: Score, records: Path) -> None:
    records.write_bytes(
        RECORDS
        + b'{"type": "account", "actor": "u", "published": "2020-01-01T00:00:00Z", "name": "\\u001b[2Jmallory"}\n'
    )
    shown = score().stdout
    assert "mallory" in shown
    assert "\x1b" not in shown


def test_a_service_that_is_away_is_named(candor: Candor, records: Path) -> None:
    arguments = ("score", "--network=gitlab", "--topic=tag:x", "--account=u", f"--activities={records}")
    result = candor(*arguments, "--server=http://127.0.0.1:9")
    assert result.exit_code == 1
    assert "the service at http://127.0.0.1:9 cannot be reached: Connection refused" in result.stderr


def test_verify_finds_nothing_wrong_with_what_score_printed(candor: Candor, score: Score, tmp_path: Path) -> None:
    printed = tmp_path / "documents.json"
    printed.write_bytes(score("--account=v", "--json", trust_root="network").stdout_bytes)
    assert candor("verify", str(printed)).exit_code == 0


def test_verify_tells_the_records_of_a_document_from_others(
    candor: Candor, score: Score, records: Path, tmp_path: Path
) -> None:
    printed, reordered, others = (tmp_path / name for name in ("documents.json", "reordered.ndjson", "others.ndjson"))
    printed.write_bytes(score("--account=v", "--json", trust_root="network").stdout_bytes)
    lines = records.read_bytes().splitlines()
    reordered.write_bytes(b"\n".join(reversed(lines)))
    others.write_bytes(b"\n".join(lines[1:]))
    statuses = [
        candor("verify", str(printed), f"--activities={path}").exit_code for path in (records, reordered, others)
    ]
    assert statuses == [0, 0, 1]
    said = candor("verify", str(printed), f"--activities={others}").stdout
    assert "made from other records" in said.splitlines()[0]
    assert "all checks passed" not in said


def test_verify_holds_the_place_against_a_page_of_the_board(candor: Candor, score: Score, tmp_path: Path) -> None:
    document = json.loads(score("--json", trust_root="network").stdout)[0]
    place, asked = document["expertise"]["position"], document["trust_root"]["digest"]
    board = {"topic": document["topic"]["id"], "as_of": document["as_of"], "window_days": document["window_days"]}
    board |= {"method": document["method"]["version"], "trust_root": {"digest": asked}}
    row = {"account": document["account"]["account"], "position": place, "standing": "exact"}
    printed, page = tmp_path / "scores.json", tmp_path / "board.json"
    printed.write_text(json.dumps([document]))

    def _exit_code(board: object, *rows: object) -> int:
        page.write_text(json.dumps({"board": board, "data": rows}))
        return candor("verify", str(printed), f"--board={page}").exit_code

    assert place["status"] == "placed"
    assert _exit_code(board, row) == 0
    assert _exit_code(board, {**row, "position": {**place, "rank": place["rank"] + 1}}) == 1
    assert _exit_code(board) == 1
    own, shown = document["expertise"]["score"], {**row, "standing": "shared", "position": {**place, "rank": 99}}
    above, below = ({"row": n, "account": f"o{n}", "expertise": {"score": own + 3 - 2 * n}} for n in (1, 3))
    rest = [{**above, "row": n, "account": f"o{n}"} for n in range(1, place["rank"])]
    estimate = {**shown, "row": place["rank"], "expertise": {"score": own + 0.5}}
    behind = {**below, "row": place["rank"] + 1}
    assert _exit_code(board, *rest, estimate, behind) == 0
    assert (
        _exit_code(
            board,
            *rest,
            {**behind, "row": place["rank"], "expertise": {"score": own + 0.1}},
            {**estimate, "row": place["rank"] + 1},
            {**behind, "row": place["rank"] + 2, "account": "last"},
        )
        == 1
    )
    for content in ("{}", "rank,account\n1,p03\n", "[]"):
        page.write_text(content)
        result = candor("verify", str(printed), f"--board={page}")
        assert (result.exit_code, "than a page of a board" in result.stderr) == (2, True)
    assert _exit_code({**board, "topic": "another"}, row) == 1


def test_verify_names_a_changed_number(candor: Candor, score: Score) -> None:
    printed = score("--json", trust_root="network").stdout_bytes
    changed = printed.replace(b'"own_acts":0', b'"own_acts":7')
    assert changed != printed
    assert candor("verify", "-", stdin=changed).exit_code == 1


PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
ADA = "https://a.example/users/ada"


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    """The outbox of a Mastodon export: a post for everybody and one for followers."""
    path = tmp_path / "outbox.json"
    posts = [
        {
            "type": "Create",
            "actor": ADA,
            "published": "2021-10-01T00:00:00Z",
            "to": to,
            "object": {"id": f"{ADA}/{key}", "type": "Note", "content": "my rocket", "to": to},
        }
        for key, to in (("1", PUBLIC), ("2", f"{ADA}/followers"))
    ]
    path.write_text(json.dumps({"orderedItems": posts}))
    return path


def test_an_export_says_itself_whose_it_is_and_what_it_does_not_show(score: Score, outbox: Path) -> None:
    result = score("--json", activities=None, network=None, account=None, archive=str(outbox))
    made = document(result)
    assert made["account"]["account"] == "@ada@a.example"
    assert made["expertise"]["status"] == "no_trust_root"
    assert "expertise says that there is not enough evidence" in made["inputs"]["gaps"][0]
    assert "Read 1 records of mastodon by @ada@a.example; left out: 1 private." in result.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"network": "x", "activities": None}, "this is an export of mastodon"),
        ({"network": None}, "exclude each other"),
        ({"network": None, "activities": None, "map": "like=review"}, "exclude each other"),
    ],
)
def test_an_export_is_not_mixed_with_what_is_for_records(
    score: Score, outbox: Path, options: dict[str, str | None], words: str
) -> None:
    result = score(archive=str(outbox), **options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_records_do_not_say_where_they_are_from(score: Score) -> None:
    result = score(network=None)
    assert (result.exit_code, result.stderr) == (2, "Error: --network is missing\n")


def test_everybody_can_be_ranked_in_records_only(score: Score) -> None:
    result = score(activities=None, account=None)
    assert (result.exit_code, result.stderr) == (
        2,
        "Error: --account is missing; everybody can be ranked in --activities only\n",
    )


def test_nothing_is_fetched_in_this_process(score: Score) -> None:
    result = score(activities=None, network="mastodon", account="@ada@a.example")
    assert result.exit_code == 2
    assert "--in-process reads no network" in result.stderr


def test_no_list_is_read_in_this_process(score: Score, tmp_path: Path) -> None:
    root = tmp_path / "root.json"
    root.write_text('{"kind": "list", "network": "github", "list": "badges/7"}')
    result = score(trust_root=str(root))
    assert result.exit_code == 2
    assert "--in-process reads no lists" in result.stderr
