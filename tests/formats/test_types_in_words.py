"""A column of types in the words of several languages, with and without their accents."""

from __future__ import annotations

import pytest

from candor.formats.columns import likely_columns
from candor.formats.rows import records_in
from candor.scoring.records import RecordReader

TABLE = "Nr;Autor;Datum;Text;{name};Antwort auf\n1;ada;2026-01-05;a;{question};\n2;bo;2026-01-06;b;{answer};1\n"


def read(**words: str) -> RecordReader:
    table = TABLE.format(**words)
    rename = likely_columns(table.partition("\n")[0].split(";"))
    assert rename["type"] == words["name"]
    reader = RecordReader("custom:c", rename, loose=True)
    reader.feed(records_in([table.encode()], 10**8, rename))
    return reader


@pytest.mark.parametrize(
    ("name", "question", "answer"),
    [
        *(("Typ", "Frage", "Antwort"), ("tipo", "Pregunta", "respuesta"), ("Type", "question", "réponse")),
        *(("Tipo", "DOMANDA", "risposta"), ("Rodzaj", "pytanie", "odpowiedź"), ("Soort", "vraag", "antwoord")),
        *(("type", "question", "reponse"), ("Rodzaj", "pytanie", "odpowiedz"), ("Тип", "вопрос", "ответ")),
        *(("Beitragstyp", "Frage", "Antwort"), ("Tür", "soru", "cevap"), ("类型", "提问", "回答")),
    ],
)
def test_words_for_questions_and_answers_are_read_in_their_language(name, question, answer):
    found = read(name=name, question=question, answer=answer)
    assert ([each.type for each in found.activities], found.bad) == (["question", "answer"], [])


def test_a_word_that_is_not_known_is_answered_with_how_to_say_what_it_means():
    (fault,) = read(name="Typ", question="Frage", answer="Zwischenruf").bad
    assert fault.detail.endswith("say which of them a word stands for: map=Zwischenruf=reply")
