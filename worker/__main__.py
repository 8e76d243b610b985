"""`python -m worker`: a launcher and its workers, until SIGTERM or Ctrl-C. What they do is set in the environment."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from candor.boards.reachable import check_engine
from candor.errors import OperatorError
from candor.settings import log_format_in, open_store_by, read_settings
from candor.store.models import LOCAL_OWNER
from candor.telemetry import logs
from worker.connectors import CONNECTORS
from worker.launcher import Launcher, queues_for
from worker.outbound import Transport
from worker.webhooks import LIMITS, Notifier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

log = logs.logger(__name__)
WORKER = (sys.executable, "-m", "worker.process")


def main(environ: Mapping[str, str], worker: Sequence[str] = WORKER) -> int:
    """Launch workers, which inherit the environment; `worker` is the command that starts one. Logs `ready`."""
    logs.configure("launcher", form=log_format_in(environ))
    try:
        settings = read_settings(environ)
        logs.configure("launcher", settings.log_level, settings.log_format)
        check_engine(settings.engine)
        open_with = partial(open_store_by, settings)
        with closing(open_with(patient=True)) as store:
            store.check_server()
            store.identity.check()
            store.connectors.publish(connector.facts for connector in CONNECTORS)
    except (OperatorError, RedisError, OSError) as error:
        log.critical("cannot start", why=logs.reason(error))
        return 1
    contact, test_hosts = settings.operator_contact, frozenset(settings.test_hosts)
    with (
        closing(open_with(patient=False)) as store,
        closing(open_with(patient=False)) as for_webhooks,
        closing(Transport(contact=contact, test_hosts=test_hosts, limits=LIMITS)) as transport,
        Notifier(for_webhooks, transport, keyless=[LOCAL_OWNER] if settings.on_loopback else []).running(),
    ):
        launcher = Launcher(store, worker, queues_for(settings.workers), settings.grace_s)
        launcher.run(on_ready=lambda: log.info("ready"))
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
