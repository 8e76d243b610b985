"""Tables as certain programs write them: comments of Jira in cells, search engines, questionnaires, two tables."""

from __future__ import annotations

import pytest

from candor.formats.columns import likely_columns
from candor.formats.compression import UnreadableError
from candor.formats.rows import records_in
from candor.scoring.records import RecordReader

JIRA = """Summary,Issue key,Issue id,Reporter,Created,Description,{names}
How to rotate logs?,OPS-1,10001,bo,05/Jan/26 10:28 PM,They fill,"06/Jan/26 9:00 AM;cy;Use logrotate; it
is there",06/Jan/26 10:00 AM;bo;Thanks
Pump,OPS-2,10002,cy,07/Jan/26 10:28 PM,text,see above,
"""
QUESTIONNAIRES = {
    "google": "Timestamp,Email Address,How satisfied are you?,What would you improve?",
    "google_fr": "Horodateur;Adresse e-mail;Comment allez-vous ?;Que faut-il changer ?",
    "qualtrics": "StartDate,EndDate,Finished,RecordedDate,ResponseId,Q1,Q2",
    "surveymonkey": "Respondent ID,Collector ID,Date Created,Email Address,How likely?",
    "limesurvey": "id. Response ID,submitdate. Date submitted,lastpage. Last page,token,q1. How?",
    "microsoft": "ID,Start time,Completion time,Email,Name,How was it?",
    "microsoft_de": "ID;Startzeit;Fertigstellungszeit;E-Mail;Name;Wie war es?",
    "typeform": "#,What now?,Start Date (UTC),Submit Date (UTC),Network ID",
}


def read(text: str, rename: dict[str, str]) -> RecordReader:
    reader = RecordReader("custom:c", rename, loose=True)
    reader.feed(records_in([text.encode()], 10**8, rename))
    return reader


@pytest.mark.parametrize("names", ["Comment,Comment", "Comment,Comment.1"], ids=["jira", "pandas"])
def test_a_comment_in_a_cell_of_jira_is_a_post_that_replies_to_its_issue(names):
    text = JIRA.format(names=names)
    found = read(text, likely_columns(text.partition("\n")[0].split(",")))
    assert [(each.id, each.type, each.actor, each.object) for each in found.activities] == [
        ("OPS-1", "note", "bo", None),
        ("OPS-1-comment-1", "reply", "cy", "OPS-1"),
        ("OPS-1-comment-2", "reply", "bo", "OPS-1"),
        ("OPS-2", "note", "cy", None),
    ]
    assert found.activities[1].content == "Use logrotate; it\nis there"
    assert f"{found.activities[1].published:%d.%m.%Y %H:%M}" == "06.01.2026 09:00"
    assert "Comment" in found.counts.unknown_field_names  # the cell that is no comment is told


@pytest.mark.parametrize("header", QUESTIONNAIRES.values(), ids=QUESTIONNAIRES)
def test_answers_to_a_questionnaire_are_refused_with_what_they_lack(header):
    sign = ";" if ";" in header else ","
    row = sign.join(["2026-01-05 10:00"] * (header.count(sign) + 1))
    names = header.split(sign)
    for rename in ({}, {"id": names[0], "actor": names[1], "published": names[0], "content": names[-1]}):
        with pytest.raises(UnreadableError, match="these are answers to a questionnaire"):
            read(f"{header}\n{row}\n", rename)


def test_a_table_of_posts_that_begins_with_a_time_is_no_questionnaire():
    header = "Timestamp,Email address,Title,What is your answer to this?,Is this what you wanted to know?"
    assert likely_columns(header.split(","))["published"] == "Timestamp"
    with pytest.raises(UnreadableError, match="none of its columns are ours"):
        read(f"{header}\n2026-01-05,a,b,c,d\n", {})


@pytest.mark.parametrize(
    ("names", "fields"),
    [
        (["_id", "_source.author", "_source.created_at", "_source.body"], ["_id", "_source.author"]),
        (["_id", "_source.id", "author.keyword", "@timestamp"], ["_source.id", "author.keyword"]),
        (["id", "attributes.author", "attributes.created_at"], ["id", "attributes.author"]),
    ],
)
def test_fields_are_known_by_their_names_inside_what_search_engines_write_around(names, fields):
    found = likely_columns(names)
    assert [found["id"], found["actor"]] == fields
    assert found["published"] in names


