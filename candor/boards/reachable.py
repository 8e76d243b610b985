"""Reachable: whether the engine that boards are made with can be used, told at the start and not by each board."""

from __future__ import annotations

import logging
import socket
from importlib.util import find_spec
from urllib.parse import urlsplit

from candor.errors import OperatorError

log = logging.getLogger(__name__)

SPARK_CONNECT_PORT = 15002
WAIT_S = 3.0
NO_CLIENT = "a Spark Connect server is read with pyspark-client: pip install pyspark-client"


def check_engine(engine: str) -> None:
    """Raise OperatorError where what reads the engine is not installed; log where nobody listens at its address.

    The latter may still start. The address may hold a token, which is not logged.
    """
    if not engine.startswith("sc://"):
        return
    if find_spec("pyspark") is None:
        raise OperatorError(f"CANDOR_ENGINE: {NO_CLIENT}")
    address = urlsplit(engine)
    host, port = address.hostname or "localhost", address.port or SPARK_CONNECT_PORT
    try:
        socket.create_connection((host, port), timeout=WAIT_S).close()
    except OSError as error:
        why = error.strerror or error
        log.error("the Spark Connect server at %s:%s does not answer (%s): boards fail until it does", host, port, why)  # noqa: TRY400
