"""One name for each account: every way in which people write an account of a network is settled to the same text.

Nothing is asked and nothing is guessed: what only a network can say, such as which DID a handle stands for or where an
account has moved to, stays as it was given.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import idna

from candor.names.addresses import host_name
from candor.names.networks import network_name, site_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_CHARACTERS = 512
_EDGES = " \t\r\n\f\v\u00a0\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
"""White space, and the invisible marks that come along when a name is copied from a page."""

_IN_PATHS = "!$&'()*+,;=:@~"
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_BARE_ADDRESS = re.compile(r"[^\s/@]+\.[^\s/@]+/[^\s]*")

_LOGIN = re.compile(r"@?([A-Za-z0-9_](?:[A-Za-z0-9_-]){0,38}(?:\[[Bb][Oo][Tt]\])?)")
_GITLAB = re.compile(r"@?([A-Za-z0-9_.][A-Za-z0-9_.-]{0,254})")
_X = re.compile(r"@?([A-Za-z0-9_]{1,20})")
_X_ID = re.compile(r"[Ii][Dd]:0*([0-9]{1,20})")
_INSTAGRAM = re.compile(r"@?([A-Za-z0-9._]{1,30})")
_FEDERATED = re.compile(r"(?:[Aa][Cc][Cc][Tt]:)?@?([A-Za-z0-9_.-]{1,100})@([^\s@/]{1,253})")
_USER = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_DID = re.compile(r"did:(?:plc:[a-z2-7]{24}|web:[a-z0-9.-]+(?:%3A[0-9]+)?)")
_HANDLE = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z](?:[a-z0-9-]*[a-z0-9])?")
_DISCOURSE = re.compile(r"@?([^\s/@]{1,60})")
_MEMBER = re.compile(r"0*([0-9]{1,12})")
_HACKER = re.compile(r"[A-Za-z0-9_-]{2,15}")
_MAIL = re.compile(r"(?:[^<>]*<)?([^\s<>@]+@[^\s<>@]+?)>?")

_IN_USERS = re.compile(
    r"(?:user(?:[ _]talk)?|benutzer(?:in)?|utilisat(?:eur|rice)|usuari[oa]|utente|gebruiker|special:contributions)[:/]",
    re.IGNORECASE,
)
_NOT_IN_WIKI_NAMES = re.compile(r"[#<>\[\]|{}/@:\x00-\x1f\x7f]")
_LONGEST_WIKI_NAME = 255

_REDDITOR = re.compile(r"(?:@|/?u/)?([A-Za-z0-9_-]{1,20})")
_CHANNEL = re.compile(r"UC[A-Za-z0-9_-]{22}")
_HANDLE_OF_CHANNEL = re.compile(r"@[A-Za-z0-9_.\u00b7-]{1,30}")
_MASTODON_EXPECTED = "an account of Mastodon is written @user@host, or as the address of its profile on its own server"
_GITHUB_EXPECTED = "an account of GitHub is written octocat, @octocat or https://github.com/octocat"
_GITLAB_EXPECTED = "an account of GitLab is written ada, @ada or https://gitlab.com/ada, with the server's host"
_GERRIT_EXPECTED = (
    "an account of Gerrit is written as its number there, its e-mail address, its user name or https://HOST/q/owner:ada"
)
_LEMMY_EXPECTED = "an account of Lemmy is written @user@host, or as the address of its profile there"
_MEDIAWIKI_EXPECTED = (
    "an account of a wiki is written Ada, User:Ada or https://HOST/wiki/User:Ada, with the wiki's host"
)
_REDDIT_EXPECTED = "an account of Reddit is written ada, u/ada or https://www.reddit.com/user/ada"
_YOUTUBE_EXPECTED = "an account of YouTube is written @ada, UC… or https://www.youtube.com/@ada"
_X_EXPECTED = "an account of X is written ada, @ada or https://x.com/ada, or by its number, as id:12"
_BLUESKY_EXPECTED = (
    "an account of Bluesky is written as its handle (ada.bsky.social), its DID (did:plc:…) or the address of its page"
)
_DISCOURSE_EXPECTED = (
    "an account of a Discourse forum is written ada, @ada or https://HOST/u/ada, with the forum's host"
)
_MEMBER_EXPECTED = (
    "an account of a Stack Exchange site is written as the number of the member, or as the address of its page there"
)
_HACKER_EXPECTED = (
    "an account of Hacker News is written pg, as it is spelled there, or https://news.ycombinator.com/user?id=pg"
)
_INSTAGRAM_EXPECTED = "an account of Instagram is written ada, @ada or https://instagram.com/ada"
_LINKEDIN_EXPECTED = "an account of LinkedIn is written as its name, or https://www.linkedin.com/in/ada"


class UnknownAccountError(ValueError):
    """The text cannot be an account of the network; the words say how one is written. They do not repeat the text."""


def account_name(network: str, account: str) -> str:
    """Return the one name of an account on a network, whichever way both are written.

    Raises UnknownNetworkError, and UnknownAccountError where no account of the network can be written like this.
    """
    return account_namer(network)(account)


@lru_cache(maxsize=1024)
def account_namer(network: str) -> Callable[[str], str]:
    """Return what `account_name` does for one network. Raises UnknownNetworkError."""
    family, _, argument = network_name(network).partition(":")
    return partial(_checked, partial(_FAMILIES.get(family, _exact), argument))


def lenient_namer(network: str) -> Callable[[str], str]:
    """Return what gives an account's one name, and leaves as it is what no account of the network is written like.

    Raises UnknownNetworkError.
    """
    settled = account_namer(network)

    def _name(account: str) -> str:
        try:
            return settled(account)
        except UnknownAccountError:
            return account

    return _name


def may_have_aliases(network: str, name: str) -> bool:
    """Say whether only the network can tell by which other names an account goes.

    A handle of Bluesky stands for a DID, an account of Mastodon may have moved, a number of X stands for a user name,
    and one of Gerrit for an address.
    """
    family = network.partition(":")[0]
    return (
        family in {"bluesky", "gerrit", "youtube"}
        or (family, name[:1]) == ("mastodon", "@")
        or (family, name[:3]) == ("x", "id:")
    )


def tells_case_apart(network: str) -> bool:
    """Say whether upper and lower case make two accounts of one name there, so that texts are to be read like that."""
    return network.partition(":")[0] in {"hackernews", "custom", "mediawiki", "youtube"}


def spellings(network: str, name: str) -> Iterator[str]:
    """Yield how an account's one name stands in texts and addresses, itself first.

    A name that is the last part of its address (`github.com/ada`) or follows an @ is found there as a word of its own.
    """
    yield name
    found = _FEDERATED.fullmatch(name) if network == "mastodon" else None
    for host in _shown_hosts(found[2]) if found else ():
        user = found[1] if found else ""
        yield from (f"@{user}@{host}", f"{user}@{host}", f"{host}/@{user}", f"{host}/users/{user}")
    if _SCHEME.match(name):
        yield _SCHEME.sub("", name)


def _shown_hosts(host: str) -> Iterator[str]:
    """Yield a host as it is kept, and as people read it where it has letters beyond ASCII."""
    yield host
    if "xn--" in host:
        try:
            yield idna.decode(host)
        except (idna.IDNAError, UnicodeError):
            return


def _checked(family: Callable[[str], str], account: str) -> str:
    name = family(account) if len(account) <= MOST_CHARACTERS else ""
    if not 1 <= len(name) <= MOST_CHARACTERS:
        raise UnknownAccountError(f"an account's name has 1 to {MOST_CHARACTERS} characters")
    return name


class _Address(NamedTuple):
    """The address of a page: its host, the parts of its path without empty ones, its query and fragment."""

    host: str
    path: tuple[str, ...]
    query: str
    fragment: str

    def asked(self, name: str) -> str:
        """Return what the query says under a name, empty where it says nothing."""
        return dict(parse_qsl(self.query)).get(name, "")


def _address(text: str) -> _Address | None:
    """Take an address apart, with or without its scheme; None where the text is none."""
    if not _SCHEME.match(text):
        if not _BARE_ADDRESS.fullmatch(text):
            return None
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host = host_name(parts.netloc, default_port=80 if parts.scheme == "http" else 443)
    except ValueError:
        return None
    path = tuple(unquote(part) for part in parts.path.split("/") if part)
    return _Address(host, path, parts.query, parts.fragment)


def _exact(argument: str, account: str) -> str:
    """Keep a name as it is, but for letters that Unicode can write in two ways (normalisation form C)."""
    del argument
    return account if account.isascii() else unicodedata.normalize("NFC", account)


def _mastodon(argument: str, account: str) -> str:
    """`@user@host` in lower case, the host in ASCII; an actor's address that names no user is a name of its own."""
    del argument
    text = account.strip(_EDGES)
    found = _FEDERATED.fullmatch(text)
    if found is None:
        return _of_profile(text)
    try:
        return f"@{found[1]}@{host_name(found[2])}".lower()
    except ValueError as error:
        raise UnknownAccountError(_MASTODON_EXPECTED) from error


