"""Tables of which each row holds a question and its answer, in several languages: two posts, and whom it helped."""

from __future__ import annotations

import json

import pytest

from candor.formats.columns import OtherColumnsError, likely_columns
from candor.formats.compression import UnreadableError
from candor.formats.nested import dotted_names
from candor.formats.rows import records_in
from candor.scoring.records import RecordReader

ROWS = """1;Which hops?;Saaz;ada;bo;2026-01-05 10:00;2026-01-06 11:00;{yes}
2;Which malt?;;cy;;2026-01-07 10:00;;
3;How long?;An hour;cy;bo;2026-01-08 10:00;2026-01-08 12:00;
"""
HEADERS = {
    "English": ("id;question;answer;asked_by;answered_by;asked_at;answered_at;accepted", "yes"),
    "English, typed": ("No;Question text;Reply;Asker;Answerer;Date asked;Date answered;Thanked", "x"),
    "of a database": (
        "qid;question_body;answer_body;question_user;answer_user;question_date;answer_date;is_accepted",
        "1",
    ),
    "French": ("N°;Question;Réponse;Posée par;Répondu par;Posée le;Répondu le;Acceptée", "oui"),
    "French, in words": (
        "N°;Question;Réponse;Auteur de la question;Auteur de la réponse;Date de la question;Date réponse;Remercié",
        "oui",
    ),
    "German": ("Nr;Frage;Antwort;Gefragt von;Beantwortet von;Gefragt am;Beantwortet am;Angenommen", "ja"),
    "German, in one word": (
        "Nr;Fragetext;Antworttext;Fragesteller;Antwortender;Fragedatum;Antwortdatum;Bedankt",
        "ja",
    ),
    "Spanish": ("Nº;Pregunta;Respuesta;Preguntado por;Respondido por;Preguntado el;Respondido el;Aceptada", "sí"),
    "Italian": ("N.;Domanda;Risposta;Chiesto da;Risposto da;Data della domanda;Data della risposta;Accettata", "sì"),
    "Dutch": ("Nr;Vraag;Antwoord;Gevraagd door;Beantwoord door;Gevraagd op;Beantwoord op;Geaccepteerd", "ja"),
    "Polish": ("Nr;Pytanie;Odpowiedź;Zapytał;Odpowiedział;Data pytania;Data odpowiedzi;Zaakceptowana", "tak"),
}


def read(text: str, rename: dict[str, str]) -> RecordReader:
    reader = RecordReader("custom:c", rename, loose=True)
    reader.feed(records_in([text.encode()], 10**8, rename))
    return reader


def as_likely(text: str, sign: str = ",") -> RecordReader:
    return read(text, likely_columns(text.partition("\n")[0].split(sign)))


def told(reader: RecordReader) -> list[tuple[str, str | None, str | None, str | None]]:
    return [(each.type, each.actor, each.object, each.content) for each in reader.activities]


@pytest.mark.parametrize(("header", "yes"), HEADERS.values(), ids=HEADERS)
def test_a_row_with_a_question_and_its_answer_is_two_posts(header, yes):
    found = as_likely(f"{header}\n{ROWS.format(yes=yes)}", ";")
    answer = found.activities[1].id
    assert told(found) == [
        ("question", "ada", None, "Which hops?"),
        ("answer", "bo", "1", "Saaz"),
        ("question", "cy", None, "Which malt?"),
        ("question", "cy", None, "How long?"),
        ("answer", "bo", "3", "An hour"),
        ("accept", "ada", answer, None),
    ]
    assert [f"{each.published:%d %H}" for each in found.activities[:3]] == ["05 10", "06 11", "07 10"]
    assert (found.bad, found.counts.unknown_field_names, found.references.unmatched) == ([], {}, 0)


def test_the_columns_of_both_are_proposed():
    with pytest.raises(OtherColumnsError, match="answer_actor=Beantwortet von,answer_published=Beantwortet am"):
        read(f"{HEADERS['German'][0]}\n{ROWS}", {})


@pytest.mark.parametrize(
    "header",
    ["id;question;answer;author;date", "Question;Answer;Date;Name", "id;question;answers;answered_by;asked_at"],
)
def test_where_nothing_says_who_answered_rows_are_no_pairs(header):
    assert "answer_content" not in likely_columns(header.split(";"))


def test_a_question_with_several_answers_comes_once_and_may_stand_in_its_first_row_alone():
    table = "question,asked_by,asked_at,answer,answered_by,answered_at\n"
    rows = "Why?,ada,2026-01-05,So,bo,2026-01-06\nWhy?,ada,2026-01-05,Hm,cy,2026-01-07\n,,,No,dee,2026-01-08\n"
    found = as_likely(table + rows)
    question = found.activities[0].id
    assert [(each.actor, each.object) for each in found.activities] == [
        *(("ada", None), ("bo", question), ("cy", question), ("dee", question))
    ]
    assert (found.counts.records, found.counts.duplicates) == (4, 0)


