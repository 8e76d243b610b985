"""Schema of what was seen while reading records."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from service.schemas.base import shown

COUNTS_EXAMPLE = {
    "records": 3,
    "duplicates": 0,
    "private": 0,
    "nameless": 0,
    "unknown_fields": 0,
    "skipped": 0,
    "suppressed": 0,
}


class CountsSchema(ma.Schema):
    """What was seen while reading the records."""

    records = shown(fields.Integer, "Records read.")
    duplicates = shown(fields.Integer, "Records that repeat another one exactly; each counts once.")
    private = shown(fields.Integer, "Private records, dropped.")
    nameless = shown(fields.Integer, "Records without an actor, dropped.")
    unknown_fields = shown(fields.Integer, "Fields of records that Candor does not know, ignored.")
    skipped = shown(fields.Integer, "Blank lines.")
    suppressed = shown(fields.Integer, "Records of people who are suppressed, or about them; dropped.")
