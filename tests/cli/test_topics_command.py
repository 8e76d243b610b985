"""`candor topics`: vocabularies of others become topics of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from candor.scoring.topics import load_catalogue

if TYPE_CHECKING:
    from pathlib import Path

    from candor.store import Store
    from tests.cli.conftest import Candor

CSV = """\
topicId,topicSlug,topicDisplayName,language
1,cheese,Cheese,en
1,cheese,Fromage,fr
2,space-technology,Space technology,en
3,,,en
"""
SKOS = """\
{"conceptSet": [{"uri": "http://example.org/1", "qcode": "medtop:1", "prefLabel": {"en": "cheese", "fr": "fromage"}}]}
"""


@pytest.fixture
def there(redis_url: str) -> dict[str, str]:
    """The environment that names the tests' own server."""
    return {"CANDOR_REDIS_URL": redis_url}


@pytest.mark.parametrize(("name", "text"), [("topics.csv", CSV), ("topics.json", SKOS)])
def test_an_imported_topic_has_a_term_for_each_label(
    candor: Candor, there: dict[str, str], store: Store, tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    candor("topics", "import", name, "--owner=ada", env=there)
    topic = store.topics.get("ada", "cheese")
    assert topic is not None
    assert {term.lower() for term in topic.terms} == {"cheese", "fromage"}


def test_what_became_no_topic_is_told(candor: Candor, there: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "topics.csv").write_text(CSV)
    said = candor("topics", "import", "topics.csv", env=there).stderr
    assert "space-technology: is in the built-in catalogue, which stays as it is" in said
    assert "Imported 1 topics for local: 1 new, 0 replaced." in said


def test_importing_again_replaces(candor: Candor, there: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "topics.csv").write_text(CSV)
    candor("topics", "import", "topics.csv", env=there)
    assert "0 new, 1 replaced" in candor("topics", "import", "topics.csv", env=there).stderr


def test_the_list_holds_the_catalogue_and_ones_own(candor: Candor, there: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "topics.csv").write_text(CSV)
    candor("topics", "import", "topics.csv", env=there)
    listed = candor("topics", "list", env=there).stdout.splitlines()
    assert "cheese\tCheese\tlocal" in listed
    assert len(listed) == len(load_catalogue()) + 1


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("none.csv", None, "none.csv cannot be read: No such file or directory"),
        ("bad.json", "{", "bad.json: not SKOS as JSON"),
        ("empty.json", '{"conceptSet": []}', "empty.json holds no topic"),
    ],
)
def test_a_file_without_topics_is_an_error(
    candor: Candor, there: dict[str, str], tmp_path: Path, name: str, text: str | None, words: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    result = candor("topics", "import", name, env=there)
    assert result.exit_code == 2
    assert words in result.stderr
