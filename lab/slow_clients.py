"""Requests a second of others while callers hang with half-sent requests: `python -m lab.slow_clients`."""

from __future__ import annotations

import argparse
import socket
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlsplit

import requests

from candor.settings import Settings
from service.stack import temporary_stack

OTHERS = 4
PART_OF_A_HEAD = b"GET /livez HTTP/1.1\r\nHos"
PART_OF_A_BODY = (
    b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 100\r\n\r\nkey="
)
PART_OF_AN_UPLOAD = (
    b"PUT /v1/datasets/slow?network=custom:b&profile=qa HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/x-ndjson\r\nContent-Length: 100000000\r\n\r\n" + b"\n" * 200_000
)
KINDS = {"head": PART_OF_A_HEAD, "body": PART_OF_A_BODY, "upload": PART_OF_AN_UPLOAD}


def hang(opened: ExitStack, address: tuple[str, int], sent: bytes, callers: int) -> None:
    """Connect from as many loopback addresses as allowed connections need, and send part of a request from each."""
    for number in range(callers):
        source = (f"127.0.1.{1 + number // 100}", 0)
        connection = opened.enter_context(socket.create_connection(address, timeout=5, source_address=source))
        connection.sendall(sent)


def ask(url: str, until: float) -> list[float]:
    """Ask `/livez` one time after the other; return how many seconds each answer took."""
    took = []
    with requests.Session() as session:
        while (began := time.monotonic()) < until:
            if session.get(f"{url}/livez", timeout=60).status_code == 200:
                took.append(time.monotonic() - began)
    return took


def measure(url: str, seconds: float) -> str:
    """Say how many requests a second are answered, and how long the slowest took."""
    with ThreadPoolExecutor(OTHERS) as others:
        began = time.monotonic()
        took = [each for part in others.map(ask, [url] * OTHERS, [began + seconds] * OTHERS) for each in part]
        spent = time.monotonic() - began
    if not took:
        return f"nothing answered in {spent:.0f} s"
    return (
        f"{len(took) / spent:8.0f} requests/s, median {statistics.median(took) * 1e3:.1f} ms, slowest {max(took):.2f} s"
    )


def main() -> None:
    """Measure without slow callers, and with each kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callers", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=5)
    given = parser.parse_args()
    with temporary_stack(Settings()) as stack:
        parts = urlsplit(stack.url)
        address = (str(parts.hostname), int(parts.port or 0))
        print(f"{'nobody slow':16}{measure(stack.url, given.seconds)}", flush=True)
        for kind, sent in KINDS.items():
            with ExitStack() as opened:
                hang(opened, address, sent, given.callers)
                print(f"{given.callers:4} slow {kind:7}{measure(stack.url, given.seconds)}", flush=True)


if __name__ == "__main__":
    main()
