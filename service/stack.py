"""Stack: Valkey, interface and workers as children of this process, started together and stopped in good order."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

import requests

from candor.store import die_with_parent
from candor.store.embedded import is_full
from service.store_at_hand import StackError, check_store, embedded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType

    from candor.settings import Settings
    from candor.store.embedded import EmbeddedServer


STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
STOPPED = 130

IDLE_TIMEOUT_S = 30
STOP_TIMEOUT_S = 30
READY_S = 60.0
TICK_S = 0.05
WORKER_COMMAND = ("-m", "worker")
LOG_TAIL_BYTES = 2_000
RESTART_PAUSE_S = 2.0
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 where to reach a service that is bound everywhere


_DISPLACED = (
    "another folder has taken the place of CANDOR_DATA_DIR={} while it was in use, so what was accepted since is in "
    "neither. Everything was stopped: start it again to go on with what is there now. Before a back-up is put back, "
    "stop Candor, and erase again whoever was erased since it was made"
)


class Stopped(SystemExit):
    """Somebody told the program to stop; uncaught it ends it quietly."""

    def __init__(self) -> None:
        super().__init__(STOPPED)


@contextmanager
def raise_on_signal() -> Iterator[None]:
    """Raise Stopped in the block at the first signal to stop; the following ones do not disturb the clearing up."""

    def stop(*_: object) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    before = {number: signal.signal(number, stop) for number in _signals_handled()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def defer_signals() -> Iterator[None]:
    """Put off signals to stop until the block has ended, so that nothing is half started or half ended."""
    noted: list[int] = []
    before = {number: signal.signal(number, lambda noticed, _: noted.append(noticed)) for number in _signals_handled()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if noted:
            signal.raise_signal(noted[0])


def _signals_handled() -> list[signal.Signals]:
    """Leave out what whoever started us had us ignore, as nohup does."""
    return [number for number in STOP_SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]


def gunicorn_arguments(settings: Settings) -> list[str]:
    """Return gunicorn's arguments, the application last. The environment must hold the same settings."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return [
        f"--bind={host}:{settings.port}",
        "--worker-class=service.server.WebWorker",
        f"--workers={settings.web_processes}",
        f"--threads={settings.threads}",
        f"--graceful-timeout={STOP_TIMEOUT_S}",
        f"--timeout={IDLE_TIMEOUT_S}",
        "--keep-alive=15",
        "--limit-request-line=8190",
        "--limit-request-fields=60",
        "--limit-request-field_size=8190",
        "--no-control-socket",
        "--logger-class=service.request_log.GunicornLogger",
        "--name=candor",
        "service.app:application()",
    ]


class Child:
    """A process of ours that ends when we end, however that happens, and not at a Ctrl-C of its own."""

    def __init__(
        self, name: str, argv: Sequence[str], settings: Settings, log: IO[bytes] | None, fds: Sequence[int] = ()
    ) -> None:
        self.name = name
        self._process = subprocess.Popen(  # noqa: S603 the command is ours
            die_with_parent.command([sys.executable, *argv]),
            stdin=subprocess.PIPE,
            stdout=log or sys.stderr,
            stderr=log or sys.stderr,
            env={**os.environ, **settings.environment(), "PYTHONSAFEPATH": "1"},
            cwd="/",  # gunicorn looks for modules where it stands: not in the user's directory
            pass_fds=fds,
            start_new_session=True,
        )

    def status(self) -> int | None:
        """Return the exit status, or None while it runs."""
        return self._process.poll()

    def stop(self, timeout_s: float) -> None:
        """Ask it to end, and make it end when it takes longer than `timeout_s`."""
        self._process.terminate()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()


