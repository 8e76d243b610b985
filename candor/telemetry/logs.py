"""Lines of the log: JSON for machines, columns for people; the same fields, and no secrets, from every library."""

from __future__ import annotations

import json
import logging
import math
import re
import sys
import time
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from traceback import walk_tb
from typing import IO, TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec
import structlog
from structlog.stdlib import BoundLogger, ProcessorFormatter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LogFormat: TypeAlias = Literal["auto", "json", "text"]
LEVELS = ("debug", "info", "warning", "error")
FORMATS: tuple[LogFormat, ...] = ("auto", "json", "text")
FIELDS = {
    "time": "When, RFC 3339 in UTC.",
    "level": "debug, info, warning or error.",
    "process": "Who says it: api, launcher, or a worker by its queue, interactive or batch.",
    "logger": "The module, or the library.",
    "event": "What happened: a sentence that is the same each time.",
    "request_id": "The request; of a job, the one that made it. The answer has it as X-Request-Id.",
    "job_id": "The job.",
    "error": "What went wrong unexpectedly: the types of the errors and the lines they came through.",
}
_SECRETS = re.compile(r"\b(?:ck|whsec)_[\w+/=-]+|(?<=://)[^/@\s]+(?=@)|(?<=[Bb]earer )\S+")
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
_ENCODER = msgspec.json.Encoder()
_QUOTED = " of pipeline caused error: "


def configure(process: str, level: str = "info", form: LogFormat = "auto", out: IO[str] | None = None) -> None:
    """Send everything that is logged in this process to `out` (stderr), one line each; `auto` is text on a terminal.

    An unexpected error is told by its type and where it happened: its words could quote somebody's posts, so they are
    there at level debug only.
    """
    out = out or sys.stderr
    render = _columns(out) if is_text(form, out) else _json
    handler = _Handler(out, _Line(process, render, with_words=level == "debug"))
    logging._srcfile = None  # noqa: SLF001 # as Python's own HOWTO has it: no line says where in the code it is from
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # nor from which thread
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())


def is_text(form: LogFormat, out: IO[str] | None = None) -> bool:
    """Say whether what goes to `out` (stderr) in this form is for people to read, and not JSON."""
    return form == "text" or (form == "auto" and (out or sys.stderr).isatty())


def logger(name: str) -> BoundLogger:
    """Return a logger that takes an event and its fields; before configure() it says warnings on stderr, bare."""
    made: BoundLogger = structlog.wrap_logger(
        logging.getLogger(name),
        wrapper_class=BoundLogger,
        processors=[structlog.stdlib.filter_by_level, ProcessorFormatter.wrap_for_formatter],
        cache_logger_on_first_use=True,
    )
    return made


def note(log: logging.Logger, level: int, fields: dict[str, Any]) -> None:
    """Write a line without the record that logging makes of one: for what is said at every request, or of every job."""
    if not log.isEnabledFor(level):
        return
    handlers = logging.getLogger().handlers
    if len(handlers) == 1 and isinstance(handlers[0], _Handler):
        handlers[0].note(log.name, level, fields)
    else:
        log.log(level, fields)


def reason(error: BaseException) -> str:
    """Return an expected error in words, without the command that Redis's client quotes, which holds what was kept."""
    return f"{type(error).__name__}: {str(error).rpartition(_QUOTED)[2]}"


def _json(fields: dict[str, Any]) -> str:
    """Return a line that any stream can take: letters beyond ASCII are spelled in it."""
    line = _ENCODER.encode(fields)
    return line.decode() if line.isascii() else json.dumps(fields)


def _columns(out: IO[str]) -> Callable[[dict[str, Any]], str]:
    render = structlog.dev.ConsoleRenderer(colors=out.isatty(), timestamp_key="time")
    return lambda fields: str(render(None, "", fields))


class _Line(logging.Formatter):
    """Writes what was said as one line: fields that every line may have first, and types and lines for a traceback."""

    def __init__(self, process: str, render: Callable[[dict[str, Any]], str], *, with_words: bool) -> None:
        super().__init__()
        self._process = process
        self._render = render
        self._with_words = with_words

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: of our loggers the message is an event with its fields, of a library's it is text."""
        said = record.msg if isinstance(record.msg, dict) else {"event": record.getMessage()}
        if (error := _error(said.get("exc_info", record.exc_info))) is not None:
            said = {**said, "error": [self._told(each) for each in _chain(error)]}
        return self.line(record.created, record.levelname, record.name, said)

    def line(self, at_s: float, level: str, name: str, said: dict[str, Any]) -> str:
        """Return the line for an event and its fields, said by a logger of that name."""
        given = {**structlog.contextvars.get_contextvars(), **said}
        given.pop("exc_info", None)
        line = {
            "time": f"{datetime.fromtimestamp(at_s, UTC).isoformat()[:-6]}Z",
            "level": level.lower(),
            "process": self._process,
            "logger": name,
        }
        for field in _ordered(tuple(given)):
            line[field] = _cleaned(given[field])
        return self._render(line)

    def _told(self, error: BaseException) -> dict[str, Any]:
        at = [f"{_place(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}" for frame, line in _frames(error)]
        told: dict[str, Any] = {"type": type(error).__qualname__, "at": at}
        return told | {"words": str(error)[:500]} if self._with_words else told


class _Handler(logging.StreamHandler[IO[str]]):
    """Writes lines, of records and without."""

    def __init__(self, out: IO[str], line: _Line) -> None:
        super().__init__(out)
        self.setFormatter(line)
        self._line = line

    def note(self, name: str, level: int, fields: dict[str, Any]) -> None:
        """Write a line; what cannot be written is lost, as logging has it."""
        line = self._line.line(time.time(), logging.getLevelName(level), name, fields)
        with self.lock or nullcontext(), suppress(OSError, ValueError):
            self.stream.write(f"{line}\n")
            self.stream.flush()


@lru_cache(1_000)
def _ordered(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the fields that every line may have first, then the others."""
    return tuple(dict.fromkeys((*(name for name in FIELDS if name in names), *names)))


def _error(found: Any) -> BaseException | None:  # noqa: ANN401 # as `exc_info` is given
    if found is True:
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found
    return error if isinstance(error, BaseException) else None


def _frames(error: BaseException) -> Iterator[tuple[Any, int]]:
    return walk_tb(error.__traceback__)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and what it came from, the newest first."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)


def _place(path: str) -> str:
    return "/".join(Path(path).parts[-2:])


def _cleaned(value: Any) -> Any:  # noqa: ANN401 whatever is logged
    """Put out secrets, and spell control characters, so that nothing said by a stranger looks like a line of ours."""
    if isinstance(value, str):
        if "ck_" in value or "sec_" in value or "@" in value or "earer" in value:  # as in every secret
            value = _SECRETS.sub("[secret]", value)
        return value if value.isprintable() else value.translate(_CONTROLS).encode(errors="backslashreplace").decode()
    if value is None or isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, dict):
        return {_cleaned(str(name)): _cleaned(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_cleaned(inner) for inner in value]
    return _cleaned(_as_text(value))


def _as_text(value: object) -> str:
    """Return what is no text as text, also where it cannot say what it is."""
    try:
        return value.decode(errors="backslashreplace") if isinstance(value, bytes) else str(value)
    except Exception:  # noqa: BLE001 # a line that is lost would tell less
        return f"<{type(value).__name__}>"