def test_a_time_of_kibana_is_read():
    text = 'id,actor,published,content\n1,ada,"Jan 5, 2026 @ 10:00:00.000",hi\n'
    assert f"{read(text, {}).activities[0].published:%Y-%m-%d %H:%M}" == "2026-01-05 10:00"


def test_a_second_table_beside_the_first_is_told_and_not_read():
    text = "id,actor,published,content,,actor,posts\n1,ada,2026-01-05 10:00,hi,,bo,7\n2,bo,2026-01-05 11:00,so,,,\n"
    found = read(text, {})
    assert [each.actor for each in found.activities] == ["ada", "bo"]
    assert found.counts.unknown_field_names.keys() == {"actor (2)", "posts"}


@pytest.mark.parametrize(
    ("names", "fields"),
    [
        ("pid,topic_id,author_name,post_date,post,forum_id", ["author_name", "post_date", "post"]),
        ("id_msg,id_topic,poster_name,poster_time,subject,body", ["poster_name", "poster_time", "body"]),
        ("ID,post_author,post_date_gmt,post_content,post_title", ["post_author", "post_date_gmt", "post_content"]),
        (
            "Title,Description,Issue ID,Author,Author Username,Created At (UTC)",
            ["Author Username", "Created At (UTC)", "Description"],
        ),
        ("Nummer,Forfatter,Dato,Besked", ["Forfatter", "Dato", "Besked"]),
        ("الرقم,الكاتب,التاريخ,النص", ["الكاتب", "التاريخ", "النص"]),
        ("Nr.,Benutzername,Geschrieben am,Beitrag", ["Benutzername", "Geschrieben am", "Beitrag"]),
        ("Id,Bruger,Oprettet,Indlæg", ["Bruger", "Oprettet", "Indlæg"]),
        ("Nº mensaje,Usuario,Fecha de publicación,Mensaje", ["Usuario", "Fecha de publicación", "Mensaje"]),
        ("Id,Brukernavn,Skrevet,Innlegg", ["Brukernavn", "Skrevet", "Innlegg"]),
        ("Id,Användare,Publicerad,Inlägg", ["Användare", "Publicerad", "Inlägg"]),
        ("Id,Käyttäjä,Lähetetty,Viesti", ["Käyttäjä", "Lähetetty", "Viesti"]),
        ("Id,Auteur,Posté le,Message", ["Auteur", "Posté le", "Message"]),
        ("Id,Autor,Dodano,Treść", ["Autor", "Dodano", "Treść"]),
        ("Id,Kullanıcı adı,Gönderilme tarihi,Mesaj", ["Kullanıcı adı", "Gönderilme tarihi", "Mesaj"]),  # noqa: RUF001 # Turkish
        ("Id,Gebruikersnaam,Geplaatst op,Bericht", ["Gebruikersnaam", "Geplaatst op", "Bericht"]),
        ("Id,Autore,Inviato il,Messaggio", ["Autore", "Inviato il", "Messaggio"]),
    ],
    ids=[
        *("invision", "smf", "bbpress", "gitlab", "danish", "arabic", "german", "danish of forums", "spanish"),
        *("norwegian", "swedish", "finnish", "french", "polish", "turkish", "dutch", "italian"),
    ],
)
def test_columns_are_known_as_programs_and_languages_call_them(names, fields):
    found = likely_columns(names.split(","))
    assert [found.get(field) for field in ("actor", "published", "content")] == fields
    assert "id" in found


@pytest.mark.parametrize(
    "written",
    [
        *("13. marts 2024 kl. 14.05", "onsdag den 13. marts 2024 kl. 14.05", "ons. 13. mars 2024 14:05"),
        *("den 13 mars 2024 kl 14:05", "ke 13.3.2024 klo 14.05", "13 maart 2024 om 14:05 uur", "wo 13 mrt. 2024 14:05"),
        *("13 marca 2024, 14:05", "śr., 13 mar 2024 14:05", "13 Mart 2024 Çarşamba 14:05", "13 Mart 2024 14:05"),
        *("2024. márc. 13., szerda 14:05", "Mi, 13.03.2024, 14:05", "Mi, 13. Mär 2024 14:05", "13.mar.2024 14:05"),
        *("13 Μαρτίου 2024, 2:05 μ.μ.", "2024/03/13(水) 14:05:00", "2024-03-13 (수) 14:05", "13. března 2024 14:05"),
        *("13 martie 2024, 14:05", "13 марта 2024 г., 14:05", "13 березня 2024 р. о 14:05", "13. mars 2024 kl. 14:05"),  # noqa: RUF001 # Cyrillic
    ],
)
def test_times_of_many_languages_are_read_in_tables(written):
    found = read(f'id;actor;published;content\n1;ada;"{written}";hi\n', {})
    assert [f"{each.published:%Y-%m-%d %H:%M}" for each in found.activities] == ["2024-03-13 14:05"]


