"""`candor api` and `candor worker`: become one process of the stack, for containers and service managers."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

from service.commands.trouble import misuse
from service.server import gunicorn_arguments
from service.stack import GRACE_S, check_store, environment, worker_command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from candor.settings import Settings


def run_api(settings: Settings) -> NoReturn:
    """Become gunicorn. Raises Trouble, StackError or SettingsError before, when the service could not work."""
    _need_server(settings)
    check_store(settings)
    _become(["-m", "gunicorn", *gunicorn_arguments(settings)], settings)


def run_worker(settings: Settings) -> NoReturn:
    """Become the launcher of workers."""
    _need_server(settings)
    _become(worker_command(settings, GRACE_S), settings)


def _need_server(settings: Settings) -> None:
    if settings.redis_url is None:
        raise misuse("CANDOR_REDIS_URL is not set: name a server, or start everything with `candor up`")


def _become(argv: Sequence[str], settings: Settings) -> NoReturn:
    os.execve(sys.executable, [sys.executable, *argv], {**os.environ, **environment(settings)})  # noqa: S606 ours
