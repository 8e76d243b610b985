"""Settings: read once, checked, and refused with the name of the variable."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import msgspec
import pytest

from candor.setting_facts import SettingsError
from candor.settings import FACTS, Settings, read_settings
from candor.store.models import Retention
from service.app import application
from service.stack import WORKER_COMMAND, gunicorn_arguments
from service.store_at_hand import check_exposure, check_store


def test_nothing_needs_to_be_set():
    assert read_settings({}) == Settings()


def test_an_empty_value_counts_as_unset():
    assert read_settings({"CANDOR_PORT": " "}) == Settings()


def test_every_setting_is_read_from_its_variable():
    given = {
        "redis_url": "redis://db:6379/1",
        "host": "0.0.0.0",
        "public_url": "https://candor.example",
        "operator_contact": "ada@example.org",
        "data_dir": "/d",
        "storage": "s3://bucket/candor",
        "github_token": "g",
        "x_token": "x",
        "youtube_key": "y",
        "reddit_key": "c:s",
        "stackexchange_key": "s",
        "engine": "sc://localhost:15002",
        "log_level": "debug",
        "log_format": "json",
        "dns_resolver": "https://dns.example/resolve",
        "signing_host": "scores.example.org",
        "signing_key": "k" * 43,
    }
    lists = {
        "mastodon_tokens": "a.example=m, b.example=n=",
        "zulip_keys": "chat.example=bot@a.example:k, talk.example=bot@b.example:l",
        "gitlab_tokens": "gitlab.com=g, git.example=h",
        "old_signing_keys": f"{'a' * 43}, {'b' * 43}",
        "cors_origins": "https://a.example, http://localhost:3000",
        "test_hosts": "localhost:1, localhost:2",
        "test_places": "plc.directory=http://localhost:1",
    }
    numbers = {name: str(facts.between[1]) for name, facts in FACTS.items() if facts.between}
    read = read_settings({f"CANDOR_{name.upper()}": value for name, value in {**given, **lists, **numbers}.items()})
    expected = {**given, **{name: int(value) for name, value in numbers.items()}, "data_dir": Path("/d")}
    expected |= {name: tuple(value.split(", ")) for name, value in lists.items()}
    assert read == Settings(**expected)
    assert expected.keys() == {field.name for field in fields(Settings)}


@pytest.mark.parametrize("name", ["CANDOR_WORKRES", "CANDOR_LOG_LEVELS", "CANDOR_DATADIR"])
def test_a_misspelt_setting_is_refused_with_the_one_that_is_meant(name):
    with pytest.raises(SettingsError, match=f"{name} is no setting: did you mean CANDOR_"):
        read_settings({name: "x"})


def test_what_others_set_beside_ours_is_left_alone():
    read_settings({"CANDOR_SERVICE_HOST": "10.0.0.1", "CANDOR_PORT_8421_TCP_PORT": "8421", "CANDOR_IMAGE": "x"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CANDOR_PORT", "0"),
        ("CANDOR_PORT", "65536"),
        ("CANDOR_PORT", "http"),
        ("CANDOR_LOG_LEVEL", "loud"),
        ("CANDOR_LOG_FORMAT", "xml"),
        ("CANDOR_THREADS", "1"),
        ("CANDOR_WORKERS", "-1"),
        ("CANDOR_JOBS_DAYS", "0"),
        ("CANDOR_MAX_INLINE", "9" * 30),
        ("CANDOR_MASTODON_TOKENS", "a.example"),
        ("CANDOR_CORS_ORIGINS", "a.example"),
        ("CANDOR_CORS_ORIGINS", "https://a.example/page"),
        ("CANDOR_TRUSTED_PROXIES", "all"),
        ("CANDOR_TEST_HOSTS", "localhost"),
        ("CANDOR_TEST_PLACES", "plc.directory=ftp://localhost"),
        ("CANDOR_MAX_UPLOAD_BYTES", "1 GB"),
        ("CANDOR_HOST", "not a host"),
        ("CANDOR_REDIS_URL", "http://db"),
        ("CANDOR_OPERATOR_CONTACT", "x" * 501),
    ],
)
def test_a_wrong_value_is_refused_by_name(name, value):
    with pytest.raises(SettingsError, match=name):
        read_settings({name: value})


def test_a_refused_redis_url_does_not_show_its_password():
    with pytest.raises(SettingsError) as refused:
        read_settings({"CANDOR_REDIS_URL": "http://user:hunter2@db"})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_on_loopback_neither_key_nor_contact_is_needed(host):
    check_exposure(Settings(host=host), keys=0)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "candor.example"])
def test_elsewhere_a_key_is_needed(host):
    with pytest.raises(SettingsError, match="candor keys create"):
        check_exposure(Settings(host=host, operator_contact="ada@example.org"), keys=0)


def test_elsewhere_a_contact_is_needed():
    with pytest.raises(SettingsError, match="CANDOR_OPERATOR_CONTACT"):
        check_exposure(Settings(host="0.0.0.0"), keys=1)
    check_exposure(Settings(host="0.0.0.0", operator_contact="ada@example.org"), keys=1)


def test_gunicorn_binds_where_the_settings_say():
    assert "--bind=127.0.0.1:8421" in gunicorn_arguments(Settings())
    assert "--bind=[::1]:80" in gunicorn_arguments(Settings(host="::1", port=80))


def test_a_token_is_shown_nowhere():
    shown = repr(read_settings({"CANDOR_GITHUB_TOKEN": "secret-1", "CANDOR_MASTODON_TOKENS": "a.example=secret-2"}))
    assert "secret" not in shown


def test_secrets_reach_the_workers_through_the_environment_alone():
    environ = read_settings({"CANDOR_REDIS_URL": "redis://:secret@db", "CANDOR_GITHUB_TOKEN": "secret"}).environment()
    assert environ["CANDOR_GITHUB_TOKEN"] == "secret"
    assert environ["CANDOR_REDIS_URL"] == "redis://:secret@db"
    assert WORKER_COMMAND == ("-m", "worker")


def test_a_process_that_is_handed_the_settings_reads_the_same():
    given = {
        "CANDOR_TEST_HOSTS": "localhost:1, localhost:2",
        "CANDOR_TEST_PLACES": "plc.directory=http://localhost:1",
        "CANDOR_MASTODON_TOKENS": "a.example=secret",
        "CANDOR_OPERATOR_CONTACT": "ada@example.org",
        "CANDOR_DATA_DIR": "/data",
        "CANDOR_EVIDENCE_DAYS": "3",
    }
    assert read_settings(read_settings(given).environment()) == read_settings(given)


def test_what_is_kept_is_kept_as_long_as_is_set():
    kept = Retention(**{name: days for days, name in enumerate(Retention.__struct_fields__, start=1)})
    assert Settings(**msgspec.to_builtins(kept)).retention == kept


def test_keeping_things_is_set_by_default_as_the_store_has_it():
    assert Settings().retention == Retention()


def test_the_application_needs_a_store(monkeypatch):
    monkeypatch.delenv("CANDOR_REDIS_URL", raising=False)
    with pytest.raises(SettingsError, match="CANDOR_REDIS_URL"):
        application()


def test_the_application_is_made_without_asking_the_store(monkeypatch, tmp_path):
    monkeypatch.setenv("CANDOR_REDIS_URL", f"unix://{tmp_path}/none.sock")
    monkeypatch.setenv("CANDOR_HOST", "0.0.0.0")
    answer = application().test_client().get("/v1/jobs", headers={"Authorization": "Bearer ck_made-up"})
    assert (answer.status_code, answer.json["code"]) == (503, "store_unavailable")


def test_where_others_reach_it_the_application_lets_nobody_in_while_there_is_no_key(monkeypatch, redis_url, store):
    monkeypatch.setenv("CANDOR_REDIS_URL", redis_url)
    monkeypatch.setenv("CANDOR_HOST", "0.0.0.0")
    assert application().test_client().get("/v1/jobs").status_code == 401


def test_before_a_service_starts_that_others_reach_it_needs_a_key_and_a_contact(redis_url, store, data_dir):
    reached = Settings(redis_url=redis_url, data_dir=data_dir, host="0.0.0.0", operator_contact="ada@example.org")
    with pytest.raises(SettingsError, match="candor keys create"):
        check_store(reached)
    store.keys.create("ada", "test", ("read",))
    check_store(reached)
