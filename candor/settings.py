"""Settings: everything that can be set from outside, read from the environment in this one place."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, fields
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from redis.connection import parse_url

from candor.setting_facts import SettingFacts, SettingsError, setting
from candor.store import CACHE_MB, open_store
from candor.store.models import Retention
from candor.telemetry.logs import FORMATS, LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from candor.store import Store
    from candor.telemetry.logs import LogFormat

MEBIBYTE = 1024 * 1024
PREFIX = "CANDOR_"
_NEARLY = 0.9
KEPT = Retention()


def _check_server(name: str, url: str) -> None:
    """Raise SettingsError without repeating the address, which may hold a password."""
    if not re.fullmatch(r"(rediss?|unix)://\S+", url):
        scheme = url.partition(":")[0]
        raise SettingsError(f"{name} must start with redis://, rediss:// or unix://, not {scheme!r}")
    try:
        parse_url(url)  # type: ignore[no-untyped-call] # redis has no types here
    except ValueError as error:
        raise SettingsError(f"{name} is not a valid server URL: {error}") from None


def _kept_days(default: int, help: str, most: int = 36_500) -> int:  # noqa: A002 as setting
    return setting(default, help, unit="days", between=(1, most))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of all processes. Each is the variable `CANDOR_` + its name in capitals; an empty one is unset.

    A list is separated by commas. `redis_url` None means the embedded server.
    """

    redis_url: str | None = setting(
        None,
        "`redis://`, `rediss://` or `unix://` address; without one `candor up` runs a Valkey in the data directory. "
        "It may hold a password, so it is on no command line",
        check=_check_server,
        secret=True,
    )
    data_dir: Path = setting(  # noqa: RUF009 it makes a field
        Path(".candor"), "data sets, the secret of this service, and the embedded Valkey's files"
    )
    storage: str | None = setting(
        None,
        "where data sets lie, if not in the data directory: an address that fsspec knows, as `s3://BUCKET/PREFIX` "
        "(with `pip install s3fs` and the usual AWS variables). Machines need not share a directory then",
        form=r"[a-z0-9+.-]+://\S+",
        form_means="an address such as s3://BUCKET/PREFIX",
    )
    cache_mb: int = setting(
        CACHE_MB,
        "room for the tables that a machine makes of data sets, in `cache/` of its data directory",
        unit="megabytes",
        between=(0, 10**7),
    )
    host: str = setting(
        "127.0.0.1",
        "where to listen. Anywhere else than loopback a key and a contact are required",
        form=r"[0-9A-Za-z.:_-]+",
        form_means="an address or a host name",
    )
    port: int = setting(8421, "port", between=(1, 65_535))
    workers: int = setting(
        2,
        "worker processes of a launcher, half of them for communities and other long jobs, behind which no click on a "
        "name waits",
        unit="processes",
        between=(2, 256),
    )
    grace_s: int = setting(
        10,
        "how long jobs in hand may take to finish when a launcher is stopped; then they go back",
        unit="seconds",
        between=(0, 3_600),
    )
    threads: int = setting(
        16,
        "threads of a web process; half of them may be held by callers who wait for a job",
        unit="threads",
        between=(2, 512),
    )
    web_processes: int = setting(1, "web processes; one fills a core with reads", unit="processes", between=(1, 64))
    public_url: str | None = setting(
        None,
        "address under which people reach the service, for whole links of `candor subject link` and in files of boards",
        form=r"https?://[^\s/?#]+(/[^\s?#]*)?",
        form_means="an address such as https://candor.example",
    )
    operator_contact: str | None = setting(
        None,
        "whom a person scored can write to; is shown on every score",
        form=".{0,500}",
        form_means="at most 500 characters long",
    )
    max_open_jobs: int = setting(10_000, "jobs not ended; beyond it a new one is 503", unit="jobs", between=(1, 10**7))
    max_pending: int = setting(
        128,
        "requests that wait for a thread of a web process; beyond it the answer is 503",
        unit="requests",
        between=(1, 100_000),
    )
    trusted_proxies: int = setting(
        0,
        "proxies in front that set `X-Forwarded-For`; with one, loopback needs a key too",
        unit="proxies",
        between=(0, 10),
    )
    cors_origins: tuple[str, ...] = setting(
        (),
        "sites whose pages may ask, with a key where they change anything: `https://a.example, …` or `*`",
        form=r"\*|https?://[\w.:\[\]-]+",
        form_means="origins such as https://example.org, or *",
    )
    key_requests: int = setting(
        120_000, "requests with one key; 0: no limit", unit="requests a minute", between=(0, 10**9)
    )
    address_requests: int = setting(
        240_000, "requests from one address; 0: no limit", unit="requests a minute", between=(0, 10**9)
    )
    address_connections: int = setting(
        128,
        "connections of one address to a web process, where no proxy is trusted; 0: no limit",
        unit="connections",
        between=(0, 100_000),
    )
    failed_keys: int = setting(
        60,
        "requests from one address with keys that are not valid; 0: no limit",
        unit="requests a minute",
        between=(0, 10**9),
    )
    engine: str = setting(
        "memory",
        "what makes the boards of data sets: `memory` adds up in the worker, fastest while a data set fits in memory; "
        "`duckdb` runs the same method as queries that spill to disk; `sc://HOST:PORT` lets a Spark Connect server run "
        "them, which sees the data directory at the same path. The address may hold a token",
        form=r"memory|duckdb|sc://\S+",
        form_means="memory, duckdb or an address sc://HOST:PORT",
        secret=True,
    )
    engine_from: int = setting(
        1_000_000,
        "from so many records on a data set is ranked by the engine of `CANDOR_ENGINE`; smaller ones are ranked in "
        "memory, where the first rows are computed as their documents are",
        unit="records",
        between=(0, 10**12),
    )
    engine_memory_mb: int = setting(
        4096,
        "memory of DuckDB in a worker that ranks; what is more goes to disk",
        unit="megabytes",
        between=(100, 10**6),
    )
    open_datasets_mb: int = setting(
        1536,
        "memory in each worker for the data sets that accounts were asked of last; what does not fit is read anew for "
        "each job",
        unit="megabytes",
        between=(1, 10**6),
    )
    engine_wait_s: int = setting(
        900,
        "longest wait for a Spark Connect server to answer one query; then the board fails and can be asked for again",
        unit="seconds",
        between=(1, 3600),
    )
    log_level: str = setting(
        "info",
        "debug, info, warning or error. At debug, unexpected errors are logged with their words, "
        "which may quote what was being read",
        choices=LEVELS,
    )
    log_format: LogFormat = setting(  # noqa: RUF009
        "auto", "json, text, or auto: text on a terminal", choices=FORMATS
    )
    max_body_bytes: int = setting(
        64 * MEBIBYTE, "body of a request that is no upload", unit="bytes", between=(1024, 2**40)
    )
    max_upload_bytes: int = setting(1024 * MEBIBYTE, "body of an upload", unit="bytes", between=(1024, 2**44))
    max_inflated_bytes: int = setting(
        2 * 1024 * MEBIBYTE, "an upload once inflated", unit="bytes", between=(1024, 2**46)
    )
    max_inline: int = setting(10_000, "records in a job's own body", unit="records", between=(1, 1_000_000))
    jobs_days: int = _kept_days(KEPT.jobs_days, "how long a job is kept after its end")
    documents_days: int = _kept_days(KEPT.documents_days, "a score with its largest voices, a board")
    evidence_days: int = _kept_days(KEPT.evidence_days, "a score with all its voices")
    datasets_days: int = _kept_days(KEPT.datasets_days, "a data set after it was last written")
    response_cache_days: int = _kept_days(KEPT.response_cache_days, "cached responses of networks", most=30)
    vouches_days: int = _kept_days(KEPT.vouches_days, "who vouched for whom, after it was last seen", most=3_650)
    disputes_days: int = _kept_days(
        KEPT.disputes_days, "disputes, from when they were made, decided or last left something out"
    )
    signing_host: str | None = setting(
        None,
        "the host under which others reach this service, as scores.example.org: scores are signed as did:web of it",
        form=r"[0-9A-Za-z.-]+(:\d{1,5})?",
        form_means="a host, with its port where that is not 443",
    )
    signing_key: str | None = setting(
        None,
        "the private key that scores are signed with, as `candor keys signing` prints it",
        form=r"[\w-]{43}",
        form_means="a key as `candor keys signing` prints it",
        secret=True,
    )
    old_signing_keys: tuple[str, ...] = setting(
        (),
        "public keys that scores were signed with before: keep each until they have ended",
        form=r"[\w-]{43}",
        form_means="public keys as `candor keys signing` prints them",
    )
    signed_days: int = setting(
        30, "how long a signed score is good, and at most as long as it is kept", unit="days", between=(1, 3_650)
    )
    dispute_answer_days: int = setting(
        14,
        "by when the operator answers a dispute; is shown to whoever made it",
        unit="days",
        between=(1, 365),
    )
    claims_per_hour: int = setting(
        60,
        "how often an address may begin or go on to show that an account is its own; 0: no limit",
        unit="requests an hour",
        between=(0, 10**6),
    )
    own_disputes_per_day: int = setting(
        20,
        "how many disputes the person scored may open within 24 hours, without a key; 0: no limit",
        unit="disputes a day",
        between=(0, 10**6),
    )
    dns_resolver: str = setting(
        "https://dns.google/resolve",
        "asked for the TXT record of a domain with which somebody shows that an account is theirs (JSON over HTTPS)",
        form=r"https?://[\w.:/-]+",
        form_means="an address",
    )
    fetch_requests: int = setting(
        250, "requests a job makes to networks when it says nothing", unit="requests", between=(1, 100_000)
    )
    fetch_posts: int = setting(
        200, "posts it reads of an account when it says nothing", unit="posts", between=(1, 100_000)
    )
    max_fetch_requests: int = setting(2_000, "the most it may ask for", unit="requests", between=(1, 100_000))
    max_fetch_posts: int = setting(2_000, "the most it may ask for", unit="posts", between=(1, 100_000))
    github_token: str | None = setting(None, "raises GitHub's limits", secret=True)
    x_token: str | None = setting(None, "X is read with it only", secret=True)
    reddit_key: str | None = setting(
        None,
        "`CLIENT:SECRET` of an application; Reddit is read with it only",
        form=r"[^\s:]+:\S+",
        form_means="CLIENT:SECRET",
        secret=True,
    )
    youtube_key: str | None = setting(None, "YouTube is read with it only", secret=True)
    stackexchange_key: str | None = setting(None, "raises Stack Exchange's limits", secret=True)
    mastodon_tokens: tuple[str, ...] = setting(
        (), "`HOST=TOKEN, …`: opens lists there", form=r"[\w.:-]+=[^\s,]+", form_means="HOST=TOKEN", secret=True
    )
    gitlab_tokens: tuple[str, ...] = setting(
        (),
        "`HOST=TOKEN, …`: opens what others said in public threads there, also `gitlab.com`",
        form=r"[\w.:-]+=[^\s,]+",
        form_means="HOST=TOKEN",
        secret=True,
    )
    zulip_keys: tuple[str, ...] = setting(
        (),
        "`HOST=EMAIL:KEY, …`: opens the public channels of an organisation",
        form=r"[\w.:-]+=[^\s,=:]+@[^\s,=:]+:[^\s,]+",
        form_means="HOST=EMAIL:KEY",
        secret=True,
    )
    test_hosts: tuple[str, ...] = setting(
        (),
        "`HOST:PORT, …` that may be asked although they are not public; for tests only",
        form=r"[\w.-]+:\d{1,5}",
        form_means="HOST:PORT",
    )
    test_places: tuple[str, ...] = setting(
        (), "`HOST=URL, …`: where tests find a host", form=r"[\w.:-]+=https?://[\w.:-]+", form_means="HOST=URL"
    )

    @property
    def retention(self) -> Retention:
        """How long things are kept."""
        return Retention(**{name: getattr(self, name) for name in Retention.__struct_fields__})

    @cached_property
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

    def environment(self) -> dict[str, str]:
        """Return the settings as the environment that read_settings() reads."""
        return {variable(name): setting_text(getattr(self, name)) for name in FACTS}