@pytest.mark.parametrize(
    "written",
    ["24-12-2023 13:05", "24 tháng 12, 2023 13:05", "٢٤/١٢/٢٠٢٣ ١٣:٠٥"],  # noqa: RUF001 # Arabic
)
def test_a_day_that_can_be_no_month_tells_the_order_of_its_column(written):
    other = written.replace("24", "03", 1).replace("٢٤", "٠٣", 1)
    found = read(f'id;actor;published;content\n1;ada;"{written}";hi\n2;bo;"{other}";hi\n', {})
    assert [f"{each.published:%Y-%m-%d %H:%M}" for each in found.activities] == ["2023-12-24 13:05", "2023-12-03 13:05"]


@pytest.mark.parametrize(
    ("names", "field", "column"),
    [
        ("post_id,username,post_time,post_text,topic_id,forum_name", "tags", "forum_name"),
        ("id,ticket_id,author_id,created_at,body", "thread", "ticket_id"),
        ("ID,post_author,post_date,post_content,post_parent", "object", "post_parent"),
        ("Id,Autor,Data,Treść,W odpowiedzi na", "object", "W odpowiedzi na"),
        ("Id,Bruger,Dato,Indlæg,Tråd", "thread", "Tråd"),
    ],
)
def test_what_posts_belong_to_is_known_by_its_column(names, field, column):
    assert likely_columns(names.split(","))[field] == column


WORDPRESS = """ID,post_author,post_date_gmt,post_content,post_title,post_status,post_parent,post_type
1,9,2024-01-01 09:00:00,F,Garden,publish,0,{forum}
10,3,2024-01-01 10:00:00,I have sand,How to plant?,publish,1,topic
11,4,2024-01-01 11:00:00,Dig deep,Reply To: How to plant?,publish,10,reply
12,3,2024-01-01 12:00:00,Thanks,Reply To: How to plant?,publish,10,reply
13,3,2024-01-01 12:00:00,I have sand,How to plant?,inherit,10,revision
14,0,2024-01-01 13:00:00,Me too,Reply To: How to plant?,publish,10,reply
"""


def test_topics_and_replies_of_wordpress_are_threads():
    table = "\n".join(line for line in WORDPRESS.splitlines() if "{forum}" not in line)
    found = read(table + "\n", likely_columns(table.partition("\n")[0].split(",")))
    assert [(each.id, each.type, each.actor, each.object) for each in found.activities] == [
        ("10", "question", "3", None),
        ("11", "reply", "4", "10"),
        ("12", "reply", "3", "11"),
        ("14", "reply", None, "10"),
    ]
    assert (found.counts.bad, found.counts.private, found.counts.nameless) == (0, 1, 1)


def test_what_is_no_post_in_a_table_of_wordpress_is_named():
    table = WORDPRESS.format(forum="forum")
    found = read(table, likely_columns(table.partition("\n")[0].split(",")))
    assert [(each.line, each.detail) for each in found.bad] == [
        (1, "Invalid enum value 'forum': that is no post: leave such rows out, or have them skipped with skip_bad")
    ]


def test_a_guest_whom_a_forum_numbers_is_nobody():
    table = "post_id,poster_id,post_time,post_text\n1,1,1767600000,hi\n2,54,1767600060,so\n"
    found = read(table, likely_columns(table.partition("\n")[0].split(",")))
    assert [each.actor for each in found.activities] == [None, "54"]


def test_an_issue_with_a_level_of_security_is_private():
    names = "Issue key,Summary,Reporter,Created,Security Level"
    table = f"{names}\nOPS-1,a,ada,2024-01-01,Internal\nOPS-2,b,bo,2024-01-02,\n"
    found = read(table, likely_columns(names.split(",")))
    assert ([each.id for each in found.activities], found.counts.private) == (["OPS-2"], 1)


@pytest.mark.parametrize(
    ("names", "field", "column"),
    [
        ("postid,threadid,username,dateline,title,pagetext", "content", "pagetext"),
        ("id,thread_id,post_type,author_id,added_at,text", "published", "added_at"),
    ],
)
def test_columns_of_vbulletin_and_askbot_are_known(names, field, column):
    assert likely_columns(names.split(","))[field] == column
