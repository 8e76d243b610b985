"""Checks what a request says against a marshmallow schema; what is wrong leaves with a JSON pointer."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NoReturn

import marshmallow as ma
from webargs.flaskparser import FlaskParser

from service.body import read_json
from service.problems import MAX_ERRORS, Fault, invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Request


class ArgumentParser(FlaskParser):
    """Reads JSON with our reader and refuses what a schema does not know, in the body as in the query."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": None, "query": ma.RAISE}  # noqa: RUF012 # as its base class has it

    def load_json(self, req: Request, schema: ma.Schema) -> Any:  # noqa: ARG002 # as its base class has it
        """Read the body."""
        return read_json(req)

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
