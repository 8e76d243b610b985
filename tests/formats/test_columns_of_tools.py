"""Columns as tools of communities and people who type tables call them: which field each is, and what is made of it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from candor.formats.column_words import hiding_words, known_columns
from candor.formats.columns import IdsUnknownError, likely_columns
from candor.formats.compression import UnreadableError
from candor.formats.rows import records_in
from candor.scoring.activity import Activity
from candor.scoring.records import RecordReader
from tests.formats.kept_before import KeptBefore

TOOLS = tomllib.loads((Path(__file__).parent / "columns_of_tools.toml").read_text("utf-8"))
FRENCH = """N°;Discussion;Sujet;Auteur;Date;Message;Réponse à;Meilleure réponse
1;d1;Quel bus ?;ada;2026-01-05 10:00;Quel bus choisir ?;;
2;d1;Re: Quel bus ?;bo;2026-01-05 11:00;Un 3U.;1;
3;d1;Re: Quel bus ?;cy;2026-01-05 12:00;Un 6U.;1;oui
"""


def read(table: str, rename: dict[str, str], earlier: dict[str, Activity] | None = None) -> RecordReader:
    reader = RecordReader("custom:c", rename, loose=True)
    before = None if earlier is None else KeptBefore(earlier)
    reader.feed(records_in([table.encode()], 10**8, rename, earlier=before))
    return reader


def told(reader: RecordReader) -> list[tuple[str | None, ...]]:
    return [(each.type, each.actor, each.object) for each in reader.activities]


@pytest.mark.parametrize("tool", TOOLS)
def test_columns_of_tools_are_known(tool):
    names, fields = TOOLS[tool]["columns"], TOOLS[tool]["fields"]
    assert likely_columns(names.split(";" if ";" in names else ",")) == fields


def test_two_people_of_one_name_stay_two_where_a_column_of_ids_stands_beside_it():
    table = (
        "id,Auteur,Identifiant auteur,Date,Message,Réponse à\n"
        "1,Léa,9,2026-01-05 10:00,Les roses sont malades ?,\n"
        "2,Marie Martin,7,2026-01-05 11:00,Taillez-les en mars,1\n"
        "3,Marie Martin,8,2026-01-05 12:00,Arrosez-les le soir,1\n"
    )
    columns = likely_columns(table.partition("\n")[0].split(","))
    reader = read(table, {**columns})
    assert [each.actor for each in reader.activities if each.id] == ["9", "7", "8"]
    assert {(each.actor, each.name) for each in reader.activities if each.type == "account"} == {
        ("9", "Léa"),
        ("7", "Marie Martin"),
        ("8", "Marie Martin"),
    }


@pytest.mark.parametrize(
    "names",
    [
        "id,title,details,author_id,topic_id,comment_count,created_at",  # of Zendesk, whose topics are places
        "id,topic_id,title,author,replies_count,created_at,body",
    ],
)
def test_a_topic_whose_posts_count_their_replies_is_no_thread(names):
    assert "thread" not in likely_columns(names.split(","))


@pytest.mark.parametrize(
    "name",
    [
        "last_post_time",
        "edit_user",
        "parent_author",
        "post_count",
        "author.created_at",
        "has_replies",
        "is_comment",
        "accepted_answers",
    ],
)
def test_what_is_said_of_something_else_is_no_field(name):
    assert name not in likely_columns(["x1", "x2", name]).values()


def test_no_column_that_says_that_a_post_is_shown_is_taken_for_one_of_accepted_answers():
    assert hiding_words("shown").isdisjoint(known_columns()["accepted"])


def test_the_time_of_day_of_the_north_is_no_thread():
    assert "thread" not in likely_columns(["Nr", "Datum", "Tid", "Medlem", "Meddelande"])


def test_a_number_within_the_thread_is_not_taken_for_an_id():
    names = ["id", "post_number", "reply_to_post_number", "username", "raw", "created_at"]
    assert "object" not in likely_columns(names), "nothing says of which thread the number is"


def test_a_table_typed_by_hand_is_read_as_its_columns_say():
    found = read(FRENCH, likely_columns(FRENCH.partition("\n")[0].split(";")))
    accept = ("accept", "ada", "3")
    assert told(found) == [("question", "ada", None), ("answer", "bo", "1"), ("answer", "cy", "1"), accept]
    assert (found.references.unmatched, found.counts.nameless) == (0, 0)


def test_a_table_that_names_posts_and_has_no_ids_is_refused():
    rename = likely_columns(FRENCH.partition("\n")[0].split(";"))
    del rename["id"]
    with pytest.raises(IdsUnknownError, match="'Réponse à' names posts"):
        read(FRENCH, rename)


@pytest.mark.parametrize("unknown", ["99", "nobody", "#77"])
def test_a_reply_to_what_is_not_there_falls_back_on_its_thread_and_so_does_an_accepted_answer(unknown):
    table = FRENCH.replace("Un 6U.;1;", f"Un 6U.;{unknown};")
    found = read(table, likely_columns(table.partition("\n")[0].split(";")))
    assert told(found)[2:] == [("answer", "cy", "1"), ("accept", "ada", "3")]


def test_a_reply_to_what_was_there_earlier_stays_with_it():
    table = "id,actor,published,object,thread\n8,bo,2026-01-05,7,t\n9,cy,2026-01-06,,t\n"
    asked = Activity(id="7", type="question", actor="ada", published="2026-01-01T00:00:00Z")  # type: ignore[arg-type]
    found = read(table, {"thread": "thread"}, {"7": asked})
    assert told(found) == [("reply", "bo", "7"), ("reply", "cy", "8")]


def test_the_first_post_of_a_thread_that_replies_to_what_is_not_there_is_no_question():
    table = "id,actor,published,object,thread,content\n8,bo,2026-01-05,7,t,why?\n"
    assert told(read(table, {"thread": "thread"})) == [("reply", "bo", "7")]


def test_what_began_a_thread_need_not_name_it():
    table = "id,actor,published,thread\n1,ada,2026-01-05,\n2,bo,2026-01-06,1\n3,cy,2026-01-07,1\n"
    assert told(read(table, {"thread": "thread"}))[1:] == [("reply", "bo", "1"), ("reply", "cy", "1")]


def test_words_of_types_mean_the_same_in_any_language_and_a_hidden_row_is_private():
    table = """postid,type,parentid,selchildid,userid,created,title,content
