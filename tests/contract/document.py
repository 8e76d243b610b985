"""The API's description as callers read it: made, written and read once for all tests of the contract."""

from __future__ import annotations

from typing import Any

import msgspec

from service.description import as_json

DOCUMENT: dict[str, Any] = msgspec.json.decode(as_json())
