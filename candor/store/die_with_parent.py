"""Runs a command that ends when its parent ends, however that happens: `die_with_parent.py PARENT COMMAND …`.

On Linux it becomes the command, and the kernel ends that at the death of the parent's thread that started it.
Elsewhere it stays, watching its standard input: a pipe whose other end the parent holds.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading

PR_SET_PDEATHSIG = 1


def command(argv: list[str]) -> list[str]:
    """Return the command line that runs `argv` under this program, as a child of this process."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *argv]


def main(parent: str, *argv: str) -> None:
    """Become the command, or watch over it."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != int(parent):  # it died before we asked to be told
            sys.exit("the parent is gone")
        os.execv(argv[0], argv)  # noqa: S606 no shell is wanted
    sys.exit(watch(argv))


def watch(argv: tuple[str, ...]) -> int:
    """Run the command until it ends or standard input closes; pass SIGTERM on. Returns its exit status."""
    child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, close_fds=False)  # noqa: S603 what we were started for
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())

    def _end_with_parent() -> None:
        sys.stdin.buffer.read()
        child.kill()

    threading.Thread(target=_end_with_parent, daemon=True).start()
    return child.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
