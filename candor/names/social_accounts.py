"""How accounts of social networks are written: Mastodon and its kin, Bluesky, X, Reddit, YouTube and others."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from candor.names.account_text import (
    EDGES,
    FEDERATED,
    SCHEME,
    USER,
    UnknownAccountError,
    address_in,
    other_site,
    page_in,
)
from candor.names.addresses import host_name

_IN_PATHS = "!$&'()*+,;=:@~"
_MASTODON_EXPECTED = "an account of Mastodon is written @user@host, or as the address of its profile on its own server"


def mastodon(argument: str, account: str) -> str:
    """`@user@host` in lower case, the host in ASCII; an actor's address that names no user is a name of its own."""
    del argument
    text = account.strip(EDGES)
    found = FEDERATED.fullmatch(text)
    if found is None:
        return _of_profile(text)
    try:
        return f"@{found[1]}@{host_name(found[2])}".lower()
    except ValueError as error:
        raise UnknownAccountError(_MASTODON_EXPECTED) from error


def _of_profile(text: str) -> str:
    page = address_in(text)
    if page is None:
        raise UnknownAccountError(_MASTODON_EXPECTED)
    path = page.path[1:] if page.path[:1] == ("web",) and page.path[1:2] != ("accounts",) else page.path
    match path:
        case (at_name,) | (at_name, "with_replies" | "media" | "featured" | "followers" | "following") if (
            at_name.startswith("@")
        ):
            user, at, host = at_name[1:].partition("@")
            return mastodon("", f"@{user}@{host if at else page.host}")
        case ("users" | "u" | "profile" | "accounts", user) if USER.fullmatch(user):
            return f"@{user}@{page.host}".lower()
    if not SCHEME.match(text) or not (path or page.query) or path[:1] == ("users",) or "@" in "".join(path[:1]):
        raise UnknownAccountError(_MASTODON_EXPECTED)  # a post, or a page about the account
    written = "/".join(quote(part, safe=_IN_PATHS) for part in page.path)
    return f"https://{page.host}/{written}" + (f"?{page.query}" if page.query else "")


_LEMMY_EXPECTED = "an account of Lemmy is written @user@host, or as the address of its profile there"


def lemmy(argument: str, account: str) -> str:
    """`@user@host` in lower case, the host in ASCII."""
    del argument
    text = account.strip(EDGES)
    page = address_in(text)
    if page is not None and len(page.path) == 2 and page.path[0] == "u":
        text = page.path[1] if "@" in page.path[1] else f"{page.path[1]}@{page.host}"
    found = FEDERATED.fullmatch(text)
    try:
        if found is not None:
            return f"@{found[1]}@{host_name(found[2])}".lower()
    except ValueError as error:
        raise UnknownAccountError(_LEMMY_EXPECTED) from error
    raise UnknownAccountError(_LEMMY_EXPECTED)


_DID = re.compile(r"did:(?:plc:[a-z2-7]{24}|web:[a-z0-9.-]+(?:%3A[0-9]+)?)")
_HANDLE = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z](?:[a-z0-9-]*[a-z0-9])?")
_BLUESKY_TABS = {("followers",), ("follows",), ("known-followers",)}
_BLUESKY_EXPECTED = (
    "an account of Bluesky is written as its handle (ada.bsky.social), its DID (did:plc:…) or the address of its page"
)


def bluesky(argument: str, account: str) -> str:
    """A DID as it is, or a handle in lower case. Which DID a handle stands for only the network can say."""
    del argument
    text = account.strip(EDGES)
    page = None if text.lower().startswith("at://") else address_in(text.rstrip("/"))
    if page is not None and page.host not in {"bsky.app", "www.bsky.app"}:
        raise other_site(_BLUESKY_EXPECTED)
    if page is not None and page.path[:1] == ("profile",):
        text = page.path[1] if len(page.path) == 2 or page.path[2:] in _BLUESKY_TABS else ""
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


_X = re.compile(r"@?([A-Za-z0-9_]{1,20})")
_X_ID = re.compile(r"[Ii][Dd]:0*([0-9]{1,20})")
_X_HOSTS = {f"{under}{host}" for under in ("", "www.", "mobile.", "m.") for host in ("x.com", "twitter.com")}
_X_TABS = [[tab] for tab in ("with_replies", "media", "likes", "highlights", "articles", "followers", "following")]
_X_EXPECTED = "an account of X is written ada, @ada or https://x.com/ada, or by its number, as id:12"


