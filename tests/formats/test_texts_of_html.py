"""Columns whose texts are HTML, by their names in several languages or by what stands in them."""

from __future__ import annotations

import pytest

from candor.formats.column_parts import says_html
from candor.formats.columns import likely_columns
from candor.formats.rows import records_in
from candor.scoring.records import RecordReader


def content_of(column: str, cell: str) -> str | None:
    rename = {"actor": "author", "published": "date", "content": column}
    quoted = cell.replace('"', '""')
    text = f'id,author,date,"{column}"\n1,ada,2026-01-05,"{quoted}"\n'
    reader = RecordReader("custom:c", rename, loose=True)
    reader.feed(records_in([text.encode()], 10**8, rename))
    return reader.activities[0].content


@pytest.mark.parametrize(
    "name",
    [
        *("post_html", "body_html", "html", "html_body", "message_html", "comment_html", "bodyHTML", "cooked"),
        *("texte_html", "contenu HTML", "HTML-Text", "Inhalt (HTML)", "texto_html", "corpo_html", "treść_html"),
    ],
)
def test_a_column_of_html_is_one_of_texts_whose_tags_are_taken_off(name):
    assert likely_columns(["id", "author", "date", name])["content"] == name
    assert says_html(name)
    assert content_of(name, "Use <b>Saaz</b> &amp; wait") == "Use Saaz & wait"


def test_a_text_beside_its_html_is_taken_first():
    assert likely_columns(["id", "author", "date", "body_html", "body"])["content"] == "body"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<p dir="ltr">Use <em>Saaz</em>.</p><p>Wait&nbsp;long.</p>', "Use Saaz.\nWait long."),
        ("Use Saaz<br />\nand wait", "Use Saaz\nand wait"),
        ("<!-- wp:paragraph --><p>Saaz</p><!-- /wp:paragraph -->", "Saaz"),
        ("<blockquote>Which hops?</blockquote><p>Saaz</p>", "Saaz"),
        ("<blockquote>Which hops?</blockquote>", None),
        ("is 3 < 5 and 7 > 2?", "is 3 < 5 and 7 > 2?"),
        ("List<String> names", "List<String> names"),
    ],
)
def test_html_is_known_by_what_stands_in_a_cell(cell, text):
    assert content_of("message", cell) == text


@pytest.mark.parametrize(
    "name", ["nick", "Nickname", "pseudonyme", "Spitzname", "apodo", "apelido", "soprannome", "bijnaam", "昵称", "ник"]
)
def test_a_name_that_people_chose_is_who_wrote(name):
    assert likely_columns(["id", name, "date", "text"])["actor"] == name
