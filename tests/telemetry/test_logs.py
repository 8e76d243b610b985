"""The log: one line for each thing that happens, whole, and without what does not belong there."""

from __future__ import annotations

import io
import json
import logging
import math
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from redis.exceptions import OutOfMemoryError

from candor.telemetry import logs

if TYPE_CHECKING:
    from tests.conftest import Log

say = logs.logger("room.module")
HOSTILE = 'a\n{"event": "fake"}\r\x1b[2J\x9b'


def test_a_line_says_when_who_and_what(log: Log) -> None:
    say.info("it happened", seconds=1.5)
    (line,) = log.lines()
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "process": "test",
        "logger": "room.module",
        "event": "it happened",
        "seconds": 1.5,
    }


def test_what_libraries_say_looks_the_same(log: Log) -> None:
    logging.getLogger("library").warning("%s of %d", "one", 2)
    (line,) = log.lines()
    assert (line["event"], line["level"], line["logger"]) == ("one of 2", "warning", "library")


def test_less_than_the_level_is_not_said(log: Log) -> None:
    say.debug("detail")
    logging.getLogger("library").debug("detail")
    assert log.lines() == []


def test_a_strangers_words_never_begin_a_line(log: Log) -> None:
    say.info("request", agent=HOSTILE, nested={"deep": [HOSTILE]})
    logging.getLogger("library").warning("bad header %s", HOSTILE)
    assert len(log.text.getvalue().splitlines()) == 2
    assert not set("\r\x1b\x9b") & set(log.text.getvalue())


def test_a_strangers_words_never_begin_a_line_of_text_either() -> None:
    out = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure("test", "info", "text", out)
    try:
        say.info("request", agent=HOSTILE)
        logging.getLogger("library").warning("bad header %s", HOSTILE)
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    assert len(out.getvalue().splitlines()) == 2
    assert not set("\r\x1b\x9b") & set(out.getvalue())


@pytest.mark.parametrize(
    "words",
    [
        "redis://ops:hunter2@db:6379/0",
        "Authorization: Bearer hunter2",
        "ck_hunter2-hunter2",
        "whsec_hunter2/hunter2=",
    ],
)
def test_secrets_are_put_out(log: Log, words: str) -> None:
    say.info("said", words=words, nested=[{"words": words}])
    assert "hunter2" not in log.text.getvalue()
    assert "[secret]" in log.text.getvalue()


def fail(content: str) -> None:
    try:
        int(content)
    except ValueError as error:
        raise KeyError(content) from error


def test_an_unexpected_error_is_told_by_where_it_was_and_not_in_its_words(log: Log) -> None:
    try:
        fail("somebody's post")
    except KeyError:
        say.exception("it broke")
        logging.getLogger("library").exception("it broke")
    assert "somebody" not in log.text.getvalue()
    for line in log.lines():
        assert [error["type"] for error in line["error"]] == ["KeyError", "ValueError"]
        assert line["error"][0]["at"][-1].startswith("telemetry/test_logs.py:")


def test_at_level_debug_its_words_are_there(log: Log) -> None:
    logs.configure("test", "debug", "json", log.text)
    try:
        fail("somebody's post")
    except KeyError:
        say.exception("it broke")
    assert log.lines()[0]["error"][0]["words"] == repr("somebody's post")


def test_of_a_refused_command_only_the_reason_is_told() -> None:
    error = OutOfMemoryError("Command # 1 (HSET candor:newest:ada …) of pipeline caused error: command not allowed")
    assert logs.reason(error) == "OutOfMemoryError: command not allowed"


def test_the_format_is_json_where_nobody_looks() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        for out, is_json in ((io.StringIO(), True), (Terminal(), False)):
            logs.configure("test", "info", "auto", out)
            say.info("it happened")
            assert out.getvalue().startswith("{") is is_json
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def test_every_line_is_json(log: Log) -> None:
    say.warning("odd", value=object(), text="é\u2028")
    (line,) = log.text.getvalue().split("\n")[:-1]
    assert json.loads(line)["event"] == "odd"


class Mute:
    """Something that cannot say what it is."""

    def __str__(self) -> str:
        raise ValueError


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (b"GET /\nck_0123456789abcdef \xff", "GET /\\x0a[secret] \\xff"),
        (Path("/data/ck_0123456789abcdef\n"), "/data/[secret]\\x0a"),
        (ValueError("whsec_0123456789abcdef\n"), "[secret]\\x0a"),
        ({("a", 1): {b"ck_0123456789abcdef"}}, {"('a', 1)": ["[secret]"]}),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        ("\udcff", "\\udcff"),
        (Mute(), "<Mute>"),
        ([1, 2.5, None, True], [1, 2.5, None, True]),
    ],
)
def test_a_value_that_is_no_text_is_cleaned_like_one_and_loses_no_line(
    log: Log, value: object, written: object
) -> None:
    say.warning("odd", value=value)
    (line,) = log.text.getvalue().split("\n")[:-1]

    def refuse(name: str) -> None:
        raise ValueError(name)

    assert json.loads(line, parse_constant=refuse)["value"] == written


def test_no_line_is_asked_where_in_the_code_it_is_from(log: Log) -> None:
    seen: list[logging.LogRecord] = []
    said = logging.getLogger("candor.somewhere")
    watching = logging.Handler()
    watching.emit = seen.append  # type: ignore[method-assign]
    said.addHandler(watching)
    said.warning("here")
    said.removeHandler(watching)
    assert [(record.pathname, record.lineno, record.thread) for record in seen] == [("(unknown file)", 0, None)]
