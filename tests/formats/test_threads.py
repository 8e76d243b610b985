"""Tables of forums that say in which thread a post is."""

from __future__ import annotations

import csv
import io
import json
import time

import pytest

from candor.formats.columns import likely_columns
from candor.formats.compression import UnreadableError
from candor.formats.forum_texts import quoted_post
from candor.formats.rows import records_in
from candor.scoring.own_text import own_text

OURS = {"id": "post_id", "actor": "poster_id", "published": "post_time", "content": "post_text", "thread": "topic_id"}
PHPBB = """post_id,topic_id,forum_id,poster_id,post_time,post_text
12,4,1,8,1756770000,Set the VAT id
13,4,1,7,1756780000,Thanks
11,4,1,7,1756760000,Why is VAT missing?
21,5,1,9,1756760001,Another question
"""


def replies(table: str, ours: dict[str, str]) -> dict[str, tuple[str, str | None]]:
    return {
        row[ours.get("id", "id")]: (row["type"], row.get(ours.get("object", "object")))
        for row in records_in([table.encode()], 10**6, ours)
    }


def test_posts_of_a_thread_reply_to_its_oldest_wherever_that_stands_and_who_began_it_to_the_answer_before():
    told = {"11": ("question", None), "12": ("reply", "11"), "13": ("reply", "12"), "21": ("note", None)}
    assert replies(PHPBB, OURS) == told


COMMENTS = """comment_id,author,date,text,{column},parent
1,ada,2026-01-01,Heat pumps are loud,a,
2,bo,2026-01-02,Mine is not,a,1
3,cy,2026-01-03,Nice article,a,
4,ada,2026-01-04,Which one is it?,a,2
5,dan,2026-01-05,Is this paid for?,a,
"""
OF_COMMENTS = {"id": "comment_id", "actor": "author", "published": "date", "content": "text", "object": "parent"}


@pytest.mark.parametrize(
    "column", ["story_url", "article_id", "Video", "Artikel-ID", "página", "comment_post_ID", "product"]
)
def test_comments_that_reply_to_nothing_reply_to_no_other_below_their_article(column):
    told = replies(COMMENTS.format(column=column), OF_COMMENTS | {"thread": column})
    assert {post: on for post, (_, on) in told.items()} == {"1": None, "2": "1", "3": None, "4": "2", "5": None}
    assert told["5"][0] == "question"


@pytest.mark.parametrize("column", ["topic_id", "thread_url", "article_thread", "discussion"])
def test_posts_of_a_thread_that_reply_to_nothing_reply_to_its_first(column):
    told = replies(COMMENTS.format(column=column), OF_COMMENTS | {"thread": column})
    assert told["3"] == ("reply", "1")


def test_below_an_article_the_first_is_replied_to_where_nothing_says_what_is():
    ours = {name: column for name, column in OF_COMMENTS.items() if name != "object"} | {"thread": "story"}
    assert replies(COMMENTS.format(column="story"), ours)["3"] == ("reply", "1")


FOLLOW_UPS = """id,actor,published,thread
1,ada,2026-01-01,t
2,bo,2026-01-02,t
3,cy,2026-01-03,t
4,ada,2026-01-04,t
5,ada,2026-01-05,t
6,bo,2026-01-06,t
7,ada,2026-01-07,t
8,,2026-01-08,t
"""


@pytest.mark.parametrize("newest_first", [False, True])
def test_who_began_a_thread_goes_on_under_the_last_post_of_somebody_else_in_any_order_of_rows(newest_first):
    head, *rows = FOLLOW_UPS.splitlines()
    table = "\n".join([head, *(reversed(rows) if newest_first else rows)])
    told = {row: on for row, (_, on) in replies(table, {"thread": "thread"}).items()}
    assert told == {"1": None, "2": "1", "3": "1", "4": "3", "5": "1", "6": "1", "7": "6", "8": "1"}


def test_nobody_known_who_began_a_thread_is_nobody_who_goes_on():
    table = "id,actor,published,thread\n1,,2026-01-01,t\n2,bo,2026-01-02,t\n3,,2026-01-03,t\n"
    assert {row: on for row, (_, on) in replies(table, {"thread": "thread"}).items()} == {"1": None, "2": "1", "3": "1"}


