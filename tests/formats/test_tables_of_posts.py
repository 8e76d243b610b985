"""Tables of a forum's posts: columns of its own, which answers were accepted, and workbooks of Excel."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime

import duckdb
import openpyxl
import pytest

from candor.formats import workbook as workbooks
from candor.formats.columns import OtherColumnsError, likely_columns
from candor.formats.compression import TooLargeError, UnreadableError
from candor.formats.rows import records_in
from candor.scoring.activity import Activity
from candor.scoring.records import RecordReader

COLUMNS = ("Nr", "Benutzer", "Erstellt", "Text", "Antwort auf", "Beste Antwort")
MAP = dict(zip(("id", "actor", "published", "content", "object", "accepted"), COLUMNS, strict=True))
ROWS = [
    (1, "ada", "2026-08-02 05:00", "Which bus?", None, None),
    (2, "bo", "2026-08-02 06:00", "A 3U.", 1, "ja"),
    (3, "cy", "2026-08-02 07:00", "Or 6U.", 2, "nein"),
    (4, "di", "2026-08-03 05:00", "And which radio?", None, "5"),
    (5, "bo", "2026-08-03 06:00", "UHF.", 4, None),
    (6, "ed", "2026-08-04 05:00", "Solved by now.", None, "yes"),
]


def workbook(rows, **more) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title, others in more.items():
        sheet = book.create_sheet(title)
        for row in others:
            sheet.append(row)
    book.save(file := io.BytesIO())
    return file.getvalue()


def csv_of(rows) -> bytes:
    return "\n".join(";".join("" if cell is None else str(cell) for cell in row) for row in rows).encode()


def parquet_of(rows, path) -> bytes:
    columns = ", ".join(f'"{name}" VARCHAR' for name in rows[0])
    with duckdb.connect() as database:
        database.execute(f"CREATE TABLE t ({columns})")
        database.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(rows[0]))})", rows[1:])
        database.execute(f"COPY t TO '{path}' (FORMAT parquet)")
    return path.read_bytes()


def json_of(rows) -> bytes:
    return json.dumps([dict(zip(rows[0], row, strict=True)) for row in rows[1:]]).encode()


def read(body: bytes, rename: dict[str, str]) -> RecordReader:
    reader = RecordReader("custom:c", rename, loose=True)
    reader.feed(records_in([body], 10**8, rename))
    return reader


@pytest.mark.parametrize("form", ["csv", "xlsx", "json", "ndjson", "parquet"])
def test_an_answer_that_the_table_marks_is_accepted_by_who_asked_in_any_form(form, tmp_path):
    table = [COLUMNS, *ROWS]
    made = {
        "csv": lambda: csv_of(table),
        "xlsx": lambda: workbook(table),
        "json": lambda: json_of(table),
        "ndjson": lambda: b"\n".join(json.dumps(each).encode() for each in json.loads(json_of(table))),
        "parquet": lambda: parquet_of(table, tmp_path / "posts.parquet"),
    }
    reader = read(made[form](), MAP)
    assert not reader.bad
    posts, accepts = reader.activities[: len(ROWS)], reader.activities[len(ROWS) :]
    assert [each.type for each in posts] == ["question", "answer", "reply", "question", "answer", "question"]
    told = {(each.actor, each.object, each.published, each.type) for each in accepts}
    at = datetime(2026, 8, 2, 6, tzinfo=UTC)
    assert told == {("ada", "2", at, "accept"), ("di", "5", at.replace(day=3), "accept")}


@pytest.mark.parametrize("order", [1, -1], ids=["oldest first", "newest first"])
@pytest.mark.parametrize(("accepted", "kind"), [("no", "reply"), ("yes", "answer")])
def test_thanks_for_an_answer_are_no_answer_unless_they_were_accepted(order, accepted, kind):
    rows = [*ROWS[:2], (3, "ada", "2026-08-02 07:00", "Thank you.", 2, accepted)]
    reader = read(csv_of([COLUMNS, *rows[::order]]), MAP)
    assert not reader.bad
    assert {each.id: each.type for each in reader.activities[:3]} == {"1": "question", "2": "answer", "3": kind}


def test_a_column_that_says_no_everywhere_leaves_thanks_what_they_are():
    rows = [
        ROWS[0],
        (2, "bo", "2026-08-02 06:00", "The 6.", 1, "no"),
        (3, "ada", "2026-08-02 07:00", "Thanks!", 2, "no"),
    ]
    table = [COLUMNS, *rows]
    less = {field: name for field, name in MAP.items() if field != "accepted"}
    with_it, without = read(csv_of(table), MAP), read(csv_of([row[:-1] for row in table]), less)
    thanks = [(each.type, each.actor, each.object) for each in with_it.activities[2:]]
    assert thanks == [(each.type, each.actor, each.object) for each in without.activities[2:]]


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet", "json with a map"])
def test_columns_called_title_and_accepted_are_taken_without_being_named(form, tmp_path):
    names = ("id", "actor", "published", "content", "object", "accepted", "title")
    table = [names, *((*row, title) for row, title in zip(ROWS, ["Buses", None, None, "Radio", None, ""], strict=True))]
    made = {
        "csv": lambda: csv_of([tuple(name.upper() for name in names), *table[1:]]),
        "xlsx": lambda: workbook(table),
        "parquet": lambda: parquet_of(table, tmp_path / "posts.parquet"),
        "json with a map": lambda: json_of([("id", "who", *names[2:]), *table[1:]]),
    }
    reader = read(made[form](), {"actor": "who"} if form == "json with a map" else {})
    assert not reader.bad
    assert not reader.counts.unknown_field_names
    first, accept = reader.activities[0], reader.activities[-1]
    assert (first.type, first.content) == ("question", "Buses\n\nWhich bus?")
    assert (accept.type, accept.actor, accept.object) == ("accept", "ada", "2")


@pytest.mark.parametrize(
    ("column", "rename"),
    [("type", {}), ("id", {"content": "title", "accepted": "accept"})],
)
def test_a_table_that_says_what_its_rows_are_or_its_columns_keeps_what_it_says(column, rename):
    rows = [("id", "actor", "published", column if column == "type" else "object", "title", "accepted")]
    rows.append((1, "ada", "2026-08-02 05:00", "note" if column == "type" else None, "Which bus?", "yes"))
    reader = read(csv_of(rows), rename)
    assert [(each.type, each.content) for each in reader.activities] == [("note", "Which bus?" if rename else None)]


def accepts(*rows) -> list[tuple[str | None, str | None, datetime]]:
    reader = read(json_of([COLUMNS, *rows]), MAP)
    assert not reader.bad
    return [(each.actor, each.object, each.published) for each in reader.activities[len(rows) :]]


def test_a_reply_to_a_reply_is_accepted_by_who_began_the_thread_whatever_the_order():
    thread = [(3, "cy", "2026-08-02 07:00", "c", 2, True), *ROWS[:1], (2, "bo", "2026-08-02 06:00", "b", 1, False)]
    assert accepts(*thread) == [("ada", "3", datetime(2026, 8, 2, 7, tzinfo=UTC))]


def test_when_an_answer_was_accepted_is_read_and_an_unknown_asker_is_nobody():
    assert accepts((2, "bo", "2026-08-02 06:00", "b", 99, "2026-08-05 10:30")) == [
        (None, "2", datetime(2026, 8, 5, 10, 30, tzinfo=UTC))
    ]


def test_an_accept_without_its_question_replaces_none_that_has_it():
    answer = (2, "bo", "2026-08-02 06:00", "b", 1, "yes")
    whole, part = (read(json_of([COLUMNS, *rows]), MAP) for rows in ((ROWS[0], answer), (answer,)))
    assert whole.activities[-1].id != part.activities[-1].id
    assert (whole.counts.nameless, part.counts.nameless) == (0, 1)
    assert (whole.counts.ownerless_accepts, part.counts.ownerless_accepts) == (0, 1)


def test_accepted_answers_of_a_table_that_says_nowhere_what_they_answer_are_counted():
    rows = [ROWS[0], (2, "bo", "2026-08-02 06:00", "b", None, "yes"), (3, "cy", "2026-08-02 07:00", "c", None, "no")]
    reader = read(json_of([COLUMNS, *rows]), MAP)
    assert [each.type for each in reader.activities].count("accept") == reader.counts.nameless == 1


def test_an_accepted_answer_that_is_not_there_is_counted_as_one():
    reader = read(json_of([COLUMNS, (4, "di", "2026-08-03 05:00", "And?", None, "77")]), MAP)
    assert (reader.references.unmatched, reader.references.unmatched_examples) == (1, ("77",))


def test_posts_that_answer_each_other_in_a_circle_end():
    circle = [(1, "ada", "2026-08-02 06:00", "a", 2, "x"), (2, "bo", "2026-08-02 06:00", "b", 1, "")]
    assert len(accepts(*circle)) == 1


def test_a_cell_that_says_neither_yes_nor_no_is_named():
    with pytest.raises(UnreadableError, match="'maybe' in the column 'Beste Antwort' does not say whether"):
        read(csv_of([COLUMNS, (2, "bo", "2026-08-02 06:00", "b", 1, "maybe")]), MAP)


def test_a_type_called_accepted_is_renamed_as_ever():
    line = json.dumps({"id": "1", "type": "accepted", "actor": "a", "object": "0", "published": "2026-08-02T06:00:00Z"})
    assert read(line.encode(), {"accepted": "accept"}).activities[0].type == "accept"


def test_a_json_table_with_columns_of_its_own_holds_posts():
    reader = read(json_of([COLUMNS[:5], *(row[:5] for row in ROWS)]), {name: MAP[name] for name in list(MAP)[:5]})
    assert [each.type for each in reader.activities] == ["note", "reply", "reply", "note", "reply", "note"]


@pytest.mark.parametrize("make", [csv_of, json_of, workbook])
def test_columns_of_its_own_are_named_with_the_fields_that_they_probably_are(make):
    with pytest.raises(OtherColumnsError, match="map=id=Nr,actor=Benutzer,published=Erstellt,content=Text") as refused:
        read(make([COLUMNS, *ROWS]), {})
    assert likely_columns(refused.value.names) == MAP


def test_columns_of_its_own_are_named_where_a_text_has_what_cuts_cells():
    with pytest.raises(OtherColumnsError, match="actor=Member,published=Posted"):
        read(b'Post,Member,Posted,Words\n1,ada,2026-08-02,"Which bus,\nand why?"\n', {})


def test_likely_columns_are_told_whatever_their_case_accents_and_signs():
    names = ("post_id", "User Name", "Créé le", "in-reply-to-id", "ÉTIQUETTES", "isBestAnswer", "likes")
    assert likely_columns(names) == {
        "id": "post_id",
        "actor": "User Name",
        "published": "Créé le",
        "object": "in-reply-to-id",
        "tags": "ÉTIQUETTES",
        "accepted": "isBestAnswer",
    }


def test_times_numbers_and_texts_of_a_workbook_are_read_as_they_are_shown():
    rows = [
        ("id", "actor", "type", "published", "content", "tags"),
        (
            7,
            12.0,
            "note",
            datetime(2026, 8, 2, 5, 0, 0, 400),  # noqa: DTZ001 Excel knows no zones
            'two\nlines; "q", and more',
            "Fruit trees",
        ),
    ]
    (note,) = read(workbook(rows), {}).activities
    assert (note.id, note.actor, note.published) == ("7", "12", datetime(2026, 8, 2, 5, tzinfo=UTC))
    assert (note.content, note.tags) == ('two\nlines; "q", and more', ("Fruit trees",))


def test_of_several_tables_in_a_workbook_none_is_chosen_in_silence():
    with pytest.raises(UnreadableError, match="2 tables, 'Sheet', 'old'"):
        read(workbook([COLUMNS, *ROWS], old=[COLUMNS, *ROWS]), MAP)
    assert read(workbook([COLUMNS, *ROWS], notes=[["by hand"]]), MAP).counts.records == len(ROWS) + 2


@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_a_damaged_workbook_is_refused(name):
    with zipfile.ZipFile(io.BytesIO(workbook([COLUMNS, *ROWS]))) as whole:
        entries = {each: whole.read(each) for each in whole.namelist()}
    entries[name] = entries[name][: len(entries[name]) // 2]
    with zipfile.ZipFile(file := io.BytesIO(), "w") as broken:
        for each, content in entries.items():
            broken.writestr(each, content)
    with pytest.raises(UnreadableError, match="the workbook is damaged"):
        read(file.getvalue(), MAP)


def test_a_workbook_of_too_many_texts_is_refused_before_it_is_read():
    with zipfile.ZipFile(file := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("[Content_Types].xml", "")
        bomb.writestr("xl/workbook.xml", "")
        bomb.writestr("xl/sharedStrings.xml", b" " * 70 * 2**20)
    with pytest.raises(TooLargeError, match="save its table as CSV"):
        read(file.getvalue(), MAP)


def with_sheet(body: bytes, sheet: bytes) -> bytes:
    """Return a workbook with other XML for its first sheet, which does not say how large it is."""
    with zipfile.ZipFile(io.BytesIO(body)) as whole:
        entries = {each: whole.read(each) for each in whole.namelist()}
    start = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    entries["xl/worksheets/sheet1.xml"] = start + sheet + b"</worksheet>"
    with zipfile.ZipFile(file := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as made:
        for each, content in entries.items():
            made.writestr(each, content)
    return file.getvalue()


def row_of(*cells: str, row: int) -> bytes:
    texts = "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells)
    return f'<row r="{row}">{texts}</row>'.encode()


FIRST_ROWS = row_of("id", "actor", "published", row=1) + row_of("a", "ada", "2026-08-02", row=2)


@pytest.mark.parametrize(
    "sheet",
    [
        pytest.param(FIRST_ROWS + row_of("b", "bo", "2026-08-02", row=10**12), id="rows left out between two"),
        pytest.param(FIRST_ROWS + b"<row>" + b"<c/>" * 70_000 + b"</row>", id="one row of many cells"),
    ],
)
def test_a_small_workbook_that_becomes_endless_rows_is_refused(sheet, monkeypatch):
    monkeypatch.setattr(workbooks, "_MOST_ROWS", 2**15)
    monkeypatch.setattr(workbooks, "_ROW_BYTES", 2**18)
    with pytest.raises(TooLargeError, match="save its table as CSV"):
        read(with_sheet(workbook([COLUMNS]), b"<sheetData>" + sheet + b"</sheetData>"), {})


def test_of_a_sheet_only_a_row_is_held_at_once():
    texts = [row_of(f"a{row}", "ada", "2026-08-02", "x" * 30_000, row=row) for row in range(3, 403)]
    body = with_sheet(workbook([COLUMNS]), b"<sheetData>" + FIRST_ROWS + b"".join(texts) + b"</sheetData>")
    assert read(body, {}).counts.records == 1 + len(texts)


def test_a_post_in_json_whose_empty_text_names_no_other_answers_none():
    posts = [
        {"id": "1", "who": "ada", "published": "2026-08-02", "on": "", "best": ""},
        {"id": "2", "who": "bo", "published": "2026-08-02", "on": "1", "best": "yes"},
    ]
    reader = read(json.dumps(posts).encode(), {"actor": "who", "object": "on", "accepted": "best"})
    assert [(each.type, each.actor, each.object) for each in reader.activities] == [
        ("question", "ada", None),
        ("answer", "bo", "1"),
        ("accept", "ada", "2"),
    ]


def test_a_workbook_has_no_charset_whatever_its_sender_says():
    body = workbook([COLUMNS, (1, "José", "2026-08-02 05:00", "Which bus?", None, None)])
    (row,) = records_in([body], 10**8, MAP, charset="windows-1252")
    assert row["Benutzer"] == "José"


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_a_title_comes_before_the_text_in_any_form(form, tmp_path):
    table = [
        ("Nr", "Benutzer", "Erstellt", "Betreff", "Text"),
        (1, "ada", "2026-08-02 05:00", "Hops", "Which ones?"),
        (2, "bo", "2026-08-02 06:00", None, "Cascade."),
        (3, "cy", "2026-08-02 07:00", "Dry hopping?", None),
    ]
    made = {
        "csv": lambda: csv_of(table),
        "json": lambda: json_of(table),
        "parquet": lambda: parquet_of(table, tmp_path / "posts.parquet"),
    }
    reader = read(made[form](), {**dict(list(MAP.items())[:4]), "title": "Betreff"})
    assert [each.content for each in reader.activities] == ["Hops\n\nWhich ones?", "Cascade.", "Dry hopping?"]
    assert (reader.bad, reader.counts.unknown_field_names) == ([], {})


@pytest.mark.parametrize("form", ["csv", "xlsx", "json", "parquet"])
def test_a_post_that_replies_to_nothing_is_a_question_where_its_title_asks(form, tmp_path):
    table = [
        ("id", "actor", "published", "title", "content", "object"),
        ("1", "ada", "2026-08-02 05:00", "Which hops?", "For a pale ale.", None),
        ("2", "bo", "2026-08-02 06:00", "Which hops?", "Cascade.", "1"),
        ("3", "cy", "2026-08-02 07:00", "Our new brewery", "Who comes?", None),
        ("4", "dee", "2026-08-02 08:00", "Re: Which yeast?", "This one?", None),
        ("5", "eve", "2026-08-02 09:00", "Which malt?", "Any will do.", "0"),
    ]
    made = {
        "csv": lambda: csv_of(table),
        "xlsx": lambda: workbook(table),
        "json": lambda: json_of(table),
        "parquet": lambda: parquet_of(table, tmp_path / "posts.parquet"),
    }
    rename = {"title": "title", "object": "object"} if form == "json" else {}  # JSON says no types of its own then
    types = {each.id: each.type for each in read(made[form](), rename).activities}
    assert types == {"1": "question", "2": "reply", "3": "note", "4": "note", "5": "question"}


@pytest.mark.parametrize("types", ["", ",type"])
def test_without_titles_or_with_types_no_post_becomes_a_question(types):
    cell = ",note" if types else ""
    table = f"id,actor,published,content,object{types}\n1,ada,2026-01-01,Which hops?,{cell}\n".encode()
    assert [each.type for each in read(table, {}).activities] == ["note"]
    titled = f"id,actor,published,title,content{types}\n1,ada,2026-01-01,Which hops?,x{cell}\n".encode()
    assert [each.type for each in read(titled, {}).activities] == ["note"], "a table without replies"


def test_a_list_of_mails_with_columns_of_its_own_is_told_where_each_is():
    table = [
        ("Message-ID", "From", "Date", "Subject", "Body", "In-Reply-To"),
        ("<1@a>", "ada", "2026-08-02", "Hops", "Which?", ""),
    ]
    with pytest.raises(OtherColumnsError, match="title=Subject"):
        list(records_in([csv_of(table)], 10**8, {}))


def test_an_id_is_taken_before_a_name_that_two_people_may_share():
    assert likely_columns(["post_id", "author_name", "author_id"])["actor"] == "author_id"
    assert likely_columns(["post_id", "author_name"])["actor"] == "author_name"


def test_columns_are_known_in_dutch():
    named = ("Datum", "Afzender", "Tekst", "Onderwerp", "Antwoord op", "Bericht-nr")
    assert likely_columns(named) == {
        "id": "Bericht-nr",
        "actor": "Afzender",
        "published": "Datum",
        "content": "Tekst",
        "title": "Onderwerp",
        "object": "Antwoord op",
    }


def test_days_of_acceptance_are_told_by_the_other_cells_of_their_column():
    rows = "q1,,ada,2026-01-01,\na1,q1,bo,2026-01-02,1/5/2026\nq2,,cy,2026-01-01,\na2,q2,di,2026-01-03,20/5/2026\n"
    table = f"id,object,actor,published,ok\n{rows}".encode()
    found = [each for each in records_in([table], 10**6, {"accepted": "ok"}) if isinstance(each, Activity)]
    assert [(each.object, f"{each.published:%d.%m.}") for each in found] == [("a1", "01.05."), ("a2", "20.05.")]


def test_a_question_that_names_itself_as_its_answer_is_refused():
    table = b"id,object,actor,published,ok\nq1,,ada,2026-01-01,q1\n"
    with pytest.raises(UnreadableError, match="names itself as its answer"):
        list(records_in([table], 10**6, {"accepted": "ok"}))


def test_a_table_in_hungarian_is_known_by_its_columns_and_its_yes_and_no():
    named = ("Azonosító", "Válasz erre", "Szerző", "Dátum", "Tárgy", "Szöveg", "Elfogadott")
    ours = likely_columns(named)
    assert ours == dict(zip(("id", "object", "actor", "published", "title", "content", "accepted"), named, strict=True))
    rows = [
        named,
        ("1", None, "Ágnes", "2026. január 5. 9:05", "Szőlő", "Mikor?", None),
        ("2", "1", "Béla", "2026. január 6.", None, "Tél végén.", "igen"),
        ("3", "1", "Erika", "2026. január 7.", None, "Ősszel.", "nem"),
    ]
    accepts = [each for each in read(csv_of(rows), ours).activities if each.type == "accept"]
    assert [(each.actor, each.object) for each in accepts] == [("Ágnes", "2")]


@pytest.mark.parametrize("words", [("closed", "closed"), ("resolved", ""), ("Bo 1", "Bo 1")])
def test_a_word_at_a_question_is_no_answer_s_id(words):
    rows = [f"q{number},ada,2026-01-05T10:00:00Z,,{word}" for number, word in enumerate(words)]
    table = "\n".join(["id,actor,published,object,state", *rows, "a1,bo,2026-01-05T11:00:00Z,q0,"])
    with pytest.raises(UnreadableError, match="does not say whether the answer was accepted"):
        list(records_in([table.encode()], 10**6, {"accepted": "state"}))


@pytest.mark.parametrize("word", ["comment", "Message", "post"])
def test_a_type_that_says_only_that_it_is_a_post_is_told_by_what_it_replies_to(word):
    table = f"id,who,at,said,on,type\n1,ann,2026-01-01,why?,,{word}\n2,bob,2026-01-02,so,1,{word}\n".encode()
    ours = {"actor": "who", "published": "at", "content": "said", "object": "on"}
    assert [row["type"] for row in records_in([table], 10**6, ours)] == ["note", "reply"]
    renamed = records_in([table], 10**6, ours | {word: "answer"})
    assert [row["type"] for row in renamed] == [word, word]


def test_tags_in_columns_of_one_name_are_joined():
    table = b"id,who,at,said,Labels,Labels\n1,ann,2026-01-01,why?,sso,web\n2,bob,2026-01-02,so,,web\n"
    ours = {"actor": "who", "published": "at", "content": "said", "tags": "Labels"}
    assert [row["Labels"] for row in records_in([table], 10**6, ours)] == ["sso, web", "web"]


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ("pid tid uid dateline message", "id=pid actor=uid published=dateline content=message thread=tid"),
        ("uid who when text", "id=uid actor=who published=when content=text"),
        (
            "message_id channel_id sender_name sent_at text",
            "id=message_id actor=sender_name published=sent_at content=text",
        ),
        (
            "comment_ID comment_author user_id comment_date comment_content comment_parent",
            (
                "id=comment_ID actor=user_id name=comment_author published=comment_date content=comment_content "
                "object=comment_parent"
            ),
        ),
    ],
)
def test_columns_of_forums_and_chats_are_people_where_rooms_and_numbers_stand_beside(names, told):
    assert likely_columns(names.split()) == dict(pair.split("=") for pair in told.split())


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (
            ["Nº do post", "Tópico", "Data/Hora", "Usuário", "Mensagem", "Assunto"],
            ["id", "thread", "published", "actor", "content", "title"],
        ),
        (["Question", "Author", "Date and time (UTC)"], ["content", "actor", "published"]),
    ],
)
def test_columns_of_portuguese_forums_and_of_polls_are_known(names, told):
    found = likely_columns(names)
    assert [found.get(field) for field in told] == names


@pytest.mark.parametrize("name", ["Deleted User", "[deleted]", "anonymous", "Guest", "Usuário excluído"])
def test_a_name_that_stands_for_no_name_is_nobody_s(name):
    rows = [ROWS[0], (2, name, "2026-08-02 06:00", "b", 1, "")]
    reader = read(json_of([COLUMNS, *rows]), MAP)
    assert (reader.activities[1].actor, reader.counts.nameless, reader.bad) == (None, 1, [])


def test_where_names_are_a_network_s_own_guest_may_be_an_account():
    reader = RecordReader("github", {}, loose=True)
    record = {"id": "1", "type": "note", "actor": "guest", "published": "2026-08-02T06:00:00Z", "content": "a"}
    reader.feed([json.dumps(record).encode()])
    assert reader.activities[0].actor == "guest"


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("post_visibility", "1", 2),
        ("post_visibility", "0", 1),
        ("post_visibility", "0.0", 1),
        ("hidden_at", "0000-00-00 00:00:00", 2),
        ("post_visibility", 2, 1),
        ("is_approved", "0", 1),
        ("is_approved", True, 2),
        ("hidden_at", "2026-08-03 10:00:00", 1),
        ("hidden_at", "", 2),
        ("hidden_at", None, 2),
        ("privatereplyto", "0", 2),
        ("privatereplyto", "14", 1),
        ("deleted", "0", 2),
        ("deleted", 1, 1),
        ("deletedAt", "2026-08-03", 1),
        ("Deleted at", "", 2),
        ("visible", "-1", 1),
        ("visible", 1, 2),
        ("message_state", "visible", 2),
        ("message_state", "moderated", 1),
        ("comment_approved", "spam", 1),
        ("is_public", "no", 1),
        ("is_private", "1.0", 1),
        ("is_private", 0.0, 2),
        ("deleted", "2024-01-01 10:00:00", 1),
        ("deleted", 1699999999, 1),
        ("approved", False, 1),
        ("visible", "f", 1),
        ("removed_by_category", "moderator", 1),
        ("status", "open", 2),
        ("public", "false", 1),
        ("public", True, 2),
        ("spam", "1", 1),
        ("comment_approved", "hold", 1),
        ("post_status", "hidden", 1),
        ("post_status", "publish", 2),
        ("queued", "-1", 1),
        ("queued", "0", 2),
        ("pdelete_time", "1767225600", 1),
        ("pdelete_time", "0", 2),
        ("membershipType", "private", 1),
        ("membershipType", "standard", 2),
        ("deletedDateTime", "2026-08-03T10:00:00Z", 1),
        ("post_type", "4", 1),
        ("post_type", 1, 2),
        ("post_status", "deleted", 1),
        ("comment_visibility", "private", 1),
        ("comment_visibility", "public", 2),
        ("is_comment_hidden", "1", 1),
        ("answer.deleted_at", "2026-08-03T10:00:00Z", 1),
        ("was_deleted", True, 1),
        ("deleted_by_id", "14", 1),
        ("post_deletion_reason", "spam", 1),
        ("post_deletion_reason", "", 2),
    ],
)
def test_what_a_forum_hides_is_left_out_and_counted(field, value, kept):
    record = {"id": "1", "type": "note", "actor": "ada", "published": "2026-08-02T06:00:00Z", "content": "a"}
    lines = [json.dumps({**record, "post_visibility": "1"}), json.dumps({**record, "id": "2", field: value})]
    reader = read("\n".join(lines).encode(), {})
    assert (len(reader.activities), reader.counts.private) == (kept, 2 - kept)
    assert reader.counts.unknown_field_names == {}  # as it was heeded


@pytest.mark.parametrize(
    "name", ["delete_count", "deleted_posts", "hidden_smilies", "private_messages_count", "status_code", "is_post"]
)
def test_a_name_in_which_words_for_hidden_posts_stand_by_chance_hides_none(name):
    body = csv_of([("id", "actor", "published", "content", name), (1, "ada", "2026-08-02", "Hops?", 3)])
    reader = read(body, {})
    assert (len(reader.activities), reader.counts.private) == (1, 0)


@pytest.mark.parametrize(
    ("name", "cells"),
    [("x_deleted", "010"), ("x_is_hidden", "010"), ("x_visible", "101"), ("x_statut", ("", "supprimé", "publié"))],
)
def test_what_most_columns_begin_with_is_no_part_of_what_hides_a_row(name, cells):
    names = {"id": "x_id", "actor": "x_author", "published": "x_time", "content": "x_body"}
    rows = [(at, "ada", f"2026-08-0{at} 06:00", "Hops", cell) for at, cell in enumerate(cells, 1)]
    reader = read(csv_of([(*names.values(), name), *rows]), names)
    assert ([each.id for each in reader.activities], reader.counts.private) == (["1", "3"], 1)


@pytest.mark.parametrize(
    "ends", ["<p>How?</p>", "<p>How?<br></p>\n", "How?&nbsp;</div>", "[b]How?[/b]", "So? [i]x[/i]"]
)
def test_a_question_is_known_whatever_marks_stand_behind_it(ends):
    rows = [{"id": "1", "by": "ada", "at": "2026-01-05T10:00:00Z", "in": "7", "said": ends}]
    said = {"actor": "by", "published": "at", "thread": "in", "content": "said"}
    assert [each.type for each in read(json.dumps(rows).encode(), said).activities] == [
        "note" if ends.startswith("So") else "question"
    ]


BARE = "author,date,text,thread\nada,2026-08-02,why?,t\nbo,2026-08-03,so,t\nada,2026-08-04,thanks,t\n"
BARE_MAP = {"actor": "author", "published": "date", "content": "text", "thread": "thread"}


def test_rows_of_a_table_without_ids_are_told_apart_by_what_they_say_each_time_alike():
    first, second = read(BARE.encode(), BARE_MAP), read((BARE + "bo,2026-08-05,more,t\n").encode(), BARE_MAP)
    asked, answered, thanked = (each.id for each in first.activities)
    assert [each.object for each in first.activities] == [None, asked, answered]
    assert [each.id for each in second.activities][:3] == [asked, answered, thanked]
    assert (len(second.activities), second.bad) == (4, [])


def test_a_row_that_stands_twice_in_a_table_without_ids_counts_once():
    reader = read((BARE + "bo,2026-08-03,so,t\n").encode(), BARE_MAP)
    assert (len(reader.activities), reader.counts.duplicates) == (3, 1)


@pytest.mark.parametrize("below", ["Total posts,355\n", ",,,\nexported by ada\n", "Total,,3,\n"])
def test_totals_and_notes_below_a_table_are_no_rows(below):
    table = "id,actor,published,content\n1,ada,2026-08-02,a\n2,bo,2026-08-03,b\n"
    reader = read((table + below).encode(), {})
    assert (len(reader.activities), reader.bad, reader.counts.skipped) == (2, [], 1)


def test_a_row_without_a_time_between_others_is_told():
    table = "id,actor,published,content\n1,ada,2026-08-02,a\n2,bo,,\n3,bo,2026-08-03,b\n"
    reader = read(table.encode(), {})
    assert [(each.line, each.pointer) for each in reader.bad] == [(2, "/published")]
    assert read(b"id,actor,published,content\n2,bo,,\n", {}).bad_total == 1


def test_authors_that_are_numbers_are_called_as_a_column_says_last():
    head = "id,userid,userfullname,created,message"
    rows = ["1,7,Ada L,2026-08-02,a", "2,8,Bo,2026-08-03,b", "3,7,Ada B,2026-08-04,c"]
    columns = {"actor": "userid", "name": "userfullname", "published": "created", "content": "message"}
    assert likely_columns(head.split(",")).items() >= columns.items()
    reader = read("\n".join([head, *rows]).encode(), columns)
    named = {each.actor: each.name for each in reader.activities if each.type == "account"}
    assert named == {"7": "Ada B", "8": "Bo"}
    assert [each.type for each in reader.activities] == ["note"] * 3 + ["account"] * 2
    assert (reader.bad, reader.counts.unknown_fields) == ([], 0)


def test_a_row_without_an_id_is_the_same_when_others_have_looked_at_it_since():
    table = BARE.replace("thread\n", "thread,views\n", 1)
    once, again = (read(table.replace(",t\n", f",t,{views}\n").encode(), BARE_MAP) for views in (10, 11))
    assert [each.id for each in once.activities] == [each.id for each in again.activities]


def test_rows_without_a_time_wait_for_the_end_of_a_table_a_few_at_a_time():
    table = "id,actor,published,content\n1,ada,2026-08-02,a\n" + "2,bo,,\n" * 9
    assert read(table.encode(), {}).bad_total == 9


@pytest.mark.parametrize(
    ("column", "yes", "no"),
    [("Eliminado", "sim", "não"), ("Supprimé", "oui", "non"), ("Gelöscht", "2026-08-04", ""), ("удалено", "1", "0")],
)
def test_what_a_table_hides_in_another_language_is_no_part_of_it(column, yes, no):
    rows = [("ada", "2026-08-02", "why?", no), ("bo", "2026-08-03", "so", no)]
    rows += [("ada", f"2026-09-{day:02}", "thanks", no) for day in range(1, 26)]
    rows += [("spam", "2026-08-04", "buy", yes)]
    table = "\n".join(
        [f"author,date,text,thread,{column}", *(f"{who},{at},{text},t,{cell}" for who, at, text, cell in rows)]
    )
    reader = read(table.encode(), BARE_MAP)
    answer = reader.activities[1].id
    assert [(each.actor, each.object) for each in reader.activities][2] == ("ada", answer)
    assert (len(reader.activities), reader.counts.private, reader.counts.unknown_field_names) == (27, 1, {})


@pytest.mark.parametrize(
    ("column", "hidden", "shown"),
    [
        ("Status", "versteckt", "sichtbar"),
        ("status", "draft", "published"),
        ("status", "removed", "visible"),
        ("Estado", "pendiente", "publicado"),
        ("état", "en attente", "publié"),
        ("Stan", "oczekuje", "opublikowany"),
        ("Sichtbarkeit", "Nur Mitglieder", "öffentlich"),
        ("Sichtbar", "nein", "ja"),
        ("Freigeschaltet", "nein", "ja"),
        ("Veröffentlicht", "nein", "ja"),
        ("Publié", "non", "oui"),
        ("Approuvé", "non", "oui"),
        ("Widoczny", "nie", "tak"),
        ("Synlig", "nej", "ja"),
        ("Godkendt", "nej", "ja"),
        ("Aprobado", "no", "sí"),
        ("visible", "nein", "ja"),
        ("approved", "N", "Y"),
        ("Gelöscht am", "02.01.2026", ""),
        ("Eliminado em", "2026-01-02", "0000-00-00"),
        ("intern", "ja", "nein"),
        ("Papierkorb", "x", ""),
        ("deleted", "Y", "N"),
        ("deleted", "J", "nein"),
        ("is_deleted", "on", "off"),
        ("hidden", "x", ""),
        ("private", "S", "não"),
        ("Concept", "ja", "astronomy"),
    ],
)
def test_a_table_says_in_many_words_that_a_row_is_hidden(column, hidden, shown):
    rows = f"1,ada,2026-08-02,a,{shown}\n2,bo,2026-08-03,b,{hidden}\n3,cy,2026-08-04,c,{shown}\n"
    reader = read(f"id,actor,published,content,{column}\n{rows}".encode(), {})
    assert [each.actor for each in reader.activities] == ["ada", "cy"]
    assert (reader.counts.private, reader.counts.unknown_field_names, reader.bad) == (1, {}, [])


@pytest.mark.parametrize(("written", "advice"), [("13/13/2026", "2026-10-01T12:00:00Z"), ("3/4/2026", "first of May")])
def test_a_date_that_no_order_makes_one_is_not_asked_for_its_order(written, advice):
    (bad,) = read(f"id,actor,published,content\n1,ada,{written},a\n".encode(), {}).bad
    assert advice in bad.detail


def test_a_column_name_is_a_thread_s_where_another_says_who_wrote_and_else_who_wrote():
    vanilla = ["CommentID", "DiscussionID", "InsertUserID", "DateInserted", "Name", "Body"]
    found = likely_columns(vanilla)
    assert (found["actor"], found["published"], found["title"]) == ("InsertUserID", "DateInserted", "Name")
    assert "name" not in found
    assert likely_columns(["Name", "Date", "Message"])["actor"] == "Name"


def test_two_people_of_one_name_are_two_where_a_column_tells_them_apart():
    names = "id,Auteur,Identifiant auteur,Date,Message"
    rows = [names, "1,Marie Martin,7,2026-01-01,a", "2,Marie Martin,8,2026-01-02,b"]
    ours = likely_columns(names.split(","))
    reader = RecordReader("custom:c", ours, loose=True)
    reader.feed(records_in(["\n".join(rows).encode()], 10**6, ours))
    told = [(each.actor, each.name) for each in reader.activities]
    assert told == [("7", None), ("8", None), ("7", "Marie Martin"), ("8", "Marie Martin")]


def test_the_guest_of_punbb_is_nobody():
    table = b"id,poster,poster_id,message,posted,topic_id\n1,Jo,1,hi,1767607200,1\n2,ada,2,hi,1767607300,1\n"
    ours = likely_columns(table.decode().split("\n")[0].split(","))
    reader = RecordReader("custom:c", ours, loose=True)
    reader.feed(records_in([table], 10**6, ours))
    assert [each.actor for each in reader.activities if each.type != "account"] == [None, "2"]


def test_a_post_that_quotes_somebody_by_name_answers_them_where_accounts_are_numbers():
    names = "id,Auteur,Identifiant auteur,Date,Message,Discussion"
    rows = ["1,Marie,7,2026-01-01,Comment ?,t", "2,Jo,8,2026-01-02,Ainsi.,t", "3,Léa,9,2026-01-03,Non.,t"]
    table = "\n".join([names, *rows, "4,Ana,10,2026-01-04,@Jo merci,t"])
    ours = likely_columns(names.split(","))
    reader = RecordReader("custom:c", ours, loose=True)
    reader.feed(records_in([table.encode()], 10**6, ours))
    assert {each.id: each.object for each in reader.activities if each.id} == {"1": None, "2": "1", "3": "1", "4": "2"}
