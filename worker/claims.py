"""What RQ runs for somebody who says that an account is theirs: looks for the word, then gathers what is held."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from candor.names.addresses import RefusedAddressError, host_name
from candor.scoring.canonical_names import People
from candor.scoring.redaction import DataSubject
from candor.telemetry.logs import logger
from worker.connectors.gaps import Gaps
from worker.connectors.network_client import NetworkClient
from worker.context import CURRENT
from worker.held import collect_held
from worker.outbound import MALFORMED, BudgetSpentError, Outbound, OutboundError, WaitingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from candor.store.claims import Claim
    from worker.context import WorkerContext

log = logger(__name__)

MOST_REQUESTS = 8
POSTS_READ = 30
NOT_FOUND = "the word was not found there"
NOT_NAMED = "the profile of the account does not name this page or domain"
TXT = 16  # the number of the record type
_UNREADABLE = "the answer could not be read"


class NotShownError(Exception):
    """The word is not where it was said to be; the words say what was found instead, and nothing about the account."""


class ClaimedProfile(msgspec.Struct, frozen=True):
    """What an account says of itself: texts that only it can write, the pages it names, and its names there."""

    texts: tuple[str, ...]
    pages: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def check(_owner: str, claim_id: str) -> None:
    """Look for the word of a claim; once it was found, collect what is held. Raises RedisError."""
    context = CURRENT.get()
    claims = context.store.claims
    claim = claims.get(claim_id)
    if claim is None:
        return
    if claim.status != "proven":
        try:
            claim = claims.prove(claim, _shown(context, claim))
        except NotShownError as error:
            claims.fail(claim, str(error))
            return
        except (OutboundError, WaitingError, BudgetSpentError) as error:
            log.info("a claim could not be checked", job_id=claim.id, why=type(error).__name__)
            claims.fail(claim, _reason(error))
            return
    subject = DataSubject(network=claim.network, names=claim.names)
    claims.keep_held(claim, collect_held(context.store, subject))
    log.info("claim proven", job_id=claim.id, way=claim.way)


def _shown(context: WorkerContext, claim: Claim) -> tuple[str, ...]:
    """Return the account's names where the word is found. Raises NotShownError, and what Outbound.get_json raises."""
    outbound = Outbound(
        context.transport, context.store, job_id=claim.id, since=claim.created_at, max_requests=MOST_REQUESTS
    )
    looking = _Looking(NetworkClient(outbound, Gaps(), context.access), claim, context.dns_resolver)
    try:
        return looking.look()
    except (*MALFORMED, LookupError, TypeError, ValueError, AttributeError):  # of foreign JSON in another shape
        raise NotShownError(_UNREADABLE) from None


def _reason(error: Exception) -> str:
    return error.words if isinstance(error, OutboundError) else "it cannot be asked at the moment: try again later"


