"""Versions of the method: the newest is the default, and what was published never changes."""

from __future__ import annotations

import pytest

from candor.scoring.method import VERSIONS, UnknownMethodError, load_method

PUBLISHED = {
    "1.0.0": "sha256:c91509bdd48316eae2ce259292ac55ffbfc182995c3129391acd2428ceb8888b",
    "1.1.0": "sha256:49511721493dd96ebf12e80106c7d04b928f001529c948bf0ae2fddefc1184d6",
    "1.2.0": "sha256:f062d9e73dc6337eba641e882ebd5cb16ed2c3065adb8e822bce733ecb1ae375",
    "1.3.0": "sha256:f3749372f12d0911128dfbbf764efe5a136c127e378cb96c35f6b5cf32d04277",
}


@pytest.mark.parametrize("version", PUBLISHED)
def test_a_published_version_keeps_its_digest(version: str) -> None:
    assert load_method(version).digest == PUBLISHED[version]


def test_the_newest_version_is_the_one_used_unless_another_is_named() -> None:
    assert load_method().version == VERSIONS[0]
    assert list(VERSIONS) == sorted(VERSIONS, key=lambda name: [int(part) for part in name.split(".")], reverse=True)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_is_loaded_by_its_name(version: str) -> None:
    assert load_method(version).version == version


def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(UnknownMethodError, match=r"known are 1\.3\.0"):
        load_method("0.9.0")
