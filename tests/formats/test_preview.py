"""What the beginning of a file tells: its charset, its columns, and which fields those are."""

import gzip
import io
import json
import tomllib
from pathlib import Path

import openpyxl
import pytest

from candor.formats.encodings import probable_charset
from candor.formats.preview import Preview, preview_of

LIMIT = 10**7
TEXTS = tomllib.loads((Path(__file__).parent / "tables_by_charset.toml").read_text("utf-8"))
GERMAN = ["Beitrags-Nr.", "Verfasser", "Datum", "Betreff", "Beitrag", "Antwort auf", "Schlagwörter"]
FIELDS = dict(zip(("id", "actor", "published", "title", "content", "object", "tags"), GERMAN, strict=True))


@pytest.mark.parametrize("charset", TEXTS)
def test_a_charset_is_told_by_letters(charset):
    assert probable_charset(TEXTS[charset].encode(charset)) == charset


@pytest.mark.parametrize("charset", TEXTS)
def test_who_wrote_what_is_known_in_the_words_of_a_table_in_any_charset(charset):
    found = preview_of([TEXTS[charset].encode(charset)], LIMIT)
    assert (found.charset, {"id", "actor", "content"} <= found.fields.keys()) == (charset, True)


@pytest.mark.parametrize(
    "table",
    [
        "nro;kirjoittaja;päiväys;teksti\n1;väinö;1.2.2024;Miten säädän lämpötilaa?\n",
        "id;autor;data;texto\n1;ana;01/02/2024;Não sei\n2;rui;02/02/2024;Está bem\n",
        "id;autore;data;testo\n1;n;01/02/2024;La città è bella\n2;sara;02/02/2024;Sì\n",
        "Nr;Benutzer;Datum;Text\n1;jürgen;01.02.2024;Hallo\n2;tom;02.02.2024;Test\n",
    ],
)
def test_a_short_table_of_the_west_is_in_the_charset_of_its_windows(table):
    assert probable_charset(table.encode("windows-1252")) == "windows-1252"


@pytest.mark.parametrize(
    "text",
    [
        "zoé;Ça marche à l'école",
        "Le réglage du thermostat n'a pas été changé depuis l'été",
        "¿Cómo se configura la señal?",
        "Respuesta útil, gracias señor Muñoz",
        "Hur ställer jag in värmen på vägen?",
    ],
)
@pytest.mark.parametrize("charset", ["macintosh", "windows-1252"])
def test_a_short_table_of_an_older_mac_is_told_from_one_of_windows(text, charset):
    table = f"id,actor,published,content\n1,x,2026-01-05 10:00:00,{text}\n".encode(charset)
    assert probable_charset(table) == charset


def test_utf_8_that_ends_in_the_middle_of_a_letter_is_utf_8():
    assert probable_charset("id;Jörg".encode()[:5]) is None


def test_a_charset_that_somebody_chose_is_taken():
    assert preview_of([TEXTS["windows-1250"].encode("windows-1250")], LIMIT, "windows-1251").charset == "windows-1251"


def test_a_table_below_a_title_is_known_by_its_columns():
    lines = ["Energieforum – Beiträge", "", ";".join(GERMAN), "7;Jörg;2.9.2025;Frage;Wie?;;"]
    assert preview_of(["\n".join(lines).encode()], LIMIT).fields == FIELDS


def test_a_workbook_with_a_cover_and_a_title_is_known_by_its_columns():
    book = openpyxl.Workbook()
    book.active.append(["Export"])
    sheet = book.create_sheet("Beiträge")
    for row in (["Energieforum – Beiträge"], [], GERMAN, [7, "Jörg", "2.9.2025", "Frage", "Wie?", None, None]):
        sheet.append(row)
    book.save(file := io.BytesIO())
    assert preview_of([file.getvalue()], LIMIT).fields == FIELDS