class Stack:
    """The whole service on this machine, by the settings; `log` takes what its parts say, our stderr by default.

    Entering it starts everything and waits until it can work; leaving it lets jobs in hand finish or go back. Enter it
    in the main thread: on Linux the children end with the thread that started them. Raises StackError,
    EmbeddedServerError, SettingsError.
    """

    def __init__(self, settings: Settings, log: IO[bytes] | None = None) -> None:
        self._settings = replace(settings, data_dir=settings.data_dir.resolve())
        self._log = log
        self._server: EmbeddedServer | None = None
        self._children: list[Child] = []
        self._running = ExitStack()
        self._start_again_s: float | None = None

    @property
    def url(self) -> str:
        """Where this machine reaches the interface."""
        host = ANY_ADDRESS.get(self._settings.host, self._settings.host)
        return f"http://[{host}]:{self._settings.port}" if ":" in host else f"http://{host}:{self._settings.port}"

    def __enter__(self) -> Self:
        try:
            with defer_signals():
                self._start()
            self._wait_until_ready(time.monotonic() + READY_S)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def ended(self) -> str | None:
        """Say which part has ended although nobody asked it to, or None."""
        if self._server is not None and self._server.pid is None:
            full = ", as the disk of the data directory is full" if is_full(self._settings.data_dir) else ""
            return f"the embedded Valkey ended{full}"
        for child in self._children:
            if (status := child.status()) is not None:
                how = f"with status {status}" if status >= 0 else f"by {signal.Signals(-status).name}"
                return f"{child.name} ended {how}"
        return None

    def tend(self, say: Callable[[str], object]) -> str | None:
        """Start the embedded server again where it has ended; say which other part has, or None.

        It ends itself when it cannot write its log, and everything else waits for it: so it is started once there is
        room. Raises EmbeddedServerError when it does not start, StackError when its folder was taken from under it.
        """
        if self._server is not None and self._server.is_displaced:
            raise StackError(_DISPLACED.format(self._settings.data_dir))
        if self._server is None or self._server.pid is not None:
            return self.ended()
        now_s = time.monotonic()
        if self._start_again_s is None:
            why = "The disk of the data directory is full: the" if is_full(self._settings.data_dir) else "The"
            say(f"{why} embedded Valkey ended. It is started again as soon as the data directory has room.")
            self._start_again_s = now_s + RESTART_PAUSE_S
        elif self._start_again_s <= now_s and not is_full(self._settings.data_dir):
            with defer_signals():
                self._server.start()
            self._start_again_s = None
            say("The embedded Valkey is back.")
        return None

    def _start(self) -> None:
        with closing(listen(self._settings.host, self._settings.port)) as listener:
            self._settings = replace(self._settings, port=listener.getsockname()[1])
            if self._settings.redis_url is None:
                self._server = self._running.enter_context(embedded(self._settings))
                self._settings = replace(self._settings, redis_url=self._server.url)
            check_store(self._settings)
            self._launch("the launcher of workers", WORKER_COMMAND, self._settings.grace_s + 5)
            bind = f"--bind=fd://{listener.fileno()}"
            argv = [bind, *(part for part in gunicorn_arguments(self._settings) if not part.startswith("--bind="))]
            self._launch("the API server", ["-m", "gunicorn", *argv], STOP_TIMEOUT_S + 5, fds=[listener.fileno()])

    def _stop(self) -> None:
        with defer_signals():
            self._running.close()

    def _launch(self, name: str, argv: Sequence[str], stop_s: float, fds: Sequence[int] = ()) -> None:
        child = Child(name, argv, self._settings, self._log, fds)
        self._children.append(child)
        self._running.callback(child.stop, stop_s)

    def _wait_until_ready(self, deadline: float) -> None:
        while not self._ready():
            ended = self.ended()
            if ended or time.monotonic() > deadline:
                raise StackError(f"{ended or f'not ready within {READY_S:.0f} s'}; nothing was started{self._said()}")
            time.sleep(TICK_S)

    def _ready(self) -> bool:
        """Ask the interface; as many workers as the launcher starts must have registered."""
        try:
            answer = requests.get(f"{self.url}/readyz", timeout=5)
        except requests.RequestException:
            return False
        return answer.ok and answer.json()["workers"] >= self._settings.workers

    def _said(self) -> str:
        if self._log is None:
            return ""
        with Path(self._log.name).open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - LOG_TAIL_BYTES))
            return ". It said:\n" + log.read().decode(errors="replace").strip()


@contextmanager
def temporary_stack(settings: Settings) -> Iterator[Stack]:
    """Run a stack on a free loopback port with data of its own, and leave nothing behind."""
    with ExitStack() as at_the_end:
        with defer_signals():
            folder = Path(at_the_end.enter_context(tempfile.TemporaryDirectory(prefix="candor-")))
            log = at_the_end.enter_context((folder / "log").open("wb"))
        own = replace(settings, redis_url=None, data_dir=folder, host="127.0.0.1", port=0, grace_s=1)
        with Stack(own, log) as stack:
            yield stack


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one. Raises StackError."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address, family=family)
    except OSError as error:
        raise StackError(f"cannot listen on {host}:{port}: {str(error.strerror).partition(' (')[0]}") from None
