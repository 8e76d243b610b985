"""How accounts are written where people work and help one another: code hosts, wikis, forums, mail."""

from __future__ import annotations

import re
import unicodedata

from candor.names.account_text import (
    EDGES,
    USER,
    UnknownAccountError,
    address_in,
    chosen_name,
    other_site,
    page_in,
)
from candor.names.addresses import literal
from candor.names.networks import site_name

GHOST = "ghost"
"""Whom GitHub and GitLab show in the place of every account that is gone."""
_LOGIN = re.compile(r"@?([A-Za-z0-9_](?:[A-Za-z0-9_-]){0,38}(?:\[[Bb][Oo][Tt]\])?)")
_GITHUB_EXPECTED = "an account of GitHub is written octocat, @octocat or https://github.com/octocat"


def github(argument: str, account: str) -> str:
    """The login in lower case: GitHub takes no notice of case."""
    del argument
    text = account.strip(EDGES)
    if found := _LOGIN.fullmatch(text):
        return found[1].lower()
    page = page_in(text, {"github.com", "www.github.com", "api.github.com"}, _GITHUB_EXPECTED)
    if page is not None:
        match page.path:
            case (login,) | ("orgs" | "users", login) if _LOGIN.fullmatch(login):
                return login.removeprefix("@").lower()
            case ("apps", app) if _LOGIN.fullmatch(app):
                return f"{app.lower()}[bot]"
    raise UnknownAccountError(_GITHUB_EXPECTED)


_GITLAB = re.compile(r"@?([A-Za-z0-9_.][A-Za-z0-9_.-]{0,254})")
_GITLAB_TABS = {(tab,) for tab in ("activity", "groups", "contributed", "projects", "starred", "snippets", "followers")}
_GITLAB_EXPECTED = "an account of GitLab is written ada, @ada or https://gitlab.com/ada, with the server's host"


def gitlab(argument: str, account: str) -> str:
    """The user name in lower case; an address must be of that server."""
    text, host = account.strip(EDGES), argument or "gitlab.com"
    page = page_in(text, {host, f"www.{host}"}, _GITLAB_EXPECTED)
    if page is not None and page.path:
        path = page.path[:-1] if page.path[:1] == ("users",) and page.path[2:] in _GITLAB_TABS else page.path
        text = path[-1] if path[:-1] in {(), ("users",), ("u",)} else ""
    if found := _GITLAB.fullmatch(text):
        return found[1].lower()
    raise UnknownAccountError(_GITLAB_EXPECTED)


_MEMBER = re.compile(r"0*([0-9]{1,12})")
_MAIL = re.compile(r"(?:[^<>]*<)?([^\s<>@]+@[^\s<>@]+?)>?")
_GERRIT_EXPECTED = (
    "an account of Gerrit is written as its number there, its e-mail address, its user name or https://HOST/q/owner:ada"
)


def gerrit(host: str, account: str) -> str:
    """The number of the account on its server. Which one an address or a user name stands for only the server says."""
    text = account.strip(EDGES)
    page = page_in(text, {host}, _GERRIT_EXPECTED)
    if page is not None and page.path[-1:] and page.path[-1].startswith("owner:"):
        text = page.path[-1].removeprefix("owner:")
    elif page is not None and page.path[-2:-1] == ("dashboard",):
        text = page.path[-1]
    if found := _MEMBER.fullmatch(text):
        return found[1]
    if found := _MAIL.fullmatch(text):
        return found[1].lower()
    if USER.fullmatch(text):
        return text.lower()
    raise UnknownAccountError(_GERRIT_EXPECTED)


def by_mail(argument: str, account: str) -> str:
    """An e-mail address in lower case, also out of `Name <address>`; whatever is none is a name that people chose."""
    name = chosen_name(argument, account)
    found = _MAIL.fullmatch(name)
    return chosen_name(argument, found[1].lower()) if found else name


_IN_USERS = re.compile(
    r"(?:user(?:[ _]talk)?|benutzer(?:in)?|utilisat(?:eur|rice)|usuari[oa]|utente|gebruiker|special:contributions)[:/]",
    re.IGNORECASE,
)
_NOT_IN_WIKI_NAMES = re.compile(r"[#<>\[\]|{}/@:\x00-\x1f\x7f]")
_LONGEST_WIKI_NAME = 255
_MEDIAWIKI_EXPECTED = (
    "an account of a wiki is written Ada, User:Ada or https://HOST/wiki/User:Ada, with the wiki's host"
)