def test_what_objects_in_objects_hold_is_known_by_its_path():
    posts = [
        {"type": "message", "id": "1", "author": {"id": "10", "login": "ann"}, "post_time": "2026-01-01T00:00:00Z"},
        {
            "type": "message",
            "id": "2",
            "author": {"id": "11"},
            "parent": {"id": "1"},
            "post_time": "2026-01-02T00:00:00Z",
        },
    ]
    found = preview_of([json.dumps({"status": "success", "data": {"items": posts}}).encode()], LIMIT)
    told = {"id": "id", "actor": "author.id", "published": "post_time", "object": "parent.id", "type": "type"}
    told["name"] = "author.login"
    assert (found.fields, "author.login" in found.names) == (told, True)


def test_columns_of_one_name_can_only_be_tags():
    table = (
        b"Issue key,Reporter,Created,Description,Labels,Labels,Comment,Comment\nA-1,ann,1 Sep 2025,why?,sso,web,x,y\n"
    )
    fields = preview_of([table], LIMIT).fields
    assert (fields["tags"], fields["content"]) == ("Labels", "Description")


def test_of_records_as_they_should_be_nothing_needs_to_be_said():
    found = preview_of(
        [b'{"id":"1","type":"note","actor":"a","published":"2026-01-01T00:00:00Z","content":"x"}\n{"id'], LIMIT
    )
    assert (found.fields, found.names[:2]) == ({}, ("id", "type"))


@pytest.mark.parametrize(
    "body", [b"", b"\0\1\2", b"%PDF-1.7", b"just words\n", gzip.compress(b"a" * 99, mtime=0)[:20], b"PK\3\4"]
)
def test_of_what_is_no_file_of_records_nothing_is_told(body):
    assert preview_of([body], LIMIT) == Preview(None, (), {})


def test_of_posts_as_stack_exchange_has_them_nothing_needs_to_be_said():
    names = "Id,PostTypeId,ParentId,AcceptedAnswerId,CreationDate,OwnerUserId,Body,Title,Tags"
    found = preview_of([f"{names}\n1,1,,2,2026-01-01 10:00:00,7,<p>How?</p>,How,<rockets>\n".encode()], LIMIT)
    assert (found.fields, found.names[:2]) == ({}, ("Id", "PostTypeId"))


@pytest.mark.parametrize(
    ("charset", "table"),
    [
        ("iso-8859-2", "id;autor;datum;text\n1;Božena;2024-01-01 10:00;Příliš žluťoučký kůň\n"),
        ("iso-8859-2", "id;autor;data;treść\n1;Łukasz;2024-01-01 10:00;Zażółć gęślą jaźń\n"),
        ("iso-8859-2", "id;autor;data;treść\n1;Wojtek;2024-01-01 10:00;Gdzie kupić gąbkę?\n"),
        ("windows-1250", "id;autor;datum;text\n1;Božena;2024-01-01 10:00;Příliš žluťoučký kůň\n"),
        ("windows-1252", "nr;forfatter;dato;besked\n1;Søren;1. januar 2024 kl. 14.05;Hvordan gør jeg på en å?\n"),
        ("windows-1252", "id;auteur;date;texte\n1;René;2024-01-01 10:00;Bonjour\n"),
        ("windows-1252", "id;autor;data;texto\n1;João;2024-01-01 10:00;As questões são estas: não é possível\n"),
    ],
)
def test_a_table_of_two_lines_is_in_the_charset_whose_letters_make_words_of_one_language(charset, table):
    assert probable_charset(table.encode(charset)) == charset


def test_the_hungarian_of_two_lines_is_not_taken_for_portuguese():
    table = "id;szerző;dátum;szöveg\n1;Zoltán;2024-01-01 10:00;Hol vehetek műtrágyát, ősszel?\n"
    found = probable_charset(table.encode("iso-8859-2"))
    assert found is not None
    assert table.encode("iso-8859-2").decode(found) == table  # windows-1250 has the same letters in these places


def test_of_a_table_with_our_names_the_columns_that_are_not_ours_are_told():
    table = b"id,actor,published,content,parent_id,thread\n1,ada,2026-01-05,a,,7\n"
    assert preview_of([table], LIMIT).fields == {"object": "parent_id", "thread": "thread"}
