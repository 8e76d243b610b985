"""From the words of the command line to what is asked: the body of a job, or a question for the method itself."""

from __future__ import annotations

import re
import shlex
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import marshmallow as ma
import msgspec

from candor.names.networks import UnknownNetworkError, network_name
from candor.scoring.question import Question
from candor.scoring.topics import TAG_PREFIX, Topic, load_catalogue, tag_topic
from candor.scoring.written_times import iso_time
from service.commands.errors import usage_error
from service.schemas.job_requests import CLOCK_SKEW, JobBodySchema
from service.schemas.queries import cut_pairs, read_renames

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

_IN_A_QUERY = re.compile(r"\bmap=(.+?)\.(?= It has: )")
ROOT_WORDS = ("network", "none")


def job_body(
    network: str,
    accounts: Iterable[str],
    topics: Iterable[str],
    *,
    trust_root: str,
    as_of: datetime,
    window_days: int,
    method: str | None,
) -> dict[str, Any]:
    """Return the body of a job without records, profile and rights. Raises CommandError saying what is wrong."""
    body = {
        "accounts": [{"network": network, "account": account} for account in dict.fromkeys(accounts)],
        "topics": [_topic(topic) for topic in dict.fromkeys(topics)],
        "trust_root": trust_root if trust_root in ROOT_WORDS else _json_file(trust_root, "trust root"),
        "as_of": as_of.isoformat(),
        "window_days": window_days,
        "method": method,
    }
    loaded, of = _loaded(body), _network(network)
    root = loaded["trust_root"]
    if root.network not in {None, of}:
        raise usage_error(f"the root names accounts on {root.network}, the records are of {of}")
    named = dict.fromkeys(account["account"] for account in loaded["accounts"])
    return {**body, "accounts": [{"network": of, "account": account} for account in named]}


def _network(name: str) -> str:
    try:
        return network_name(name)
    except UnknownNetworkError as error:
        raise usage_error(f"--network: {error}") from None


def question(
    body: dict[str, Any], *, network: str, profile: str | None, granted_rights: bool, contact: str | None
) -> Question:
    """Return the question that the body asks of the method. Raises CommandError when a topic is unknown."""
    asked = _loaded(body)
    return Question(
        network=network_name(network),
        accounts=tuple(account["account"] for account in asked["accounts"]),
        topics=tuple(_resolve(topic) for topic in asked["topics"]),
        trust_root=asked["trust_root"],
        as_of=asked["as_of"],
        window_days=asked["window_days"],
        profile=profile,
        granted_rights=granted_rights,
        contact=contact,
    )


def parse_instant(text: str | None, now: datetime) -> datetime:
    """Read a time or a date as ISO 8601 writes it, UTC where it says nothing else; none is now. Raises CommandError."""
    if text is None:
        return now
    try:
        moment = iso_time(text)
    except (ValueError, OverflowError):
        raise usage_error(
            f"--as-of {text!r} is neither a date (2026-11-01) nor a time (2026-11-01T12:00:00Z)"
        ) from None
    if moment > now + CLOCK_SKEW:
        raise usage_error(f"--as-of {text} is in the future: nothing is known of it yet")
    return moment


def renames(pairs: Iterable[str]) -> dict[str, str]:
    """Read `--map`, several times or with commas, as in `read_renames`. Raises CommandError."""
    try:
        return read_renames(pair for some in pairs for pair in cut_pairs(some))
    except ma.ValidationError as error:
        raise usage_error(f"--map {error.messages[0]}") from None


def as_options(words: str) -> str:
    """Say what a table lacks in the options of a command, where uploads have a media type and a query for it."""
    words = words.replace("Content-Type: text/csv; charset=", "--charset ")
    words = words.replace("day_first=true or day_first=false", "--day-first or --month-first")
    words = words.replace("with `map`, such as map=", "with --map, such as --map ")
    return _IN_A_QUERY.sub(lambda found: f"--map {shlex.quote(found[1])}.", words)


def _topic(text: str) -> Any:
    return _json_file(text, "topic") if text.endswith(".json") or Path(text).is_file() else text


def _json_file(path: str, what: str) -> Any:
    try:
        return msgspec.json.decode(Path(path).read_bytes())
    except OSError as error:
        raise usage_error(f"the {what} cannot be read from {path}: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise usage_error(f"the {what} in {path} is not JSON: {error}") from None


def _loaded(body: dict[str, Any]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = JobBodySchema().load(body)
    except ma.ValidationError as error:
        raise usage_error("; ".join(_describe(error.messages, ""))) from None
    return loaded


def _describe(messages: Any, place: str) -> Iterator[str]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from _describe(inner, place if key == "_schema" else f"{place} {key}".strip())
    elif isinstance(messages, list):
        for message in messages:
            yield from _describe(message, place)
    else:
        yield f"{place}: {messages}"


def _resolve(choice: Topic | str) -> Topic:
    if isinstance(choice, Topic):
        return choice
    try:
        if choice.startswith(TAG_PREFIX):
            return tag_topic(choice)
    except ValueError as error:
        raise usage_error(str(error)) from None
    if (topic := load_catalogue().get(choice)) is None:
        near = get_close_matches(choice, [*load_catalogue()], n=1)
        meant = f": did you mean {near[0]!r}?" if near else "; `candor topics list` names those that are there"
        raise usage_error(f"no topic is called {choice!r}{meant}")
    return topic
