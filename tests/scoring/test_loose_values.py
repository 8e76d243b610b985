"""Values as spreadsheets and databases write them."""

from __future__ import annotations

import pytest

from candor.scoring.loose_values import put_right


@pytest.mark.parametrize(
    ("written", "tags"),
    [
        ("Fruit trees", ["Fruit trees"]),
        ("Fruit trees, Roses", ["Fruit trees", "Roses"]),
        ("Fruit trees;Roses", ["Fruit trees", "Roses"]),
        (" | a b | c | ", ["a b", "c"]),
        ("<dry-hopping><yeast>", ["dry-hopping", "yeast"]),
        ("#leo #cubesat", ["leo", "cubesat"]),
        ("#leo cubesat", ["leo cubesat"]),
        ("C#", ["C#"]),
        ('["Fruit trees", "a"]', ["Fruit trees", "a"]),
        ("['Fruit trees' 'a']", ["Fruit trees", "a"]),
        ("[Fruit trees, a]", ["Fruit trees", "a"]),
        ("[]", []),
        ("  ", []),
    ],
)
def test_tags_in_one_cell_are_cut_where_they_are_told_apart_and_nowhere_else(written, tags):
    assert put_right({"tags": written})[0]["tags"] == tags


def test_tags_written_as_objects_are_what_they_are_called():
    assert put_right({"tags": [{"id": 3, "name": "hops"}, None, "yeast"]})[0]["tags"] == ["hops", "yeast"]
