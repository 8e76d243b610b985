"""Settings: everything that can be set from outside, read from the environment in this one place."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from redis.connection import parse_url

from candor.errors import OperatorError
from candor.telemetry.logs import FORMATS, LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from candor.telemetry.logs import LogFormat

_MEBIBYTE = 1024 * 1024
_CHOICES: Mapping[str, tuple[str, ...]] = {"log_level": LEVELS, "log_format": FORMATS}
_LISTS = {
    "mastodon_tokens": (r"[\w.:-]+=[^\s,=]+", "HOST=TOKEN"),
    "cors_origins": (r"\*|https?://[\w.:\[\]-]+", "origins such as https://example.org, or *"),
    "test_hosts": (r"[\w.-]+:\d{1,5}", "HOST:PORT"),
    "test_places": (r"[\w.:-]+=https?://[\w.:-]+", "HOST=URL"),
}


class SettingsError(OperatorError):
    """A setting is wrong; the message names the variable."""

    exit_code = 2


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The service's settings. Each field is the variable `CANDOR_` + its name in capitals; sizes are in bytes.

    `redis_url` None means the embedded server; `threads` is per web process, `workers` counts job workers; `days`
    fields say how long things are kept. `fetch_` fields bound what a job reads from networks: what it may at most, and
    what it does when it says nothing. Tokens are the operator's; `mastodon_tokens` is a list HOST=TOKEN, HOST=TOKEN.
    `max_open_jobs` bounds the jobs that have not ended, `max_pending` the requests that wait for a thread of a web
    process; beyond either the answer is 503 at once. `key_requests`, `address_requests` and `failed_keys` limit
    requests within a minute: with one key, from one address, and from one address with keys that are not valid; 0 turns
    a limit off. `trusted_proxies` counts the proxies in front that set X-Forwarded-For; with one, a key is needed on
    loopback too. `cors_origins` (ORIGIN, …, or *) are the sites whose pages may ask; by default none.
    `log_format` auto means text on a terminal, JSON elsewhere.
    `test_hosts` (HOST:PORT, …) may be asked although they are not public, and `test_places` says where a host is to be
    found instead (HOST=URL, …): both for tests only.
    """

    redis_url: str | None = field(default=None, repr=False)
    data_dir: Path = Path(".candor")
    host: str = "127.0.0.1"
    port: int = 8421
    workers: int = 2
    threads: int = 16
    web_processes: int = 1
    operator_contact: str | None = None
    max_open_jobs: int = 10_000
    max_pending: int = 128
    trusted_proxies: int = 0
    cors_origins: str | None = None
    key_requests: int = 120_000
    address_requests: int = 240_000
    failed_keys: int = 60
    log_level: str = "info"
    log_format: LogFormat = "auto"
    max_body_bytes: int = 64 * _MEBIBYTE
    max_upload_bytes: int = 1024 * _MEBIBYTE
    max_inflated_bytes: int = 2 * 1024 * _MEBIBYTE
    max_inline: int = 10_000
    jobs_days: int = 7
    documents_days: int = 90
    evidence_days: int = 30
    datasets_days: int = 30
    answers_days: int = 1
    vouches_days: int = 180
    disputes_days: int = 730
    fetch_requests: int = 250
    fetch_posts: int = 200
    max_fetch_requests: int = 2_000
    max_fetch_posts: int = 2_000
    github_token: str | None = field(default=None, repr=False)
    x_token: str | None = field(default=None, repr=False)
    stackexchange_key: str | None = field(default=None, repr=False)
    mastodon_tokens: str | None = field(default=None, repr=False)
    test_hosts: str | None = None
    test_places: str | None = None

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        if self.trusted_proxies:
            return False
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


