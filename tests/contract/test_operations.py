"""docs/operations.md: every setting with its default, every metric with its labels, every field of the log."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from candor.settings import Settings
from candor.telemetry import logs
from candor.telemetry.meters import COUNTED, SEEN
from service import request_log

TEXT = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")


def table(head: str) -> dict[str, list[str]]:
    """The rows of the table whose first column has this head, by what stands there between backquotes."""
    rows = TEXT.partition(f"| {head} |")[2].partition("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in row.split("|")[1:-1]] for row in rows]
    return {row[0].strip("` "): [cell.strip("` ") for cell in row[1:]] for row in cells}


def test_every_setting_is_documented_with_its_default():
    written = {name: row[0] for name, row in table("variable").items()}
    real = {f"CANDOR_{field.name.upper()}": field.default for field in fields(Settings)}
    assert written == {name: "" if default is None else str(default) for name, default in real.items()}


def test_every_setting_is_explained():
    assert [name for name, row in table("variable").items() if not row[1]] == []


def test_every_metric_is_documented_with_its_labels():
    written = {name: tuple(re.findall(r"\w+", row[0])) for name, row in table("metric").items()}
    suffix = {"counter": "_total", "gauge": "", "histogram": ""}
    assert written == {f"{kind.name}{suffix[kind.type]}": kind.labels for kind in (*COUNTED, *SEEN)}


def test_every_field_of_the_log_is_documented():
    assert set(table("field")) == set(logs.FIELDS) | set(request_log.FIELDS)
