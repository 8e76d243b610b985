"""Where the profile of an account is on the web, for networks that have one address for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from candor.names.account_text import UnknownAccountError
from candor.names.accounts import account_name
from candor.names.networks import UnknownNetworkError, site_host

if TYPE_CHECKING:
    from collections.abc import Callable


def profile_url(network: str, account: str) -> str | None:
    """Return the address of an account's profile; None where its network has none, or its name leads to no account."""
    family, _, argument = network.partition(":")
    form = _FORMS.get(family)
    if form is None:
        return None
    url = form(argument, account)
    try:
        return url if account_name(network, url) == account else None
    except (UnknownAccountError, UnknownNetworkError):
        return None


def _part(name: str) -> str:
    return quote(name, safe="@:~")


def _federated(before: str) -> Callable[[str, str], str]:
    def address(argument: str, account: str) -> str:
        del argument
        user, _, host = account.removeprefix("@").partition("@")
        return account if account.startswith("https://") else f"https://{host}/{before}{_part(user)}"

    return address


def _x(argument: str, account: str) -> str:
    del argument
    number = account.removeprefix("id:")
    return f"https://x.com/{_part(account)}" if number == account else f"https://x.com/i/user/{_part(number)}"


def _youtube(argument: str, account: str) -> str:
    del argument
    return f"https://www.youtube.com/{'' if account.startswith('@') else 'channel/'}{_part(account)}"


def _github(argument: str, account: str) -> str:
    del argument
    app = account.removesuffix("[bot]")
    return f"https://github.com/{_part(account) if app == account else f'apps/{_part(app)}'}"


def _at(start: str) -> Callable[[str, str], str]:
    return lambda argument, account: start.format(host=argument) + _part(account)


_FORMS: dict[str, Callable[[str, str], str]] = {
    "mastodon": _federated("@"),
    "lemmy": _federated("u/"),
    "bluesky": _at("https://bsky.app/profile/"),
    "x": _x,
    "reddit": _at("https://www.reddit.com/user/"),
    "youtube": _youtube,
    "instagram": _at("https://www.instagram.com/"),
    "github": _github,
    "gitlab": lambda host, account: f"https://{host or 'gitlab.com'}/{_part(account)}",
    "gerrit": _at("https://{host}/q/owner:"),
    "hackernews": _at("https://news.ycombinator.com/user?id="),
    "discourse": _at("https://{host}/u/"),
    "stackexchange": lambda site, account: f"https://{site_host(site)}/users/{_part(account)}",
}
