"""docs/operations.md: every setting with its default, every metric with its labels, every field of the log."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from candor.settings import FACTS, Settings, setting_text, variable
from candor.telemetry import logs
from candor.telemetry.meters import COUNTED, SEEN
from service import request_log

TEXT = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")


def table(head: str) -> dict[str, list[str]]:
    """The rows of the table whose first column has this head, by what stands there between backquotes."""
    rows = TEXT.partition(f"| {head} |")[2].partition("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in row.split("|")[1:-1]] for row in rows]
    return {row[0].strip("` "): [cell.strip("` ") for cell in row[1:]] for row in cells}


def test_every_setting_is_documented_with_its_default_and_its_unit():
    shown = {name: row[:2] for name, row in table("variable").items()}
    assert shown == {variable(name): [setting_text(getattr(Settings, name)), FACTS[name].unit] for name in FACTS}


def test_every_setting_says_what_it_is_for():
    assert [name for name, facts in FACTS.items() if not facts.help] == []


def test_every_number_has_a_unit_and_bounds():
    numbers = {each.name for each in fields(Settings) if each.type == "int"}
    assert [name for name in numbers - {"port"} if not FACTS[name].unit] == []
    assert [name for name in numbers if not FACTS[name].between] == []


def test_every_metric_is_documented_with_its_labels():
    written = {name: tuple(re.findall(r"\w+", row[0])) for name, row in table("metric").items()}
    suffix = {"counter": "_total", "gauge": "", "histogram": ""}
    assert written == {f"{kind.name}{suffix[kind.type]}": kind.labels for kind in (*COUNTED, *SEEN)}


def test_every_field_of_the_log_is_documented():
    assert set(table("field")) == set(logs.FIELDS) | set(request_log.FIELDS)
