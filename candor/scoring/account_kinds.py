"""Whether an account is a person, an organisation or a bot, and who says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta

from candor.scoring.activity import AccountKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from candor.scoring.activity import Activity

KindSource = Literal["operator", "person", "network", "records", "nobody"]

PEOPLE: tuple[AccountKind, ...] = ("person", "unknown")
"""Who is shown unless others are asked for: somebody of whom nobody says what they are may be a person."""

NOBODY_SAYS = "nobody says what it is: it is treated as a person who may be asked"
RECORDS_SAY = "the records say so"
_SIGN = "the network says so ({sign})"
_WORD = {"operator": "the operator says so ({why})", "person": "the person says so ({why})"}


class KindRule(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the rule: whose word it is."""

    said_by: Annotated[KindSource, Meta(description="Whose word decides at this step.")]
    rule: Annotated[str, Meta(description="What is taken for that word.")]


class KindSign(msgspec.Struct, frozen=True, kw_only=True):
    """What a network says of its accounts that tells their kind."""

    network: Annotated[str, Meta(description="The family of networks.")]
    sign: Annotated[str, Meta(description="What it says: field and value.")]
    kind: Annotated[AccountKind, Meta(description="What that makes of the account.")]


class AccountKindRules(msgspec.Struct, frozen=True, kw_only=True):
    """The rule by which accounts are told to be people, organisations or bots. The first step that applies decides."""

    steps: Annotated[tuple[KindRule, ...], Meta(description="Whose word is taken, the first that there is.")]
    signs: Annotated[
        tuple[KindSign, ...],
        Meta(description="What networks say. A sign that is not here says nothing: the kind is unknown then."),
    ]
    shown: Annotated[
        tuple[AccountKind, ...], Meta(description="Kinds that boards, maps and lists show unless others are asked for.")
    ]


class SaidKind(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """What somebody says an account is; `reason` says who and by what sign."""

    account: str
    kind: AccountKind
    reason: str


def _signs(network: str, signs: Mapping[str, AccountKind]) -> tuple[KindSign, ...]:
    return tuple(KindSign(network=network, sign=sign, kind=kind) for sign, kind in signs.items())


RULES = AccountKindRules(
    steps=(
        KindRule(said_by="operator", rule="what the operator has put on record, which the person can dispute"),
        KindRule(said_by="person", rule="what the person has said of the account, put on record by the operator"),
        KindRule(said_by="network", rule="what the network says of the account by one of the signs below"),
        KindRule(said_by="records", rule="`kind` of the newest account record among those that were brought"),
        KindRule(said_by="nobody", rule="unknown otherwise: treated as a person who may be asked"),
    ),
    signs=(
        *_signs("github", {"type User": "person", "type Organization": "organisation", "type Bot": "bot"}),
        *_signs("gitlab", {"bot true": "bot"}),
        *_signs("gerrit", {"tags SERVICE_USER": "bot"}),
        *_signs("lemmy", {"bot_account true": "bot"}),
        *_signs("mediawiki", {"group bot": "bot"}),
        *_signs("zulip", {"is_bot true": "bot"}),
        *_signs("mastodon", {"bot true": "bot", "group true": "organisation"}),
        *_signs("bluesky", {"own label bot": "bot", "trusted verifier": "organisation"}),
        *_signs("x", {"verified_type business": "organisation", "verified_type government": "organisation"}),
        *_signs(
            "stackexchange",
            {
                "user_type registered": "person",
                "user_type unregistered": "person",
                "user_type moderator": "person",
                "user_type team_admin": "person",
                "user_id -1": "bot",
            },
        ),
        *_signs("discourse", {"id below 0": "bot"}),
    ),
    shown=PEOPLE,
)
_BY_SIGN = {(each.network, each.sign): each.kind for each in RULES.signs}


def by_sign(network: str, sign: str) -> tuple[AccountKind, str]:
    """Return what a family of networks makes of an account by a sign, and the reason; unknown for any other sign."""
    kind = _BY_SIGN.get((network, sign), "unknown")
    return kind, NOBODY_SAYS if kind == "unknown" else _SIGN.format(sign=sign)


def by_word(source: Literal["operator", "person"], why: str) -> str:
    """Return the reason for what the operator or the person says."""
    return _WORD[source].format(why=why)


def kind_of(account: str, record: Activity | None, said: Mapping[str, SaidKind]) -> tuple[AccountKind, str]:
    """Return what kind of account it is, and why: by what is said beside the records, else by its newest record."""
    if account in said:
        return said[account].kind, said[account].reason
    if record is not None and record.kind not in {None, "unknown"}:
        return record.kind or "unknown", RECORDS_SAY
    return "unknown", NOBODY_SAYS
