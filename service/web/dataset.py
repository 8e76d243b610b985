"""The page of a data set: what is in it, when it ends, more records for it, a copy of it, and its end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask import redirect, request
from marshmallow import ValidationError

from candor.formats.encodings import CHARSETS
from service.api.datasets import delete_dataset, refresh_dataset
from service.auth import owner
from service.body import faults_of
from service.context import context, request_id
from service.following import nothing_yet, source_of, source_response
from service.named_dataset import unknown_dataset
from service.problems import ProblemError, invalid, problem_document
from service.sample import SAMPLE, find_dataset
from service.web.boards import boards_of_dataset
from service.web.bring import COLUMNS, DUMPS, IN_THE_FORM, add_file, own_export, with_kind
from service.web.rendering import render_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from candor.store.models import Dataset

_OF_FILE = ("file", "kind", "charset", "day_first", "skip_bad", "member", "types")
_KNOWN = frozenset({*_OF_FILE, *(f"column_{name}" for name in COLUMNS)})


def show_dataset(dataset_id: str) -> Response:
    """Show what is known of a data set, with the form for more records, filled in as the last table was read."""
    there = _found(dataset_id)
    return _page(there, _as_last_time(there))


def add_records(dataset_id: str) -> AnyResponse:
    """Add the records of a file, and show the data set with them; or the form again with what is wrong."""
    there, fields = _found(dataset_id), {name: value.strip() for name, value in request.form.items()}
    try:
        after = add_file(there, fields, request.files.get("file"))
    except ValidationError as error:
        return _page(there, fields, invalid(*faults_of(error.messages)))
    except ProblemError as error:
        if error.code not in IN_THE_FORM:
            raise
        return _page(there, with_kind(fields, error), error)
    return redirect(f"/dataset/{dataset_id}?added={after.records - there.records}", 303)


def delete_it(dataset_id: str) -> AnyResponse:
    """Delete a data set, and go back to the first page. Raises ProblemError."""
    delete_dataset(dataset_id)
    return redirect("/", 303)


def read_now(dataset_id: str) -> AnyResponse:
    """Read what a data set follows again now, and go back to it. Raises ProblemError."""
    refresh_dataset(dataset_id)
    return redirect(f"/dataset/{dataset_id}#source", 303)


def stop_following(dataset_id: str) -> AnyResponse:
    """Follow the source no longer, and go back to the data set, which stays. Raises ProblemError."""
    if not context().store.sources.delete(owner(), dataset_id):
        raise ProblemError("not_found", "This data set follows nothing.")
    return redirect(f"/dataset/{dataset_id}" if find_dataset(dataset_id) else "/", 303)


def _found(dataset_id: str) -> Dataset:
    """Return what is known of a data set, also where nothing was read yet of what it follows. Raises ProblemError."""
    there = find_dataset(dataset_id)
    if there is not None:
        return there
    if (source := source_of(dataset_id)) is None:
        raise unknown_dataset(dataset_id)
    return nothing_yet(source)


def _as_last_time(there: Dataset) -> dict[str, str]:
    """Return the fields of the form as the last file was read."""
    columns = {f"column_{name}": column for name, column in there.map.items() if name in COLUMNS}
    types = ", ".join(f"{word}={kind}" for word, kind in there.map.items() if word not in COLUMNS)
    kind = "records" if there.archive is None else there.archive.format or next(iter(own_export(there.network)), "")
    return {"kind": kind, "types": types, **columns}


def _page(there: Dataset, values: Mapping[str, str], error: ProblemError | None = None) -> Response:
    problem, source = None, source_of(there.id)
    at_field: dict[str, str] = {}
    if error is not None:
        problem = problem_document(error.code, error.detail, error.errors, request_id())
        for fault in reversed(error.errors):
            name = fault.pointer.removeprefix("/").partition("/")[0]
            at_field[name if name in _KNOWN else ""] = fault.detail
    added = request.args.get("added", "")
    forms: dict[str, Any] = (
        {"dumps": DUMPS, "exports": {}} if there.is_community else {"dumps": {}, "exports": own_export(there.network)}
    )
    return render_page(
        "dataset.html",
        200 if problem is None else problem.status,
        dataset=there,
        suppressed=context().store.suppressed_now.count(there),
        is_sample=there.id == SAMPLE,
        days=context().settings.datasets_days,
        boards=boards_of_dataset(there.id),
        source=source_response(source),
        part=source.asked.name if source else None,
        added=int(added) if re.fullmatch(r"[0-9]{1,10}", added) else None,
        values={"bring": "file", **values},
        at_field=at_field,
        problem=problem,
        columns=COLUMNS,
        charsets=CHARSETS,
        **forms,
    )
