"""Docs: the API's documentation with its example files, problems, and what is kept."""

from __future__ import annotations

import csv
import gzip
import io
import sys
import tempfile
import zipfile
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import msgspec
from flask import Response, send_from_directory
from redis.exceptions import RedisError
from swagger_ui_bundle import swagger_ui_path  # type: ignore[import-untyped]

from candor import sample
from candor.formats.workbook import MEDIA_TYPE as WORKBOOK
from candor.store.job_problems import JOB_PROBLEMS
from service.api.facts import kept_rows
from service.description import as_json, as_yaml
from service.problem_kinds import PROBLEMS, ProblemKind
from service.problems import ProblemError
from service.sample import people_shown
from service.schemas.datasets import CSV_EXAMPLE, NDJSON_EXAMPLE, STREAMS_EXAMPLE
from service.web.rendering import render_page

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug.wrappers import Response as AnyResponse

_BUNDLED = ("swagger-ui.css", "swagger-ui-bundle.js")
_OWN = {"docs.js": "text/javascript", "pages.css": "text/css"}
_DAY_S = 86_400


def show_docs() -> Response:
    """Show the API with swagger-ui, which we serve ourselves."""
    try:
        who = next(iter(people_shown(*sample.EXAMPLES)), sample.EXPERT)
    except RedisError:  # the page is there to read also while the store is away
        who = sample.EXPERT
    return render_page("docs.html", who=who, person=sample.name_of(who))


def show_docs_file(name: str) -> AnyResponse:
    """Serve a file that the documentation needs. Raises ProblemError 404 for any other name."""
    if name in _BUNDLED:
        return send_from_directory(str(swagger_ui_path), name, max_age=_DAY_S)
    if name in EXAMPLE_FILES:
        media_type, made = EXAMPLE_FILES[name]
        return Response(made(), mimetype=media_type)
    if name in _OWN:
        return Response(_text(name), mimetype=_OWN[name])
    raise ProblemError("not_found", "There is no such file.")


def show_description() -> Response:
    """Serve the description of the API, OpenAPI as YAML."""
    return Response(as_yaml(), mimetype="application/yaml")


def show_description_as_json() -> Response:
    """Serve the description of the API, OpenAPI as JSON."""
    return Response(as_json(), mimetype="application/json")


def show_problems() -> Response:
    """Show every kind of problem."""
    return render_page("problems.html", kinds=list(_problem_kinds().values()))


def show_problem(code: str) -> Response:
    """Show what one kind of problem means. Raises ProblemError 404."""
    if code not in _problem_kinds():
        raise ProblemError("not_found", "There is no such problem.")
    return render_page("problems.html", kinds=[_problem_kinds()[code]])


@cache
def _problem_kinds() -> dict[str, ProblemKind]:
    """All problems by code: those of requests and those that stand in a job."""
    of_jobs = [ProblemKind(problem.code, problem.status, problem.title, problem.detail) for problem in JOB_PROBLEMS]
    return {kind.code: kind for kind in (*PROBLEMS, *of_jobs)}


@cache
def _text(name: str) -> str:
    return resources.files("service.web").joinpath("static", name).read_text("utf-8")


def _as_parquet() -> bytes:
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as database:
        lines, rows = Path(folder) / "records.ndjson", Path(folder) / "records.parquet"
        lines.write_text(NDJSON_EXAMPLE, encoding="utf-8")
        database.execute(f"COPY (FROM read_json('{lines}')) TO '{rows}' (FORMAT parquet)")
        return rows.read_bytes()


def _as_workbook() -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415 # .2 s that few need

    book = Workbook()
    for row in csv.reader(CSV_EXAMPLE.splitlines()):
        book.worksheets[0].append(row)
    with io.BytesIO() as file:
        book.save(file)
        return file.getvalue()


def _as_export() -> bytes:
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("outbox.json", msgspec.json.encode(STREAMS_EXAMPLE))
        return file.getvalue()


EXAMPLE_FILES: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "example.parquet": ("application/vnd.apache.parquet", _as_parquet),
    "example.xlsx": (WORKBOOK, _as_workbook),
    "example.ndjson.gz": ("application/gzip", lambda: gzip.compress(NDJSON_EXAMPLE.encode())),
    "example.ndjson.zst": ("application/zstd", lambda: zstd.compress(NDJSON_EXAMPLE.encode())),
    "example.zip": ("application/zip", _as_export),
}
"""By name: its media type, and what makes it. The zip is somebody's export of Mastodon, the others are records."""


def show_kept() -> Response:
    """Show what this service keeps of people."""
    return render_page("kept.html", rows=[row for row in kept_rows() if row.people is not None])