_INTEGERS = {
    "port": (1, 65_535),
    "workers": (1, 256),
    "threads": (2, 512),
    "web_processes": (1, 64),
    "max_open_jobs": (1, 10**7),
    "max_pending": (1, 100_000),
    "trusted_proxies": (0, 10),
    "key_requests": (0, 10**9),
    "address_requests": (0, 10**9),
    "failed_keys": (0, 10**9),
    "max_body_bytes": (1024, 2**40),
    "max_upload_bytes": (1024, 2**44),
    "max_inflated_bytes": (1024, 2**46),
    "max_inline": (1, 1_000_000),
    "jobs_days": (1, 36_500),
    "documents_days": (1, 36_500),
    "evidence_days": (1, 36_500),
    "datasets_days": (1, 36_500),
    "answers_days": (1, 30),
    "vouches_days": (1, 3_650),
    "disputes_days": (1, 36_500),
    "fetch_requests": (1, 100_000),
    "fetch_posts": (1, 100_000),
    "max_fetch_requests": (1, 100_000),
    "max_fetch_posts": (1, 100_000),
}


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings from an environment; an empty value counts as unset. Raises SettingsError."""
    texts = {name: environ.get(f"CANDOR_{name.upper()}", "").strip() for name in Settings.__dataclass_fields__}
    given = {name: text for name, text in texts.items() if text}
    values: dict[str, str | int | Path] = {**given}
    for name in _INTEGERS.keys() & given.keys():
        values[name] = _integer(name, given[name])
    if "data_dir" in given:
        values["data_dir"] = Path(given["data_dir"])
    _check_redis_url(given.get("redis_url", "redis://unset"))
    if not re.fullmatch(r"[0-9A-Za-z.:_-]+", given.get("host", "localhost")):
        raise SettingsError(f"CANDOR_HOST must be an address or a host name, not {given['host']!r}")
    for name, choices in _CHOICES.items():
        if given.get(name, choices[0]) not in choices:
            raise SettingsError(f"CANDOR_{name.upper()} must be one of {', '.join(choices)}, not {given[name]!r}")
    for name, (form, words) in _LISTS.items():
        if not all(re.fullmatch(form, part) for part in listed(given.get(name))):
            raise SettingsError(f"CANDOR_{name.upper()} must be a list of {words}, separated by commas")
    if len(given.get("operator_contact", "")) > 500:
        raise SettingsError("CANDOR_OPERATOR_CONTACT has at most 500 characters")
    return Settings(**values)  # type: ignore[arg-type] # the names are checked above, the types by _integer


def check_exposure(settings: Settings, *, keys: int) -> None:
    """Refuse a service that others can reach but that has no key, or nobody to write to. Raises SettingsError."""
    if settings.on_loopback:
        return
    if keys == 0:
        raise SettingsError(
            f"{_exposure(settings)}, and there is no key: make one with `candor keys create`, or bind to 127.0.0.1"
        )
    if settings.operator_contact is None:
        raise SettingsError(
            f"{_exposure(settings)}: set CANDOR_OPERATOR_CONTACT to an address "
            "that the people scored can write to; it stands on every score"
        )


def _exposure(settings: Settings) -> str:
    if settings.trusted_proxies:
        return f"CANDOR_TRUSTED_PROXIES is {settings.trusted_proxies}, so others can reach the service"
    return f"CANDOR_HOST is {settings.host}, which others can reach"


def listed(text: str | None) -> list[str]:
    """Return the parts of a list that is separated by commas."""
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _check_redis_url(url: str) -> None:
    """Raise SettingsError without repeating the address, which may hold a password."""
    if not re.fullmatch(r"(rediss?|unix)://\S+", url):
        scheme = url.partition(":")[0]
        raise SettingsError(f"CANDOR_REDIS_URL must start with redis://, rediss:// or unix://, not {scheme!r}")
    try:
        parse_url(url)  # type: ignore[no-untyped-call] # redis has no types here
    except ValueError as error:
        raise SettingsError(f"CANDOR_REDIS_URL is no address of a server: {error}") from None


def _integer(name: str, text: str) -> int:
    low, high = _INTEGERS[name]
    if not re.fullmatch(r"[0-9]{1,18}", text) or not low <= int(text) <= high:
        raise SettingsError(f"CANDOR_{name.upper()} must be a whole number from {low} to {high}, not {text!r}")
    return int(text)