def _of_profile(text: str) -> str:
    page = _address(text)
    if page is None:
        raise UnknownAccountError(_MASTODON_EXPECTED)
    path = page.path[1:] if page.path[:1] == ("web",) and page.path[1:2] != ("accounts",) else page.path
    match path:
        case (at_name,) if at_name.startswith("@"):
            user, at, host = at_name[1:].partition("@")
            return _mastodon("", f"@{user}@{host if at else page.host}")
        case ("users" | "u" | "profile" | "accounts", user) if _USER.fullmatch(user):
            return f"@{user}@{page.host}".lower()
    if not _SCHEME.match(text) or not (path or page.query) or path[:1] == ("users",) or "@" in "".join(path[:1]):
        raise UnknownAccountError(_MASTODON_EXPECTED)  # a post, or a page about the account
    written = "/".join(quote(part, safe=_IN_PATHS) for part in page.path)
    return f"https://{page.host}/{written}" + (f"?{page.query}" if page.query else "")


def _github(argument: str, account: str) -> str:
    """The login in lower case: GitHub takes no notice of case."""
    del argument
    text = account.strip(_EDGES)
    if found := _LOGIN.fullmatch(text):
        return found[1].lower()
    page = _address(text)
    if page is not None and page.host in {"github.com", "www.github.com", "api.github.com"}:
        match page.path:
            case (login,) | ("orgs" | "users", login) if _LOGIN.fullmatch(login):
                return login.removeprefix("@").lower()
            case ("apps", app) if _LOGIN.fullmatch(app):
                return f"{app.lower()}[bot]"
    raise UnknownAccountError(_GITHUB_EXPECTED)


