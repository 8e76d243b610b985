"""What holds for every connector there is: published facts, right answers read without a gap, hostile ones survived.

Each is tried with the made-up answers of its family, so that it reaches its requests: a new connector needs some.
"""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

import worker.connectors
from candor.names.networks import NETWORKS, network_of
from candor.scoring.activity import Activity
from candor.scoring.records import RecordReader
from candor.settings import read_settings
from tests.effort import THOROUGH
from tests.worker.connectors.answering import Answered, Answering, Answers
from tests.worker.connectors.conftest import TOKENS
from tests.worker.connectors.made_up.followed import FOLLOWED
from worker.connectors import COMMUNITIES, CONNECTORS, access_of, community_for, connector_for
from worker.connectors.connector import Connector, UnknownAccountError
from worker.connectors.gaps import Gaps
from worker.connectors.network_client import Access, NetworkClient
from worker.outbound import BudgetSpentError, OutboundError, Transport, WaitingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from candor.store import Store
    from tests.worker.connectors.made_up import MadeUp
    from tests.worker.connectors.made_up.followed import Followed

NAMES = ("mastodon", "bluesky", "github", "stackexchange:travel", "hackernews", "x", "discourse:forum.example")
SINCE, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
STRANGER = "https://stranger.example/"
ENDS: dict[str, tuple[type[Exception], ...]] = {
    "profile": (OutboundError,),
    "vouches_of": (OutboundError,),
    "list_members": (OutboundError, UnknownAccountError),
}
"""What reading may end with, whatever a network answers, beside that no more may be asked or not yet."""
OF_ROOTS = frozenset({"vouches_of", "list_members"})
"""What is asked about other people than the account."""
ODD: dict[type, tuple[Any, ...]] = {
    str: (None, 7, "x" * 70_000, STRANGER, "0001-01-01T00:00:00+14:00"),
    int: (None, -1, 2**70, "x"),
    bool: (None, "x"),
    float: (None, "x"),
    type(None): ("x", {}),
    dict: (None, [], "x", {}),
    list: (None, {}, [None], [[]], "x"),
}
OTHER: dict[type, Any] = {dict: "x", list: "x"}
"""What stands for a value of another type: an object, where it is none itself."""
OTHERWISE: list[dict[str, Any]] = [
    *({"body": body} for body in (b"", b"<html>", b'[{"id":', b"[" * 3000 + b"]" * 3000, b"\xff")),
    *({"status": status} for status in (400, 401, 404, 503)),
    *({"link": link} for link in (f"<{STRANGER}>; rel=next", "<::>; rel=next", "<>; rel=next", "\x7f")),
]
ODDLY_WRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "with a byte-order mark": lambda body: b"\xef\xbb\xbf" + body,
    "with half a character": lambda body: body.replace(b"{", b'{"half":"\\ud83d",', 1),
    "with a byte of another encoding": lambda body: body.replace(b"{", b'{"caf\xe9":1,', 1),
    "with a number that is none": lambda body: body.replace(b"{", b'{"share":NaN,', 1),
}
"""What software writes that is not quite JSON in UTF-8, and means the same."""
ANOTHER: dict[str, tuple[tuple[str | int, ...], Any]] = {
    "mastodon": (("acct",), "eve"),
    "bluesky": (("did",), "did:plc:eeeeeeeeeeeeeeeeeeeeeeee"),
    "stackexchange": (("items", 0, "user_id"), 66),
    "hackernews": (("id",), "eve"),
    "x": (("data", "username"), "eve"),
    "github": (("login",), "eve"),
    "discourse": (("user", "username"), "eve"),
    "gitlab": (("username",), "eve"),
    "lemmy": (("person_view", "person", "name"), "eve"),
    "reddit": (("data", "name"), "eve"),
    "youtube": (("items", 0, "id"), "UC" + "e" * 22),
}
"""Where an answer says whose it is, by the family of networks whose accounts have but one name."""
MARKS: dict[str, tuple[str, ...]] = {
    "bluesky": ("cursor",),
    "mediawiki": ("continue",),
    "reddit": ("data", "after"),
    "stackexchange": ("has_more",),
    "x": ("meta", "next_token"),
    "youtube": ("nextPageToken",),
}
"""Where an answer says how to go on, by the family of networks whose Link headers do not."""
EMPTY = "an empty text"
CONSENT = frozenset({"protected", "pages"})
"""What says of somebody, beside what they wrote, whether that may be read: untold, nothing of theirs is."""
EVERY = 1 if THOROUGH else 23
"""One of so many hostile answers is tried: all 10,000 are too many for every day."""
each_connector = pytest.mark.parametrize("connector", CONNECTORS, ids=lambda connector: connector.facts.family)


