"""docs/glossary.md: the words that the catalogues use, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.words import words

ROWS = [
    [cell.strip() for cell in line.split("|")[1:-1]]
    for line in (Path(__file__).parents[2] / "docs" / "glossary.md").read_text("utf-8").splitlines()
    if line.startswith("| `")
]


@pytest.mark.parametrize("row", ROWS, ids=[row[0].strip("`") for row in ROWS])
def test_the_catalogues_use_the_words_of_the_glossary(row):
    key, english, french, *meanings = row
    said = [words(language)(key.strip("`")).replace("\u00a0", " ") for language in ("en", "fr")]
    assert said == [english, french]
    assert len(meanings) == 2
    assert all(meanings)


@pytest.mark.parametrize("kind", ["side", "status.expertise", "kind"])
def test_both_sides_every_main_status_and_kind_stand_in_the_glossary(kind):
    keys = {key for key in words("en").texts if key.rpartition(".")[0] == kind}
    listed = {row[0].strip("`") for row in ROWS}
    assert {key.rpartition(".")[2] for key in keys - listed} <= {"ok", "face_value", "gone", "unknown"}
