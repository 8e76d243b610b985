"""`candor import`: the dump of a community as records in a file, with a trust root beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook

from tests.formats.test_dumps import MORE, POSTS
from tests.service.test_other_formats import FILES as OTHERS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Candor


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """A dump of Stack Exchange."""
    folder = tmp_path / "dump"
    folder.mkdir()
    for name, text in {"Posts.xml": POSTS, **MORE}.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def test_a_dump_becomes_records_that_can_be_scored_and_a_trust_root(
    candor: Candor, posts: Path, tmp_path: Path
) -> None:
    files = [f"--output={tmp_path}/out.ndjson", f"--trust-root={tmp_path}/root.json"]
    made = candor("import", "stackexchange", str(posts), "--network=stackexchange:beer", *files)
    assert (made.exit_code, made.stdout) == (0, "")
    assert "Left out: 1 malformed, 1 other." in made.stderr
    root = json.loads((tmp_path / "root.json").read_bytes())
    assert root == {"kind": "accounts", "network": "stackexchange:beer", "accounts": [{"account": "20"}]}
    scored = candor(
        *("score", "--in-process", "--network=stackexchange:beer", "--topic=tag:hops", "--account=20", "--json"),
        *(f"--activities={tmp_path}/out.ndjson", f"--trust-root={tmp_path}/root.json", "--as-of=2026-02-01"),
    )
    assert json.loads(scored.stdout)[0]["matched"]["records"] == 1


def test_records_go_to_stdout_unless_a_file_is_named(candor: Candor, posts: Path) -> None:
    made = candor("import", "stackexchange", str(posts / "Posts.xml"), "--network=stackexchange:beer")
    assert [json.loads(line)["type"] for line in made.stdout.splitlines()] == ["question", "answer", "answer", "accept"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--network=myspace"], "no network is called 'myspace'"),
        (["--network=stackexchange:beer", "--dataset=d"], "--dataset and --server go together"),
        (["--network=git:c", "--map=like"], "is not FROM=TO"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(candor: Candor, posts: Path, options: list[str], words: str) -> None:
    result = candor("import", "stackexchange", str(posts), *options)
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_trust_root_that_the_source_does_not_have_is_not_made_up(candor: Candor, posts: Path, tmp_path: Path) -> None:
    asked = ["--network=stackexchange:beer", f"--trust-root={tmp_path}/root.json"]
    result = candor("import", "stackexchange", str(posts / "Posts.xml"), *asked)
    assert (result.exit_code, len(result.stdout.splitlines())) == (1, 4)
    assert "the records are all read" in result.stderr
    assert not (tmp_path / "root.json").exists()


def test_a_format_that_never_says_whom_it_trusts_is_refused_before_anything_is_read(
    candor: Candor, tmp_path: Path
) -> None:
    (tmp_path / "result.json").write_text("{}")
    asked = ["--network=custom:chat", f"--trust-root={tmp_path}/root.json", f"--output={tmp_path}/out.ndjson"]
    result = candor("import", "telegram", str(tmp_path / "result.json"), *asked)
    assert result.exit_code == 2
    assert "nothing was read: a Telegram chat never says whom it trusts" in result.stderr
    assert not (tmp_path / "out.ndjson").exists()


def test_what_comes_on_stdin_is_read(candor: Candor, posts: Path) -> None:
    body = (posts / "Posts.xml").read_bytes()
    made = candor("import", "stackexchange", "-", "--network=stackexchange:beer", stdin=body)
    assert len(made.stdout.splitlines()) == 4


def test_a_file_that_yields_no_record_is_an_error_that_says_what_was_left_out(candor: Candor, tmp_path: Path) -> None:
    (tmp_path / "events.json").write_text('{"a": 1}\n{"b": 2}\n')
    made = candor("import", "gharchive", str(tmp_path), "--network=github")
    assert made.exit_code == 2
    assert "no record in it that can be read as GH Archive: left out of the export: 2 malformed" in made.stderr


@pytest.mark.parametrize(("option", "month"), [("--day-first", 3), ("--month-first", 2)])
def test_who_brings_a_table_says_which_number_is_the_day(
    candor: Candor, tmp_path: Path, option: str, month: int
) -> None:
    table = tmp_path / "posts.csv"
    table.write_text("id,actor,type,published,content\n1,ada,note,02/03/2026,Saaz\n", "utf-8")
    untold = candor("import", "records", str(table), "--network=custom:beer")
    assert untold.exit_code == 2
    assert "say --day-first or --month-first" in untold.stderr
    made = candor("import", "records", str(table), "--network=custom:beer", option)
    assert json.loads(made.stdout)["published"].startswith(f"2026-{month:02}-")


def test_a_day_of_acceptance_that_no_row_tells_names_the_option(candor: Candor, tmp_path: Path) -> None:
    table = tmp_path / "posts.csv"
    table.write_text(
        "id,actor,published,content,object,accepted\n1,ada,2026-03-01,Why?,,\n2,bo,2026-03-02,So,1,4/3/2026\n", "utf-8"
    )
    untold = candor("import", "records", str(table), "--network=custom:beer")
    assert untold.exit_code == 2
    assert "say --day-first or --month-first" in untold.stderr


def test_only_tables_of_records_are_said_to_begin_with_the_day(candor: Candor, posts: Path) -> None:
    refused = candor("import", "stackexchange", str(posts), "--network=stackexchange:beer", "--day-first")
    assert refused.exit_code == 2
    assert "--day-first and --month-first are for records" in refused.stderr


@pytest.mark.parametrize(("said", "form"), [("telegram", "discord"), ("discord", "telegram"), ("records", "mbox")])
def test_an_import_says_which_format_to_name(candor: Candor, tmp_path: Path, said: str, form: str) -> None:
    file = tmp_path / "it.json"
    file.write_bytes(OTHERS[form])
    refused = candor("import", said, str(file), "--network=custom:beer")
    assert refused.exit_code == 2
    assert f"candor import {form}" in refused.stderr


def test_a_table_in_another_charset_is_read_where_that_is_said(candor: Candor, tmp_path: Path) -> None:
    table = tmp_path / "posts.csv"
    table.write_text("id,actor,type,published,content\n1,ada,note,2026-03-02,caf\xe9\n", "windows-1252")
    untold = candor("import", "records", str(table), "--network=custom:beer")
    assert (untold.exit_code, "--charset windows-125" in untold.stderr) == (2, True)
    made = candor("import", "records", str(table), "--network=custom:beer", "--charset=windows-1252")
    assert json.loads(made.stdout)["content"] == "caf\xe9"


def test_a_workbook_is_read_as_at_the_service(candor: Candor, tmp_path: Path) -> None:
    book = Workbook()
    sheet: Any = book.active
    for row in (["id", "actor", "type", "published", "content"], [1, "ada", "note", "2026-03-02", "Saaz"]):
        sheet.append(row)
    book.save(tmp_path / "posts.xlsx")
    made = candor("import", "records", str(tmp_path / "posts.xlsx"), "--network=custom:beer")
    assert json.loads(made.stdout)["content"] == "Saaz"


def test_a_file_that_cannot_be_read_leaves_what_was_written_before(candor: Candor, tmp_path: Path) -> None:
    table, output = tmp_path / "posts.csv", tmp_path / "out.ndjson"
    table.write_bytes("id,actor,published,content\n1,ada,2026-01-05,Höhe\n".encode("windows-1252"))
    asked = ("import", "records", str(table), "--network=custom:c", f"--output={output}")
    assert candor(*asked).exit_code == 2
    assert list(tmp_path.iterdir()) == [table]
    output.write_text("earlier", "utf-8")
    assert candor(*asked).exit_code == 2
    assert output.read_text("utf-8") == "earlier"
    assert candor(*asked, "--charset=windows-1252").exit_code == 0
    assert json.loads(output.read_bytes())["content"] == "Höhe"
    assert {*tmp_path.iterdir()} == {table, output}


def test_records_go_into_a_device_as_it_is(candor: Candor, posts: Path) -> None:
    made = candor("import", "stackexchange", str(posts), "--network=stackexchange:beer", "--output=/dev/null")
    assert (made.exit_code, "Wrote " in made.stderr) == (0, True)


def test_what_a_table_lacks_is_said_as_an_option_that_can_be_pasted(candor: Candor, tmp_path: Path) -> None:
    table, output = tmp_path / "posts.csv", tmp_path / "out.ndjson"
    table.write_bytes("N°;Auteur;Date;Message;Réponse à\n1;ada;2026-01-05;a;\n2;bo;2026-01-06;b;1\n".encode("cp1252"))
    asked = ("import", "records", str(table), "--network=custom:c", f"--output={output}")
    said = "id=N°,actor=Auteur,published=Date,content=Message,object=Réponse à"
    refused = candor(*asked).stderr
    assert f"--map '{said}'. It has: N°" in refused
    assert "--charset windows-1252" in refused
    assert candor(*asked, "--map", said, "--charset=windows-1252").exit_code == 0
    assert [json.loads(line)["type"] for line in output.read_text("utf-8").splitlines()] == ["note", "reply"]
