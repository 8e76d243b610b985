"""`python -m worker`: a launcher and its workers, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from candor.errors import OperatorError
from candor.telemetry import logs
from worker.connectors import CONNECTORS
from worker.launcher import Launcher, queues_for
from worker.options import parse
from worker.webhooks import Notifier

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logs.logger(__name__)
WORKER = (sys.executable, "-m", "worker.process")


def main(argv: Sequence[str], worker: Sequence[str] = WORKER) -> int:
    """Launch workers with the same options; `worker` is the command that starts one. Logs `ready`."""
    options = parse(argv, os.environ)
    logs.configure("launcher", options.log_level, options.log_format)
    try:
        with closing(options.open_store(patient=True)) as store:
            store.check_server()
            store.identity.check()
            store.connectors.publish(connector.facts for connector in CONNECTORS)
    except (OperatorError, RedisError) as error:
        log.critical("cannot start", why=logs.reason(error))
        return 1
    with (
        closing(options.open_store(patient=False)) as store,
        closing(options.open_store(patient=False)) as for_webhooks,
        closing(options.webhook_transport()) as transport,
        Notifier(for_webhooks, transport).running(),
    ):
        launcher = Launcher(store, [*worker, *argv], queues_for(options.workers), options.grace_s)
        launcher.run(on_ready=lambda: log.info("ready"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
