"""What Redis answers, as what it is: the client's types promise bytes or str, and our connections give bytes."""

from __future__ import annotations

import zlib


def text(reply: object) -> str:
    """Return a reply as text. Raises TypeError when it is none."""
    return _raw(reply).decode()


def unpack(reply: object) -> bytes:
    """Return what was kept compressed. Raises TypeError when the reply is no string."""
    return zlib.decompress(_raw(reply))


def _raw(reply: object) -> bytes:
    if not isinstance(reply, bytes):
        raise TypeError(f"expected bytes from Redis, not {type(reply).__name__}")
    return reply
