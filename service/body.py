"""Reads what requests bring: bodies, never more than allowed and never half of one, checked against schemas."""

from __future__ import annotations

import io
import itertools
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn, cast

import marshmallow as ma
import msgspec
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import ClientDisconnected

from candor.formats.compression import inflated
from candor.scoring.records import explain_json
from service.problems import MAX_ERRORS, Fault, ProblemError, invalid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Request

_CHUNK = 64 * 1024
_ENCODINGS = ("gzip", "zstd", "identity")
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


class ArgumentParser(FlaskParser):
    """Reads JSON with our reader and refuses what a schema does not know, in the body as in the query."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": None, "query": ma.RAISE}  # noqa: RUF012 # as its base class has it

    def load_json(self, req: Request, schema: ma.Schema) -> Any:  # noqa: ARG002 # as its base class has it
        """Read the body."""
        return read_json(req)

    def load_querystring(self, req: Request, schema: ma.Schema) -> Any:
        """Read the query; what is given twice where one value is read is refused, as one would be lost in silence."""
        given = super().load_querystring(req, schema)
        single = set(req.args) - given.multiple_keys
        if twice := sorted(name for name in single if len(set(req.args.getlist(name))) > 1):
            raise invalid(*(Fault(f"/{escape(name)}", "is given more than once") for name in twice))
        return given

    def handle_error(self, error: ma.ValidationError, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Turn marshmallow's nested messages into faults."""
        raise invalid(*(fault for messages in error.messages_dict.values() for fault in faults_of(messages)))


def faults_of(messages: Any) -> list[Fault]:
    """Flatten marshmallow's nested messages; at most a hundred."""
    return list(itertools.islice(_faults(messages, ""), MAX_ERRORS))


def _faults(messages: Any, pointer: str) -> Iterator[Fault]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from _faults(inner, pointer if key == "_schema" else f"{pointer}/{escape(key)}")
    elif isinstance(messages, list):
        for message in messages:
            yield from _faults(message, pointer)
    else:
        yield Fault(pointer, str(messages))


def escape(part: object) -> str:
    """Escape one part of a JSON pointer (RFC 6901)."""
    return str(part).replace("~", "~0").replace("/", "~1")
