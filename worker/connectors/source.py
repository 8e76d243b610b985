"""What every connector is: what it can be asked, how it asks hosts, and how their answers become records."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from candor.formats.lenient import decode_leniently, decode_list
from candor.names.account_text import UnknownAccountError
from candor.names.accounts import account_name
from candor.scoring.account_kinds import NOBODY_SAYS
from candor.scoring.activity import AccountKind, Activity
from candor.scoring.canonical_names import People
from candor.scoring.gaps import grouped, summed
from candor.scoring.records import is_possible_time
from candor.store.workers import ConnectorFacts
from worker.outbound import MALFORMED, BadAnswerError, Credential, GoneError, OutboundError, UnauthorisedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from worker.outbound import Outbound, Reply

__all__ = ["AccountProfile", "Connector", "ConnectorFacts", "Status", "UnknownAccountError"]

Status = Literal["ok", "declined", "gone"]
T = TypeVar("T")
UNEXPECTED = "unexpected response format"
UNTOLD: tuple[AccountKind, str] = ("unknown", NOBODY_SAYS)
MOST_EMPTY = MOST_REFUSED = 10
_NOTHING_TOLD: Mapping[str, str] = {}
_CLOSED = frozenset({401, 402, 405, 501})
_SPARED = frozenset({"url", "name", "bio", "followers", "via"})
_MOST_TAGS = 1_000
_ANY_RECORD = {"type": "account", "published": datetime(1970, 1, 1, tzinfo=UTC)}


class AccountProfile(msgspec.Struct, frozen=True, kw_only=True):
    """Who an account is. `account.actor` is the name that records use, whatever spelling was asked for.

    `declined` means that the account does not want to be read, `gone` that it is no more; `reason` says by what sign.
    Then the record holds the name and nothing else, and no activities are to be asked for. `kind_reason` says by what
    sign the network tells people, organisations and bots apart, if it does.
    """

    account: Activity
    status: Status
    reason: str | None = None
    kind_reason: str | None = None


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator set: a token by host, and where a host is to be found instead (of a test network)."""

    tokens: Mapping[str, str] = {}
    places: Mapping[str, str] = {}


class Gaps:
    """What could not be read, counted: for `inputs.gaps`. A gap concerns one account, or whoever is asked about."""

    def __init__(self) -> None:
        self._seen: Counter[_Gap] = Counter()
        self._shown: dict[_Gap, tuple[int, int]] = {}
        self._account: str | None = None

    @contextmanager
    def of(self, account: str) -> Iterator[None]:
        """Let what is added within concern one account alone."""
        before, self._account = self._account, account
        try:
            yield
        finally:
            self._account = before

    def add(self, what: str, why: str, times: int = 1) -> None:
        """Note that something was not to be had. `why` names the host."""
        self._seen[_Gap(self._account, what, why)] += times

    def add_once(self, what: str, why: str) -> None:
        """Note what holds for everything of a kind, however much of it there is."""
        self._seen.setdefault(_Gap(self._account, what, why), 1)

    def add_hidden(self, what: str, host: str, shown: int, counted: int) -> None:
        """Note that fewer were shown than the host itself counts, if so: what it shows to a stranger may end early."""
        if shown < counted:
            gap = _Gap(self._account, what, host)
            self._seen[gap] += 1
            so_far = self._shown.get(gap, (0, 0))
            self._shown[gap] = (so_far[0] + shown, so_far[1] + counted)

    def lines(self) -> tuple[str, ...]:
        """Say each thing once, with how often it happened, in the order in which it was met."""
        return grouped(self.each())

    def each(self) -> tuple[str, ...]:
        """Say each thing once, and of each host."""
        return summed(line for _, line in self._lines())

    def lines_of(self, account: str | None) -> tuple[str, ...]:
        """Say what concerns one account alone; with None, what concerns whoever is asked about."""
        return grouped(line for concerned, line in self._lines() if concerned == account)

    def _lines(self) -> Iterator[tuple[str | None, str]]:
        for gap, count in self._seen.items():
            words = f"{gap.what}: {gap.why}"
            if gap in self._shown:
                shown, counted = self._shown[gap]
                words += f": {shown} of {counted} are shown"
            yield gap.account, words + (f" ({count} times)" if count > 1 else "")


class _Gap(NamedTuple):
    account: str | None
    what: str
    why: str