1,Q,,3,7,2026-01-05,Which bus?,
2,A,1,,8,2026-01-06,,a 3U
3,A,1,,9,2026-01-07,,a 6U
4,C,3,,7,2026-01-08,,thanks
5,A_HIDDEN,1,,9,2026-01-09,,spam
"""
    found = read(table, likely_columns(table.partition("\n")[0].split(",")))
    assert told(found) == [
        ("question", "7", None),
        ("answer", "8", "1"),
        ("answer", "9", "1"),
        ("reply", "7", "3"),
        ("accept", "7", "3"),
    ]
    assert found.counts.private == 1
    german = table.replace(",Q,", ",Frage,").replace(",A,", ",Antwort,").replace(",C,", ",Kommentar,")
    assert told(read(german, likely_columns(german.partition("\n")[0].split(",")))) == told(found)


def test_a_column_can_tell_titles_and_threads():
    table = "id,actor,published,Thema\n1,ada,2026-01-05,Bus?\n2,bo,2026-01-06,AW: Re:  bus?\n"
    found = read(table, {"thread": "Thema", "title": "Thema"})
    assert [(each.type, each.object, each.content) for each in found.activities] == [
        ("question", None, "Bus?"),
        ("reply", "1", "AW: Re:  bus?"),
    ]


@pytest.mark.parametrize("names", ["Thema;Nachricht;Verfasser;Datum", "Tema;Mensaje;Autor;Fecha"])
def test_a_subject_is_a_title_where_no_other_column_is(names):
    assert likely_columns(names.split(";"))["title"] == names.partition(";")[0]


def test_an_id_that_stands_twice_is_counted_as_pointers_are():
    table = "id,actor,published,content\n1,ada,2026-01-05,a\n1,bo,2026-01-06,b\n"
    (fault,) = read(table, {}).bad
    assert (fault.line, fault.detail) == (2, "record 1 has this id too, with other content")


@pytest.mark.parametrize(
    ("day", "clock"),
    [("15/01/2026", "10:30"), ("2026-01-05", "10.30"), ("5.1.2026", "10h30"), ("2026-01-05T00:00:00", "10:30:00")],
)
def test_the_time_of_day_may_stand_in_a_column_of_its_own(day, clock):
    table = f"Datum;Uhrzeit;Verfasser;Nachricht\n{day};{clock};ada;Wie?\n{day};23:59;bo;So\n"
    found = read(table, likely_columns(table.partition("\n")[0].split(";")))
    assert f"{found.activities[0].published:%H:%M}" == "10:30"
    assert "Uhrzeit" not in found.counts.unknown_field_names


def test_a_time_that_has_its_clock_already_needs_no_other():
    table = "id,actor,published,content,time\n1,ada,2026-01-05 10:00,a,11:00\n"
    found = read(table, {"actor": "actor"})
    assert f"{found.activities[0].published:%H:%M}" == "10:00"


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        *(("message.deleted", "true"), ("post_hidden", "1"), ("comment_visible", "0"), ("invisible", "-1")),
        *(("Message supprimé", "oui"), ("thread_deleted_at", "2026-01-09"), ("DeleteAt", "1767600000000")),
        *(("moderation_status", "rejected"), ("in_private_group", "true"), ("visibility", "trashed")),
    ],
)
def test_what_hides_a_post_is_known_by_the_parts_of_its_name(column, cell):
    table = f"nr,who,at,said,{column}\n1,ada,2026-01-05,a,{cell}\n2,bo,2026-01-05,b,\n"
    found = read(table, {"id": "nr", "actor": "who", "published": "at", "content": "said"})
    assert ([each.id for each in found.activities], found.counts.private) == (["2"], 1)


def test_what_hides_a_post_may_stand_beside_its_text_in_an_object():
    posts = [
        {"comment": {"id": each, "content": "x", "published": "2026-01-05", "deleted": each == 1}, "creator": {"id": 7}}
        for each in (1, 2)
    ]
    text = json.dumps(posts)
    names = ["comment.id", "comment.content", "comment.published", "creator.id"]
    found = read(text, likely_columns(names))
    assert ([each.id for each in found.activities], found.counts.private) == (["2"], 1)


def test_what_is_public_in_other_words_is_read():
    table = "id,actor,published,content,visibility\n1,ada,2026-01-05,a,Visible\n2,bo,2026-01-05,b,everyone\n"
    assert [each.visibility for each in read(table, {}).activities] == ["public", "public"]


@pytest.mark.parametrize("nothing", ["0", "-1", "1", "00000000-0000-0000-0000-000000000000"])
def test_a_reply_to_nothing_or_to_itself_is_none(nothing):
    table = f"id,who,at,said,parent\n1,ada,2026-01-05,a,{nothing}\n2,bo,2026-01-06,b,1\n"
    found = read(table, {"actor": "who", "published": "at", "content": "said", "object": "parent"})
    assert told(found) == [("note", "ada", None), ("reply", "bo", "1")]


@pytest.mark.parametrize("written", ["#1", "n° 1", "N°1", "Nr. 1", "No. 1", "№ 1"])
def test_a_number_may_have_its_sign_where_it_is_replied_to(written):
    table = f"N°;Auteur;Date;Message;Réponse à\n1;ada;2026-01-05;a;\n2;bo;2026-01-06;b;{written}\n"
    assert told(read(table, likely_columns(table.partition("\n")[0].split(";"))))[1] == ("reply", "bo", "1")
    named = table.replace("\n1;", f"\n{written};").replace("\n2;", f"\n{written.replace('1', '2')};")
    assert told(read(named, likely_columns(table.partition("\n")[0].split(";"))))[1] == ("reply", "bo", written)


@pytest.mark.parametrize(
    "names",
    ["Auteur de la question;Auteur de la réponse;Date;Texte", "Question author;Answer author;Date;Text"],
)
def test_of_a_question_and_its_answer_in_one_row_nobody_is_taken_for_who_wrote_both(names):
    assert "actor" not in likely_columns(names.split(";"))


def test_what_lies_three_objects_deep_is_known_by_its_path():
    message = {
        "id": "1",
        "createdDateTime": "2026-01-05T10:00:00Z",
        "from": {"user": {"id": "u"}},
        "body": {"content": "x"},
    }
    with pytest.raises(UnreadableError, match=r"actor=from\.user\.id"):
        read(json.dumps([message]), {})


def test_a_letter_is_no_word_for_a_type_where_none_is_a_question():
    table = "id,actor,published,content,type\n1,ada,2026-01-05,x,A\n2,bo,2026-01-06,y,B\n"
    assert [fault.pointer for fault in read(table, {}).bad] == ["/type", "/type"]


@pytest.mark.parametrize("person", ["bo", "@Bo", " BO "])
def test_what_replies_to_a_person_replies_to_the_last_that_they_wrote_in_the_thread_before(person):
    table = f"""id,who,at,said,thread,to
1,ada,2026-01-05 10:00,Which bus?,t,
2,bo,2026-01-05 11:00,a 3U,t,ada
3,cy,2026-01-05 12:00,a 6U,t,ada
4,dee,2026-01-05 13:00,why 3U?,t,{person}
5,bo,2026-01-05 14:00,it fits,t,dee
6,eve,2026-01-05 15:00,hm,t,nobody
"""
    rename = {"actor": "who", "published": "at", "content": "said", "object": "to", "thread": "thread"}
    assert [each.object for each in read(table, rename).activities] == [None, "1", "1", "2", "4", "1"]
