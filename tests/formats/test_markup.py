"""The text of a post is what its author wrote, whatever the HTML."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.scoring.markup import own_html, own_words, plain


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two<br />three</p>", "one\ntwo\nthree"),
        ("AT&amp;T &lt;3 &#8364; &nbsp; x", "AT&T <3 € x"),
        ('<p>by <span class="h-card"><a href="https://e.example/@bo">@<span>bo</span></a></span></p>', "by @bo"),
        ("<aside class=quote><p>theirs</p></aside>mine", "mine"),
        ('<p class="quote-inline">RE: <a href="https://e.example/7">…</a></p><p>So true</p>', "So true"),
        ('So true<span class="quote-inline"><br/><br/>RE: <a><span>https://e</span>.example</a></span>!', "So true!"),
        ("<script>alert(1)</script>a<style>p{}</style>b", "ab"),
        ("a<!-- hidden --> b<!-- and <p> -->c", "a bc"),
        ("a<!-- never closed", "a"),
        ("unclosed <a href='", "unclosed <a href='"),
        ("</aside>still there", "still there"),
        ("", ""),
    ],
)
def test_markup_becomes_the_text_one_reads(html, text):
    assert plain(html) == text


@given(st.text())
def test_any_text_is_read(html):
    plain(html)


@pytest.mark.parametrize(
    "piece",
    ["<a ", "<p ", "<!--", "<x/", "</", "<aside>", "&#", "<p class='quote-inline'>", "<" + "a" * 500, "<![CDATA["],
)
def test_hostile_markup_takes_no_longer_than_any_other(piece):
    started = time.process_time()
    plain(piece * (200_000 // len(piece)))
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("a `b` c", "a  c"),
        ("a ``b ` c`` d ` e", "a  d ` e"),
        ("> quoted\nmine", "mine"),
        ("a\n```py\nb\n```\nc", "a\n\nc"),
        ("a\n~~~\nb", "a\n"),
        ("a\n\n    b\n\tc\nd", "a\n\nd"),
        ("- a\n    b", "- a\n    b"),
        ("a <!-- b --> c", "a  c"),
    ],
)
def test_code_and_quotes_are_not_ones_own_words(markdown, words):
    assert own_words(markdown) == words


@pytest.mark.parametrize("piece", ["```\n", "`", "` ", "``a`", "    a\n", ">", "~~~\n", "`````\na", "<code>", "</pre>"])
def test_hostile_code_takes_no_longer_than_any_other(piece):
    assert len(own_words(piece * 50_000)) <= 200_000
    assert len(own_html(piece * 50_000)) <= 200_000
