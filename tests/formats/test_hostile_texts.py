"""Texts made to be expensive: what reads them takes time by their length, not by its square, and nothing breaks."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from candor.formats.dumps.dump import Run
from candor.formats.dumps.registry import FORMATS
from candor.formats.json_items import values_by_key
from candor.formats.linkedin import _TITLE
from candor.formats.wrapped import wrapped_in
from tests.formats.dump_files import COMMIT, LOG, MAIL, MESSAGE, NETWORKS, SLACK, body_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from candor.scoring.activity import Activity

MANY = 200_000
MOST_S = 8.0
"""By its square, the quickest of these took minutes."""


@pytest.fixture(autouse=True)
def _by_length() -> Iterator[None]:
    """Fail what takes long by the processor's clock."""
    began_s = time.process_time()
    yield
    assert time.process_time() - began_s < MOST_S


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str, dict[str, Any]], list[Activity]]:
    """Read the files of a dump."""

    def found(form: str, files: dict[str, Any]) -> list[Activity]:
        for name, content in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(body_of(content))
        path = tmp_path / name if len(files) == 1 else tmp_path
        return list(FORMATS[form].records([path], Run(NETWORKS.get(form, "custom:c"))))

    return found


@pytest.mark.parametrize("said", ["<" * MANY, "<#" * MANY, "<a|" * MANY, "<@U1" * MANY])
def test_messages_of_slack_full_of_brackets(read, said):
    text = {"brewing/2026-01-05.json": [MESSAGE | {"text": said}]}
    assert "account" in [each.type for each in read("slack", SLACK | text)]


@pytest.mark.parametrize("author", ["<" + "@" * MANY, "(" * MANY, "a:" * MANY, "<" + " " * MANY, '"' * MANY])
def test_authors_of_commits(read, author):
    assert read("git", {"log": LOG.replace("Ada <ada@a.example>", author) + "\n    net: fix\n"}) == []


@pytest.mark.parametrize("path", ["x => " + "a" * MANY, "{" + " => " * MANY, " => " * MANY, "{a => " * MANY])
def test_paths_of_commits(read, path):
    assert read("git", {"log": f"{COMMIT}\n{path} | 2 +-\n"})


@pytest.mark.parametrize("name", ["(" * MANY, "a:" * MANY, " " * MANY + "x", "=?utf-8?b?A?=", "=?" * MANY])
@pytest.mark.parametrize("header", ["From: Ada", "Subject: x"])
def test_headers_of_mails(read, header, name):
    mail = MAIL.replace("From: Ada", f"From: {name}") if header == "From: Ada" else f"{MAIL}Subject: {name}\n"
    other = MAIL.replace("<1@a>", "<2@a>")
    assert "2@a" in [each.id for each in read("mbox", {"box.mbox": f"{mail}\nhops\n\n{other}\nmalt\n"})]


def test_a_text_in_json_that_is_all_escapes():
    assert wrapped_in(b'{"' + b'\\"' * MANY, iter(()), ("id",), "published") is None
    assert wrapped_in(b'{"' + b'\\"' * MANY + b"\\", iter(()), ("id",), "published") is None
    key = '"' * MANY
    assert list(values_by_key(iter([json.dumps({"other": key, key: [1]}).encode()[1:]]))) == [(key, b"[1]")]


def test_a_page_that_is_all_headings():
    assert _TITLE.search("<h1>" * MANY) is None
    assert _TITLE.search("<h1 class=x>How <b>hops</b> work</h1>")[1] == "How <b>hops</b> work"