def test_every_connector_that_is_written_is_in_the_registry():
    for module in pkgutil.iter_modules(worker.connectors.__path__):
        loaded = importlib.import_module(f"worker.connectors.{module.name}")
        for found in vars(loaded).values():
            if isinstance(found, type) and issubclass(found, Connector) and "facts" in vars(found):
                assert found in CONNECTORS, f"{found.__name__} needs a place in CONNECTORS of worker/connectors"


@each_connector
def test_every_connector_reads_a_network_that_there_is(connector):
    facts, rows = connector.facts, {network.id: network for network in NETWORKS}
    assert facts.family in rows, f"{connector.__name__} needs a row for {facts.family} in candor/names/networks.py"
    assert rows[facts.family].profile == facts.profile


@pytest.mark.parametrize("network", NAMES)
def test_each_network_has_one_connector_with_the_profile_of_the_method(network):
    assert sum(connector.supports(network) for connector in CONNECTORS) == 1
    assert connector_for(network).facts.profile == network_of(network).profile


@pytest.mark.parametrize("network", ["linkedin", "custom:demo", "git:linux", "mastodonish"])
def test_a_network_whose_records_must_be_brought_has_none(network):
    assert connector_for(network) is None


def test_a_token_that_is_set_is_for_one_host_only():
    settings = read_settings({"CANDOR_GITHUB_TOKEN": " gh ", "CANDOR_MASTODON_TOKENS": "a.example=one, b.example=t="})
    assert access_of(settings).tokens == {"api.github.com": "gh", "a.example": "one", "b.example": "t="}


def test_a_test_network_is_found_where_the_settings_say():
    settings = read_settings({"CANDOR_TEST_PLACES": "plc.directory=http://localhost:2"})
    assert access_of(settings).places == {"plc.directory": "http://localhost:2"}


@each_connector
def test_facts_say_under_whose_terms_how_fast_and_what_is_taken_for_a_no(connector):
    facts = connector.facts
    lacking = [name for name in ("terms", "limits", "consent", "unseen") if not getattr(facts, name)]
    assert lacking == [], f"the facts of {connector.__name__} do not say {', '.join(lacking)}"
    assert all(facts.unseen.values()), f"{connector.__name__} does not say why something is unseen"


def made_up(connector: type[Connector]) -> MadeUp:
    """The answers that a connector is tried with."""
    name = f"tests.worker.connectors.made_up.{connector.facts.family}"
    try:
        return importlib.import_module(name).MADE_UP
    except ModuleNotFoundError:
        pytest.fail(f"{connector.__name__} needs answers that it can be tried with: MADE_UP in {name}")


def serve(mock: Any, tried: MadeUp, wrong: dict[str, dict[str, Any]] | None = None) -> list[Any]:
    """Let each address answer, these ones something `wrong`."""
    served = []
    for address, answer in tried.answers.items():
        method, _, url = address.rpartition(" ") if address.startswith("POST ") else ("GET", "", address)
        following = tried.following.get(address)
        link = {"Link": f'<{following}>; rel="next"' if following else f'<{address}>; rel="first"'}
        answers = [{"json": each, "headers": link} for each in (answer if isinstance(answer, tuple) else (answer,))]
        spoiled = (wrong or {}).get(address)
        served.append(mock.register_uri(method, url, [answers[0] | spoiled] if spoiled else answers))
    return served


