"""Reads what requests bring: bodies, never more than allowed and never half of one, checked against schemas."""

from __future__ import annotations

import difflib
import io
import itertools
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn, TypeAlias, cast

import marshmallow as ma
import msgspec
from flask.globals import request_ctx
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from marshmallow import fields
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import ClientDisconnected

from candor.formats.compression import inflated
from candor.scoring.record_faults import explain_json
from service.problems import MAX_ERRORS, Fault, ProblemError, invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from flask import Request

_CHUNK = 64 * 1024
_ENCODINGS = ("gzip", "zstd", "identity")
_Within: TypeAlias = "ma.Schema | fields.Field[Any] | None"
_decoder = msgspec.json.Decoder(dict[str, Any])


def read_json(request: Request) -> dict[str, Any]:
    """Read a JSON object.

    Raises ProblemError: 400 not JSON or nested too deeply, 415 another type, 422 not an object or not representable.
    """
    if request.mimetype != "application/json":
        detail = f"Send application/json, not {request.mimetype or 'nothing'}."
        raise ProblemError("unsupported_media_type", detail, headers={"Accept": "application/json"})
    if encoding := request.headers.get("Content-Encoding"):
        detail = f"A job's body must not be encoded; {encoding} is understood for data sets only."
        raise ProblemError("unsupported_media_type", detail, headers={"Accept-Encoding": "identity"})
    body = b"".join(_chunks(request))
    if not body:
        raise ProblemError("malformed", "The body is empty: send a JSON object.")
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable(body, error) from None


def read_chunks(request: Request) -> Iterator[bytes]:
    """Stream a body, inflated as its `Content-Encoding` says.

    Raises ProblemError 415 for other encodings; UnreadableError, while it is read, where it is not what it says.
    """
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in _ENCODINGS:
        detail = f"The encodings understood are {', '.join(_ENCODINGS)}, not {encoding}."
        raise ProblemError("unsupported_media_type", detail, headers={"Accept-Encoding": ", ".join(_ENCODINGS)})
    return _chunks(request) if encoding == "identity" else inflated(_chunks(request), encoding)


def keep_body(request: Request) -> bytes:
    """Read the whole body and leave it to be read once more. Raises ProblemError."""
    body = b"".join(_chunks(request))
    request.stream = io.BytesIO(body)
    return body


@contextmanager
def kept_body(chunks: Iterator[bytes], folder: Path) -> Iterator[BinaryIO]:
    """Keep a body in a file of no name, for what has to be read back and forth."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as body:
        body.writelines(chunks)
        body.seek(0)
        yield cast("BinaryIO", body)


def _unreadable(body: bytes, error: Exception) -> ProblemError:
    faults = [Fault(pointer, detail) for pointer, detail in explain_json(body, error)]
    if isinstance(error, msgspec.ValidationError):
        return invalid(*faults)
    if any(fault.pointer for fault in faults):
        return invalid(*(fault for fault in faults if fault.pointer))
    detail = "The JSON is nested too deeply." if isinstance(error, RecursionError) else str(error)
    return ProblemError("malformed", detail)


def _chunks(request: Request) -> Iterator[bytes]:
    received = 0
    try:
        while chunk := request.stream.read(_CHUNK):
            received += len(chunk)
            yield chunk
    except ClientDisconnected as error:
        if isinstance(error.__context__, TimeoutError | BlockingIOError):  # set by server.py on every connection
            raise ProblemError("timeout", f"The body stopped arriving after {received} bytes.") from None
        raise ProblemError("bad_request", "The body cannot be read to its end.") from None
    except ParseException as error:  # what the server throws at whoever reads a chunked body
        raise ProblemError("bad_request", f"{error}.") from None
    if request.content_length is not None and received < request.content_length:
        raise ProblemError("bad_request", f"The body ended after {received} of {request.content_length} bytes.")


_PLAIN = {type(None), bool, int, float, str}


class ArgumentParser(FlaskParser):
    """Reads JSON with our reader and refuses what a schema does not know, in the body as in the query."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": None, "query": ma.RAISE}  # noqa: RUF012 # as its base class has it

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unasked: dict[Any, dict[str, Any]] = {}

    def parse(self, argmap: Any, req: Any = None, *, location: str | None = None, **kwargs: Any) -> Any:
        """Read with a schema; what an empty query says is read once, as most queries are empty."""
        if location != "query" or (req or request_ctx.request).environ.get("QUERY_STRING"):
            return super().parse(argmap, req, location=location, **kwargs)
        if argmap not in self._unasked:
            read = super().parse(argmap, req, location=location, **kwargs)
            if not isinstance(read, dict) or {*map(type, read.values())} - _PLAIN:
                return read  # it may be changed by who gets it
            self._unasked[argmap] = read
        return dict(self._unasked[argmap])

    def load_json(self, req: Request, schema: ma.Schema) -> Any:  # noqa: ARG002 # as its base class has it
        """Read the body."""
        return read_json(req)

    def load_querystring(self, req: Request, schema: ma.Schema) -> Any:
        """Read the query; what is given twice where one value is read is refused, as one would be lost in silence."""
        if not req.query_string:
            return {}
        given = super().load_querystring(req, schema)
        single = set(req.args) - given.multiple_keys
        if twice := sorted(name for name in single if len(set(req.args.getlist(name))) > 1):
            raise invalid(*(Fault(f"/{escape(name)}", "is given more than once") for name in twice))
        return given

    def handle_error(self, error: ma.ValidationError, req: Request, schema: ma.Schema, **_kwargs: Any) -> NoReturn:  # noqa: ARG002 # as its base class has it
        """Turn marshmallow's nested messages into faults."""
        raise invalid(*(fault for messages in error.messages_dict.values() for fault in faults_of(messages, schema)))