class _Looking:
    """Looks for one word."""

    def __init__(self, client: NetworkClient, claim: Claim, dns_resolver: str) -> None:
        self._client = client
        self._claim = claim
        self._dns_resolver = dns_resolver

    def look(self) -> tuple[str, ...]:
        """Return the account's names, or raise NotShownError."""
        family = self._claim.network.partition(":")[0]
        read = _PROFILES.get(family)
        if read is None or self._claim.way == "operator":
            raise NotShownError("this network leaves no such way open")
        profile = read(self)
        found = {
            "profile": lambda: profile.texts,
            "post": lambda: tuple(_POSTS[family](self)) if family in _POSTS else (),
            "page": lambda: self._on_page(profile),
            "domain": lambda: self._in_dns(profile),
        }[str(self._claim.way)]()
        if not any(self._claim.word in text for text in found):
            raise NotShownError(NOT_FOUND)
        return profile.names

    def _on_page(self, profile: ClaimedProfile) -> tuple[str, ...]:
        """Return the rel="me" links and the `candor` entries in the head of a page that the profile names."""
        address = self._claim.address or ""
        if _page(address) not in {_page(each) for each in profile.pages}:
            raise NotShownError(NOT_NAMED)
        body = self._client.outbound.get_fresh(address, accept="text/html", redirects=False)
        marks = _Marks()
        marks.feed(body.decode(errors="replace"))
        return tuple(marks.found)

    def _in_dns(self, profile: ClaimedProfile) -> tuple[str, ...]:
        """Return the TXT records of `_candor.DOMAIN`, where the profile names a page of that very domain."""
        try:
            domain = host_name(self._claim.address or "")
        except (ValueError, RefusedAddressError):
            raise NotShownError("this is no domain") from None
        if domain not in {urlsplit(_page(each)).hostname for each in profile.pages}:
            raise NotShownError(NOT_NAMED)
        asked = urlencode({"name": f"_candor.{domain}", "type": "TXT"})
        answers = self._json(f"{self._dns_resolver}?{asked}").get("Answer") or ()
        return tuple(str(each.get("data")) for each in answers if each.get("type") == TXT)

    def mastodon(self) -> ClaimedProfile:
        """Read the profile that the account's own server shows; of its pages those that link back (rel="me")."""
        user, at, host = self._claim.account.removeprefix("@").partition("@")
        if not at:
            raise NotShownError("only an account written @user@host can be looked up")
        shown = self._get(host, f"/api/v1/accounts/lookup?{urlencode({'acct': user})}")
        fields = shown.get("fields") or ()
        verified = [str(each.get("value", "")) for each in fields if each.get("verified_at")]
        said = (str(shown.get("note", "")), *(str(each.get("value", "")) for each in fields))
        return ClaimedProfile(said, tuple(_links(*verified)))

    def bluesky(self) -> ClaimedProfile:
        """Read the profile; a handle stands for a DID, under which scores are kept. One that is invalid is no name."""
        actor = urlencode({"actor": self._claim.account})
        shown = self._get("public.api.bsky.app", f"/xrpc/app.bsky.actor.getProfile?{actor}")
        names = People("bluesky").names([str(shown["did"]), str(shown["handle"])])
        return ClaimedProfile((str(shown.get("description", "")),), names=tuple(names))

    def bluesky_posts(self) -> Iterator[str]:
        """Yield the account's newest posts, and no reshares."""
        asked = urlencode({"actor": self._claim.account, "limit": POSTS_READ, "filter": "posts_no_replies"})
        feed = self._get("public.api.bsky.app", f"/xrpc/app.bsky.feed.getAuthorFeed?{asked}")
        for item in feed.get("feed") or ():
            author = item["post"]["author"]
            if self._claim.account in {author["did"], str(author["handle"]).lower()}:
                yield str(item["post"]["record"].get("text", ""))

    def github(self) -> ClaimedProfile:
        """Read the profile."""
        shown = self._get("api.github.com", f"/users/{quote(self._claim.account, safe='')}")
        return ClaimedProfile((str(shown.get("bio") or ""),), (str(shown.get("blog") or ""),))

    def github_gists(self) -> Iterator[str]:
        """Yield what the account's newest public gists are called, with the names of their files."""
        path = f"/users/{quote(self._claim.account, safe='')}/gists?per_page={POSTS_READ}"
        for gist in self._list("api.github.com", path):
            if str(gist["owner"]["login"]).lower() == self._claim.account:
                yield f"{gist.get('description') or ''} {' '.join(gist.get('files') or ())}"

    def gitlab(self) -> ClaimedProfile:
        """Read the profile that the server shows to everybody."""
        host = self._claim.network.partition(":")[2] or "gitlab.com"
        found = self._list(host, f"/api/v4/users?{urlencode({'username': self._claim.account})}")
        if not found:
            raise NotShownError("there is no such account")
        shown = self._get(host, f"/api/v4/users/{int(found[0]['id'])}")
        return ClaimedProfile((str(shown.get("bio") or ""),), (str(shown.get("website_url") or ""),))

    def hackernews(self) -> ClaimedProfile:
        """Read what the account says about itself."""
        shown = self._get("hacker-news.firebaseio.com", f"/v0/user/{quote(self._claim.account, safe='')}.json")
        return ClaimedProfile((str(shown.get("about") or ""),))

    def discourse(self) -> ClaimedProfile:
        """Read the profile that the forum shows to everybody."""
        host = self._claim.network.partition(":")[2]
        shown = self._get(host, f"/u/{quote(self._claim.account, safe='')}.json")["user"]
        said = tuple(str(shown.get(name) or "") for name in ("bio_raw", "bio_cooked", "location"))
        return ClaimedProfile(said, (str(shown.get("website") or ""),))

    def stackexchange(self) -> ClaimedProfile:
        """Read name, place and website of the profile: its text is not among what everybody may ask."""
        asked = urlencode({"site": self._claim.network.partition(":")[2]})
        shown = self._get("api.stackexchange.com", f"/2.3/users/{quote(self._claim.account, safe='')}?{asked}")
        user: dict[str, Any] = next(iter(shown.get("items") or ()), {})
        said = tuple(str(user.get(name) or "") for name in ("display_name", "location", "website_url"))
        return ClaimedProfile(said, (said[2],))

    def _get(self, host: str, path: str) -> dict[str, Any]:
        return self._json(f"{self._client.origin(host)}{path}")

    def _json(self, url: str) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.json.decode(self._client.outbound.get_fresh(url), type=dict[str, Any])
        return found

    def _list(self, host: str, path: str) -> list[dict[str, Any]]:
        body = self._client.outbound.get_fresh(f"{self._client.origin(host)}{path}")
        found: list[dict[str, Any]] = msgspec.json.decode(body, type=list[dict[str, Any]])
        return found


class _Marks(HTMLParser):
    """Collects what only whoever makes a page puts there: rel="me" links, and `candor` entries of its head."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        given = {name: value or "" for name, value in attrs}
        if tag in {"a", "link"} and "me" in given.get("rel", "").lower().split():
            self.found.append(given.get("href", ""))
        elif tag == "meta" and given.get("name", "").lower() == "candor":
            self.found.append(given.get("content", ""))


class _Hrefs(HTMLParser):
    """Collects addresses that links lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        if tag == "a":
            self.found += [value or "" for name, value in attrs if name == "href"]


def _links(*texts: str) -> Iterator[str]:
    """Yield the addresses that texts in HTML lead to."""
    for text in texts:
        hrefs = _Hrefs()
        hrefs.feed(text)
        yield from hrefs.found


def _page(address: str) -> str:
    """Return an address as pages are compared: of https, host in lower case, no slash at the end, no fragment."""
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        host = host_name(parts.netloc)
    except ValueError:
        return ""
    return f"https://{host}{parts.path.rstrip('/')}" + (f"?{parts.query}" if parts.query else "")


_PROFILES: dict[str, Callable[[_Looking], ClaimedProfile]] = {
    "mastodon": _Looking.mastodon,
    "bluesky": _Looking.bluesky,
    "github": _Looking.github,
    "gitlab": _Looking.gitlab,
    "hackernews": _Looking.hackernews,
    "discourse": _Looking.discourse,
    "stackexchange": _Looking.stackexchange,
}
_POSTS: dict[str, Callable[[_Looking], Iterator[str]]] = {
    "bluesky": _Looking.bluesky_posts,
    "github": _Looking.github_gists,
}
