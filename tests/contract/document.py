"""The API's description as callers read it: made, written and read once for all tests of the contract."""

from __future__ import annotations

from typing import Any

import yaml

from service.description import as_yaml

DOCUMENT: dict[str, Any] = yaml.load(as_yaml(), yaml.CSafeLoader)
