"""The container files, read as their engine would: what is published, who runs it, what is kept."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from redis.connection import parse_url

from candor import __version__
from candor.settings import Settings
from service.cli import main
from tests import installed
from tests.compose import CONTACT
from tests.compose import compose as filled_in

if TYPE_CHECKING:
    from tests.installed import Step

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """compose.yaml, with its anchors resolved and its variables filled in."""
    return filled_in()


@pytest.fixture(scope="module")
def dockerfile() -> list[Step]:
    """The Dockerfile's instructions."""
    return installed.dockerfile()


def all_of(dockerfile: list[Step], name: str) -> list[str]:
    """What follows each instruction of that name."""
    return [step.rest for step in dockerfile if step.name == name]


def test_only_this_machine_reaches_the_interface(compose: dict[str, Any]) -> None:
    ports = {name: service.get("ports", []) for name, service in compose["services"].items()}
    assert ports == {"api": ["127.0.0.1:8421:8421"], "worker": [], "valkey": []}


def test_interface_and_workers_are_one_image_with_two_commands(compose: dict[str, Any]) -> None:
    api, worker = compose["services"]["api"], compose["services"]["worker"]
    assert (api["image"], api["build"]) == (worker["image"], worker["build"])
    assert [api["command"], worker["command"]] == [["candor", "api"], ["candor", "worker"]]


def test_the_commands_exist(compose: dict[str, Any], dockerfile: list[Step]) -> None:
    commands = [compose["services"][name]["command"] for name in ("api", "worker")]
    for program, command in [*commands, *map(json.loads, all_of(dockerfile, "CMD"))]:
        assert program == "candor"
        assert command in main.entries


def test_every_variable_is_a_setting(compose: dict[str, Any], dockerfile: list[Step]) -> None:
    named = set(re.findall(r"CANDOR_[A-Z_]+", " ".join(all_of(dockerfile, "ENV"))))
    for service in compose["services"].values():
        named |= set(service.get("environment", ()))
    assert len(named) > 5
    assert named <= {f"CANDOR_{name.upper()}" for name in Settings.__dataclass_fields__}


def test_a_contact_must_be_given() -> None:
    with pytest.raises(KeyError, match="CANDOR_OPERATOR_CONTACT"):
        filled_in({})


def test_every_setting_reaches_interface_and_workers_from_one_file_that_may_be_missing(compose: dict[str, Any]) -> None:
    for name in ("api", "worker"):
        assert compose["services"][name]["env_file"] == [{"path": ".env", "required": False}]


def test_what_a_file_of_settings_must_not_move_stays_inside() -> None:
    moved = {"CANDOR_HOST": "127.0.0.1", "CANDOR_PORT": "9000", "CANDOR_DATA_DIR": "/elsewhere"}
    api = filled_in({**CONTACT, **moved})["services"]["api"]
    inside = {name: api["environment"][name] for name in moved}
    assert inside == {"CANDOR_HOST": "0.0.0.0", "CANDOR_PORT": "8421", "CANDOR_DATA_DIR": "/data"}
    assert api["ports"] == ["127.0.0.1:9000:8421"]


def test_the_number_of_workers_is_a_variable() -> None:
    numbers = [
        filled_in({**CONTACT, **given})["services"]["worker"]["environment"]["CANDOR_WORKERS"]
        for given in ({}, {"CANDOR_WORKERS": "12"})
    ]
    assert numbers == [str(Settings().workers), "12"]


def test_valkey_has_a_memory_limit_and_it_is_a_variable() -> None:
    commands = [
        filled_in({**CONTACT, **given})["services"]["valkey"]["command"] for given in ({}, {"VALKEY_MAXMEMORY": "6gb"})
    ]
    assert [command[command.index("--maxmemory") + 1] for command in commands] == ["1gb", "6gb"]


def test_a_password_of_valkey_is_asked_for_and_given() -> None:
    services = filled_in({**CONTACT, "VALKEY_PASSWORD": "s3cret"})["services"]
    assert services["valkey"]["command"][-2:] == ["--requirepass", "s3cret"]
    assert services["worker"]["environment"]["CANDOR_REDIS_URL"] == "redis://:s3cret@valkey:6379/0"


def test_without_a_password_none_is_given(compose: dict[str, Any]) -> None:
    assert parse_url(compose["services"]["api"]["environment"]["CANDOR_REDIS_URL"]).get("password") is None


def test_another_redis_can_be_named() -> None:
    services = filled_in({**CONTACT, "CANDOR_REDIS_URL": "rediss://elsewhere:6380/1"})["services"]
    assert services["worker"]["environment"]["CANDOR_REDIS_URL"] == "rediss://elsewhere:6380/1"


def test_what_is_kept_outlives_its_container(compose: dict[str, Any]) -> None:
    volumes = {name: service["volumes"] for name, service in compose["services"].items()}
    assert volumes == {"api": ["data:/data"], "worker": ["data:/data"], "valkey": ["valkey:/data"]}
    assert set(compose["volumes"]) == {"data", "valkey"}


def test_images_are_pinned_by_tag(compose: dict[str, Any], dockerfile: list[Step]) -> None:
    for image in (*all_of(dockerfile, "FROM"), compose["services"]["valkey"]["image"]):
        assert re.fullmatch(r"[a-z/]+:\d+\.\d+\.\d+-[a-z-]+", image)


def test_the_image_does_not_run_as_root(dockerfile: list[Step]) -> None:
    assert all_of(dockerfile, "USER") == ["candor"]
    names = [step.name for step in dockerfile]
    assert names.index("USER") > max(place for place, name in enumerate(names) if name == "RUN")


def test_dependencies_are_installed_by_hash_alone(dockerfile: list[Step]) -> None:
    installs = [run for run in all_of(dockerfile, "RUN") if "pip install" in run]
    assert installs == [
        "python -m pip install --require-hashes -r requirements/run.txt",
        "python -m pip install --no-deps --no-build-isolation .",
    ]


def test_every_step_that_makes_the_environment_is_taken_for_the_tests_too(dockerfile: list[Step]) -> None:
    others = [step.rest for step in dockerfile if step.name == "RUN" and not step.is_ours]
    assert [other.partition(" ")[0] for other in others] == ["useradd"]
    known = {"FROM", "ENV", "RUN", "WORKDIR", "COPY", "USER", "EXPOSE", "HEALTHCHECK", "CMD"}
    assert {step.name for step in dockerfile} <= known


def test_every_package_is_copied(dockerfile: list[Step]) -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]["include"]
    copied = {source for step in dockerfile for source in step.copied}
    assert {package.rstrip("*") for package in packages} <= copied


def test_what_is_copied_is_there_and_not_ignored(dockerfile: list[Step]) -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {source for step in dockerfile for source in step.copied}
    assert copied == let_in
    assert all((ROOT / source).exists() for source in copied)


def test_whatever_a_file_of_a_package_links_to_is_copied(dockerfile: list[Step]) -> None:
    copied = [ROOT / source for step in dockerfile for source in step.copied]
    links = [path for source in copied if source.is_dir() for path in source.rglob("*") if path.is_symlink()]
    assert links
    assert [link for link in links if not any(link.resolve().is_relative_to(source) for source in copied)] == []


def test_the_image_has_the_version_of_the_package(compose: dict[str, Any]) -> None:
    images = {compose["services"][name]["image"] for name in ("api", "worker")}
    assert images == {f"candor:{__version__}"}
