"""What documentation takes from facts says what the facts say."""

import pytest

from lab.docs import (
    FORMATS_PAGE,
    FRENCH_METHOD_PAGE,
    METHOD_PAGE,
    NETWORKS_PAGE,
    PUBLISHED,
    SETTINGS_PAGE,
    published_digests,
    rewritten,
    rewritten_in_french,
)


@pytest.mark.parametrize("page", [METHOD_PAGE, SETTINGS_PAGE, FORMATS_PAGE, NETWORKS_PAGE], ids=lambda page: page.stem)
def test_the_tables_of_a_page_are_those_of_the_facts(page):
    text = page.read_text(encoding="utf-8")
    assert rewritten(text) == text, "run `make docs`"


def test_the_french_page_of_the_method_has_the_same_facts_in_french():
    text = FRENCH_METHOD_PAGE.read_text(encoding="utf-8")
    assert rewritten_in_french(text) == text, "run `make docs`"
    assert rewritten_in_french(text.replace("| 0,5 |", "| 0,9 |").replace("\u00a0:", " :")) == text


def test_verify_knows_the_method_by_its_digest():
    assert PUBLISHED.read_text(encoding="utf-8") == published_digests(), "the method has changed: run `make docs`"


@pytest.mark.parametrize(
    ("page", "right", "wrong"),
    [(METHOD_PAGE, "| 0.3·m |", "| 0.9·m |"), (SETTINGS_PAGE, "| `8421` |", "| `8422` |")],
    ids=["method", "operations"],
)
def test_a_changed_table_is_noticed(page, right, wrong):
    text = page.read_text(encoding="utf-8")
    assert right in text, "run `make docs`, or name another cell of the table"
    assert rewritten(text.replace(right, wrong)) == rewritten(text)
