"""A post is what its author wrote: quotes of others and the markup of programs are no part of it."""

from __future__ import annotations

import json

import pytest

from candor.scoring.copies import shingles_of
from candor.scoring.method import load_method
from candor.scoring.own_text import own_text
from candor.scoring.records import RecordReader

QUESTION = "My tomato has brown spots on its lower leaves since the rain began, what can I do against it?"
ANSWER = "Take the lower leaves off and water the roots alone."


@pytest.mark.parametrize(
    "written",
    [
        f'[quote="ask"]{QUESTION}[/quote]\n{ANSWER}',
        f"> {QUESTION}\n\n{ANSWER}",
        f"> {QUESTION}\n> > and that\n{ANSWER}",
        f"  > {QUESTION}\n{ANSWER}",
        f"<blockquote><p>{QUESTION}</p></blockquote><p>{ANSWER}</p>",
        f'<aside class="quote" data-username="ask"><blockquote>{QUESTION}</blockquote></aside>\n<p>{ANSWER}</p>',
        f"On Monday ask wrote:\n> {QUESTION}\n\n{ANSWER}",
        f"Am 3. Mai 2026 um 10:12 schrieb ask:\n\n> {QUESTION}\n\n{ANSWER}",
        f"{ANSWER}\n\n-----Original Message-----\n{QUESTION}",
        f"{ANSWER}\n\n-------- Message d'origine --------\nDe : ask\n{QUESTION}",
        f"&gt; {QUESTION}\n\n{ANSWER}",
        f"<r><QUOTE><s>[quote]</s>{QUESTION}<e>[/quote]</e></QUOTE>{ANSWER}</r>",
    ],
)
def test_what_is_quoted_is_no_part_of_the_text(written):
    assert own_text(written) == ANSWER


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("le t&eacute;lescope &amp; AT&amp;T", "le télescope & AT&T"),
        ('<p class="rose">hello</p>', "hello"),
        ('<img alt="tomato">', ""),
        ("<p>one<br>two</p><p>three</p>", "one\ntwo\nthree"),
        ('see <a href="https://example.org/rose">that</a>', "see that"),
    ],
)
def test_markup_is_no_part_of_the_text(written, text):
    assert own_text(written) == text


@pytest.mark.parametrize(
    "text",
    [
        "a > b & c < d",
        "x -> y, R&D, AT&T; [1], [done]",
        "write `<p class='rose'>` around it",
        "```\n$ cat <<EOF\n> done\n```",
        ">>> print(1)\n1",
        "--- Zutaten ---\nMehl: 200 g",
        "Set it to List<String>, not List<int>",
        "no quote at all",
    ],
)
def test_what_only_looks_like_it_stays(text):
    assert own_text(text) == text


@pytest.mark.parametrize("sign", [">", "&", "[quote]", "<p ", "<p>", "> a\n", "---- original ", "`<p>"])
def test_long_texts_of_signs_take_time_in_proportion(sign):
    own_text(sign * (200_000 // len(sign)))


def test_an_answer_that_quotes_the_question_is_no_copy_of_it_and_records_keep_what_their_author_wrote():
    act = {"actor": "bo", "published": "2026-05-01T10:00:00Z"}
    records = [
        {"type": "question", "id": "1", **act, "content": QUESTION},
        {"type": "answer", "id": "2", "object": "1", **act, "content": f"> {QUESTION}\n\nNo idea, sorry."},
        {"type": "answer", "id": "3", "object": "1", **act, "content": f"> {QUESTION}"},
    ]
    reader = RecordReader("custom:garden")
    reader.feed([json.dumps(each).encode() for each in records])
    assert [each.content for each in reader.activities] == [QUESTION, "No idea, sorry.", None]
    texts = [(row, each.content) for row, each in enumerate(reader.activities) if each.content]
    assert shingles_of(texts, load_method().copies).row.tolist() == [0]