def test_of_posts_of_one_moment_the_first_in_the_table_began_the_thread():
    table = "post_id,topic_id,poster_id,post_time,post_text\n2,4,8,2026-01-01,a\n1,4,7,2026-01-01,b\n"
    assert replies(table, OURS) == {"2": ("note", None), "1": ("reply", "2")}


def test_a_post_that_a_thread_is_called_after_began_it_and_one_that_names_another_replies_to_that():
    table = "id,at,by,said,on,tid\n7,2026-01-02,a,x,,7\n8,2026-01-01,b,y,,7\n9,2026-01-03,c,z,8,7\n"
    ours = {"actor": "by", "published": "at", "content": "said", "object": "on", "thread": "tid"}
    assert replies(table, ours) == {"7": ("note", None), "8": ("reply", "7"), "9": ("reply", "8")}


def test_what_is_no_post_stays_as_it_is_and_types_that_only_say_post_are_told_by_the_thread():
    rows = [
        {"id": "1", "type": "comment", "user": 3, "created": "2026-01-01", "content": "x", "discussion_id": 50},
        {"id": "2", "type": "comment", "user": 4, "created": "2026-01-02", "content": "y", "discussion_id": 50},
        {"id": "3", "type": "like", "user": 4, "created": "2026-01-02", "object": "1"},
    ]
    ours = {"actor": "user", "published": "created", "thread": "discussion_id"}
    table = "\n".join(map(json.dumps, rows))
    assert replies(table, ours) == {"1": ("note", None), "2": ("reply", "1"), "3": ("like", "1")}
    broken = list(records_in([(table + "\nno json\n").encode()], 10**6, ours))
    assert broken[-1] == b"no json"


def test_who_asked_accepts_the_answers_that_a_table_of_threads_marks():
    table = PHPBB.replace("post_text\n", "post_text,best\n").replace("VAT id\n", "VAT id,yes\n")
    found = list(records_in([table.encode()], 10**6, OURS | {"accepted": "best"}))
    assert [(row["type"], row.get("object")) for row in found[:2]] == [("answer", "11"), ("reply", "12")]
    assert (found[-1].type, found[-1].actor, found[-1].object) == ("accept", "7", "12")


@pytest.mark.parametrize(
    ("names", "thread"),
    [
        (["id", "discussion_id", "user_id", "created_at", "content"], "discussion_id"),
        (["post_id", "topic_id", "forum_id", "post_text"], "topic_id"),
        (["id", "topic_id", "author_id", "details"], None),  # Zendesk: where posts of one kind stand
    ],
)
def test_a_topic_is_taken_for_a_thread_only_where_there_are_places_for_topics(names, thread):
    assert likely_columns(names).get("thread") == thread


@pytest.mark.parametrize("nobody", [[], 0, "0", "", None])
def test_a_post_that_replies_to_nothing_in_any_writing_is_told_by_its_thread(nobody):
    rows = [{"id": each, "by": "a", "at": f"2026-01-0{each}", "said": "x", "tid": 5, "on": nobody} for each in (1, 2)]
    ours = {"actor": "by", "published": "at", "content": "said", "object": "on", "thread": "tid"}
    found = list(records_in([json.dumps(rows).encode()], 10**6, ours))
    assert [(row["type"], row.get("on") or None) for row in found] == [("note", None), ("reply", "1")]


def test_a_post_that_replies_to_several_stays_for_whoever_says_what_is_wrong():
    row = {"id": "1", "by": "a", "at": "2026-01-01", "said": "x", "tid": 5, "on": ["7", "8"], "type": "post"}
    ours = {"actor": "by", "published": "at", "content": "said", "object": "on", "thread": "tid"}
    assert [each["on"] for each in records_in([json.dumps([row]).encode()], 10**6, ours)] == [["7", "8"]]


