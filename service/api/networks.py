"""Networks: what each source can and can not show, which are read by the workers, and whether they are well."""

from __future__ import annotations

from typing import Any

import msgspec

from candor.names.networks import NETWORKS
from service.context import context
from service.resource import Resource
from service.schemas.networks import NETWORKS_EXAMPLE, NetworkPageSchema

resource = Resource("networks", "Where records come from, and what each source can not show.")


@resource.operation("GET", "/v1/networks", scope="read")
@resource.answer(200, NetworkPageSchema, description="Every network.", example=NETWORKS_EXAMPLE)
def list_networks() -> dict[str, Any]:
    """List the networks that records can come from, and the hosts that are not to be asked at the moment.

    `connector` says how a network is read, and is null where records must be brought.
    """
    store = context().store
    readers = {facts.family: facts for facts in store.connectors.all()}
    networks = [{**msgspec.structs.asdict(network), "connector": readers.get(network.id)} for network in NETWORKS]
    unwell = [host for host in store.budgets.health() if host.state != "well"]
    return {"data": networks, "hosts": unwell, "next_cursor": None, "has_more": False}