def reads(connector: type[Connector], client: NetworkClient, tried: MadeUp) -> Iterator[tuple[str, Iterable[Any]]]:
    """Ask a connector for all that it can be asked, as a job does: of its account, then of others and of a list."""
    job, roots = (connector(client, tried.network) for _ in range(2))
    names: set[str | None] = set()
    acts: list[Activity] = []

    def profile() -> Iterator[Activity]:
        found = job.profile(tried.account)
        yield found.account
        if found.status == "ok":
            names.add(found.account.actor)

    yield "profile", profile()
    if names:
        yield "activities", (acts.append(act) or act for act in job.activities(tried.account, SINCE, UNTIL))
        yield "recognition", job.recognition(act for act in acts if act.actor in names)
    yield "vouches_of", roots.vouches_of(tried.account)
    if tried.list is not None:
        yield "list_members", (name for _ in range(1) for name in roots.list_members(tried.list))


@each_connector
def test_right_answers_become_records_without_a_gap(connector, trusted_source, gaps, requests_mock):
    tried = made_up(connector)
    served = serve(requests_mock, tried)
    made = {}
    for name, read in reads(connector, trusted_source, tried):
        made[name] = " ".join(getattr(each, "type", each) for each in read)
    assert made == tried.makes
    assert gaps.lines() == ()
    assert [address for address, asked in zip(tried.answers, served, strict=True) if not asked.called] == []


