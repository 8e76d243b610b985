"""The table of settings in docs/operations.md is the one that the settings make."""

from lab.settings_page import PAGE, rewritten


def test_the_table_of_settings_is_the_one_that_the_settings_make():
    page = PAGE.read_text(encoding="utf-8")
    assert rewritten(page) == page, "run `make docs`"


def test_a_changed_default_is_noticed():
    page = PAGE.read_text(encoding="utf-8")
    assert rewritten(page.replace("| `8421` |", "| `8422` |")) == page