TEMPORARY = re.compile(r"~\d{4}-\d+(?:-\d+)*")


def is_unnamed(written: str) -> bool:
    """Say whether a wiki writes this for somebody without an account.

    That is an address on the internet, or since 2025 a temporary account, such as `~2026-123-4`.
    """
    return TEMPORARY.fullmatch(written) is not None or literal(written) is not None


def _mobile(host: str) -> str:
    """Return where a wiki of Wikimedia shows its pages to phones: at en.m.wikipedia.org those of en.wikipedia.org."""
    first, _, rest = host.partition(".")
    return f"m.{rest}" if first == "www" else f"{first}.m.{rest}"


def mediawiki(host: str, account: str) -> str:
    """The user name as the wiki writes it: blanks for underscores, its first letter a capital."""
    text = account.strip(EDGES)
    page = page_in(text, {host, _mobile(host)}, _MEDIAWIKI_EXPECTED)
    if page is not None:
        text = "/".join(page.path[1:]) if page.path[:1] == ("wiki",) else page.asked("title")
        if not _IN_USERS.match(text):
            raise UnknownAccountError(_MEDIAWIKI_EXPECTED)
    text = " ".join(unicodedata.normalize("NFC", _IN_USERS.sub("", text)).replace("_", " ").split())
    if not text or _NOT_IN_WIKI_NAMES.search(text) or len(text.encode()) > _LONGEST_WIKI_NAME:
        raise UnknownAccountError(_MEDIAWIKI_EXPECTED)
    first = text[0].upper()
    return unicodedata.normalize("NFC", (first if len(first) == 1 else text[0]) + text[1:])


_DISCOURSE = re.compile(r"@?([^\s/@]{1,60})")
_DISCOURSE_EXPECTED = (
    "an account of a Discourse forum is written ada, @ada or https://HOST/u/ada, with the forum's host"
)


def discourse(host: str, account: str) -> str:
    """The user name in lower case and normalisation form C, as Discourse compares names."""
    text = account.strip(EDGES)
    page = page_in(text, {host}, _DISCOURSE_EXPECTED)
    if page is not None:
        at = next((place for place, part in enumerate(page.path) if part in {"u", "users"}), None)
        named = page.path[at + 1] if at is not None and len(page.path) > at + 1 else ""
        text = named.removesuffix(".json")
    found = _DISCOURSE.fullmatch(text)
    if found is None or not all(_in_discourse(character) for character in found[1]):
        raise UnknownAccountError(_DISCOURSE_EXPECTED)
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", found[1]).lower())


def _in_discourse(character: str) -> bool:
    return character.isalnum() or character in "_.-" or unicodedata.category(character).startswith("M")


_MEMBER_EXPECTED = (
    "an account of a Stack Exchange site is written as the number of the member, or as the address of its page there"
)


def stackexchange(site: str, account: str) -> str:
    """The number of the member on the site; an address must be of that site."""
    text = account.strip(EDGES)
    if text == "-1":  # the Community user, who is nobody
        return text
    page = address_in(text)
    if page is not None and not _is_of(page.host, site):
        raise other_site(_MEMBER_EXPECTED)
    if page is not None and page.path[:1] == ("users",) and len(page.path) >= 2:
        text = page.path[1]
    if found := _MEMBER.fullmatch(text):
        return found[1]
    raise UnknownAccountError(_MEMBER_EXPECTED)


def _is_of(host: str, site: str) -> bool:
    try:
        return site_name(host) == site
    except ValueError:
        return False


_HACKER = re.compile(r"[A-Za-z0-9_-]{2,15}")
_HACKER_EXPECTED = (
    "an account of Hacker News is written pg, as it is spelled there, or https://news.ycombinator.com/user?id=pg"
)


def hackernews(argument: str, account: str) -> str:
    """The name as it is: Hacker News tells upper from lower case."""
    del argument
    text = account.strip(EDGES)
    page = page_in(text, {"news.ycombinator.com"}, _HACKER_EXPECTED)
    if page is not None:
        text = page.asked("id") if page.path in {("user",), ("submitted",), ("threads",)} else ""
    if _HACKER.fullmatch(text):
        return text
    raise UnknownAccountError(_HACKER_EXPECTED)