def _gitlab(argument: str, account: str) -> str:
    """The user name in lower case; an address must be of that server."""
    text, host = account.strip(_EDGES), argument or "gitlab.com"
    page = _address(text)
    if page is not None and page.host in {host, f"www.{host}"} and page.path:
        text = page.path[-1] if page.path[:-1] in {(), ("users",), ("u",)} else ""
    if found := _GITLAB.fullmatch(text):
        return found[1].lower()
    raise UnknownAccountError(_GITLAB_EXPECTED)


def _gerrit(host: str, account: str) -> str:
    """The number of the account on its server. Which one an address or a user name stands for only the server says."""
    text = account.strip(_EDGES)
    page = _address(text)
    if page is not None and page.host == host and page.path[-1:] and page.path[-1].startswith("owner:"):
        text = page.path[-1].removeprefix("owner:")
    if found := _MEMBER.fullmatch(text):
        return found[1]
    if found := _MAIL.fullmatch(text):
        return found[1].lower()
    if _USER.fullmatch(text):
        return text.lower()
    raise UnknownAccountError(_GERRIT_EXPECTED)


def _lemmy(argument: str, account: str) -> str:
    """`@user@host` in lower case, the host in ASCII."""
    del argument
    text = account.strip(_EDGES)
    page = _address(text)
    if page is not None and len(page.path) == 2 and page.path[0] == "u":
        text = page.path[1] if "@" in page.path[1] else f"{page.path[1]}@{page.host}"
    found = _FEDERATED.fullmatch(text)
    try:
        if found is not None:
            return f"@{found[1]}@{host_name(found[2])}".lower()
    except ValueError as error:
        raise UnknownAccountError(_LEMMY_EXPECTED) from error
    raise UnknownAccountError(_LEMMY_EXPECTED)