def faults_of(messages: Any, schema: ma.Schema | None = None) -> list[Fault]:
    """Flatten marshmallow's nested messages, at most a hundred; with the schema, say which field may be meant."""
    return list(itertools.islice(_faults(messages, "", schema), MAX_ERRORS))


def refuse_query(request: Request) -> None:
    """Refuse every query parameter, where none is taken. Raises ProblemError 422."""
    if request.args:
        raise invalid(*(Fault(f"/{escape(name)}", unknown_field(name, ())) for name in request.args))


def unknown_field(name: str, known: Iterable[str]) -> str:
    """Say that there is no such field, and which is meant or which there are."""
    names = sorted(known)
    if near := difflib.get_close_matches(name.lower(), names, n=1):
        return f"Unknown field: did you mean `{near[0]}`?"
    if name.lower() == "charset" and "skip_bad" in names:  # of an upload
        return "Unknown field: say it in the header, as in Content-Type: text/csv; charset=windows-1252."
    listed = ", ".join(f"`{each}`" for each in names)
    return f"Unknown field: the fields are {listed}." if names else "Unknown field: no parameter is taken here."


def _faults(messages: Any, pointer: str, within: _Within) -> Iterator[Fault]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            if isinstance(within, ma.Schema) and inner == [within.error_messages["unknown"]]:
                yield Fault(f"{pointer}/{escape(key)}", unknown_field(str(key), _fields(within)))
            elif key == "_schema":
                yield from _faults(inner, pointer, within)
            else:
                yield from _faults(inner, f"{pointer}/{escape(key)}", _below(within, key))
    elif isinstance(messages, list):
        for message in messages:
            yield from _faults(message, pointer, within)
    else:
        yield Fault(pointer, str(messages))


def _fields(schema: ma.Schema) -> dict[str, fields.Field[Any]]:
    """Return the fields of a schema by the names that requests have for them."""
    return {field.data_key or name: field for name, field in schema.load_fields.items()}


def _below(within: _Within, key: object) -> _Within:
    """Return what reads the part of that name or number."""
    field = _fields(within).get(str(key)) if isinstance(within, ma.Schema) else getattr(within, "inner", None)
    return field.schema if isinstance(field, fields.Nested) else field


def escape(part: object) -> str:
    """Escape one part of a JSON pointer (RFC 6901)."""
    return str(part).replace("~", "~0").replace("/", "~1")
