"""Trusted: whom a trust root names on a network, as its records name them; lists are read here."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import msgspec

from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.store.job_problems import ROOT_UNREADABLE
from worker.allowance import NO_REQUESTS
from worker.connectors.connector import UnknownAccountError
from worker.context import InputError
from worker.outbound import BudgetSpentError, OutboundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from worker.allowance import Share
    from worker.connectors.connector import Connector

MOST_MEMBERS = 10_000
WHAT = "whom the trust root names"


class Trusted:
    """Resolves trust roots through one connector, within a share of the job's requests."""

    def __init__(
        self, connector: Connector, share: Share, suppressed_among: Callable[[Iterable[str]], set[str]]
    ) -> None:
        self._connector = connector
        self._gaps = connector.client.gaps
        self._share = share
        self._suppressed_among = suppressed_among

    def resolve(self, root: TrustRoot) -> TrustRoot:
        """Return the root with the names that records use, each once; a list with its members as they are now.

        Whom nobody can find, or who is suppressed, is left out with a gap. Raises InputError when a list cannot
        be read, and WaitingError.
        """
        if root.kind == "list":
            named = [RootAccount(account=name) for name in self._members(str(root.list))]
        else:
            named = [a for account in root.accounts if (a := self._settled(account))]
        suppressed = self._suppressed_among(account.account for account in named)
        for _ in suppressed:
            self._gaps.add(WHAT, "an account is on the suppression list")
        weights = {a.account: a for a in sorted(named, key=lambda a: a.weight)}
        accounts = {a.account: weights[a.account] for a in named if a.account not in suppressed}
        return msgspec.structs.replace(root, accounts=tuple(accounts.values()))

    def _members(self, reference: str) -> list[str]:
        members: list[str] = []
        try:
            for name in itertools.islice(self._connector.list_members(reference), MOST_MEMBERS):
                if why := self._share.overrun:
                    self._gaps.add(WHAT, f"the first {len(members)} members of the list, then {why}")
                    break
                members.append(name)
        except UnknownAccountError as error:
            raise _unreadable(str(error)) from error
        except OutboundError as error:
            raise _unreadable(error.words) from error
        except BudgetSpentError as error:
            if not members:
                raise _unreadable(NO_REQUESTS) from error
            self._gaps.add(WHAT, f"the first {len(members)} members of the list, then {NO_REQUESTS}")
        return members

    def _settled(self, account: RootAccount) -> RootAccount | None:
        try:
            name = self._connector.canonical_name(account.account) or self._looked_up(account.account)
        except (UnknownAccountError, OutboundError) as error:
            self._gaps.add(WHAT, str(error))
        except BudgetSpentError:
            self._gaps.add(WHAT, f"left out, because {NO_REQUESTS}")
        else:
            return msgspec.structs.replace(account, account=name) if name else None
        return None

    def _looked_up(self, account: str) -> str | None:
        if why := self._share.spent:
            self._gaps.add(WHAT, f"left out, because {why}")
            return None
        if self._suppressed_among((account,)):
            return account
        return self._connector.profile(account).account.actor


def _unreadable(detail: str) -> InputError:
    return InputError(msgspec.structs.replace(ROOT_UNREADABLE, detail=f"{detail}."))