def test_a_reply_to_zero_is_one_to_nothing_unless_a_post_before_is_called_so():
    ours = {"actor": "by", "published": "at", "content": "said", "object": "parent_id", "accepted": "best"}
    table = "id,parent_id,by,at,said,best\n10,0,ann,2026-01-01,why?,0\n11,10,bob,2026-01-02,so,1\n"
    found = list(records_in([table.encode()], 10**6, ours))
    assert [row["type"] for row in found[:2]] == ["question", "answer"]
    assert (found[2].actor, found[2].object) == ("ann", "11")
    called_so = "id,parent_id,by,at,said\n0,,ann,2026-01-01,why?\n11,0,bob,2026-01-02,so\n"
    del ours["accepted"]
    assert replies(called_so, ours | {"object": "parent_id"}) == {"0": ("note", None), "11": ("reply", "0")}


@pytest.mark.parametrize(
    "quote",
    [
        "[quote=Ana post_id=12 time=1756770000 user_id=8]Set the VAT id[/quote] thanks",
        '<r><QUOTE author="Ana" post_id="12" time="1756770000"><s>[quote=Ana post_id=12]</s>Set</QUOTE> thanks</r>',
        '[QUOTE="Ana, post: 12, member: 8"]Set[/QUOTE] thanks',
        "[QUOTE=Ana;12]Set[/QUOTE] thanks",
        "[QUOTE=Ana;n12]Set[/QUOTE] thanks",
        "[quote='Ana' pid='12' dateline='1756770000']Set[/quote] thanks",
        "[quote author=Ana link=topic=4.msg12#msg12 date=1756770000]Set[/quote] thanks",
        "[quote author=Ana link=msg=12 date=1756770000]Set[/quote] thanks",
        '<r><POSTMENTION discussionid="4" displayname="Ana" id="12" number="2">@Ana</POSTMENTION> thanks</r>',
    ],
)
def test_a_post_replies_to_the_post_that_it_quotes(quote):
    rows = [json.loads(line) for line in records_as_json(PHPBB)]
    rows[1] |= {"post_text": quote, "poster_id": "9"}
    assert replies("\n".join(map(json.dumps, rows)), OURS)["13"] == ("reply", "12")


@pytest.mark.parametrize("quote", ["[quote=Ana post_id=99]gone[/quote] thanks", "[quote=Ana]Set[/quote]", "see 12"])
def test_a_quote_of_a_post_that_is_not_there_or_has_no_number_leaves_the_post_with_its_thread(quote):
    rows = [json.loads(line) for line in records_as_json(PHPBB)]
    rows[1] |= {"post_text": quote, "poster_id": "9"}
    assert replies("\n".join(map(json.dumps, rows)), OURS)["13"] == ("reply", "11")


def test_a_first_post_that_quotes_another_thread_replies_to_nothing():
    rows = [json.loads(line) for line in records_as_json(PHPBB)]
    rows[3]["post_text"] = "[quote=Ana post_id=12]Set the VAT id[/quote] did you mean this"
    assert replies("\n".join(map(json.dumps, rows)), OURS)["21"] == ("note", None)


def test_a_first_post_is_a_question_by_its_title_where_there_are_titles():
    rows = [json.loads(line) for line in records_as_json(PHPBB)]
    for row, title in zip(rows, ["Re: Vat", "Re: Vat", "Vat \uff1f", "Is this one?"], strict=True):
        row["subject"] = title
    told = replies("\n".join(map(json.dumps, rows)), OURS | {"title": "subject"})
    assert (told["11"][0], told["21"][0]) == ("question", "question")


def test_a_quote_of_a_later_post_leaves_the_post_with_its_thread():
    rows = [json.loads(line) for line in records_as_json(PHPBB)]
    rows[0]["post_text"] = "[quote=Bo post_id=13]Thanks[/quote] edited"
    assert replies("\n".join(map(json.dumps, rows)), OURS)["12"] == ("reply", "11")


@pytest.mark.parametrize(
    ("kept", "text"),
    [
        ("[quote=Ana post_id=12]Set it[/quote] thanks", "thanks"),
        ("a [quote]b [quote=x]c[/quote] d[/quote] e", "a  e"),
        ("[quote=Ana]never closed", "[quote=Ana]never closed"),
        ("<t><p>Why is &lt;b&gt; missing?</p></t>", "Why is <b> missing?"),
        ('<r><QUOTE author="Ana"><s>[quote=Ana]</s>Set it<e>[/quote]</e></QUOTE> thanks</r>', "thanks"),
        ("<p>a page</p>", "a page"),
    ],
)
def test_a_post_says_what_its_author_typed_without_what_it_quotes(kept, text):
    assert own_text(kept) == text


