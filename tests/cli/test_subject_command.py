"""`candor subject`: everything that is kept of a person is shown, or erased, whoever made it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from msgspec.structs import replace
from redis import Redis

from candor.scoring.document import ScoreDocument
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.redaction import DataSubject
from candor.scoring.score import score
from candor.scoring.topics import Topic
from candor.scoring.trust_root import FACE_VALUE, RootAccount, TrustRoot
from service.commands.people import ERASED_IN_WORDS

if TYPE_CHECKING:
    from pathlib import Path

    from candor.store import Store
    from tests.cli.conftest import Candor

WHO = ("custom:beer", "u7")
LINES = [
    b'{"id":"a1","actor":"u7","type":"note","published":"2026-10-01T12:00:00Z","content":"hops"}',
    b'{"id":"a2","actor":"u8","type":"note","published":"2026-10-01T13:00:00Z","content":"hops"}',
    b'{"id":"s1","actor":"u7","type":"reshare","object":"a2","published":"2026-10-01T14:00:00Z"}',
]


@pytest.fixture
def there(redis_url: str, data_dir: Path, store: Store) -> dict[str, str]:
    """The environment that names the tests' own server and data, which the store is used with."""
    store.identity.check()
    return {"CANDOR_REDIS_URL": redis_url, "CANDOR_DATA_DIR": str(data_dir)}


@pytest.fixture
def kept(store: Store, there: dict[str, str]) -> None:
    """Documents of u7 and of u8, whom u7 took up, with two owners; a data set and a trust root with one."""
    del there
    question = Question(
        network="custom:beer",
        accounts=("u7", "u8"),
        topics=(Topic(id="hops", label="Hops", terms=("hops",)),),
        trust_root=FACE_VALUE,
        as_of=datetime(2026, 11, 1, tzinfo=UTC),
        profile="forum",
    )
    facts: dict[str, Any] = {"network": "custom:beer", "profile": "forum", "granted_rights": False}
    store.datasets.put("ada", "beer", lines=LINES, **facts)
    records = store.datasets.activities("ada", "beer")
    for owner in ("ada", "bob"):
        for document in score(records, question, load_method()):
            store.scores.put(owner, document)
    root = TrustRoot(kind="accounts", network="custom:beer", accounts=(RootAccount(account="u7"),))
    store.trust_roots.put("ada", "brewers", root)


def shown(candor: Candor, there: dict[str, str]) -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode(candor("subject", "show", *WHO, env=there).stdout)
    return decoded


@pytest.mark.usefixtures("kept")
def test_everything_is_shown_whoever_made_it(candor: Candor, there: dict[str, str]) -> None:
    found = shown(candor, there)["found"]
    assert {kind: len(things) for kind, things in found.items()} == {
        "documents": 8,
        "histories": 2,
        "datasets": 2,
        "trust_roots": 1,
    }


