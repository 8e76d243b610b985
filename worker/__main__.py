"""`python -m worker`: a launcher and its workers, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from store.client import UnfitServerError
from worker.connectors import CONNECTORS
from worker.launcher import Launcher, queues_for
from worker.options import parse
from worker.webhooks import Notifier

if TYPE_CHECKING:
    from collections.abc import Sequence

WORKER = (sys.executable, "-m", "worker.process")


def main(argv: Sequence[str], worker: Sequence[str] = WORKER) -> int:
    """Launch workers with the same options; `worker` is the command that starts one. Prints `ready` on stderr."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s launcher %(message)s", datefmt="%H:%M:%S")
    options = parse(argv, os.environ)
    try:
        with closing(options.open_store(patient=True)) as store:
            store.check_server()
            store.connectors.publish(connector.facts for connector in CONNECTORS)
    except (UnfitServerError, RedisError) as error:
        _say(str(error))
        return 1
    with (
        closing(options.open_store(patient=False)) as store,
        closing(options.open_store(patient=False)) as for_webhooks,
        closing(options.webhook_transport()) as transport,
        Notifier(for_webhooks, transport).running(),
    ):
        launcher = Launcher(store, [*worker, *argv], queues_for(options.workers), options.grace_s)
        launcher.run(on_ready=lambda: _say("ready"))
    return 0


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
