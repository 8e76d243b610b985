"""What every picture keeps to: hostile text is inert, nothing comes from elsewhere, colours can be told apart."""

from __future__ import annotations

import dataclasses
import re
from itertools import pairwise

import pytest
from markupsafe import escape
from msgspec.structs import replace

from candor.messages.ranking import Author
from candor.scoring.method import load_method
from candor.scoring.published import published
from service.drawing import (
    HistoryPoint,
    Look,
    MapLinks,
    draw_badge,
    draw_chart,
    draw_curve,
    draw_history,
    draw_map,
    draw_path,
    draw_published_curve,
    draw_waterfall,
    stylesheet,
)
from service.words import LANGUAGES, words
from tests.messages.test_path import path_of
from tests.messages.test_path import record as path_record

HOSTILE = "<script>alert(1)</script>\"'><foreignObject onload=alert(2)>&lol;]]>\x00\x0b\u202e\ud800{0.__class__}{who}"
SVG = "{http://www.w3.org/2000/svg}"
SHAPES = {"svg", "title", "desc", "style", "g", "a", "rect", "path", "circle", "text", "tspan"}


@pytest.fixture(params=LANGUAGES)
def pictures(request, document, unknown, new_row, about):
    """Every picture there is, of people and topics with a hostile name."""
    look = Look(words(request.param), width=500)
    named = [
        replace(
            shown,
            account=replace(shown.account, name=HOSTILE, network=HOSTILE),
            topic=replace(shown.topic, label=HOSTILE),
            trust_root=replace(shown.trust_root, id=HOSTILE),
        )
        for shown in (document, unknown)
    ]
    row = new_row(1, 50, 50, name=HOSTILE, account=HOSTILE)
    links = MapLinks(lambda row: f"#{row.account}", lambda rows: f"#{rows[0].account}")
    step = HistoryPoint("2026-01-01T00:00:00Z", row.expertise, row.interest, ("inputs",))
    return [
        *(draw(shown, look) for shown in named for draw in (draw_chart, draw_badge)),
        *(draw_waterfall(shown, side, look) for shown in named for side in ("expertise", "interest")),
        draw_curve(document.interest.features[0], look, document.interest.features[0].contribution),
        draw_published_curve(published(load_method()).features[0], look),
        draw_map([row], replace_topic(about), look),
        draw_map([row], replace_topic(about), look, links),
        draw_map([row, replace(row, row=2)], replace_topic(about), look, links),
        draw_history([step, step], HOSTILE, HOSTILE, look),
        draw_path(*hostile_path(), replace_topic(about), look),
        draw_path(*hostile_path(), replace_topic(about), look.wide(720)),
    ]


def hostile_path():
    """A message of somebody with a hostile name, passed on by others of that name."""
    records = [path_record(0, "note", content="True."), *(path_record(n, "quote", object="r0") for n in (1, 2))]
    path, steps = path_of([*records, path_record(3, object="r0")], trusted=("u2",))
    author = Author(account=HOSTILE, name=HOSTILE, kind="person")
    return replace(path, author=author), tuple(replace(step, author=author) for step in steps)


def replace_topic(about):
    return dataclasses.replace(about, topic=HOSTILE)


def test_a_picture_holds_shapes_and_texts_and_nothing_else(pictures, read):
    for picture in pictures:
        assert {element.tag.partition("}")[2] for element in read(picture).root.iter()} <= SHAPES


def test_no_attribute_runs_or_styles_anything(pictures, read):
    for picture in pictures:
        names = {name for element in read(picture).root.iter() for name in element.attrib}
        assert not {name for name in names if name.startswith("on") or name == "style" or "href" in name} - {"href"}


def test_nothing_comes_from_elsewhere(pictures):
    for picture in pictures:
        assert "http" not in str(picture)
        assert picture.file.count(b"http") == 1  # the name of SVG itself
        assert b"url(" not in picture.file


def test_a_picture_has_a_role_a_title_and_a_description_by_its_own_name(pictures, read):
    for picture in pictures:
        root = read(picture).root
        assert root.get("role") in {"img", "group"}
        for part, attribute in (("title", "aria-labelledby"), ("desc", "aria-describedby")):
            found = root.find(f"{{*}}{part}")
            assert (found.get("id"), bool(found.text)) == (root.get(attribute), True)


def test_pictures_of_one_page_share_no_id(document, look, read):
    drawn = [read(draw_waterfall(document, "expertise", look.named(name))) for name in ("a", "b")]
    ids = [element.get("id") for one in drawn for element in one.root.iter() if element.get("id")]
    assert len(ids) == len(set(ids)) == 4


def written(element, x=0.0, y=0.0):
    """Every text, with where it stands in the whole picture."""
    moved = re.findall(r"[\d.-]+", element.get("transform", "translate(0 0)"))
    x, y = x + float(moved[0]), y + float(moved[1])
    for inner in element:
        if inner.tag == f"{SVG}text":
            yield x + float(inner.get("x")), y + float(inner.get("y")), inner
        else:
            yield from written(inner, x, y)


def test_texts_stay_inside_the_picture(pictures, read):
    for picture in pictures:
        root = read(picture).root
        wide, high = float(root.get("width")), float(root.get("height"))
        assert [text.text for x, y, text in written(root) if not (0 <= x <= wide and 8 <= y <= high)] == []


def test_texts_do_not_cover_each_other(pictures, read):
    """Those that begin at the same place across are at least a line apart."""
    for picture in pictures:
        places = sorted((x, y) for x, y, text in written(read(picture).root) if text.get("text-anchor") is None)
        assert [(a, b) for a, b in pairwise(places) if a[0] == b[0] and b[1] - a[1] < 12] == []


def test_a_page_takes_a_picture_as_it_is(document, look):
    picture = draw_badge(document, look)
    assert escape(picture) == str(picture)


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))


def themes() -> list[dict[str, str]]:
    return [found for block in stylesheet().split("}") if (found := colours(block))]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    lighter, darker = sorted((luminance(a), luminance(b)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_dark_is_the_same_whether_chosen_or_preferred():
    light, preferred, chosen = themes()
    assert preferred == chosen
    assert preferred.keys() <= light.keys()


@pytest.mark.parametrize("theme", [0, 1])
def test_text_and_marks_stand_out_from_the_paper(theme):
    """WCAG 2.2 AA: 4.5 to 1 for text, 3 to 1 for graphics; ours all reach the first."""
    found = themes()[theme]
    ink = [name for name in found if name not in {"paper", "line", "track"}]
    assert [name for name in ink if contrast(found[name], found["paper"]) < 4.5] == []
