"""What each network can and cannot show, its profile of weights, and how somebody shows that an account is theirs."""

from __future__ import annotations

import re
import unicodedata
from difflib import get_close_matches
from functools import lru_cache
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from candor.names.account_text import visible
from candor.names.addresses import host_name

_NO_GIT = "changes, reviews and tests are not part of this network"
_NO_ACCEPT = "answers cannot be accepted here"
_NO_VOTE = "there are no anonymous votes here"
_NO_LIST = "there are no public lists of people here"
_NO_RESHARE = "posts cannot be reshared here"
_CODE = dict.fromkeys(("reviewed", "fixed", "took", "tested"), _NO_GIT)


class UnknownNetworkError(ValueError):
    """The name is none that Candor knows."""


class NetworkFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A family of networks."""

    id: Annotated[str, Meta(description="The name before the colon.")]
    label: Annotated[str, Meta(description="Its name.")]
    argument: Annotated[str | None, Meta(description="What stands behind the colon; null when nothing does.")]
    default: Annotated[
        str | None, Meta(description="What it is where nothing stands behind the colon; null where something must.")
    ] = None
    profile: Annotated[str | None, Meta(description="Which weights are used; null where the caller chooses.")]
    unknown: Annotated[
        dict[str, str], Meta(description="Kinds of recognition that the source cannot show, with the reason.")
    ]


NETWORKS: tuple[NetworkFacts, ...] = (
    NetworkFacts(
        id="stackexchange",
        label="Stack Exchange",
        argument="site",
        profile="qa",
        unknown={**_CODE, "listed": _NO_LIST, "endorsed": _NO_RESHARE},
    ),
    NetworkFacts(
        id="github",
        label="GitHub",
        argument=None,
        profile="forum",
        unknown={"listed": "stars and lists name repositories, not people", "endorsed": _NO_RESHARE, "voted": _NO_VOTE},
    ),
    NetworkFacts(
        id="gitlab",
        label="GitLab",
        argument="host",
        default="gitlab.com",
        profile="forum",
        unknown={"listed": _NO_LIST, "endorsed": _NO_RESHARE, "voted": _NO_VOTE},
    ),
    NetworkFacts(
        id="gerrit",
        label="Gerrit",
        argument="host",
        profile="forum",
        unknown={
            "consulted": "nobody is addressed by name here",
            "accepted": _NO_ACCEPT,
            "listed": _NO_LIST,
            "endorsed": _NO_RESHARE,
            "voted": _NO_VOTE,
        },
    ),
    NetworkFacts(
        id="hackernews",
        label="Hacker News",
        argument=None,
        profile="forum",
        unknown={
            **_CODE,
            "accepted": _NO_ACCEPT,
            "listed": _NO_LIST,
            "endorsed": _NO_RESHARE,
            "voted": "votes on comments are not shown",
        },
    ),
    NetworkFacts(
        id="discourse",
        label="Discourse",
        argument="host",
        profile="forum",
        unknown={**_CODE, "listed": _NO_LIST, "endorsed": _NO_RESHARE, "voted": _NO_VOTE},
    ),
    NetworkFacts(
        id="reddit",
        label="Reddit",
        argument=None,
        profile="forum",
        unknown={**_CODE, "accepted": _NO_ACCEPT, "listed": _NO_LIST, "endorsed": _NO_RESHARE},
    ),
    NetworkFacts(
        id="lemmy",
        label="Lemmy",
        argument=None,
        profile="forum",
        unknown={**_CODE, "accepted": _NO_ACCEPT, "listed": _NO_LIST, "endorsed": _NO_RESHARE},
    ),
    NetworkFacts(
        id="mediawiki",
        label="MediaWiki",
        argument="host",
        profile="forum",
        unknown={
            **_CODE,
            "accepted": "thanks do not say for which edit: they let standing flow, and are of no topic",
            "listed": _NO_LIST,
            "endorsed": _NO_RESHARE,
            "voted": _NO_VOTE,
        },
    ),
    NetworkFacts(
        id="zulip",
        label="Zulip",
        argument="host",
        profile="forum",
        unknown={**_CODE, "listed": _NO_LIST, "endorsed": _NO_RESHARE, "voted": _NO_VOTE},
    ),
    NetworkFacts(
        id="git",
        label="git history",
        argument="name",
        profile="forum",
        unknown={
            **dict.fromkeys(("thanked", "replied", "consulted"), "conversation is not part of a git history"),
            "listed": _NO_LIST,
            "endorsed": _NO_RESHARE,
            "voted": _NO_VOTE,
        },
    ),
    *(
        NetworkFacts(
            id=name,
            label=label,
            argument=None,
            profile="microblog",
            unknown={**_CODE, "accepted": _NO_ACCEPT, "voted": _NO_VOTE, **more},
        )
        for name, label, more in (
            ("mastodon", "Mastodon", {}),
            ("bluesky", "Bluesky", {}),
            ("x", "X", {}),
            ("linkedin", "LinkedIn", {"listed": _NO_LIST}),
            ("instagram", "Instagram", {"listed": _NO_LIST}),
            ("youtube", "YouTube", {"listed": _NO_LIST, "endorsed": _NO_RESHARE}),
        )
    ),
    NetworkFacts(id="custom", label="a community's own data", argument="name", profile=None, unknown={}),
)
_BY_ID = {network.id: network for network in NETWORKS}
_FORMER = {"twitter": "x", "stackoverflow": "stackexchange", "fediverse": "mastodon", "atproto": "bluesky"}


def network_of(name: str) -> NetworkFacts:
    """Return the facts of a network named like `stackexchange:travel` or `mastodon`.

    Raises UnknownNetworkError, saying what is wrong with the name.
    """
    family, colon, argument = name.partition(":")
    facts = _BY_ID.get(family)
    if facts is None:
        meant = _FORMER.get(family.lower()) or next(iter(get_close_matches(family.lower(), _BY_ID, n=1)), None)
        if meant:
            raise UnknownNetworkError(f"no network is called {family!r}: did you mean {meant}?")
        raise UnknownNetworkError(
            f"no network is called {family!r}; known are {', '.join(_BY_ID)}. Call a community of your own custom:NAME"
        )
    if facts.argument and not argument and (colon or facts.default is None):
        raise UnknownNetworkError(f"{family} needs a {facts.argument}: {family}:{facts.argument.upper()}")
    if colon and not facts.argument:
        raise UnknownNetworkError(f"{family} takes nothing after the colon")
    return facts


def network_label(network: str) -> str:
    """Name a network for people: a community of its own by its name, a site with what it is a site of."""
    family, _, argument = network.partition(":")
    if family == "custom":
        return argument
    facts = _BY_ID.get(family)
    if facts is None:
        return network
    return f"{facts.label}, {argument}" if argument else facts.label


@lru_cache(maxsize=1024)
def network_name(name: str) -> str:
    """Return the one name of a network: hosts in lower case and ASCII, sites of Stack Exchange as its API calls them.

    Names that communities and projects chose themselves are one without regard to case and spaces, too.

    Raises UnknownNetworkError, saying what is wrong with the name.
    """
    facts = network_of(name)
    argument = name.partition(":")[2]
    if facts.argument is None or not argument:
        return facts.id
    try:
        found = _ARGUMENTS[facts.argument](argument)
    except ValueError:
        raise UnknownNetworkError(f"{facts.id} needs a {facts.argument}; {argument!r} is none") from None
    if "/" in found:  # in the address of an account it would part the network from the name elsewhere
        example = found.replace("/", "-")
        raise UnknownNetworkError(f"the name of a community or project holds no slash: call it {example!r}")
    if facts.id == "mediawiki":
        found = _MOBILE.sub(lambda host: f"{host[1] or 'www.'}{host[2]}", found)
    return facts.id if found == facts.default else f"{facts.id}:{found}"


_MOBILE = re.compile(r"\A([a-z0-9-]+\.)?m\.(wik[a-z]+\.org|mediawiki\.org)\Z")
"""Where a wiki of Wikimedia shows its pages to phones."""


def site_name(written: str) -> str:
    """Return what the API of Stack Exchange calls a site, of its name or host: `travel`, `stackoverflow`.

    Raises ValueError.
    """
    host = _host(written).removeprefix("www.")
    if host == "stackexchange.com":
        raise ValueError("this is the network of all sites")
    if host.endswith(".stackexchange.com"):
        name = host.removesuffix(".stackexchange.com")
        return f"{name.removeprefix('meta.')}.meta" if name.startswith("meta.") else name
    if host.removesuffix(".com").split(".")[-1] in _SITES_OF_THEIR_OWN:
        return host.removesuffix(".com")
    return f"{host}.net" if host.split(".")[-1] == "mathoverflow" else host


def site_host(site: str) -> str:
    """Return the host of a site of Stack Exchange, of the name that `site_name` gives it."""
    if site.endswith(".net"):
        return site
    return f"{site}.com" if site.rpartition(".")[2] in _SITES_OF_THEIR_OWN else f"{site}.stackexchange.com"


_SITES_OF_THEIR_OWN = frozenset({"stackoverflow", "serverfault", "superuser", "askubuntu", "stackapps"})


def _host(written: str) -> str:
    scheme, mark, rest = written.strip().partition("://")
    return host_name((rest if mark and scheme.lower() in {"http", "https"} else written.strip()).rstrip("/"))


def _community_name(written: str) -> str:
    """Fold a name of somebody's own choice (Unicode's toNFKC_Casefold): however it is written, one community."""
    plain = unicodedata.normalize("NFKC", visible(unicodedata.normalize("NFD", written)).casefold())
    name = " ".join(unicodedata.normalize("NFKC", plain.casefold()).split())
    if not name:
        raise ValueError("there is no name")
    return name


_ARGUMENTS = {"host": _host, "site": site_name, "name": _community_name}


Proof: TypeAlias = Literal["profile", "post", "page", "domain", "operator"]
PROOFS: dict[str, tuple[Proof, ...]] = {
    "mastodon": ("profile", "page", "domain"),
    "bluesky": ("profile", "post"),
    "github": ("profile", "post", "page", "domain"),
    "gitlab": ("profile", "page", "domain"),
    "hackernews": ("profile",),
    "discourse": ("profile", "page", "domain"),
    "stackexchange": ("profile", "page", "domain"),
}


def proofs_of(network: str) -> tuple[Proof, ...]:
    """Return the ways that a network leaves open, and at last the operator.

    `profile`: a word in what the account says of itself; `post`: in a post or gist of its own; `page`, `domain`: on a
    page, or in the DNS of a domain, that the account's profile names as its own.
    """
    return (*PROOFS.get(network.partition(":")[0], ()), "operator")