class Source:
    """Asks hosts on behalf of a connector, and decodes what they answer. `outbound` is the only way out."""

    def __init__(self, outbound: Outbound, gaps: Gaps, access: Access = Access()) -> None:  # noqa: B008 frozen
        self.outbound = outbound
        self.gaps = gaps
        self._access = access
        self._closed: dict[tuple[str, str], str] = {}
        self._refused: Counter[tuple[str, str]] = Counter()

    def origin(self, host: str) -> str:
        """Return the scheme and authority under which a host is asked."""
        return self._access.places.get(host, f"https://{host}")

    def token(self, host: str) -> str | None:
        """Return the operator's token for a host, if there is one."""
        return self._access.tokens.get(host)

    def bearer(self, host: str) -> Credential | None:
        """Return the operator's token for a host as a header."""
        token = self.token(host)
        return Credential(host=urlsplit(self.origin(host)).netloc, value=f"Bearer {token}") if token else None

    def ask(
        self,
        what: str,
        url: str,
        *,
        gone: str = "",
        told: Mapping[str, str] = _NOTHING_TOLD,
        apart: bool = False,
        **named: Any,  # noqa: ANN401 as get_json of Outbound
    ) -> Reply | None:
        """Ask, or note a gap and return None. Lets BudgetSpentError and WaitingError through.

        What a host once said to show to nobody like us, or not to have at all, it is not asked for again; nor what it
        refused ten times in a row. `gone` are better words for what is not there, `told` for what a refusal says in
        its body: that is of this address alone. What stands `apart` says less of others: only ten in a row do.
        """
        place = (urlsplit(url).netloc, what)
        if closed := self._closed.get(place):
            note = self.gaps.add if self._refused[place] else self.gaps.add_once
            note(what, closed)
            return None
        try:
            reply = self.outbound.get_json(url, **named)
        except OutboundError as error:
            why = _why(error, told) or (gone if isinstance(error, GoneError) else "")
            self.gaps.add(what, f"{error.host}: {why}" if why else error.words)
            if _why(error, told):
                return None
            if error.status in _CLOSED and not apart:
                self._closed[place] = error.words
            elif error.status in _CLOSED or isinstance(error, UnauthorisedError):
                self._refused[place] += 1
                if self._refused[place] == MOST_REFUSED:
                    self._closed[place] = error.words
            return None
        self._refused.pop(place, None)
        return reply

    def ask_for(self, what: str, url: str, kind: type[T], **named: Any) -> T | None:  # noqa: ANN401 as `ask`
        """Ask for an answer of a shape, or note a gap and return None."""
        reply = self.ask(what, url, **named)
        return self.shape(what, reply.host, reply.body, kind) if reply else None

    def pages(
        self,
        what: str,
        first: str,
        following: Callable[[Reply], str | None],
        *,
        may_repeat: bool = False,
        **named: Any,  # noqa: ANN401 as `ask`
    ) -> Iterator[Reply]:
        """Ask for page after page. `following` finds the next address; a loop and a failed page end it with a gap.

        So does a page that shows what an earlier one did, unless it `may_repeat` it; a few empty ones do not.
        """
        url: str | None = first
        seen: set[str] = set()
        before: set[int] = set()
        empty = 0
        while url is not None and (reply := self.ask(what, url, **named)):
            yield reply
            seen.add(url)
            url, shown = following(reply), reply.shown
            if url is None:
                return
            if url in seen or (shown and hash(shown) in before and not may_repeat):
                self.gaps.add(what, f"{urlsplit(url).netloc}: pagination loop")
                return
            before.add(hash(shown))
            empty = 0 if shown else empty + 1
            if empty == MOST_EMPTY:
                self.gaps.add(what, f"{urlsplit(url).netloc}: {MOST_EMPTY} empty pages in a row")
                return

    def next_word(self, what: str, reply: Reply, name: str) -> str | None:
        """Return the word by which an answer says how to go on, None where it says that there is no more.

        A number is one too. What makes no sense there is a gap: reading ends early.
        """
        encoded = reply.parts.get(name, msgspec.Raw(b"null"))
        try:
            return str(msgspec.json.decode(encoded, type=str | int | None) or "") or None
        except MALFORMED:
            self.gaps.add(what, f"{reply.host}: {UNEXPECTED}")
            return None

    def items(self, what: str, reply: Reply, kind: type[T], under: str | None = None) -> list[T]:
        """Decode the list that an answer is, or has `under` a name; what is malformed is left out with a gap."""
        encoded = reply.body if under is None else reply.parts.get(under, b"")
        if under is not None and bytes(encoded) == b"null":  # an empty list, as Go writes it
            return []
        return self.shapes(what, reply.host, self.shape(what, reply.host, encoded, list[msgspec.Raw]) or (), kind)

    def counted(
        self, what: str, pages: Iterable[Reply], kind: type[T], counted: int, under: str | None = None
    ) -> Iterator[T]:
        """Yield what pages list, as `items`; a gap tells when it is less than the host itself counts."""
        shown, host = 0, None
        for reply in pages:
            shown, host = shown + reply.length(under), reply.host
            yield from self.items(what, reply, kind, under)
        if host is not None:
            self.gaps.add_hidden(what, host, shown, counted)

    def shapes(self, what: str, host: str, encoded: Iterable[msgspec.Raw], kind: type[T]) -> list[T]:
        """Decode each value; what is malformed is left out with a gap."""
        return [shape for each in encoded if (shape := self.shape(what, host, each, kind)) is not None]

    def shape(self, what: str, host: str, encoded: bytes | msgspec.Raw, kind: type[T]) -> T | None:
        """Decode one value, or note a gap and return None. What can be spared in it is left out, with a gap."""
        try:
            found, left_out = decode_leniently(encoded, kind)
        except MALFORMED:
            self.gaps.add(what, f"{host}: {UNEXPECTED}")
            return None
        for name in left_out:
            self.gaps.add(what, f"{host}: unexpected {name!r}, left out")
        return found


