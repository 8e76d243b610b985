"""What requests name: accounts, networks to fetch from, topics, records, a webhook, and nobody who is suppressed."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from candor.names.account_text import UnknownAccountError
from candor.names.accounts import account_name
from candor.names.networks import UnknownNetworkError, network_name
from candor.scoring.records import RecordReader
from candor.scoring.topics import TAG_PREFIX, load_catalogue, tag_topic
from candor.store.models import AccountName, FetchBudget
from service.body import escape
from service.context import context
from service.problems import Fault, ProblemError, invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from candor.scoring.topics import Topic

    Complain = Callable[[str, str], None]

DAY_S = 86_400
_CLOSE = 0.75  # how alike a name must be to be offered
CANNOT_FETCH = "There are neither `activities` nor a `dataset`, and not every network named is one that Candor reads."


def is_read(network: str) -> bool:
    """Tell whether the workers have a connector for the network."""
    return context().store.connectors.of(network) is not None


def fetch_budget(given: Mapping[str, Any], complain: Complain) -> FetchBudget | None:
    """Return how much a job may read from networks, or None where it brings records or names a data set.

    Raises ProblemError when a network is not read; smaller faults go to `complain` as a pointer and words.
    """
    if given["activities"] is not None or given["dataset"] is not None:
        if given["fetch"] is not None:
            complain("/fetch", "a job that brings records or names a data set reads no network")
        if given["max_age_s"] is not None:
            complain("/max_age_s", "a job that brings records or names a data set is always scored from them")
        return None
    _check_networks(given)
    if given["granted_rights"]:
        complain("/granted_rights", "nobody vouches for this where records are fetched")
    settings, asked = context().settings, given["fetch"] or {}
    if (given["max_age_s"] or 0) > settings.documents_days * DAY_S:
        complain("/max_age_s", f"this service keeps scores for {settings.documents_days} days")
    usual = {"max_requests": settings.fetch_requests, "max_posts": settings.fetch_posts}
    most = {"max_requests": settings.max_fetch_requests, "max_posts": settings.max_fetch_posts}
    for name, limit in most.items():
        if (asked.get(name) or 0) > limit:
            complain(f"/fetch/{name}", f"this service reads at most {limit}")
    return FetchBudget(**{name: asked.get(name) or min(usual[name], most[name]) for name in usual})


def _check_networks(given: Mapping[str, Any]) -> None:
    faults = tuple(
        Fault(f"/accounts/{index}/network", f"Candor does not read {account['network']}")
        for index, account in enumerate(given["accounts"])
        if not is_read(account["network"])
    )
    if faults:
        raise ProblemError("cannot_fetch", CANNOT_FETCH, faults)


def ranked_topics(owner: str, dataset_id: str) -> tuple[Topic, ...]:
    """Return the topics given in words of which only a data set's boards know, by id; of several the newest board's."""
    store = context().store
    named = {*load_catalogue(), *(each.id for each in store.topics.list(owner))}
    boards = sorted(store.boards.of_dataset(owner, dataset_id), key=lambda facts: facts.made_at or facts.request.as_of)
    found = {facts.topic.id: facts.topic for facts in boards if facts.topic.tag is None}
    return tuple(found[each] for each in sorted(found.keys() - named))


def resolve_topic(owner: str, topic_id: str, dataset_id: str | None = None) -> Topic:
    """Return the topic of that id: of the catalogue, of the owner's own, or `tag:NAME`; last of a data set's boards.

    Raises ValueError.
    """
    if topic_id.startswith(TAG_PREFIX):
        return tag_topic(topic_id)
    topic = load_catalogue().get(topic_id) or context().store.topics.get(owner, topic_id)
    if topic is None:
        ranked = {} if dataset_id is None else {each.id: each for each in ranked_topics(owner, dataset_id)}
        if topic_id in ranked:
            return ranked[topic_id]
        known = [*load_catalogue(), *(each.id for each in context().store.topics.list(owner)), *ranked]
        if near := get_close_matches(topic_id, known, n=1, cutoff=_CLOSE):
            raise ValueError(f"there is no topic {topic_id!r}: did you mean {near[0]!r}?")
        raise ValueError(
            f"there is no topic {topic_id!r}; if it is a tag, ask for '{TAG_PREFIX}{topic_id}' "
            "(GET /v1/datasets/DATASET/suggestions lists the topics of a data set)"
        )
    return topic


def reject_suppressed(network: str, named: Mapping[str, str]) -> None:
    """Raise ProblemError 403 with a pointer to each account that is suppressed; `named` gives accounts by pointer.

    It does not say who asked for it or when, and only who has the whole name can ask.
    """
    suppressed = context().store.suppression.among(network, named.values())
    if faults := tuple(
        Fault(pointer, "this account may not be scored here")
        for pointer, account in named.items()
        if account in suppressed
    ):
        raise ProblemError(
            "suppressed", "An account named here may not be scored: the person or the operator asked for that.", faults
        )


def reject_unknown(network: str, account: str, *, is_known: bool) -> None:
    """Raise ProblemError 404 where there is nothing to say of an account, in the same words whether it opted out.

    So nobody who looks somebody up learns that they left; who brings jobs for an account is told (`suppressed`). Asked
    last, so that an answer takes as long.
    """
    is_suppressed = context().store.suppression.among(network, [account])
    if is_suppressed or not is_known:
        raise ProblemError("not_found", "There is no such account in this data set, or nothing to say of it.")


def pointers(base: str, accounts: Iterable[str]) -> dict[str, str]:
    """Return a pointer to each item of a list of accounts."""
    return {f"{base}/{index}/account": account for index, account in enumerate(accounts)}


def read_body_records(records: list[Any], most: int, pointer: str, network: str | None) -> RecordReader:
    """Read records of a network, or of none in particular, that stand in a body.

    Raises ProblemError: 413 too many, 422 with a pointer to each fault.
    """
    if len(records) > most:
        raise ProblemError("too_many_records", f"{len(records)} records are in the body; at most {most} are taken.")
    reader = RecordReader(network)
    reader.feed(records)
    if reader.bad:
        faults = [Fault(f"{pointer}/{bad.line - 1}{bad.pointer}", bad.detail) for bad in reader.bad]
        detail = f"{reader.bad_total} {'record is' if reader.bad_total == 1 else 'records are'} wrong."
        raise ProblemError("invalid_records", detail, tuple(faults))
    return reader


def require_actors(reader: RecordReader, records: list[Any], pointer: str) -> None:
    """Refuse records of which nearly none says who did it, and say which field was probably meant."""
    if not reader.names_nobody():
        return
    meant = [name for name, nearest in reader.counts.unknown_field_names.items() if nearest == "actor"]
    place = {name: next((i for i, each in enumerate(records) if name in each), 0) for name in meant}
    faults = [Fault(f"{pointer}/{i}/{escape(name)}", "did you mean `actor`?") for name, i in place.items()]
    detail = f"{reader.counts.nameless} of {reader.counts.records} records do not say who did it; that is `actor`."
    raise ProblemError("invalid_records", detail, tuple(faults) or (Fault(f"{pointer}/0/actor", "missing"),))


def check_webhook(owner: str, named: str | None, complain: Complain) -> None:
    """Complain, with a pointer and words, unless the webhook is the owner's and enabled, or none is named."""
    if named is None:
        return
    webhook = context().store.webhooks.get(owner, named)
    if webhook is None:
        complain(
            "/webhook",
            f"there is no webhook {named!r}: register an address with POST /v1/webhooks, and send its id",
        )
    elif not webhook.enabled:
        complain("/webhook", f"disabled, because {webhook.disabled_because}")


def named(network: str, account: str) -> AccountName:
    """Return the account, whichever way the address writes it and its network. Raises ProblemError 422."""
    try:
        known = network_name(network)
    except UnknownNetworkError as error:
        raise invalid(Fault("/network", str(error))) from None
    try:
        return AccountName(network=known, account=account_name(known, account))
    except UnknownAccountError as error:
        raise invalid(Fault("/account", str(error))) from None
