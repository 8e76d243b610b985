"""Links of an answer are read as RFC 8288 writes them."""

from __future__ import annotations

import pytest

from worker.outbound.exchange import links_of

PAGE = "https://a.example/posts?page=1"


@pytest.mark.parametrize(
    ("header", "links"),
    [
        ('<https://a.example/2>; rel="next", </0>; rel=prev', {"next": "https://a.example/2", "prev": "https://a.example/0"}),
        ('<?page=2>;REL="Next"', {"next": "https://a.example/posts?page=2"}),
        ('<2>; rel = "next last"', {"next": "https://a.example/2", "last": "https://a.example/2"}),
        ('<2?a=1,2;b>; title="x; rel=\\"prev\\", <9>"; rel=next', {"next": "https://a.example/2?a=1,2;b"}),
        ("<2>; title*=UTF-8''n%c3%a4chste; rel=next", {"next": "https://a.example/2"}),
        ('<2>; rel=next; rel=prev, , <3>; rel="next"', {"next": "https://a.example/2"}),
        ('<2>; rel=next; anchor="/other", <3>; rel=next', {"next": "https://a.example/3"}),
        ("< https://a.example/2 > ; ; rel=next ;", {"next": "https://a.example/2"}),
        ("<http://a.example/posts?page=2>; rel=next", {"next": "https://a.example/posts?page=2"}),
        ("<http://A.example:80/2>; rel=next", {"next": "https://a.example/2"}),
        ("<http://a.example:8080/2>; rel=next", {"next": "http://a.example:8080/2"}),
        ("<http://b.example/2>; rel=next", {"next": "http://b.example/2"}),
        ("<2>", {}),
        ("", {}),
        ("rel=next", {}),
        ("<http://[>; rel=next", {}),
    ],
)  # fmt: skip
def test_links_are_found_by_relation(header: str, links: dict[str, str]) -> None:
    assert links_of(header, PAGE) == links


@pytest.mark.parametrize("piece", ["<", "; a", '; x="\\', "<2>;", "<2>; rel=next, "])
def test_a_hostile_header_takes_no_longer_than_any_other(piece: str) -> None:
    assert links_of(piece * 60_000, PAGE).keys() <= {"next"}