@pytest.mark.usefixtures("kept")
def test_each_thing_is_shown_once_and_in_its_place_however_redis_names_keys(
    candor: Candor, there: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, scan = shown(candor, there), Redis.scan_iter
    monkeypatch.setattr(Redis, "scan_iter", lambda *args, **options: reversed(2 * list(scan(*args, **options))))
    assert shown(candor, there) == before


@pytest.mark.usefixtures("kept")
def test_after_an_erasure_nothing_is_shown(candor: Candor, there: dict[str, str]) -> None:
    assert candor("subject", "erase", *WHO, env=there).exit_code == 0
    assert shown(candor, there) == {"network": "custom:beer", "account": "u7", "suppressed": True, "found": {}}


@pytest.mark.usefixtures("kept")
def test_an_erasure_says_what_it_did(candor: Candor, there: dict[str, str]) -> None:
    said = candor("subject", "erase", *WHO, env=there).stdout.splitlines()
    counted = {(kind, int(many)): words for kind, many, words in (line.split("\t") for line in said)}
    assert {("documents", 2), ("redacted", 2), ("datasets", 1), ("trust_roots", 1)} <= counted.keys()
    assert counted["datasets", 1] == "data sets it was taken out of"
    assert all(many > 0 and words != kind for (kind, many), words in counted.items())


@pytest.mark.usefixtures("kept")
def test_where_workers_are_an_erasure_is_left_to_them_and_waited_for(
    candor: Candor, there: dict[str, str], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def _work(_: float) -> None:
        (erasure_id,) = store.redis.zrange("candor:erasures", 0, -1)
        begun = store.erasures.start(erasure_id.decode())
        assert begun is not None
        assert begun.attempts == 1
        store.eraser.run(begun)

    store.workers.heartbeat("worker-1")
    monkeypatch.setattr("service.commands.people.time.sleep", _work)
    result = candor("subject", "erase", *WHO, env=there)
    assert "datasets\t1\tdata sets it was taken out of" in result.stdout.splitlines()


def test_every_kind_of_thing_that_an_erasure_counts_is_said_in_words(store: Store) -> None:
    subject = DataSubject(network="custom:beer", names=("u7",))
    kinds = {kind for target in store.eraser.targets.values() for kind in target.erase(subject, None)}
    assert len(kinds) > 12
    assert kinds - ERASED_IN_WORDS.keys() == set()


@pytest.mark.parametrize(
    "command", [("subject", "show", *WHO), ("subject", "erase", *WHO), ("disputes", "list"), ("keys", "list")]
)
def test_a_command_that_looks_into_what_is_kept_begins_no_new_store(
    candor: Candor, tmp_path: Path, command: tuple[str, ...]
) -> None:
    for folder in (".candor", "elsewhere"):
        (tmp_path / "elsewhere").mkdir(exist_ok=True)
        result = candor(*command, env={"CANDOR_DATA_DIR": folder, "CANDOR_REDIS_URL": None})
        assert (result.exit_code, result.stdout) == (1, "")
        assert f"there is no store in {tmp_path / folder}: set CANDOR_DATA_DIR" in result.stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["elsewhere"]


@pytest.mark.parametrize("is_used", [False, True])
@pytest.mark.parametrize("command", [("subject", "show", *WHO), ("subject", "erase", *WHO), ("disputes", "list")])
def test_a_command_that_looks_neither_claims_an_empty_redis_nor_answers_from_another_machines(
    candor: Candor, tmp_path: Path, redis_url: str, store: Store, command: tuple[str, ...], is_used: bool
) -> None:
    if is_used:
        store.identity.check()
    before = sorted(store.redis.scan_iter())
    result = candor(*command, env={"CANDOR_REDIS_URL": redis_url, "CANDOR_DATA_DIR": "new"})
    assert (result.exit_code, result.stdout) == (1, "")
    assert ("is not the one that this store is used with" if is_used else "nothing was ever kept") in result.stderr
    assert sorted(store.redis.scan_iter()) == before
    assert not (tmp_path / "new").exists()


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("what", ["erase", "link"])
def test_an_account_of_which_nothing_is_kept_is_refused_with_where_the_name_occurs(
    candor: Candor, there: dict[str, str], store: Store, what: str
) -> None:
    result = candor("subject", what, "custom:wine", "u7", env=there)
    assert result.exit_code == 1
    for said in ("nothing is kept of u7 on custom:wine", "custom:beer", "candor subject suppress custom:wine u7"):
        assert said in result.stderr
    assert store.suppression.is_empty()
    assert "Nothing is kept of u7" in candor("subject", "show", "custom:wine", "u7", env=there).stderr
    assert candor("subject", "suppress", "custom:wine", "u7", env=there).exit_code == 0
    assert store.suppression.among("custom:wine", ["u7"]) == {"u7"}


def test_whoever_asks_by_a_display_name_is_told_whose_it_is_though_a_claim_was_begun_under_it(
    candor: Candor, there: dict[str, str], store: Store
) -> None:
    called = b'{"actor":"u7","type":"account","published":"2026-10-01T00:00:00Z","name":"Hans"}'
    store.datasets.put(
        "ada", "beer", network="custom:beer", profile="forum", granted_rights=False, lines=[*LINES, called]
    )
    store.claims.begin("custom:beer", "Hans")
    for what in ("erase", "link"):
        result = candor("subject", what, "custom:beer", "hans", env=there)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "So called, or written much like it, is the account u7: did you mean that one?" in result.stderr
    assert candor("subject", "link", *WHO, env=there).stdout.startswith("/about-me/code?code=")
    whole = candor("subject", "link", *WHO, env={**there, "CANDOR_PUBLIC_URL": "https://candor.example/scores/"})
    assert whole.stdout.startswith("https://candor.example/scores/about-me/code?code=")
    assert "address of your service" not in whole.stderr


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("what", ["link", "erase", "suppress"])
def test_whoever_asks_for_another_spelling_of_a_name_is_told_of_the_one_that_is_kept(
    candor: Candor, there: dict[str, str], store: Store, what: str
) -> None:
    document = next(iter(store.scores.newest("ada", "custom:beer", "u7")))
    asked = store.scores.get("ada", document.score_id)
    assert asked is not None
    misspelt = msgspec.json.decode(asked.body, type=ScoreDocument)
    store.scores.put("ada", replace(misspelt, id="sc_misspelt", account=replace(misspelt.account, account="U7")))
    result = candor("subject", what, "custom:beer", "U7", env=there)
    assert (result.exit_code, "the account u7: did you mean that one?" in result.stderr) == (0, True)


@pytest.mark.usefixtures("kept")
def test_who_is_suppressed_is_shown_so_and_what_there_was_stays(candor: Candor, there: dict[str, str]) -> None:
    before = shown(candor, there)
    assert candor("subject", "suppress", *WHO, env=there).exit_code == 0
    assert shown(candor, there) == {**before, "suppressed": True}


def test_who_is_allowed_again_is_let_in(candor: Candor, there: dict[str, str], store: Store) -> None:
    candor("subject", "suppress", *WHO, env=there)
    assert candor("subject", "allow", *WHO, env=there).exit_code == 0
    assert store.suppression.among("custom:beer", ["u7"]) == set()


def test_who_was_not_suppressed_can_not_be_allowed(candor: Candor, there: dict[str, str]) -> None:
    assert candor("subject", "allow", *WHO, env=there).exit_code == 1


def test_a_network_that_does_not_exist_is_refused(candor: Candor, there: dict[str, str]) -> None:
    assert candor("subject", "erase", "nowhere", "u7", env=there).exit_code == 2


@pytest.mark.parametrize("written", ["@Ada", "ada", "https://github.com/Ada"])
def test_an_account_is_kept_out_and_let_in_again_whichever_way_it_is_written(
    candor: Candor, there: dict[str, str], store: Store, written: str
) -> None:
    assert candor("subject", "suppress", "github", written, env=there).exit_code == 0
    assert store.suppression.among("github", ["ada", "Ada", "bo"]) == {"ada", "Ada"}
    shown_as = msgspec.json.decode(candor("subject", "show", "github", "ADA", env=there).stdout)
    assert (shown_as["account"], shown_as["suppressed"]) == ("ada", True)
    assert candor("subject", "allow", "github", "aDa", env=there).exit_code == 0
    assert store.suppression.among("github", ["ada"]) == set()


@pytest.mark.parametrize("what", ["show", "erase", "suppress", "allow"])
def test_what_can_be_no_account_is_said_in_a_sentence(candor: Candor, there: dict[str, str], what: str) -> None:
    result = candor("subject", what, "mastodon", "ada", env=there)
    assert (result.exit_code, "@user@host" in result.stderr) == (2, True)


def test_an_erasure_from_the_command_line_leaves_other_names_to_the_workers(
    candor: Candor, there: dict[str, str], store: Store
) -> None:
    result = candor("subject", "erase", "bluesky", "@Ada.bsky.social", env=there)
    assert (result.exit_code, "workers ask bluesky" in result.stderr) == (0, True)
    (erasure_id,) = store.redis.zrange("candor:erasures", 0, -1)
    kept = store.erasures.find(erasure_id.decode())
    assert kept is not None
    assert (kept.status, kept.names) == ("waiting", ("ada.bsky.social",))
