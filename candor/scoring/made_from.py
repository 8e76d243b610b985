"""What a score was made from: account, topic, method, trust root and records, as documents and boards name them."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

Figure: TypeAlias = bool | int | float | str | tuple[float, ...]


class AccountRef(msgspec.Struct, frozen=True, kw_only=True):
    """Who was scored. `kind_reason` is missing from documents of before there was a rule."""

    network: Annotated[str, Meta(description="The network.")]
    account: Annotated[str, Meta(description="The account's id there.")]
    kind: Annotated[str, Meta(description="person, organisation, bot or unknown.")]
    kind_reason: Annotated[
        str | None,
        Meta(description="Who says that it is of this kind, and by what sign; `account_kinds` of the method."),
    ] = None
    name: Annotated[str | None, Meta(description="What it calls itself, if a record says so.")]


class TopicRef(msgspec.Struct, frozen=True, kw_only=True):
    """The topic as it was when the score was made."""

    id: Annotated[str, Meta(description="Its id.")]
    label: Annotated[str, Meta(description="Its name.")]
    terms: Annotated[tuple[str, ...], Meta(description="Words and phrases that give it away.")]
    hashtags: Annotated[tuple[str, ...], Meta(description="Hashtags that stand for it; of tag:NAME, NAME.")]
    digest: Annotated[str, Meta(description="Digest of what matches.")]


class MethodRef(msgspec.Struct, frozen=True, kw_only=True):
    """Which method, and the profile of weights it used; `figures` are all of its figures, of which `digest` is made.

    Documents made before figures were carried have none.
    """

    version: Annotated[str, Meta(description="Version of the method.")]
    digest: Annotated[str, Meta(description="Digest of every figure in it.")]
    profile: Annotated[str, Meta(description="Which of its weights were used.")]
    figures: Annotated[
        dict[str, Figure] | msgspec.UnsetType,
        Meta(
            description="All its figures by dotted name, such as `voice.most`; `digest` is made of them, and they are "
            "enough to recompute the document. Not there in documents made earlier."
        ),
    ] = msgspec.UNSET


class TrustRootRef(msgspec.Struct, frozen=True, kw_only=True):
    """Whose word counted; `size` counts the accounts named."""

    id: Annotated[str | None, Meta(description="Its id, if it has one.")]
    kind: Annotated[str, Meta(description="accounts, list, network or none.")]
    digest: Annotated[str, Meta(description="Digest of what it says.")]
    size: Annotated[int, Meta(description="How many accounts it names.")]


class VouchesRef(msgspec.Struct, frozen=True, kw_only=True):
    """The snapshot of vouches seen earlier that standing flowed through as well; `size` counts its pairs."""

    digest: Annotated[str, Meta(description="Digest of the pairs: who vouched for whom.")]
    size: Annotated[int, Meta(description="How many pairs there are.")]


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """The records the score was made from; `ignored` counts those left out, by reason; `gaps` what was missing.

    Of the records that `digest` names those were read that are of the window of `window_days` before `as_of`. `vouches`
    is null where no vouches but those in the records were used.
    """

    digest: Annotated[
        str,
        Meta(
            description="Digest of all the records there were, whatever their order; of a data set, its digest. Where "
            "evidence was left out after a dispute, it is made of that digest and of what was left out."
        ),
    ]
    activities: Annotated[int, Meta(description="How many records were read.")]
    ignored: Annotated[dict[str, int], Meta(description="How many were left out, by reason.")]
    gaps: Annotated[
        tuple[str, ...], Meta(description="What was missing, earns nothing, or may be an objection, in words.")
    ]
    vouches: Annotated[
        VouchesRef | None,
        Meta(description="The vouches seen earlier that standing flowed through as well; null where there were none."),
    ] = None
    records: Annotated[
        str | msgspec.UnsetType,
        Meta(description="Digest of all the records, where evidence was left out after a dispute."),
    ] = msgspec.UNSET


class Matched(msgspec.Struct, frozen=True, kw_only=True):
    """The account's own records on the topic, how often each term matched, and a few of their ids."""

    records: Annotated[int, Meta(description="How many of the account's own records are on the topic.")]
    by_term: Annotated[dict[str, int], Meta(description="How many of them each term found.")]
    examples: Annotated[tuple[str, ...], Meta(description="Ids of a few.")]