def test_millions_of_marks_are_read_in_their_time():
    begun = time.process_time()
    own_text("[quote=" * 300_000)
    own_text("[quote]" * 300_000)
    quoted_post("[quote=" * 300_000)
    assert time.process_time() - begun < 20


def test_a_first_post_that_asks_in_the_markup_of_a_forum_is_a_question():
    table = "id,thread,actor,published,content\n1,1,ada,2024-01-01,<t><p>how?</p></t>\n2,1,bo,2024-01-02,so\n"
    assert replies(table, {"thread": "thread"}) == {"1": ("question", None), "2": ("reply", "1")}


def records_as_json(table: str) -> list[str]:
    """The rows of a table as JSON, one a line."""
    return [json.dumps(row) for row in csv.DictReader(io.StringIO(table))]


@pytest.mark.parametrize("newest_first", [False, True])
def test_of_posts_of_one_day_the_order_of_rows_says_which_was_before(newest_first):
    rows = ["9,dee,2026-01-01,s", "100,ada,2026-01-02,t", "101,bob,2026-01-02,t", "102,ada,2026-01-02,t"]
    rows += ["103,cy,2026-01-02,t", "104,dee,2026-01-03,u"]
    table = "\n".join(["id,actor,published,thread", *(reversed(rows) if newest_first else rows)])
    told = {row: on for row, (_, on) in replies(table, {"thread": "thread"}).items()}
    assert told == {"9": None, "100": None, "101": "100", "102": "101", "103": "100", "104": None}


