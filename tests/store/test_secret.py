"""The service's own secret: made once, kept private, the same for all."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from candor.store.secret import NAME, Secret


def test_the_same_message_gives_the_same_digest_after_a_restart(tmp_path: Path) -> None:
    assert Secret(tmp_path).digest("links", b"sc_1") == Secret(tmp_path).digest("links", b"sc_1")


def test_another_purpose_gives_another_digest(tmp_path: Path) -> None:
    secret = Secret(tmp_path)
    assert secret.digest("links", b"x") != secret.digest("suppression", b"x")


def test_another_data_directory_has_another_secret(tmp_path: Path) -> None:
    assert Secret(tmp_path / "a").digest("links", b"x") != Secret(tmp_path / "b").digest("links", b"x")


def test_nobody_else_may_read_the_secret(tmp_path: Path) -> None:
    Secret(tmp_path).digest("links", b"x")
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0


def test_many_who_make_it_at_once_end_with_one(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        digests = set(pool.map(lambda _: Secret(tmp_path).digest("links", b"x"), range(64)))
    assert len(digests) == 1
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