def _mediawiki(host: str, account: str) -> str:
    """The user name as the wiki writes it: blanks for underscores, its first letter a capital."""
    text = account.strip(_EDGES)
    page = _address(text)
    if page is not None and page.host == host:
        text = "/".join(page.path[1:]) if page.path[:1] == ("wiki",) else page.asked("title")
        if not _IN_USERS.match(text):
            raise UnknownAccountError(_MEDIAWIKI_EXPECTED)
    text = " ".join(unicodedata.normalize("NFC", _IN_USERS.sub("", text)).replace("_", " ").split())
    if not text or _NOT_IN_WIKI_NAMES.search(text) or len(text.encode()) > _LONGEST_WIKI_NAME:
        raise UnknownAccountError(_MEDIAWIKI_EXPECTED)
    first = text[0].upper()
    return (first if len(first) == 1 else text[0]) + text[1:]


def _reddit(argument: str, account: str) -> str:
    """The user name in lower case."""
    del argument
    text = account.strip(_EDGES)
    page = _address(text)
    if page is not None and page.host in {
        "reddit.com",
        *(f"{name}.reddit.com" for name in ("www", "old", "new", "np")),
    }:
        text = page.path[1] if len(page.path) == 2 and page.path[0] in {"user", "u"} else ""
    if found := _REDDITOR.fullmatch(text):
        return found[1].lower()
    raise UnknownAccountError(_REDDIT_EXPECTED)


def _youtube(argument: str, account: str) -> str:
    """The number of the channel, or its handle in lower case. Which number a handle stands for only YouTube says."""
    del argument
    text = account.strip(_EDGES)
    page = _address(text)
    if page is not None and page.host in {"youtube.com", "www.youtube.com", "m.youtube.com"}:
        match page.path:
            case ("channel", number, *_):
                text = number
            case (handle, *_) if handle.startswith("@"):
                text = handle
    if _CHANNEL.fullmatch(text):
        return text
    if (found := _HANDLE_OF_CHANNEL.fullmatch(text)) is not None:
        return found[0].lower()
    raise UnknownAccountError(_YOUTUBE_EXPECTED)


def _x(argument: str, account: str) -> str:
    """The user name in lower case, or `id:` and the number of an account whose name X does not tell."""
    del argument
    text = account.strip(_EDGES)
    if found := _X.fullmatch(text):
        return found[1].lower()
    if found := _X_ID.fullmatch(text):
        return f"id:{found[1]}"
    page = _address(text)
    if page is not None and page.host.removeprefix("www.").removeprefix("mobile.") in {"x.com", "twitter.com"}:
        match page.path:
            case ("i", "user", number):
                return _x("", f"id:{number}")
            case ("intent", "user" | "follow"):
                return _x("", page.asked("screen_name") or f"id:{page.asked('user_id')}")
            case (name,) if _X.fullmatch(name):
                return _x("", name)
            case () if _X.fullmatch(page.fragment.removeprefix("!/")):
                return _x("", page.fragment.removeprefix("!/"))
    raise UnknownAccountError(_X_EXPECTED)


def _bluesky(argument: str, account: str) -> str:
    """A DID as it is, or a handle in lower case. Which DID a handle stands for only the network can say."""
    del argument
    text = account.strip(_EDGES)
    page = _address(text) if "/" in text and not text.lower().startswith("at://") else None
    if page is not None and page.host in {"bsky.app", "www.bsky.app"} and page.path[:1] == ("profile",):
        text = page.path[1] if len(page.path) == 2 else ""
    text = re.sub(r"^at://", "", text, flags=re.IGNORECASE).rstrip("/").removeprefix("@")
    if _DID.fullmatch(text):
        return text
    try:
        handle = host_name(text)
    except ValueError as error:
        raise UnknownAccountError(_BLUESKY_EXPECTED) from error
    if not _HANDLE.fullmatch(handle) or handle == "handle.invalid":
        raise UnknownAccountError(_BLUESKY_EXPECTED)
    return handle