@pytest.mark.parametrize("behind", [" ", "<a>", "&nbsp;", "[/b]", "<" + "a" * 150])
def test_what_stands_behind_texts_is_no_part_of_what_they_ask(behind):
    text = behind * (490 // len(behind)) + "x"
    rows = [{"id": str(at), "actor": "a", "published": "2026-01-01", "content": text, "tid": at} for at in range(3000)]
    read = records_in(["\n".join(map(json.dumps, rows)).encode()], 10**7, {"thread": "tid"})
    kinds = {row["type"] for row in read}
    assert kinds == {"note"}


@pytest.mark.parametrize("hidden", ["99,spam,2026-01-01,t,1", "102,spam,2026-01-03,t,1"])
def test_posts_that_are_hidden_are_no_part_of_a_thread(hidden):
    rows = [hidden, "100,ada,2026-01-02,t,0", "101,bob,2026-01-02,t,0", "103,ada,2026-01-04,t,0"]
    told = replies("\n".join(["id,actor,published,thread,deleted", *rows]), {"thread": "thread"})
    assert [told[each][1] for each in ("100", "101", "103")] == [None, "100", "101"]


def test_a_row_of_a_thread_with_nan_is_read_as_any_other():
    rows = [{"id": str(at), "actor": "a", "published": "2026-01-01", "tid": 5, "value": float("nan")} for at in (1, 2)]
    told = replies("\n".join(map(json.dumps, rows)), {"thread": "tid"})
    assert told == {"1": ("note", None), "2": ("reply", "1")}


@pytest.mark.parametrize(
    "text", [".", "<p>.</p>", "👍", "[quote=Ana post_id=12]Set the VAT id[/quote] ^", "&nbsp;", "…"]
)
def test_a_post_without_a_word_between_answer_and_thanks_takes_no_thanks(text):
    rows = [json.loads(line) for line in records_as_json(PHPBB)]
    rows.append({"post_id": "14", "topic_id": "4", "poster_id": "9", "post_time": "1756770500", "post_text": text})
    assert replies("\n".join(map(json.dumps, rows)), OURS)["13"] == ("reply", "12")


@pytest.mark.parametrize("text", ["+1", "好", "jo", "1"])
def test_a_word_of_any_script_is_one(text):
    rows = [json.loads(line) for line in records_as_json(PHPBB)]
    rows[0]["post_text"] = text
    assert replies("\n".join(map(json.dumps, rows)), OURS)["13"] == ("reply", "12")


@pytest.mark.parametrize(
    ("text", "to"),
    [
        ("Good luck", "12"),
        ("[quote=Ana]Set the VAT id under Taxes, as the invoice needs it[/quote] Good luck", "12"),
        ("luck luck luck luck luck luck luck luck luck", "12"),
        ("No, leave it there and set the country, which sets the VAT", "14"),
    ],
)
def test_a_wish_between_answer_and_thanks_takes_no_thanks_and_another_full_answer_does(text, to):
    rows = [json.loads(line) for line in records_as_json(PHPBB)]
    rows[0]["post_text"] = "Set the VAT id under Taxes, as the invoice needs it"
    rows.append({"post_id": "14", "topic_id": "4", "poster_id": "9", "post_time": "1756770500", "post_text": text})
    assert replies("\n".join(map(json.dumps, rows)), OURS)["13"] == ("reply", to)


def test_a_long_post_that_was_taken_up_leaves_later_thanks_to_a_short_one():
    table = """id,actor,published,thread,content
1,ada,2026-01-01,t,How do I graft a pear?
2,bo,2026-01-02,t,On a quince in the spring before the buds open
3,ada,2026-01-03,t,Which one?
4,cy,2026-01-04,t,Quince A
5,ada,2026-01-05,t,Thanks
"""
    told = replies(table, {"thread": "thread"})
    assert [told[each][1] for each in ("3", "5")] == ["2", "4"]


DISCOURSE = """id,topic_id,post_number,reply_to_post_number,username,created_at,raw
{0},7,1,,ada,2026-01-01,How do I graft a pear?
{1},7,2,,bo,2026-01-02,On a quince.
{2},7,3,2,cy,2026-01-03,Not on a warm day
{3},7,5,4,dee,2026-01-04,Somebody deleted what I answered
{4},8,1,,bo,2026-01-05,Which apple keeps?
{5},8,2,1,ada,2026-01-06,A russet
"""
OF_DISCOURSE = {
    "id": "id",
    "actor": "username",
    "published": "created_at",
    "content": "raw",
    "thread": "topic_id",
    "object": "reply_to_post_number",
}


@pytest.mark.parametrize("ids", [("1", "2", "3", "4", "5", "6"), ("101", "102", "103", "104", "105", "106")])
def test_numbers_within_a_thread_are_no_ids(ids):
    a, b, c, d, e, f = ids
    told = {a: None, b: a, c: b, d: a, e: None, f: e}
    assert {post: on for post, (_, on) in replies(DISCOURSE.format(*ids), OF_DISCOURSE).items()} == told


def test_the_numbers_that_were_used_are_no_unknown_field():
    rows = [dict(row) for row in records_in([DISCOURSE.format(*range(11, 17)).encode()], 10**6, OF_DISCOURSE)]
    assert all("post_number" not in row and row["thread_number"] for row in rows)


def test_numbers_within_a_thread_may_be_written_with_a_point_as_pandas_does():
    table = DISCOURSE.format(*range(1, 7)).replace("7,3,2,", "7,3,2.0,").replace("8,2,1,", "8,2,1.0,")
    told = {post: on for post, (_, on) in replies(table, OF_DISCOURSE).items()}
    assert (told["3"], told["6"]) == ("2", "5")


@pytest.mark.parametrize(
    ("number", "replied"),
    [
        ("post_number", "reply_to_post_number"),
        ("floor", "reply_to_floor"),
        ("Nr", "Antwort auf Nr"),
        ("楼层", "回复楼层"),
    ],
)
def test_a_column_for_numbers_within_threads_is_told_by_the_one_that_it_is_called_after(number, replied):
    table = DISCOURSE.format(*range(11, 17)).replace("reply_to_post_number", replied).replace("post_number", number)
    found = likely_columns(table.splitlines()[0].split(","))
    assert (found["object"], found["thread"], found["id"]) == (replied, "topic_id", "id")
    assert {post: on for post, (_, on) in replies(table, found).items()}["13"] == "12"


def test_posts_of_discourse_have_numbers_for_types():
    names = "id,username,created_at,raw,post_number,post_type,reply_to_post_number,topic_id,topic_title,accepted_answer"
    assert likely_columns(names.split(",")) == {
        "id": "id", "actor": "username", "published": "created_at", "content": "raw", "thread": "topic_id",
        "title": "topic_title", "accepted": "accepted_answer", "object": "reply_to_post_number",
    }  # fmt: skip


def test_a_column_that_names_posts_of_other_threads_is_refused_with_what_it_probably_holds():
    rows = [f"{at},{at // 4},ada,2026-01-01,word,{1 if at % 4 else ''}" for at in range(40)]
    table = "\n".join(["id,thread,actor,published,content,on", *rows])
    with pytest.raises(UnreadableError, match=r"27 of 29 are of another thread.*reply_to_post_number"):
        replies(table, {"thread": "thread", "object": "on"})


def test_few_replies_across_threads_stay_as_they_are():
    rows = [f"{at},{at // 4},ada,2026-01-01,word,{at // 4 * 4 if at % 4 else ''}" for at in range(40)]
    table = "\n".join(["id,thread,actor,published,content,on", *rows, "50,3,bo,2026-02-01,see there,1"])
    assert replies(table, {"thread": "thread", "object": "on"})["50"] == ("reply", "1")


CALLED = """id,thread,actor,published,content
1,t,ann,2026-01-01,How do I mulch?
2,t,bob,2026-01-02,Straw
3,t,cy,2026-01-03,Bark
4,t,ann,2026-01-04,"{}"
"""


@pytest.mark.parametrize(
    ("written", "to"),
    [
        ("[quote=bob]Straw[/quote] thanks", "2"),
        ("[quote='Bob']Straw[/quote] thanks", "2"),
        ("[quote=bob:3a2b1c]Straw[/quote] thanks", "2"),
        ("@bob thanks", "2"),
        ("<p>@Bob thanks</p>", "2"),
        ("<blockquote data-username=bob>Straw</blockquote> thanks", "3"),
        ("[quote=ann]How[/quote] more of it", "1"),
        ("[quote=zoe]Leaves[/quote] thanks", "3"),
        ("bob @bob thanks", "3"),
    ],
)
def test_a_post_that_quotes_or_calls_somebody_replies_to_their_last_post_before_it(written, to):
    assert replies(CALLED.format(written), {"thread": "thread"})["4"] == ("reply", to)


def test_what_discourse_quotes_by_its_number_is_replied_to():
    table = """id,topic_id,post_number,reply_to_post_number,username,created_at,raw
11,7,1,,ada,2026-01-01,How?
12,7,2,,bo,2026-01-02,On a quince
13,7,3,,bo,2026-01-03,Or a pear
14,7,4,,ada,2026-01-04,"[quote=""bo, post:2, topic:7""]On[/quote] thanks"
15,7,5,,cy,2026-01-05,"<aside class=""quote"" data-username=""bo"" data-post=""3"">Or</aside> no"
"""
    told = {post: on for post, (_, on) in replies(table, OF_DISCOURSE).items()}
    assert (told["14"], told["15"]) == ("12", "13")


def test_a_thread_of_which_the_first_post_is_missing_begins_with_no_question():
    table = """post_id,topic_id,poster_id,post_time,post_subject,post_text,post_visibility,best
1,4,7,2026-01-01,Which mulch?,Tell me,2,0
2,4,8,2026-01-02,Re: Which mulch?,Straw,1,0
3,4,9,2026-01-03,Re: Which mulch?,Bark,1,0
4,4,7,2026-01-04,Re: Which mulch?,Thanks,1,0
5,5,7,2026-01-05,[Solved] Fwd: Which mower?,Tell me,1,0
"""
    ours = {**OURS, "title": "post_subject", "accepted": "best"}
    told = replies(table, ours)
    assert {each: told[each] for each in ("2", "3", "4")} == dict.fromkeys(("2", "3", "4"), ("reply", None))
    assert told["5"] == ("question", None)


def test_of_posts_of_one_day_in_no_order_the_lowest_number_was_the_first():
    days = [f"{at},{at // 5},{at % 5},2026-01-{1 + at // 5:02},word" for at in range(100)]
    shuffled = sorted(days, key=lambda row: row[::-1] + row)
    random = [shuffled[at * 37 % 100] for at in range(100)]
    told = replies("\n".join(["id,thread,actor,published,content", *random]), {"thread": "thread"})
    assert {int(post): on and int(on) for post, (_, on) in told.items()} == {
        at: at // 5 * 5 if at % 5 else None for at in range(100)
    }
