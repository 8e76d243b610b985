"""The invariants hold for every version of the method: each test runs once a version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from candor.scoring.method import VERSIONS, load_method
from properties.asking import METHOD

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package", params=VERSIONS, autouse=True)
def version(request: pytest.FixtureRequest) -> Iterator[str]:
    """The version asked of in this run of a test."""
    token = METHOD.set(load_method(request.param))
    yield request.param
    METHOD.reset(token)