def places(value: Any, *above: str | int) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Where everything is in an answer, with what is there."""
    yield above, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in inner:
        yield from places(part, *above, step)


def changed(value: Any, place: tuple[str | int, ...], *new: Any) -> Any:
    """The answer with something new in one place, or without it."""
    step, *rest = place
    copy = dict(value) if isinstance(value, dict) else list(value)
    if rest:
        copy[step] = changed(value[step], tuple(rest), *new)
    elif new:
        copy[step] = new[0]
    else:
        del copy[step]
    return copy


def spoiled(right: Any) -> Iterator[Any]:
    """The answer with something odd in one place, or nothing; places that differ by their number only count once."""
    met = set()
    for place, value in places(right):
        kind = tuple("#" if isinstance(step, int) else step for step in place)
        if kind not in met:
            met.add(kind)
            yield from (changed(right, place, odd) if place else odd for odd in ODD[type(value)])
            yield from [changed(right, place)] if place else ()


def hostile(answers: Answers) -> Iterator[tuple[str, Answered]]:
    """Everything that an address may answer wrongly."""
    for address, right in answers.right.items():
        for body in spoiled(msgspec.json.decode(right.body)):
            yield address, replace(right, body=msgspec.json.encode(body))
        for change in OTHERWISE:
            yield address, replace(right, **change)


def read_all(connector: type[Connector], client: NetworkClient, tried: MadeUp) -> list[list[Any]]:
    """Return all that comes before one of the errors with which reading may end: of the account, then of the roots.

    A connector gives each id once. Here there are two, so an act that both give may be dated as well as each knew.
    """
    came: tuple[list[Any], list[Any]] = ([], [])
    for name, read in reads(connector, client, tried):
        with contextlib.suppress(BudgetSpentError, WaitingError, *ENDS.get(name, ())):
            came[name in OF_ROOTS].extend(read)
    return list(came)


def leaks(sent: Iterable[tuple[str, str]]) -> list[str]:
    """The hosts to which the token of another one went."""
    return [to for to, what in sent if any(token in what for host, token in TOKENS.items() if host != to)]


@each_connector
def test_hostile_answers_leave_records_and_gaps_and_no_other_error(connector, store, transport):
    answers = Answers(made_up(connector))
    for address, wrong in islice(hostile(answers), 0, None, EVERY):
        out = Answering(transport, store, job_id="job_1", since=SINCE, answers=answers, wrong={address: wrong})
        client = NetworkClient(out, Gaps(), Access(tokens=TOKENS))
        with noted(f"{address} answers {wrong!s:.500}"):
            for came in read_all(connector, client, made_up(connector)):
                reader = RecordReader(None)
                reader.feed(msgspec.json.encode(each) for each in came if isinstance(each, Activity))
                assert reader.bad == []
            assert out.sent
            assert leaks(out.sent) == []


@dataclass(frozen=True)
class Outcome:
    """What came of a reading: the ids of records, the names on a list, and what is said not to be had."""

    came: frozenset[str]
    told: frozenset[str]


Asking = Callable[[NetworkClient], "Iterator[tuple[str, Iterable[Any]]]"]


def outcome(transport: Transport, store: Store, asking: Asking, answers: Answers, **wrong: Answered) -> Outcome:
    """Read all with these addresses answering wrongly."""
    out = Answering(transport, store, job_id="job_1", since=SINCE, answers=answers, wrong=wrong)
    client, came, told = NetworkClient(out, Gaps(), Access(tokens=TOKENS)), set[str](), set[str]()
    for name, read in asking(client):
        try:
            came |= {each if isinstance(each, str) else each.id for each in read if getattr(each, "id", each)}
        except (BudgetSpentError, WaitingError, *ENDS.get(name, ())) as error:
            told.add(f"{name}: {error}")
    return Outcome(frozenset(map(str, came)), frozenset(told | set(client.gaps.lines())))


def follows(client: NetworkClient, followed: Followed) -> Iterator[tuple[str, Iterable[Any]]]:
    """Read a place that a data set follows, as a job does, and ask about people."""
    community = community_for(followed.asked.network)
    assert community is not None
    reader = community(client, followed.asked.network)
    yield "batches", (each for batch in reader.batches(followed.asked, {}, SINCE) for each in batch.records)
    found = reader.profiles(followed.people)
    yield "profiles", (f"{each.account.actor} {each.status}" for each in found if each.status == "ok")


def spoiled_items(right: Any) -> Iterator[tuple[tuple[str | int, ...], str, Any, Any]]:
    """Each place within an item of a list, how it is spoiled, the answer with that, and what it must not be less than.

    That is the answer without the item. Where there is no other item, it stands beside something odd as well.
    """
    for place, value in places(right):
        depth = max((at for at, step in enumerate(place, 1) if isinstance(step, int)), default=0)
        if not depth:
            continue
        for how, new in (("null", (None,)), ("another type", (OTHER.get(type(value), {}),)), ("absent", ())):
            if new or len(place) > depth:
                yield place, how, changed(right, place, *new), changed(right, place[:depth])
            above = place[:-1]
            if new and len(place) == depth and len(part_of(right, above)) == 1:
                odd, twice = [value, *new], [value, value]
                beside = [changed(right, above, both) if above else both for both in (odd, twice)]
                yield place, f"{how} beside", *beside
        if isinstance(value, str):
            yield place, EMPTY, changed(right, place, ""), changed(right, place[:depth])


def part_of(value: Any, place: Iterable[str | int]) -> Any:
    """What is in one place of an answer."""
    for step in place:
        value = value[step]
    return value


def may_be_missing(tried: MadeUp, place: tuple[str | int, ...]) -> bool:
    """Say whether a network leaves this out, or null, where there is nothing to tell."""
    named = "." + ".".join("#" if isinstance(step, int) else step for step in place)
    return any(named.endswith(f".{each}") for each in tried.may_be_missing)


@each_connector
def test_a_spoiled_item_leaves_the_others_and_is_told_where_it_is_lost(connector, store, transport):
    tried = made_up(connector)
    asking = partial(reads, connector, tried=tried)
    spoil_each_item(tried, partial(outcome, transport, store, asking))


@pytest.mark.parametrize("followed", FOLLOWED, ids=lambda followed: followed.asked.network)
def test_a_spoiled_item_of_a_place_leaves_the_others_and_is_told_where_it_is_lost(followed, store, transport):
    spoil_each_item(followed.tried, partial(outcome, transport, store, partial(follows, followed=followed)))


@pytest.mark.parametrize(
    ("followed", "path", "under"), [(FOLLOWED[1], "/users/", "items"), (FOLLOWED[4], ".getProfiles", "profiles")]
)
def test_an_account_that_cannot_be_read_is_not_called_gone(followed, path, under, trusted_source, gaps, requests_mock):
    (shown,) = (
        answer for address, answer in followed.tried.answers.items() if path in address and len(answer[under]) == 2
    )
    requests_mock.get(re.compile(re.escape(path)), json={under: [shown[under][0], "x"]})
    community = community_for(followed.asked.network)
    found = community(trusted_source, followed.asked.network).profiles(followed.people)
    assert [(each.account.actor, each.status) for each in found] == [(followed.people[0], "ok")]
    assert gaps.lines()


@pytest.mark.parametrize("how", ODDLY_WRITTEN)
@each_connector
def test_what_is_written_oddly_is_read_all_the_same(connector, store, transport, how):
    tried = made_up(connector)
    answers, asking = Answers(tried), partial(reads, connector, tried=tried)
    oddly = {to: replace(each, body=ODDLY_WRITTEN[how](each.body)) for to, each in answers.right.items()}
    right = outcome(transport, store, asking, answers)
    assert right.came
    assert outcome(transport, store, asking, answers, **oddly) == right


@pytest.mark.parametrize("family", MARKS)
def test_where_the_next_page_is_written_oddly_nothing_ends_in_silence(family, store, transport):
    connector = next(each for each in CONNECTORS if each.facts.family == family)
    tried, place = made_up(connector), MARKS[family]
    answers, asking = Answers(tried), partial(reads, connector, tried=tried)
    right = outcome(transport, store, asking, answers)
    told = set()
    for address, answer in answers.right.items():
        with contextlib.suppress(KeyError, TypeError):
            body = msgspec.json.encode(changed(msgspec.json.decode(answer.body), place, [7]))
            told |= outcome(transport, store, asking, answers, **{address: replace(answer, body=body)}).told
    assert told - right.told


@pytest.mark.parametrize("body", [{"error": "something", "errors": []}, {}, None], ids=str)
@each_connector
def test_an_answer_of_something_else_is_told_where_something_is_lost(connector, store, transport, body):
    tried = made_up(connector)
    answers, asking = Answers(tried), partial(reads, connector, tried=tried)
    right = outcome(transport, store, asking, answers)
    for address, answer in answers.right.items():
        wrong = {address: replace(answer, body=msgspec.json.encode(body))}
        found = outcome(transport, store, asking, answers, **wrong)
        with noted(f"{address} answers {body}"):
            is_empty = body is None and address.startswith("https://hacker-news.")  # its word for nobody
            assert found.told - right.told or not right.came - found.came or is_empty


def is_complete(followed: Followed, store: Store, transport: Transport, **wrong: Answered) -> bool:
    """Say whether reading a place claims to have come to the end, with these addresses answering wrongly."""
    answers = Answers(followed.tried)
    out = Answering(transport, store, job_id="job_1", since=SINCE, answers=answers, wrong=wrong)
    community = community_for(followed.asked.network)
    assert community is not None
    reader = community(NetworkClient(out, Gaps(), Access(tokens=TOKENS)), followed.asked.network)
    return [batch.complete for batch in reader.batches(followed.asked, {}, SINCE)][-1:] == [True]


LISTS = ("/latest.json", "/2.3/questions", "/orgs/orbits/repos", "/timelines/tag/cubesat", ".getListFeed")
"""Where the answers of each place that is followed list what there is."""


@pytest.mark.parametrize("body", [b"{}", b"null", b"", b'{"error":"something"}'], ids=str)
@pytest.mark.parametrize("followed", FOLLOWED, ids=lambda followed: followed.asked.network)
def test_a_place_whose_list_is_something_else_is_not_read_to_the_end(followed, store, transport, body):
    (address,) = (each for each in followed.tried.answers if each.endswith(LISTS))
    assert is_complete(followed, store, transport)
    assert not is_complete(followed, store, transport, **{address: Answered(body)})


def profile_of(connector: type[Connector], client: NetworkClient, tried: MadeUp, account: str) -> str:
    """What is said of an account: its status, or that nothing can be said."""
    try:
        return connector(client, tried.network).profile(account).status
    except OutboundError:
        return "unreadable"


@each_connector
def test_what_cannot_be_read_of_an_account_does_not_make_it_gone(connector, store, transport):
    tried = made_up(connector)
    answers = Answers(tried)
    out = Answering(transport, store, job_id="job_1", since=SINCE, answers=answers, wrong={})
    assert profile_of(connector, NetworkClient(out, Gaps(), Access(tokens=TOKENS)), tried, tried.account) == "ok"
    for address in {answers.address(url) for url in out.urls} - {None}:
        right = msgspec.json.decode(answers.right[address].body)
        bodies = [changed(right, place, OTHER.get(type(value), {})) for place, value in places(right) if place]
        wrong = [replace(answers.right[address], body=msgspec.json.encode(body)) for body in (*bodies, "x", [], 7)]
        for each in (*wrong, Answered(b"<html>", 404), Answered(b"<html>"), Answered(b"", 204)):
            if each.body == b"[]" and isinstance(right, list):
                continue  # an empty list says that there is none
            odd = Answering(transport, store, job_id="job_1", since=SINCE, answers=answers, wrong={address: each})
            with noted(f"{address} answers {each!s:.500}"):
                found = profile_of(connector, NetworkClient(odd, Gaps(), Access(tokens=TOKENS)), tried, tried.account)
                assert found != "gone"


@pytest.mark.parametrize("family", ANOTHER)
def test_nobody_gets_what_an_answer_says_of_another_account(family, store, transport):
    connector = next(each for each in CONNECTORS if each.facts.family == family)
    tried, (place, other) = made_up(connector), ANOTHER[family]
    answers = Answers(tried)
    account = connector_name(connector, store, transport, tried)
    wrong = {}
    for address, right in answers.right.items():
        with contextlib.suppress(KeyError, IndexError, TypeError):
            body = msgspec.json.decode(right.body)
            part_of(body, place)
            wrong[address] = replace(right, body=msgspec.json.encode(changed(body, place, other)))
    out = Answering(transport, store, job_id="job_1", since=SINCE, answers=answers, wrong=wrong)
    assert profile_of(connector, NetworkClient(out, Gaps(), Access(tokens=TOKENS)), tried, account) == "unreadable"


def connector_name(connector: type[Connector], store: Store, transport: Transport, tried: MadeUp) -> str:
    """The name of the account that records use, as the right answers tell it."""
    out = Answering(transport, store, job_id="job_1", since=SINCE, answers=Answers(tried), wrong={})
    return str(
        connector(NetworkClient(out, Gaps(), Access(tokens=TOKENS)), tried.network).profile(tried.account).account.actor
    )


def test_every_place_that_can_be_followed_is_tried():
    assert {community_for(each.asked.network) for each in FOLLOWED} == set(COMMUNITIES)


def spoil_each_item(tried: MadeUp, read_all_with: Callable[..., Outcome]) -> None:
    """Read with one item spoiled each time: the others come, and what is lost is told."""
    answers = Answers(tried)
    right = read_all_with(answers)
    read = cache(lambda address, body: read_all_with(answers, **{address: replace(answers.right[address], body=body)}))
    every = (
        (address, *spoiled)
        for address, answer in answers.right.items()
        for spoiled in spoiled_items(msgspec.json.decode(answer.body))
    )
    for address, place, how, body, without in islice(every, 0, None, EVERY):
        with noted(f"{address} answers with {how} at {place}"):
            rest = read(address, msgspec.json.encode(without)).came & right.came
            found = read(address, msgspec.json.encode(body))
            assert rest <= found.came or (not CONSENT.isdisjoint(place) and found.told - right.told)
            is_lost = right.came > rest and not (right.came - rest) & found.came
            if is_lost and how != EMPTY and (how == "another type" or not may_be_missing(tried, place)):
                assert found.told - right.told


@contextlib.contextmanager
def noted(circumstance: str) -> Iterator[None]:
    """Add to an error under what circumstance it was raised."""
    try:
        yield
    except Exception as error:
        error.add_note(circumstance)
        raise


@pytest.fixture
def transport() -> Iterator[Transport]:
    with contextlib.closing(Transport(contact="mailto:op@example.org")) as made:
        yield made
