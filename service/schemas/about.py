"""Schema of what the service says of itself: its name, its versions, and where everything else is."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from candor import __version__
from candor.scoring.method import load_method
from service.schemas.base import shown

NAME = "Candor"
URLS = {
    "self": "/v1",
    "docs": "/docs",
    "openapi": "/openapi.yaml",
    "networks": "/v1/networks",
    "methods": "/v1/methods",
    "health": "/readyz",
}
ABOUT_EXAMPLE = {"name": NAME, "version": __version__, "method": load_method().version, "urls": URLS}


class AboutUrlsSchema(ma.Schema):
    """Where to go on from here."""

    self = shown(fields.String, "This answer.")
    docs = shown(fields.String, "The interface described for people, to try out.")
    openapi = shown(fields.String, "The interface described for programs (OpenAPI 3.1).")
    networks = shown(fields.String, "Where records can come from, and what each network cannot show.")
    methods = shown(fields.String, "How the numbers are made.")
    health = shown(fields.String, "Whether the service can work.")


class AboutSchema(ma.Schema):
    """What this service is."""

    name = shown(fields.String, f"Always {NAME}.")
    version = shown(fields.String, "The version of the software that answers.")
    method = shown(fields.String, "The version of the method that it scores with unless asked for another.")
    urls = fields.Nested(AboutUrlsSchema, required=True, metadata={"description": "Where to go on from here."})
