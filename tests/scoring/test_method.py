"""The method is loaded whole; another version is refused by name, and weights that make no hundred are found."""

from __future__ import annotations

import pytest

from candor.scoring.method import UnknownMethodError, known_versions, load_method


def test_the_method_is_used_unless_another_is_named() -> None:
    assert load_method().version == known_versions()[0]


@pytest.mark.parametrize("version", known_versions())
def test_a_version_is_loaded_by_its_name(version: str) -> None:
    assert load_method(version).version == version


def test_an_unknown_version_is_refused_by_what_there_is() -> None:
    with pytest.raises(UnknownMethodError, match=rf"there is no method '0\.9\.0'; there is {load_method().version}"):
        load_method("0.9.0")
