"""The account that an address names, under its one name."""

from __future__ import annotations

from candor.names.accounts import UnknownAccountError, account_name
from candor.names.networks import UnknownNetworkError, network_name
from candor.store.models import AccountName
from service.problems import Fault, invalid


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
