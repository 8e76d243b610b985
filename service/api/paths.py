"""Paths: who passed a message on to whom, as a picture, with signed links to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Struct

from candor.messages.path import MessagePath, PathStep, TakenUp
from candor.scoring.activity import Instant
from candor.store.models import DAY_S
from service import drawing
from service.api.pictures import look_of, picture_answer, revoke_links
from service.auth import owner
from service.context import context
from service.drawing import Provenance
from service.problems import ProblemError
from service.resource import Resource
from service.schemas.base import show_instant
from service.schemas.queries import ChartQuerySchema, LinkLifeSchema

if TYPE_CHECKING:
    from flask import Response

    from candor.store.models import FindingFacts

_NONE = "There is no such path, or it is no longer kept."

resource = Resource("paths", "How messages went from person to person, as pictures.")


class PathLinkResponse(Struct, frozen=True, kw_only=True):
    """The address that works without a key."""

    id: Annotated[str, Meta(description="Id of the link, to revoke it by.")]
    picture_url: Annotated[str, Meta(description="The path as a picture.")]
    expires_at: Annotated[
        Instant, Meta(description="Until when it works, unless revoked before, or somebody on the path is erased.")
    ]


_LINK_EXAMPLE = PathLinkResponse(
    id="0a91",
    picture_url="/v1/paths/fi_5c/picture.svg?link=0a91.7c44",
    expires_at=datetime(2027, 1, 30, 12, tzinfo=UTC),
)


def picture_url(facts: FindingFacts) -> str:
    """Return the address of the picture of a path."""
    return f"/v1/paths/{facts.id}/picture.svg"


def read_path(path_id: str) -> tuple[FindingFacts, MessagePath, tuple[PathStep, ...]]:
    """Return a path that is kept, without whoever has opted out since. Raises ProblemError 404."""
    facts = context().store.findings.get(owner(), path_id)
    path = None if facts is None else message_of(facts)
    if facts is None or path is None:
        raise ProblemError("not_found", _NONE)
    steps = tuple(context().store.findings.rows(facts, PathStep))
    named = [step.author.account for step in steps if step.author is not None]
    took = [author.account for taken in path.taken_up for author in taken.by]
    gone = context().store.suppression.among(str(facts.request.network), [*named, *took])
    if path.author.account in gone:
        raise ProblemError("not_found", _NONE)
    path = msgspec.structs.replace(path, taken_up=tuple(_unnamed(taken, gone) for taken in path.taken_up))
    return facts, path, tuple(_without(step, gone) for step in steps)


def message_of(facts: FindingFacts) -> MessagePath | None:
    """Return the message that a path is about; None where there is none, or it is another kind of finding."""
    asked = facts.request.finding
    if asked is None or asked.kind != "message":
        return None
    return msgspec.json.decode(facts.head, type=MessagePath | None)


def draw(facts: FindingFacts, path: MessagePath, steps: tuple[PathStep, ...], look: drawing.Look) -> drawing.Picture:
    """Draw a path, with what it depends on."""
    asked, root = facts.request, facts.request.trust_root
    about = Provenance("", show_instant(asked.as_of), facts.method, root.id, root.kind, root.size)
    return drawing.draw_path(path, steps, about, look)


def _unnamed(taken: TakenUp, gone: set[str]) -> TakenUp:
    by = tuple(author for author in taken.by if author.account not in gone)
    return msgspec.structs.replace(taken, by=by, wrote=tuple(each for each in taken.wrote if each.by not in gone))


def _without(step: PathStep, gone: set[str]) -> PathStep:
    hidden = step.author is not None and step.author.account in gone
    return msgspec.structs.replace(step, id=None, author=None) if hidden else step


@resource.picture("/v1/paths/<path_id>/picture.svg", ChartQuerySchema, "The path.", by_link="pictures")
def draw_path(query: dict[str, Any], path_id: str) -> Response:
    """Draw how a message went from person to person: what is inferred is dashed, and the first trusted person marked.

    Of a large path the largest branches are drawn and the rest counted. Who opted out since is not named. A signed link
    serves in place of a key.
    """
    return picture_answer(draw(*read_path(path_id), look_of(query)))


@resource.operation("POST", "/v1/paths/<path_id>/link", scope="write", problems=("not_found", "invalid"))
@resource.query(LinkLifeSchema)
@resource.response(200, PathLinkResponse, description="The link.", example=_LINK_EXAMPLE)
def make_path_link(query: dict[str, Any], path_id: str) -> PathLinkResponse:
    """Make a signed link to the picture of a path, for image tags and for people without a key.

    A path has one link: asked for again it is the same with its new end, and revoked it never works again.
    """
    read_path(path_id)
    life_s = context().store.findings.life_s(owner(), path_id)
    if life_s is None:
        raise ProblemError("not_found", _NONE)
    if query["days"] is not None:
        life_s = min(life_s, query["days"] * DAY_S)
    token, link = context().store.links.make(owner(), path_id, "pictures", life_s, context().now())
    return PathLinkResponse(
        id=link.id,
        picture_url=f"/v1/paths/{path_id}/picture.svg?link={token}",
        expires_at=link.expires_at,
    )


@resource.operation("DELETE", "/v1/paths/<path_id>/link", scope="write", problems=("not_found",))
@resource.response(204, description="It no longer works.")
def revoke_path_link(path_id: str) -> None:
    """Revoke the signed link to a path; browsers may show what they have for another minute."""
    revoke_links(path_id, ProblemError("not_found", "There is no link to this path."))
