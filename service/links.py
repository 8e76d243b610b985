"""Signed links: let in who holds one, to the pictures of one score or board and to nothing else."""

from __future__ import annotations

from flask import g, request

from service.context import context
from service.problems import ProblemError


def let_in_by_link(thing_id: str) -> bool:
    """Let the request pass as the link's owner; False when it carries no link. Raises ProblemError 404."""
    token = request.args.get("link")
    if token is None:
        return False
    link = context().store.links.find(token)
    if link is None or link.thing_id != thing_id:
        raise ProblemError("not_found", "There is no such picture, or the link to it was revoked or has expired.")
    g.owner = link.owner
    g.by_link = True
    return True


def came_by_link() -> bool:
    """Tell whether a link let the request in."""
    return bool(g.get("by_link"))
