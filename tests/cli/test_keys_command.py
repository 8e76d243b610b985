"""`candor keys`: made on the store that a service uses, wherever that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from candor.store import Store
    from tests.cli.conftest import Candor


@pytest.fixture
def there(redis_url: str) -> dict[str, str]:
    """The environment that names the tests' own server."""
    return {"CANDOR_REDIS_URL": redis_url}


def test_the_secret_stands_alone_on_stdout_and_opens_the_door(
    candor: Candor, there: dict[str, str], store: Store
) -> None:
    result = candor("keys", "create", "--name=laptop", "--owner=ada", "--scope=read", env=there)
    key = store.keys.authenticate(result.stdout.strip())
    assert key is not None
    assert (key.owner, key.name, key.scopes, key.expires_at) == ("ada", "laptop", ("read",), None)


def test_a_key_expires_when_it_is_told_to(candor: Candor, there: dict[str, str], store: Store) -> None:
    candor("keys", "create", "--name=short", "--expires-days=3", env=there)
    (key,) = store.keys.list()
    assert key.expires_at is not None
    assert (key.expires_at - key.created_at).days in {2, 3}


def test_the_list_shows_no_secret(candor: Candor, there: dict[str, str]) -> None:
    secret = candor("keys", "create", "--name=laptop", env=there).stdout.strip()
    listed = candor("keys", "list", env=there).stdout
    assert "local\tread,write\t" in listed
    assert secret not in listed


def test_the_list_can_be_of_one_owner(candor: Candor, there: dict[str, str]) -> None:
    candor("keys", "create", "--name=laptop", "--owner=ada", env=there)
    assert candor("keys", "list", "--owner=bob", env=there).stdout == ""


def test_a_revoked_key_opens_no_door(candor: Candor, there: dict[str, str], store: Store) -> None:
    secret = candor("keys", "create", "--name=laptop", env=there).stdout.strip()
    (key,) = store.keys.list()
    assert candor("keys", "revoke", key.id, env=there).exit_code == 0
    assert store.keys.authenticate(secret) is None


def test_revoking_an_unknown_key_is_an_error(candor: Candor, there: dict[str, str]) -> None:
    candor("keys", "create", "--name", "ci", env=there)
    result = candor("keys", "revoke", "key_0", env=there)
    assert (result.exit_code, result.stderr) == (1, "Error: there is no key key_0\n")


def test_an_unknown_scope_is_refused(candor: Candor, there: dict[str, str]) -> None:
    assert candor("keys", "create", "--name=x", "--scope=root", env=there).exit_code == 2


def test_a_server_that_is_away_is_named(candor: Candor, tmp_path: Path) -> None:
    result = candor("keys", "list", env={"CANDOR_REDIS_URL": f"unix://{tmp_path}/none.sock"})
    assert result.exit_code == 1
    assert "does not answer as it should" in result.stderr


def test_a_wrong_setting_is_named(candor: Candor) -> None:
    result = candor("keys", "list", env={"CANDOR_PORT": "many"})
    assert (result.exit_code, result.stdout) == (2, "")
    assert "CANDOR_PORT must be a whole number" in result.stderr


def test_a_data_directory_that_can_not_be_is_named(candor: Candor, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = candor("keys", "list", env={"CANDOR_DATA_DIR": str(tmp_path / "file")})
    assert (result.exit_code, result.stderr) == (
        1,
        f"Error: CANDOR_DATA_DIR={tmp_path}/file cannot hold the data: Not a directory\n",
    )


@pytest.mark.parametrize("url", ["redis://localhost:many/0", "redis://127.0.0.1:9/0", "unix://"])
def test_an_address_without_a_server_is_named(candor: Candor, url: str) -> None:
    result = candor("keys", "list", env={"CANDOR_REDIS_URL": url})
    assert result.exit_code in {1, 2}
    assert result.stderr.startswith("Error: ")