def _discourse(host: str, account: str) -> str:
    """The user name in lower case and normalisation form C, as Discourse compares names."""
    text = account.strip(_EDGES)
    page = _address(text)
    if page is not None:
        at = next((place for place, part in enumerate(page.path) if part in {"u", "users"}), None)
        named = page.path[at + 1] if page.host == host and at is not None and len(page.path) > at + 1 else ""
        text = named.removesuffix(".json")
    found = _DISCOURSE.fullmatch(text)
    if found is None or not all(_in_discourse(character) for character in found[1]):
        raise UnknownAccountError(_DISCOURSE_EXPECTED)
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", found[1]).lower())


def _in_discourse(character: str) -> bool:
    return character.isalnum() or character in "_.-" or unicodedata.category(character).startswith("M")


def _stackexchange(site: str, account: str) -> str:
    """The number of the member on the site; an address must be of that site."""
    text = account.strip(_EDGES)
    if text == "-1":  # the Community user, who is nobody
        return text
    page = _address(text)
    if page is not None and page.path[:1] == ("users",) and len(page.path) >= 2:
        text = page.path[1] if _is_of(page.host, site) else ""
    if found := _MEMBER.fullmatch(text):
        return found[1]
    raise UnknownAccountError(_MEMBER_EXPECTED)


def _is_of(host: str, site: str) -> bool:
    try:
        return site_name(host) == site
    except ValueError:
        return False


def _hackernews(argument: str, account: str) -> str:
    """The name as it is: Hacker News tells upper from lower case."""
    del argument
    text = account.strip(_EDGES)
    page = _address(text)
    if page is not None:
        of_user = page.host == "news.ycombinator.com" and page.path in {("user",), ("submitted",), ("threads",)}
        text = page.asked("id") if of_user else ""
    if _HACKER.fullmatch(text):
        return text
    raise UnknownAccountError(_HACKER_EXPECTED)


def _instagram(argument: str, account: str) -> str:
    """The user name in lower case."""
    del argument
    text = account.strip(_EDGES)
    page = _address(text)
    if page is not None and page.host in {"instagram.com", "www.instagram.com"}:
        text = page.path[0] if len(page.path) == 1 else ""
    if found := _INSTAGRAM.fullmatch(text):
        return found[1].lower()
    raise UnknownAccountError(_INSTAGRAM_EXPECTED)


def _linkedin(argument: str, account: str) -> str:
    """The name as the member writes it, its blanks single, or the last part of the address of the profile."""
    del argument
    text = account.strip(_EDGES)
    page = _address(text)
    if page is not None and (page.host == "linkedin.com" or page.host.endswith(".linkedin.com")):
        text = page.path[1].lower() if page.path[:1] == ("in",) and len(page.path) >= 2 else text
    elif page is not None and _SCHEME.match(text):
        raise UnknownAccountError(_LINKEDIN_EXPECTED)
    return " ".join(unicodedata.normalize("NFC", text).split())


def _by_mail(argument: str, account: str) -> str:
    """An e-mail address in lower case, also out of `Name <address>`; whatever is none stays as it is."""
    found = _MAIL.fullmatch(account.strip(_EDGES))
    return _exact(argument, found[1].lower() if found else account)


_FAMILIES: dict[str, Callable[[str, str], str]] = {
    "mastodon": _mastodon,
    "github": _github,
    "gitlab": _gitlab,
    "gerrit": _gerrit,
    "lemmy": _lemmy,
    "mediawiki": _mediawiki,
    "reddit": _reddit,
    "youtube": _youtube,
    "x": _x,
    "bluesky": _bluesky,
    "discourse": _discourse,
    "stackexchange": _stackexchange,
    "hackernews": _hackernews,
    "instagram": _instagram,
    "linkedin": _linkedin,
    "git": _by_mail,
    "zulip": _by_mail,
    "custom": _exact,
}
