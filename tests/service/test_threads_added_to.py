"""Posts that are added to threads which a data set knows: they reply as if all had come in one upload."""

from __future__ import annotations

import json
from typing import Any

import pytest

from candor.scoring.redaction import DataSubject

NEW = {"network": "custom:garden", "profile": "forum"}
PHPBB = "post_id,topic_id,poster,post_time,post_subject,post_text"
PHPBB_MAP = "id=post_id,thread=topic_id,actor=poster,published=post_time,title=post_subject,content=post_text"
GARDEN = [
    "1,7,ada,2026-01-01T00:00:00Z,Blossom end rot?,What helps?",
    "2,8,eve,2026-01-01T01:00:00Z,Which mulch?,Straw or bark?",
    "3,7,bo,2026-01-02T00:00:00Z,Re: Blossom end rot?,Lime.",
    "4,7,Ada,2026-01-03T00:00:00Z,Re: Blossom end rot?,Another Ada here.",
    "5,7,cy,2026-01-04T00:00:00Z,Re: Blossom end rot?,Water them.",
    "6,7,ada,2026-01-05T00:00:00Z,Re: Blossom end rot?,Thanks!",
    "7,8,cy,2026-01-06T00:00:00Z,Re: Which mulch?,'[quote=eve;2]Straw or bark?[/quote] Bark.'",
    "8,7,bo,2026-01-07T00:00:00Z,Re: Blossom end rot?,'[quote=cy;5]Water them.[/quote] No.'",
]
DISCOURSE = "id,topic_id,post_number,reply_to_post_number,username,created_at,raw,accepted_answer,topic_title"
DISCOURSE_MAP = (
    "id=id,actor=username,published=created_at,content=raw,title=topic_title,thread=topic_id,"
    "accepted=accepted_answer,object=reply_to_post_number"
)
LUG = [
    "501,1,1,,ada,2026-01-01T00:00:00Z,How do I update?,false,Update?",
    "502,1,2,,bo,2026-01-02T00:00:00Z,With apt.,false,Update?",
    "503,2,1,,eve,2026-01-02T01:00:00Z,How do I print?,false,Print?",
    "504,1,3,2,ada,2026-01-03T00:00:00Z,Which version?,false,Update?",
    "505,1,4,1,cy,2026-01-04T00:00:00Z,With dnf.,true,Update?",
    "506,2,2,1,bo,2026-01-05T00:00:00Z,With cups.,true,Print?",
    "507,1,5,3,bo,2026-01-06T00:00:00Z,The last one.,false,Update?",
    "508,1,6,,ada,2026-01-07T00:00:00Z,It works.,false,Update?",
]


def send(client, path: str, header: str, rows: list[str], **query: str) -> Any:
    method = client.put if "network" in query else client.post
    table = "\n".join([header, *rows]).replace("'", '"')
    sent = method(path, query_string=query, data=table.encode(), content_type="text/csv")
    assert sent.status_code in {200, 201}, sent.json
    return sent.json


def records(client, name: str = "d") -> list[dict[str, Any]]:
    lines = client.get(f"/v1/datasets/{name}/records").data.splitlines()
    return sorted(map(json.loads, lines), key=lambda record: str(record.get("id")))


def told(client, name: str = "d") -> dict[str, tuple[Any, ...]]:
    return {each["id"]: (each["type"], each["actor"], each.get("object")) for each in records(client, name)}


def erase(store, name: str) -> None:
    store.dataset_erasure.erase(DataSubject(network="custom:garden", names=(name,)), None)


@pytest.mark.parametrize(("header", "mapped", "rows"), [(PHPBB, PHPBB_MAP, GARDEN), (DISCOURSE, DISCOURSE_MAP, LUG)])
@pytest.mark.parametrize("first", [2, 3, 5, 7])
def test_rows_added_day_by_day_make_the_data_set_of_one_upload(client, header, mapped, rows, first):
    whole = send(client, "/v1/datasets/whole", header, rows, map=mapped, **NEW)
    send(client, "/v1/datasets/d", header, rows[:first], map=mapped, **NEW)
    for row in rows[first:]:
        added = send(client, "/v1/datasets/d/records", header, [row])
    assert records(client) == records(client, "whole")
    assert added["digest"] == whole["digest"]


def test_an_answer_to_a_thread_that_is_known_is_no_question_and_its_acceptance_counts(client):
    send(client, "/v1/datasets/d", DISCOURSE, LUG[:3], map=DISCOURSE_MAP, **NEW)
    send(client, "/v1/datasets/d/records", DISCOURSE, ["599,1,9,1,cy,2026-02-01T00:00:00Z,So.,true,Update?"])
    found = told(client)
    assert found["599"] == ("answer", "cy", "501")
    assert found["599:accepted"] == ("accept", "ada", "599")


def test_threads_that_titles_tell_are_known_as_well(client):
    mapped = "id=n,actor=who,published=at,title=subject,thread=subject,content=text"
    header, send_rows = "n,who,at,subject,text", "/v1/datasets/d/records"
    send(client, "/v1/datasets/d", header, ["1,ada,2026-01-01,Blossom end  rot?,What helps?"], map=mapped, **NEW)
    send(client, send_rows, header, ["2,bo,2026-01-02,Re: blossom end rot?,Lime.", "3,cy,2026-01-03,Lime?,Where?"])
    assert told(client) == {"1": ("question", "ada", None), "2": ("reply", "bo", "1"), "3": ("question", "cy", None)}


@pytest.mark.parametrize("way", ["record", "person"])
def test_what_is_added_to_a_thread_whose_first_post_is_gone_begins_none(client, store, way):
    send(client, "/v1/datasets/d", PHPBB, GARDEN[:3], map=PHPBB_MAP, **NEW)
    if way == "record":
        client.delete("/v1/datasets/d/records/1")
    else:
        erase(store, "ada")
    send(client, "/v1/datasets/d/records", PHPBB, GARDEN[4:5])
    assert told(client)["5"] == ("reply", "cy", None)


def test_the_first_post_sent_again_stays_the_first(client):
    send(client, "/v1/datasets/d", PHPBB, GARDEN[:3], map=PHPBB_MAP, **NEW)
    send(client, "/v1/datasets/d/records", PHPBB, [GARDEN[0].replace("What", "So what"), GARDEN[4]])
    found = told(client)
    assert (found["1"], found["5"]) == (("question", "ada", None), ("reply", "cy", "1"))


def test_a_table_without_threads_says_nothing_of_them(client):
    send(client, "/v1/datasets/d", "id,actor,published,content", ["1,ada,2026-01-01,Hello"], **NEW)
    assert not [each for each in records(client) if "in_thread" in each]


def test_nobody_who_was_erased_stays_in_what_a_thread_is_called(client, store):
    slugs = [row.replace(",7,", ",ask/ada-lovelace,") for row in GARDEN if not row.startswith(("1,", "6,"))]
    send(
        client,
        "/v1/datasets/d",
        PHPBB,
        [*slugs, "9,9,ada-lovelace,2026-01-09T00:00:00Z,Hello?,Hi"],
        map=PHPBB_MAP,
        **NEW,
    )
    assert {each["in_thread"] for each in records(client)} == {"8", "9", "ask/ada-lovelace"}
    erase(store, "ada-lovelace")
    assert {each.get("in_thread") for each in records(client)} == {"8", None}
