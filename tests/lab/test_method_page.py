"""The method's page says what the method's facts say."""

from lab.method_page import PAGE, PUBLISHED, published_digests, rewritten


def test_the_tables_of_the_method_page_are_those_of_the_facts():
    page = PAGE.read_text(encoding="utf-8")
    assert rewritten(page) == page, "run `make docs`"


def test_verify_knows_the_method_by_its_digest():
    assert PUBLISHED.read_text(encoding="utf-8") == published_digests(), "the method has changed: run `make docs`"


def test_a_changed_table_is_noticed():
    page = PAGE.read_text(encoding="utf-8")
    assert rewritten(page.replace("| 0.5·m |", "| 0.9·m |")) == page
