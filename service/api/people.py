"""The people of a data set: found by name, and suggested as those to trust, with the topics to ask about."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, urlencode

import marshmallow as ma
from marshmallow import validate
from msgspec import Meta, Struct

from candor.messages.overview import Member, TopicUse, tenth
from candor.scoring.method import load_method
from candor.scoring.words import fold
from candor.store.storage import DamagedFileError
from service.auth import owner
from service.context import context
from service.named_dataset import unknown_dataset
from service.paging import Listed, Page, cut, page
from service.resource import Resource
from service.sample import SAMPLE, keep_sample
from service.schemas.base import PageQuerySchema, show_instant, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.messages.overview import Overview
    from candor.store.models import Dataset

resource = Resource("people", "Who is in a data set: found by name, and whom one could trust.")
_SUGGESTED_TOPICS = 30
MOST_LOOKED_THROUGH = 1_000_000
"""Records of data sets whose people are not known yet: to look through so many takes about a second."""


class PeopleQuerySchema(PageQuerySchema):
    """Whom to look for."""

    q = text(
        "What the name or the account contains, without regard to case and accents. Without it, everybody.",
        load_default=None,
    )


class NameQuerySchema(ma.Schema):
    """Whom to look for in all data sets."""

    q = text(
        "What the name or the account contains, without regard to case and accents. Without it, everybody.",
        load_default=None,
    )
    limit = ma.fields.Integer(
        load_default=20,
        validate=validate.Range(min=1, max=100),
        metadata={"description": "How many to return at most."},
    )


class PersonFound(Struct, frozen=True, kw_only=True):
    """Somebody in one of your data sets. Of the same name in two of them nobody says that it is one person."""

    dataset: Annotated[str, Meta(description="Id of the data set.")]
    network: Annotated[str, Meta(description="Its network.")]
    member: Annotated[Member, Meta(description="Who it is there.")]
    topics_url: Annotated[
        str,
        Meta(
            description="What they are recognised for or keen on there, everybody counting equally: the first request "
            "starts a job."
        ),
    ]


class PeopleFound(Struct, frozen=True, kw_only=True):
    """People of that name in your data sets."""

    data: Annotated[
        tuple[PersonFound, ...], Meta(description="Whose whole name it is first, then the most recognised first.")
    ]
    has_more: Annotated[bool, Meta(description="Whether there are more: ask for more of the name.")]
    unsearched: Annotated[
        tuple[str, ...],
        Meta(description="Data sets that are too large to be looked through at once: ask these for their people."),
    ]


class RootSuggestion(Struct, frozen=True, kw_only=True):
    """People whom one could trust; none of them is trusted before somebody says so."""

    id: Annotated[
        str,
        Meta(
            description="maintainers: who merged changes of others at least three times; most_recognised: by whom most "
            "others were helped, whoever these are: a ring of fake accounts can be among them."
        ),
    ]
    people: Annotated[tuple[Member, ...], Meta(description="These, the first first.")]


class SuggestionsResponse(Struct, frozen=True, kw_only=True):
    """What a data set could be asked about, and whom one could trust in it."""

    dataset: Annotated[str, Meta(description="Id of the data set.")]
    topics: Annotated[
        tuple[TopicUse, ...],
        Meta(description="Its tags, the most used first, then topics of the catalogue that its posts are on; 30 each."),
    ]
    trust_roots: Annotated[tuple[RootSuggestion, ...], Meta(description="People whom one could trust.")]
    first: Annotated[str | None, Meta(description="When the first thing in it was done; null where nothing was.")]
    last: Annotated[
        str | None,
        Meta(
            description="When the last thing in it was done, apart from what is dated in the future. Ask with `as_of` "
            "after it where that is long ago."
        ),
    ]
    active: Annotated[int, Meta(description="How many people did three things or more in it.")]
    few: Annotated[
        int, Meta(description="With fewer trusted people than this every number of expertise is a rough figure.")
    ]
    tenth: Annotated[
        int,
        Meta(
            description="A tenth of the people active. By so many, drawn at random, experts are found nearly "
            "as well as by everybody (model card)."
        ),
    ]


_MEMBER = Member(account="u7", name="Ada Berg", kind="person", acts=41, recognised_by=12)
_FOUND = PeopleFound(
    data=(
        PersonFound(
            dataset="my-forum",
            network="custom:my-forum",
            member=_MEMBER,
            topics_url="/v1/accounts/custom:my-forum/u7/topics?dataset=my-forum&trust_root=network",
        ),
    ),
    has_more=False,
    unsearched=(),
)
_SUGGESTIONS = SuggestionsResponse(
    dataset="my-forum",
    topics=(TopicUse(topic="tag:cubesat", label="cubesat", posts=120, people=31),),
    trust_roots=(RootSuggestion(id="most_recognised", people=(_MEMBER,)),),
    first="2019-03-04T08:12:00Z",
    last="2026-10-31T21:40:00Z",
    active=73,
    few=5,
    tenth=8,
)


@resource.operation("GET", "/v1/datasets/<dataset_id>/people", scope="read", problems=("not_found", "invalid"))
@resource.query(PeopleQuerySchema)
@resource.response(200, Page[Member], description="A page of people.", example=Page(data=[_MEMBER]))
def list_people(query: dict[str, Any], dataset_id: str) -> Listed[Member]:
    """Find people of a data set by name, the most recognised first; those first where a word begins with what is asked.

    Who is suppressed or declined to be scored is not found.
    """
    overview, most = overview_of(dataset_id), query["limit"]
    if query["q"] is None:
        return page(*cut(lambda first: overview.people[first:], query), query)
    return page(*cut(lambda first: overview.search(query["q"], first + most + 1)[first:], query), query)


@resource.operation("GET", "/v1/people", scope="read", problems=("invalid",))
@resource.query(NameQuerySchema)
@resource.response(200, PeopleFound, description="People.", example=_FOUND)
def find_people(query: dict[str, Any]) -> PeopleFound:
    """Find people by name in all your data sets.

    Who is suppressed or declined to be scored is not found. Accounts of two networks are never taken for one person.
    """
    return people_called(query["q"], query["limit"])


def people_called(written: str | None, most: int) -> PeopleFound:
    """Return whose name or account contains what is written, in all data sets of the caller that are not too large."""
    found, unsearched, left = list[PersonFound](), list[str](), MOST_LOOKED_THROUGH
    for there in sorted(context().store.datasets.all_of(owner()), key=lambda each: each.records):
        if not context().overviews.is_at_hand(owner(), there.id):
            if there.records > left:
                unsearched.append(there.id)
                continue
            left -= there.records
        with suppress(LookupError, DamagedFileError):
            overview = context().overviews.of(owner(), there.id)
            members = overview.people[: most + 1] if written is None else overview.search(written, most + 1)
            found += (_found(there, each) for each in members)
    whole = fold(written or "")
    found.sort(key=lambda each: (whole not in map(fold, _names(each.member)), -each.member.recognised_by, each.dataset))
    return PeopleFound(data=tuple(found[:most]), has_more=len(found) > most, unsearched=tuple(unsearched))


def _found(there: Dataset, member: Member) -> PersonFound:
    asked = urlencode({"dataset": there.id, "trust_root": "network"})
    url = f"/v1/accounts/{quote(there.network, safe=':')}/{quote(member.account, safe='')}/topics?{asked}"
    return PersonFound(dataset=there.id, network=there.network, member=member, topics_url=url)


def _names(member: Member) -> Iterator[str]:
    yield member.account
    if member.name:
        yield member.name


@resource.operation("GET", "/v1/datasets/<dataset_id>/suggestions", scope="read", problems=("not_found",))
@resource.response(200, SuggestionsResponse, description="Topics and people.", example=_SUGGESTIONS)
def read_suggestions(dataset_id: str) -> SuggestionsResponse:
    """Suggest what to ask a data set about, and people whom one could trust."""
    overview, there = overview_of(dataset_id), context().store.datasets.get(owner(), dataset_id)
    if there is None:
        raise unknown_dataset(dataset_id)
    return suggestions(there, overview)


def suggestions(there: Dataset, overview: Overview) -> SuggestionsResponse:
    """Return what is suggested of a data set."""
    tags = [each for each in overview.topics if each.people is not None]
    built_in = [each for each in overview.topics if each.people is None]
    roots = {"maintainers": overview.maintainers, "most_recognised": overview.suggested()}
    return SuggestionsResponse(
        dataset=there.id,
        topics=(*tags[:_SUGGESTED_TOPICS], *built_in[:_SUGGESTED_TOPICS]),
        trust_roots=tuple(RootSuggestion(id=name, people=people) for name, people in roots.items() if people),
        first=show_instant(overview.first) if overview.first else None,
        last=show_instant(there.last) if there.last else None,
        active=overview.active,
        few=load_method().status.few_people,
        tenth=tenth(overview.active),
    )


def overview_of(dataset_id: str) -> Overview:
    """Return the overview of a data set of the caller's. Raises ProblemError 404."""
    if dataset_id == SAMPLE:
        keep_sample()
    try:
        return context().overviews.of(owner(), dataset_id)
    except LookupError:
        raise unknown_dataset(dataset_id) from None
