"""One name for each account: every way in which people write it is turned into the same text; and where its page is.

Nothing is asked and nothing is guessed: what only a network can say, such as which DID a handle stands for or where an
account has moved to, stays as it was given.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING
from urllib.parse import quote

import idna

from candor.names import social_accounts, work_accounts
from candor.names.account_text import FEDERATED, SCHEME, UnknownAccountError, chosen_name
from candor.names.networks import UnknownNetworkError, network_name, site_host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_CHARACTERS = 512


def account_name(network: str, account: str) -> str:
    """Return the one name of an account on a network, whichever way both are written.

    Raises UnknownNetworkError, and UnknownAccountError where no account of the network can be written like this.
    """
    return account_namer(network)(account)


@lru_cache(maxsize=1024)
def account_namer(network: str) -> Callable[[str], str]:
    """Return what `account_name` does for one network. Raises UnknownNetworkError."""
    family, _, argument = network_name(network).partition(":")
    return partial(_checked, partial(_FAMILIES.get(family, chosen_name), argument))


def lenient_namer(network: str) -> Callable[[str], str]:
    """Return what gives an account's one name, and leaves as it is what no account of the network is written like.

    Raises UnknownNetworkError.
    """
    name_of = account_namer(network)

    def _name(account: str) -> str:
        try:
            return name_of(account)
        except UnknownAccountError:
            return account

    return _name


def may_have_aliases(network: str, name: str) -> bool:
    """Say whether only the network can tell by which other names an account goes.

    A handle of Bluesky stands for a DID, an account of Mastodon may have moved or go by two domains, a number of X
    stands for a user name, and one of Gerrit for an address.
    """
    family = network.partition(":")[0]
    return family in {"bluesky", "gerrit", "mastodon", "youtube"} or (family, name[:3]) == ("x", "id:")


def tells_case_apart(network: str) -> bool:
    """Say whether upper and lower case make two accounts of one name there, so that texts are to be read like that."""
    return network.partition(":")[0] in {"hackernews", "custom", "mediawiki", "youtube"}


def spellings(network: str, name: str) -> Iterator[str]:
    """Yield how an account's one name stands in texts and addresses, itself first.

    A name that is the last part of its address (`github.com/ada`) or follows an @ is found there as a word of its own.
    """
    yield name
    found = FEDERATED.fullmatch(name) if network == "mastodon" else None
    for host in _shown_hosts(found[2]) if found else ():
        user = found[1] if found else ""
        yield from (f"@{user}@{host}", f"{user}@{host}", f"{host}/@{user}", f"{host}/users/{user}")
    if SCHEME.match(name):
        yield SCHEME.sub("", name)


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


_FAMILIES: dict[str, Callable[[str, str], str]] = {
    "mastodon": social_accounts.mastodon,
    "github": work_accounts.github,
    "gitlab": work_accounts.gitlab,
    "gerrit": work_accounts.gerrit,
    "lemmy": social_accounts.lemmy,
    "mediawiki": work_accounts.mediawiki,
    "reddit": social_accounts.reddit,
    "youtube": social_accounts.youtube,
    "x": social_accounts.x,
    "bluesky": social_accounts.bluesky,
    "discourse": work_accounts.discourse,
    "stackexchange": work_accounts.stackexchange,
    "hackernews": work_accounts.hackernews,
    "instagram": social_accounts.instagram,
    "linkedin": social_accounts.linkedin,
    "git": work_accounts.by_mail,
    "zulip": work_accounts.by_mail,
    "custom": chosen_name,
}


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
