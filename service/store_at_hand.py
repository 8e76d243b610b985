"""The store as commands and whoever starts the service need it: at its address, or with a server of its own."""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING

from redis import Redis
from redis.exceptions import RedisError

from candor.boards.reachable import check_engine
from candor.errors import OperatorError
from candor.setting_facts import SettingsError
from candor.settings import open_store_by
from candor.store.client import UnfitServerError
from candor.store.embedded import EmbeddedServer, is_full
from candor.store.secret import private, regular

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.settings import Settings
    from candor.store import Store

URL_FILE = "url"
_SERVER = "valkey"
_UNUSED = (
    "nothing was ever kept in the Redis at CANDOR_REDIS_URL: set it, its number of a database included, and "
    "CANDOR_DATA_DIR as they are set for the service"
)


class StackError(OperatorError):
    """The stack could not start, or a part of it ended; the message says which and why."""


class NoStoreError(StackError):
    """There is no store yet where the settings say that it is."""


@contextmanager
def embedded(settings: Settings) -> Iterator[EmbeddedServer]:
    """Run the embedded server on the data directory, and leave its address there for others to find."""
    folder = settings.data_dir / _SERVER
    with ExitStack() as opened:
        with _in_the_data_directory(settings):
            server = opened.enter_context(EmbeddedServer(folder))
            with open(folder / URL_FILE, "w", opener=private) as file:
                file.write(server.url)
        yield server


@contextmanager
def _in_the_data_directory(settings: Settings) -> Iterator[None]:
    """Raise StackError where something cannot be written in the block, as on a full disk."""
    try:
        yield
    except OperatorError:
        raise
    except OSError as error:
        why = error.strerror or error
        raise StackError(f"CANDOR_DATA_DIR={settings.data_dir} cannot hold the data: {why}") from error


@contextmanager
def store_at_hand(settings: Settings, *, checked: bool = True, may_begin: bool = False) -> Iterator[Store]:
    """Open the store that commands work on: at CANDOR_REDIS_URL or in the data directory.

    There a running `candor up` left the address of its server; without one the server is started for this command.
    Raises NoStoreError where there is none, unless this command `may_begin` one: of an empty store every answer would
    be that nothing is kept. Raises StackError when the store does not answer or its folder cannot be written,
    EmbeddedServerError when the server does not start, and unless not `checked` IdentityError where the store is used
    with another secret or data directory.
    """
    with ExitStack() as opened:
        if not may_begin:
            _require_store(settings)
        url = settings.redis_url or _address_left(settings) or opened.enter_context(embedded(settings)).url
        store = opened.enter_context(closing(open_store_by(settings, url)))
        try:
            if checked and not may_begin and settings.redis_url is not None and store.identity.is_unused():
                raise NoStoreError(_UNUSED)
            if checked:
                with _in_the_data_directory(settings):
                    store.identity.check()
            yield store
        except RedisError as error:
            raise StackError(f"the store does not answer as it should: {error}") from None


def _require_store(settings: Settings) -> None:
    """Raise NoStoreError where no server is named and none has ever written into the data directory."""
    is_told = settings.redis_url is not None or settings.data_dir.is_file()  # which fails in its own words
    if not is_told and not (settings.data_dir / _SERVER).is_dir():
        raise NoStoreError(
            f"there is no store in {settings.data_dir.absolute()}: "
            "set CANDOR_DATA_DIR, or CANDOR_REDIS_URL, as it is set for the service"
        )


def _address_left(settings: Settings) -> str | None:
    try:
        with open(settings.data_dir / _SERVER / URL_FILE, opener=regular) as file:
            url = file.read()
        with Redis.from_url(url) as redis:
            redis.ping()
    except (OSError, ValueError, RedisError):
        return None
    return url


def check_store(settings: Settings) -> None:
    """Raise OperatorError unless the server is fit for jobs, used with this data, and nobody gets in without a key.

    Of an engine for boards, what reads it has to be installed.
    """
    check_engine(settings.engine)
    with closing(open_store_by(settings)) as store:
        try:
            store.check_server()
            with _in_the_data_directory(settings):
                store.identity.check()
            check_exposure(settings, keys=len(store.keys.list()))
        except UnfitServerError as error:
            raise StackError(f"the server at CANDOR_REDIS_URL will not do: {error}") from None
        except RedisError as error:
            full = f"; the disk of CANDOR_DATA_DIR={settings.data_dir} is full" if is_full(settings.data_dir) else ""
            raise StackError(f"the server at CANDOR_REDIS_URL will not do: {error}{full}") from None


def check_exposure(settings: Settings, *, keys: int) -> None:
    """Refuse a service that others can reach but that has no key, or nobody to write to. Raises SettingsError."""
    if settings.on_loopback:
        return
    missing = []
    if keys == 0:
        missing.append(f"there is no key: make one with `candor keys create`, or {_way_back(settings)}")
    if settings.operator_contact is None:
        missing.append(
            "there is nobody to write to: set CANDOR_OPERATOR_CONTACT to an address "
            "that the people scored can write to; it is shown on every score"
        )
    if missing:
        raise SettingsError(f"{_exposure(settings)}, and {'. And '.join(missing)}")


def _exposure(settings: Settings) -> str:
    if settings.trusted_proxies:
        return f"CANDOR_TRUSTED_PROXIES is {settings.trusted_proxies}, so others can reach the service"
    return f"CANDOR_HOST is {settings.host}, which others can reach"


def _way_back(settings: Settings) -> str:
    return "unset it where no proxy is in front" if settings.trusted_proxies else "bind to 127.0.0.1"
