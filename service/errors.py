"""Turns every exception into a problem document. Nothing else in the service catches broadly."""

from __future__ import annotations

import errno
import re
from typing import TYPE_CHECKING

from flask import request
from marshmallow import ValidationError
from redis import exceptions as redis_errors
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge

from candor.store.client import DamagedValueError
from candor.store.embedded import NO_ROOM_FOR_STORE, is_full
from candor.store.storage import DamagedFileError, StorageAwayError
from candor.telemetry.logs import logger, reason
from service.body import faults_of
from service.context import context
from service.problem_kinds import BY_CODE, kind_of_status
from service.problems import RETRY_AFTER_S, ProblemError, invalid, problem_response

if TYPE_CHECKING:
    from flask import Flask, Response

_log = logger(__name__)
_AWAY = (
    redis_errors.ConnectionError,
    redis_errors.TimeoutError,
    redis_errors.ClusterDownError,
    redis_errors.MasterDownError,
    redis_errors.TryAgainError,
    redis_errors.WatchError,  # also what a broken connection is called in the midst of a transaction
)
_FULL = (redis_errors.OutOfMemoryError, redis_errors.ReadOnlyError)
_CODE = re.compile(r"(?:^|of pipeline caused error: |user_script: ?\d+: -)(MISCONF|NOREPLICAS|BUSY|OOM|READONLY) ")
"""What redis-py has no class for: no writes to disk, no replicas, a script in the way, and what ends one of 6.2."""
_NO_ROOM = "There is no space left to save this."
_NO_ADDRESS = "There is nothing at this address. If you typed it, check how it is spelt; /docs lists all addresses."
_NO_WRITES = "The data directory cannot be written to."
STORAGE_AWAY = (
    "The storage of data sets (CANDOR_STORAGE, or `datasets` in the data directory) does not answer at the moment."
)
_DISK = dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), _NO_ROOM) | dict.fromkeys(
    (errno.EROFS, errno.EACCES, errno.EPERM), _NO_WRITES
)
_PASSED_ON = ("Allow", "Retry-After", "Location", "WWW-Authenticate")


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(ProblemError, problem_response)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(ValidationError, _wrong)
    app.register_error_handler(redis_errors.RedisError, _redis)
    app.register_error_handler(OSError, _disk)
    app.register_error_handler(StorageAwayError, _storage_away)
    app.register_error_handler(DamagedFileError, _damaged)
    app.register_error_handler(DamagedValueError, _stored_damaged)
    app.register_error_handler(Exception, _unexpected)


def _http(error: HTTPException) -> Response:
    if isinstance(error, RequestEntityTooLarge):
        most = request.max_content_length
        detail = (
            f"The body is larger than {most:,} bytes, the most that is taken here." if most else str(error.description)
        )
        return problem_response(ProblemError("too_large", detail, headers={"Connection": "close"}))
    kind = kind_of_status(error.code or 500)
    said = _NO_ADDRESS if isinstance(error, NotFound) else error.description
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        said = f"{request.method} is not taken here; these are: {', '.join(sorted(error.valid_methods))}."
    headers = {name: value for name, value in error.get_headers() if name in _PASSED_ON}
    return problem_response(ProblemError(kind.code, said or kind.title, headers=headers))


def _wrong(error: ValidationError) -> Response:
    return problem_response(invalid(*faults_of(error.messages)))


def _redis(error: redis_errors.RedisError) -> Response:
    headers = {"Retry-After": RETRY_AFTER_S}
    code = found[1] if (found := _CODE.search(str(error))) else None
    if isinstance(error, _FULL) or code in {"MISCONF", "NOREPLICAS", "OOM", "READONLY"}:
        _log.error("store rejects writes", why=reason(error))
        return problem_response(
            ProblemError("store_full", "The store cannot save anything at the moment.", headers=headers)
        )
    if isinstance(error, _AWAY) and is_full(context().settings.data_dir):
        _log.error("disk full: the store does not answer", why=reason(error))
        return problem_response(ProblemError("store_full", NO_ROOM_FOR_STORE, headers=headers))
    if isinstance(error, _AWAY) or code == "BUSY":
        _log.error("store unavailable", why=reason(error))
        detail = "The store does not answer at the moment."
        return problem_response(ProblemError("store_unavailable", detail, headers=headers))
    return _unexpected(error)


def _disk(error: OSError) -> Response:
    if (detail := _DISK.get(error.errno or 0)) is None:
        return _unexpected(error)
    _log.error("cannot write to the data directory", why=error.strerror)
    return problem_response(ProblemError("store_full", detail, headers={"Retry-After": RETRY_AFTER_S}))


def _storage_away(error: StorageAwayError) -> Response:
    _log.error("storage unavailable", why=str(error))
    return problem_response(ProblemError("store_unavailable", STORAGE_AWAY, headers={"Retry-After": RETRY_AFTER_S}))


def _damaged(error: DamagedFileError) -> Response:
    _log.error("data set damaged", why=str(error))
    return problem_response(ProblemError("dataset_damaged", BY_CODE["dataset_damaged"].meaning))


def _stored_damaged(error: DamagedValueError) -> Response:
    _log.error("stored value damaged", why=str(error))
    return problem_response(ProblemError("stored_damaged", BY_CODE["stored_damaged"].meaning))


def _unexpected(error: Exception) -> Response:
    _log.error("unexpected error", exc_info=error)
    return problem_response(ProblemError("internal", "Something went wrong on our side."))
