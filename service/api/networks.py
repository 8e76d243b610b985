"""Networks: what each source can and can not show."""

from __future__ import annotations

from typing import Any

from scoring.networks import NETWORKS
from service.resource import Resource
from service.schemas.networks import NETWORKS_EXAMPLE, NetworkPageSchema

resource = Resource("networks", "Where records come from, and what each source can not show.")


@resource.operation("GET", "/v1/networks", scope="read")
@resource.answer(200, NetworkPageSchema, description="Every network.", example=NETWORKS_EXAMPLE)
def list_networks() -> dict[str, Any]:
    """List the networks that records can come from."""
    return {"data": NETWORKS, "next_cursor": None, "has_more": False}
