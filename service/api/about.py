"""About: what this service is, and where everything else of the interface is."""

from __future__ import annotations

from typing import Any

from service.resource import Resource
from service.schemas.about import ABOUT_EXAMPLE, AboutSchema

resource = Resource("about", "Where to begin.")


@resource.operation("GET", "/v1", scope=None)
@resource.answer(200, AboutSchema, description="Name, versions and addresses.", example=ABOUT_EXAMPLE)
def about() -> dict[str, Any]:
    """Name the service, its version and its method's, and say where everything else is."""
    return ABOUT_EXAMPLE