def test_the_same_row_has_the_same_ids_when_it_is_sent_again():
    table = "question,asked_by,asked_at,answer,answered_by\nWhy?,ada,2026-01-05,So,bo\n"
    first, second = as_likely(table), as_likely(table + "What?,cy,2026-01-06,That,bo\n")
    assert [each.id for each in first.activities] == [each.id for each in second.activities[:2]]


def test_an_answer_without_a_time_has_that_of_its_question_and_both_have_the_row_s_where_there_is_one():
    found = as_likely("id,question,user,date,answer,answered_by\n1,Why?,ada,2026-01-05,So,bo\n")
    assert [(each.actor, each.published.day) for each in found.activities] == [("ada", 5), ("bo", 5)]


@pytest.mark.parametrize(
    ("column", "kept"),
    [
        *(("answer_deleted", ["1", "2", "answer-20"]), ("réponse_supprimée", ["2", "answer-20"])),
        *(("deleted", ["2", "answer-20"]), ("versteckt", ["2", "answer-20"])),
    ],
)
def test_what_hides_a_row_hides_both_and_what_hides_an_answer_the_answer(column, kept):
    table = f"id,question,asked_by,asked_at,answer,answered_by,answer_id,{column}\n"
    rows = "1,Why?,ada,2026-01-05,So,bo,10,1\n2,How?,ada,2026-01-05,Thus,bo,20,0\n"
    found = as_likely(table + rows)
    assert [each.id for each in found.activities] == kept
    assert found.counts.private == 4 - len(kept)


def test_further_answers_to_a_hidden_question_are_hidden_with_it():
    table = "question,asked_by,asked_at,answer,answered_by,answered_at,privé\n"
    found = as_likely(table + "Why?,ada,2026-01-05,So,bo,2026-01-06,oui\n,,,Hm,cy,2026-01-07,\n")
    assert (found.activities, found.counts.private) == ([], 3)


def test_the_number_of_the_accepted_answer_may_stand_in_each_row():
    table = "question_id,question,asked_by,asked_at,answer_id,answer,answered_by,accepted_answer_id\n"
    rows = "1,Why?,ada,2026-01-05,1,So,bo,2\n1,Why?,ada,2026-01-05,2,Hm,cy,2\n"
    rename = likely_columns(table.strip().split(",")) | {"accepted": "accepted_answer_id"}
    found = read(table + rows, rename)
    assert [(each.id, each.type, each.actor, each.object) for each in found.activities] == [
        ("1", "question", "ada", None),
        ("answer-1", "answer", "bo", "1"),
        ("answer-2", "answer", "cy", "1"),
        ("answer-2:accepted", "accept", "ada", "answer-2"),
    ]


def test_days_of_questions_and_of_answers_are_told_together():
    table = "question,asked_by,asked_at,answer,answered_by,answered_at\nWhy?,ada,03/04/2026,So,bo,13/04/2026\n"
    assert [each.published.month for each in as_likely(table).activities] == [4, 4]


def test_a_question_and_its_answer_may_be_objects_of_one_row():
    rows = [
        {
            "question": {"id": number, "text": "Why?", "author": "ada", "created_at": "2026-01-05"},
            "answer": {"id": number, "text": "So", "author": "bo", "created_at": "2026-01-06", "deleted": number == 2},
            "topic": "hops",
        }
        for number in (1, 2)
    ]
    found = read(json.dumps(rows), likely_columns(dotted_names(rows[0])))
    assert [(each.id, each.object, each.tags) for each in found.activities] == [
        ("1", None, ("hops",)),
        ("answer-1", "1", ("hops",)),
        ("2", None, ("hops",)),
    ]
    assert found.counts.private == 1


def test_columns_named_as_fields_of_answers_need_not_be_said():
    table = "id,actor,published,content,answer_actor,answer_content\n1,ada,2026-01-05,Why?,bo,So\n"
    assert told(read(table, {})) == [("question", "ada", None, "Why?"), ("answer", "bo", "1", "So")]


def test_question_and_answer_below_a_time_stamp_are_no_questionnaire():
    header = "Horodateur,Question,Auteur de la question,Réponse,Auteur de la réponse"
    found = as_likely(f"{header}\n2026-01-05,Pourquoi ?,ada,Ainsi,bo\n")
    assert [each.actor for each in found.activities] == ["ada", "bo"]
    with pytest.raises(UnreadableError, match="questionnaire"):
        as_likely("Horodateur,Que pensez-vous de nous ?,Que faut-il changer ?\n2026-01-05,a,b\n")
