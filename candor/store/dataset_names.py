"""Who goes by a name in the data sets of all owners, for an operator who is asked about somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.names.accounts import lenient_namer
from candor.scoring.table import newest_claims

if TYPE_CHECKING:
    from candor.store.datasets import Datasets


def networks_naming(datasets: Datasets, account: str, but: str) -> list[str]:
    """Return the networks beside one in whose data sets somebody goes by the account's name."""
    found = {
        network
        for network, table in datasets.tables(lambda network: network != but)
        if table.people.has(lenient_namer(network)(account))
    }
    return sorted(found)


def accounts_called(datasets: Datasets, network: str, name: str) -> list[str]:
    """Return the accounts of a network that call themselves so in its data sets."""
    wanted, found = name.casefold(), set[str]()
    for _, table in datasets.tables(lambda other: other == network):
        claims = newest_claims(table)
        found |= {account for account, claim in claims.items() if (claim.name or "").casefold() == wanted}
    return sorted(found)