def _why(error: OutboundError, told: Mapping[str, str]) -> str:
    """Return what a refusal says in its body, by the words for that; empty where it says nothing of the kind."""
    body = b"" if error.reply is None else error.reply.body
    return next((why for word, why in told.items() if word.encode() in body), "")


class Connector(ABC):
    """Reads one network for one job. It yields records, each id once, and knows no score.

    What cannot be had is listed in the source's gaps, and reading goes on with what there is. Two errors end it: the
    job's requests are used up (BudgetSpentError: keep what came), or a host asks to wait (WaitingError: ask again
    later, from the start; what was answered already comes from the cache).
    """

    facts: ClassVar[ConnectorFacts]

    def __init__(self, source: Source, network: str) -> None:
        self.source = source
        self.network = network
        self._given: set[str] = set()
        self._people = People(network)

    @classmethod
    def supports(cls, network: str) -> bool:
        """Tell whether this connector reads the network of that name."""
        return network.partition(":")[0] == cls.facts.family

    def canonical_name(self, account: str) -> str | None:
        """Return the name that records use, None where only the network can tell it. Raises UnknownAccountError."""
        return account_name(self.network, account)

    def aliases(self, account: str) -> Iterator[str]:
        """Yield every name by which the network knows the account now. Raises as `profile`, and WaitingError."""
        yield str(self.profile(account).account.actor)

    @abstractmethod
    def profile(self, account: str) -> AccountProfile:
        """Say who the account is and whether it may be read.

        Raises UnknownAccountError; OutboundError when nothing can be said, which names the host and the reason.
        """

    @abstractmethod
    def activities(self, account: str, since: datetime, until: datetime) -> Iterator[Activity]:
        """Yield what the account did from `since` up to and without `until`, newest first.

        With each post come the records it cannot be read without: what it answers, whom it mentions.
        """

    @abstractmethod
    def recognition(self, posts: Iterable[Activity]) -> Iterator[Activity]:
        """Yield who took up these posts, and how. They are of one account and came from `activities`."""

    def vouches_of(self, account: str) -> Iterator[Activity]:
        """Yield the newest vouches that the account gave to others, a page of each kind, so that standing can flow."""
        del account
        return iter(())

    def list_members(self, reference: str) -> Iterator[str]:
        """Yield the names of the accounts on a list, as records use them. Raises UnknownAccountError, OutboundError."""
        raise UnknownAccountError(f"{self.facts.family} has no lists that Candor can read: {reference!r}")

    def records(self, what: str, host: str, made: Iterable[Activity]) -> Iterator[Activity]:
        """Yield the records of one thing, each id the first time only: one post is met often.

        Accounts in them go by their one names. What cannot be kept is left out with a gap; where no more can be made,
        what was made before stays: a post comes before whom it mentions.
        """
        try:
            for each in made:
                named = self._named(what, host, each)
                if named is not None and named.id not in self._given:
                    self._given.add(named.id or "")
                    yield named
        except (*MALFORMED, ValueError):
            self.source.gaps.add(what, f"{host}: {UNEXPECTED}")

    def records_of_each(self, what: str, host: str, things: Iterable[Iterable[Activity]]) -> Iterator[Activity]:
        """Yield the records of things one after the other, as `records`: one that is malformed loses no other."""
        for made in things:
            yield from self.records(what, host, made)

    def _named(self, what: str, host: str, made: Activity) -> Activity | None:
        """Return a record with the one names of accounts, None and a gap where one is no account's.

        An act on a post towards what can be no account is one towards nobody known.
        """
        try:
            return self._people.with_canonical_names(made)
        except ValueError:
            self.source.gaps.add(what, f"{host}: {UNEXPECTED}")
        if made.target_actor is None or made.object is None or made.type in {"mention", "list"}:
            return None
        with suppress(ValueError):
            return self._people.with_canonical_names(replace(made, target_actor=None))
        return None

    def act(self, what: str, host: str, **fields: Any) -> Iterator[Activity]:  # noqa: ANN401 as `record`
        """Yield one record, as `records` does."""
        return self.records(what, host, one(**fields))