def x(argument: str, account: str) -> str:
    """The user name in lower case, or `id:` and the number of an account whose name X does not tell."""
    del argument
    text = account.strip(EDGES)
    if found := _X.fullmatch(text):
        return found[1].lower()
    if found := _X_ID.fullmatch(text):
        return f"id:{found[1]}"
    page = page_in(text, _X_HOSTS, _X_EXPECTED)
    if page is not None:
        match page.path:
            case ("i", "user", number):
                return x("", f"id:{number}")
            case ("intent", "user" | "follow"):
                return x("", page.asked("screen_name") or f"id:{page.asked('user_id')}")
            case (name, *tab) if _X.fullmatch(name) and (not tab or tab in _X_TABS):
                return x("", name)
            case () if _X.fullmatch(page.fragment.removeprefix("!/")):
                return x("", page.fragment.removeprefix("!/"))
    raise UnknownAccountError(_X_EXPECTED)


_REDDITOR = re.compile(r"(?:@|/?u/)?([A-Za-z0-9_-]{1,20})")
_REDDIT_HOSTS = {"reddit.com", *(f"{name}.reddit.com" for name in ("www", "old", "new", "np", "sh", "m", "i"))}
_REDDIT_TABS = {("overview",), ("comments",), ("submitted",), ("posts",)}
_REDDIT_EXPECTED = "an account of Reddit is written ada, u/ada or https://www.reddit.com/user/ada"


def reddit(argument: str, account: str) -> str:
    """The user name in lower case."""
    del argument
    text = account.strip(EDGES)
    page = page_in(text, _REDDIT_HOSTS, _REDDIT_EXPECTED)
    if page is not None:
        is_profile = page.path[:1] in {("user",), ("u",)} and (len(page.path) == 2 or page.path[2:] in _REDDIT_TABS)
        text = page.path[1] if is_profile else ""
    if found := _REDDITOR.fullmatch(text):
        return found[1].lower()
    raise UnknownAccountError(_REDDIT_EXPECTED)


_CHANNEL = re.compile(r"UC[A-Za-z0-9_-]{22}")
_HANDLE_OF_CHANNEL = re.compile(r"@[A-Za-z0-9_.\u00b7-]{1,30}")
_YOUTUBE_EXPECTED = "an account of YouTube is written @ada, UC… or https://www.youtube.com/@ada"


def youtube(argument: str, account: str) -> str:
    """The number of the channel, or its handle in lower case. Which number a handle stands for only YouTube says."""
    del argument
    text = account.strip(EDGES)
    page = page_in(text, {"youtube.com", "www.youtube.com", "m.youtube.com"}, _YOUTUBE_EXPECTED)
    if page is not None:
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


_INSTAGRAM = re.compile(r"@?([A-Za-z0-9._]{1,30})")
_INSTAGRAM_EXPECTED = "an account of Instagram is written ada, @ada or https://instagram.com/ada"


def instagram(argument: str, account: str) -> str:
    """The user name in lower case."""
    del argument
    text = account.strip(EDGES)
    page = page_in(text, {"instagram.com", "www.instagram.com"}, _INSTAGRAM_EXPECTED)
    if page is not None:
        text = page.path[0] if len(page.path) == 1 else ""
    if found := _INSTAGRAM.fullmatch(text):
        return found[1].lower()
    raise UnknownAccountError(_INSTAGRAM_EXPECTED)


_LINKEDIN_EXPECTED = "an account of LinkedIn is written as its name, or https://www.linkedin.com/in/ada"


def linkedin(argument: str, account: str) -> str:
    """The name as the member writes it, its blanks single, or the last part of the address of the profile."""
    del argument
    text = account.strip(EDGES)
    page = address_in(text)
    if page is not None and (page.host == "linkedin.com" or page.host.endswith(".linkedin.com")):
        text = page.path[1].lower() if page.path[:1] == ("in",) and len(page.path) >= 2 else text
    elif page is not None and SCHEME.match(text):
        raise other_site(_LINKEDIN_EXPECTED)
    return " ".join(unicodedata.normalize("NFC", text).split())
