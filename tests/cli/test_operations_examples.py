"""The worked examples of docs/operations.md fit compose.yaml and the settings: every name in them is known."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml
from redis.connection import parse_url

from candor.settings import Settings, read_settings
from service.submission import MAX_WAIT_S
from tests.compose import PATH, compose

TEXT = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
OF_S3 = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"}
OF_COMPOSE = set(re.findall(r"\$\{(\w+)", PATH.read_text("utf-8")))


def blocks(language: str) -> list[str]:
    """The blocks of code in a language, in their order."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", TEXT, re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(text) for _, text in found]


def variables(text: str) -> dict[str, str]:
    """What a file of settings says."""
    return dict(line.split("=", 1) for line in text.splitlines())


ENVS = [variables(text) for text in blocks("ini")]
OVERRIDES: list[dict[str, Any]] = [
    found for text in blocks("yaml") if "volumes" in (found := yaml.safe_load(text)) or "services" in found
]


def test_there_are_examples_for_tls_and_for_both_machines():
    assert (len(ENVS), len(OVERRIDES), len(blocks("nginx"))) == (4, 2, 1)


@pytest.mark.parametrize("env", ENVS, ids=["tls", "one", "two", "storage"])
def test_every_variable_of_an_example_is_a_setting_or_composes(env):
    settings = {f"CANDOR_{name.upper()}" for name in Settings.__dataclass_fields__}
    assert set(env) <= settings | OF_COMPOSE | OF_S3
    read_settings(env)


def test_the_unit_of_systemd_sets_what_is_a_setting_and_runs_what_is_installed():
    (unit,) = blocks("systemd")
    said = re.findall(r"^Environment=(CANDOR_\w+)=", unit, re.MULTILINE)
    assert said
    read_settings(dict.fromkeys(said, ""))
    folder = re.search(r"-m venv (\S+)", TEXT)[1]
    assert f"ExecStart={folder}/bin/candor up" in unit


@pytest.mark.parametrize("override", OVERRIDES, ids=["one", "two"])
def test_an_example_changes_only_services_and_volumes_that_there_are(override):
    there = compose()
    assert set(override.get("services", ())) <= set(there["services"])
    assert set(override["volumes"]) <= set(there["volumes"])


def test_the_second_machine_reaches_the_valkey_of_the_first_with_its_password():
    _, one, two, _ = ENVS
    address = parse_url(compose(two)["services"]["worker"]["environment"]["CANDOR_REDIS_URL"])
    published = OVERRIDES[0]["services"]["valkey"]["ports"]
    assert published == [f"{address['host']}:{address['port']}:6379"]
    assert address["password"] == one["VALKEY_PASSWORD"]


def test_the_proxy_sets_the_headers_that_are_trusted_and_waits_longer_than_callers_may():
    (config,) = blocks("nginx")
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in config
    assert "proxy_set_header X-Forwarded-Proto $scheme;" in config
    assert int(re.search(r"proxy_read_timeout (\d+)s", config)[1]) > MAX_WAIT_S
