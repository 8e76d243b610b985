"""The store that commands work on: the one a running service uses, or the one the next will."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from redis import Redis
from redis.exceptions import RedisError

from candor.store import Store, open_store
from service.commands.trouble import Trouble
from service.stack import URL_FILE, embedded
from service.wsgi import retention_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.settings import Settings


@contextmanager
def store_at_hand(settings: Settings) -> Iterator[Store]:
    """Open the store at CANDOR_REDIS_URL or in the data directory.

    There a running `candor up` left the address of its server; without one the server is started for this command.
    Raises Trouble when the store does not answer, EmbeddedServerError when the server does not start.
    """
    url = settings.redis_url or _running(settings)
    if url is None:
        with embedded(settings) as own, _opened(own.url, settings) as store:
            yield store
    else:
        with _opened(url, settings) as store:
            yield store


@contextmanager
def _opened(url: str, settings: Settings) -> Iterator[Store]:
    try:
        with closing(open_store(url, settings.data_dir, retention=retention_of(settings))) as store:
            yield store
    except RedisError as error:
        raise Trouble(f"the store does not answer as it should: {error}") from None


def _running(settings: Settings) -> str | None:
    try:
        url = (settings.data_dir / "valkey" / URL_FILE).read_text()
        with Redis.from_url(url) as redis:
            redis.ping()
    except (OSError, ValueError, RedisError):
        return None
    return url