FACTS: Mapping[str, SettingFacts] = {each.name: each.metadata["facts"] for each in fields(Settings)}


def variable(name: str) -> str:
    """Return the variable of a setting."""
    return f"{PREFIX}{name.upper()}"


def setting_text(value: object) -> str:
    """Write a value as it stands in the environment."""
    return ",".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings from an environment; an empty value counts as unset. Raises SettingsError.

    A variable that is called nearly as a setting is refused; any other is somebody else's, as Kubernetes sets some.
    """
    names = {variable(name) for name in FACTS}
    for other in sorted(each for each in environ.keys() - names if each.startswith(PREFIX)):
        if near := get_close_matches(other, names, n=1, cutoff=_NEARLY):
            raise SettingsError(f"{other} is no setting: did you mean {near[0]}?")
    texts = {name: environ.get(variable(name), "").strip() for name in FACTS}
    given = {name: text for name, text in texts.items() if text}
    return Settings(
        **{name: FACTS[name].read(variable(name), text, getattr(Settings, name)) for name, text in given.items()}
    )


def log_format_in(environ: Mapping[str, str]) -> LogFormat:
    """Return how lines of the log are written by an environment whose settings may be wrong: `auto` if that one is."""
    text = environ.get(variable("log_format"), "").strip()
    return next((form for form in FORMATS if form == text), "auto")


def require_server(settings: Settings) -> str:
    """Return the address of Redis. Raises SettingsError where none is set."""
    if settings.redis_url is None:
        raise SettingsError("CANDOR_REDIS_URL is not set: name a server, or start everything with `candor up`")
    return settings.redis_url


def open_store_by(settings: Settings, redis_url: str | None = None, *, patient: bool = False) -> Store:
    """Open the store that the settings name, or the one at an address. Raises SettingsError where there is none."""
    return open_store(
        redis_url or require_server(settings),
        settings.data_dir,
        retention=settings.retention,
        patient=patient,
        storage=settings.storage,
        cache_mb=settings.cache_mb,
    )