def unavailable_profile(name: str, seen_at: datetime, reason: str, *, gone: bool = False) -> AccountProfile:
    """Make the profile of an account of which nothing is kept."""
    account = Activity(type="account", actor=name, published=seen_at, consent=False)
    return AccountProfile(account=account, status="gone" if gone else "declined", reason=reason)


def public_profile(reply: Reply, kind: tuple[AccountKind, str] = UNTOLD, **facts: Any) -> AccountProfile:  # noqa: ANN401 whatever JSON held
    """Make the profile of an account that may be read. Raises BadAnswerError when its facts are none."""
    try:
        account = record(type="account", published=reply.fetched_at, kind=kind[0], **facts)
        return AccountProfile(account=account, status="ok", kind_reason=kind[1])
    except MALFORMED as error:
        raise BadAnswerError(reply.host, UNEXPECTED, reply) from error


def check_same(asked: str | None, found: str | None, reply: Reply) -> None:
    """Raise BadAnswerError where an answer is about another account than the one asked for."""
    if found != asked:
        raise BadAnswerError(reply.host, "answers with another account", reply)


def read(reply: Reply, kind: type[T]) -> T:
    """Decode an answer that nothing can be said without, as leniently as any. Raises BadAnswerError."""
    try:
        return decode_leniently(reply.body, kind)[0]
    except MALFORMED as error:
        raise BadAnswerError(reply.host, UNEXPECTED, reply) from error


def read_items(reply: Reply, kind: type[T], under: str | None = None) -> list[T]:
    """Decode the list that an answer is, or has `under` a name, as far as it can be read.

    An empty one says that there is nothing. Raises BadAnswerError where there is no list, or none of it can be read.
    """
    found: list[T] = []
    try:
        encoded = decode_list(reply.body if under is None else reply.parts.get(under, b""))
    except MALFORMED as error:
        raise BadAnswerError(reply.host, UNEXPECTED, reply) from error
    for each in encoded:
        with suppress(*MALFORMED):
            found.append(decode_leniently(each, kind)[0])
    if encoded and not found:
        raise BadAnswerError(reply.host, UNEXPECTED, reply)
    return found


def record(**fields: Any) -> Activity:  # noqa: ANN401 whatever JSON held
    """Make a record of what a network said, checked as if it had been uploaded.

    What can be spared is left out where it is not as it should be: a tag that is too long, a count below zero. Raises
    one of MALFORMED for anything else: an id that is too long, a time without an offset or of the year 1.
    """
    try:
        made = msgspec.convert(fields, Activity)
    except msgspec.ValidationError:
        tags = [tag for tag in fields.get("tags") or () if _is_right("tags", (tag,))][:_MOST_TAGS]
        right = {name: value for name, value in fields.items() if name not in _SPARED or _is_right(name, value)}
        if right.get("type") == "reply":  # one to nothing that is known stays one
            right["object"] = right.get("object") or None
        made = msgspec.convert({**right, "tags": tags}, Activity)
    if not is_possible_time(made.published):
        raise OverflowError("not a real date")
    return made


def one(**fields: Any) -> Iterator[Activity]:  # noqa: ANN401 as `record`
    """Yield one record, made once it is asked for. May raise as `record`."""
    yield record(**fields)


def _is_right(name: str, value: object) -> bool:
    try:
        msgspec.convert({**_ANY_RECORD, name: value}, Activity)
    except msgspec.ValidationError:
        return False
    return True


def next_link(reply: Reply) -> str | None:
    """Return the address that the Link header calls next."""
    return reply.links.get("next")
