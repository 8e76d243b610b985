"""Maps and histories: everybody is there, who has no number stands apart, and each step says what changed."""

from __future__ import annotations

import itertools
import math
import re

import pytest
from msgspec.structs import replace

from candor.scoring.activity import ACCOUNT_KINDS
from candor.scoring.document import Interval
from candor.scoring.method import load_method
from candor.scoring.published import published
from candor.store.history import Digests
from service.drawing import HistoryPoint, Look, MapLinks, draw_history, draw_map, draw_published_curve
from service.drawing.history import CHANGES, gap_sentences
from service.drawing.map import shape
from service.drawing.map_marks import fitted
from service.words import words


@pytest.fixture
def rows(new_row):
    """One of each sort: both numbers, one, none."""
    return [new_row(1, 80, 20), new_row(2, 30, None), new_row(3, None, 60), new_row(4, None, None)]


def links_of(row):
    return f"#{row.account}"


LINKS = MapLinks(links_of, lambda rows: "#" + "+".join(row.account for row in rows))


def dots(drawn):
    """Where each account's mark begins, by rank; the legend's marks left out."""
    marks = [mark for mark in drawn.of_class("mark") if mark.find("{*}title") is not None]
    paths = [next(p for p in mark if p.get("class") == "dot").get("d") for mark in marks]
    return [tuple(map(float, re.match(r"M(\S+) ([\d.]+)", path).groups())) for path in paths]


def floor(drawn):
    """How far down zero is, and how far to the left."""
    lines = [re.findall(r"[\d.]+", line.get("d")) for line in drawn.of_class("axis")]
    across = next(line for line in lines if line[1] == line[3])
    up = next(line for line in lines if line[0] == line[2])
    return float(across[1]), float(up[0])


def test_everybody_is_a_mark(rows, about, look, read):
    assert len(dots(read(draw_map(rows, about, look)))) == 4


def test_who_has_no_expertise_number_stands_beneath_the_plane(rows, about, look, read):
    drawn = read(draw_map(rows, about, look))
    zero, _ = floor(drawn)
    assert [y > zero + 10 for _, y in dots(drawn)] == [False, False, True, True]


def test_who_has_no_interest_number_stands_beside_the_plane(rows, new_row, about, look, read):
    drawn = read(draw_map([*rows, new_row(5, 40, 10)], about, look))
    _, lowest = floor(drawn)
    (x1, _), (x2, _), *_ = dots(drawn)
    assert x2 < lowest < x1


def test_the_best_are_named_whether_or_not_they_have_an_interest_number(rows, new_row, about, look, read):
    drawn = read(draw_map([new_row(1, 90, None), *(new_row(n, 80 - 8 * n, 10 * n) for n in range(2, 10))], about, look))
    best = new_row(1, 90, None)
    assert (best.name or best.account) in [name.text for name in drawn.of_class("name")]


def test_more_expertise_is_higher_and_more_interest_further_right(new_row, about, look, read):
    (x1, y1), (x2, y2) = dots(read(draw_map([new_row(1, 80, 20), new_row(2, 40, 60)], about, look)))
    assert (y1 < y2, x1 < x2) == (True, True)


def test_kinds_differ_in_shape_and_not_only_in_colour():
    outlines = {re.sub(r"[\d. -]", "", shape(kind, 0, 0, 5)) for kind in ACCOUNT_KINDS}
    assert len({re.sub(r"[\d. ]", "", shape(kind, 50, 50, 5)) for kind in ACCOUNT_KINDS}) == len(ACCOUNT_KINDS)
    assert len(outlines) >= 3


def test_a_mark_says_who_it_is_with_both_intervals(rows, about, look, read):
    titles = [title.text for title in read(draw_map(rows, about, look)).root.iter("{http://www.w3.org/2000/svg}title")]
    assert "u1 (Person): Expertise 80.0 (75.0 to 85.0), Interest 20.0 (15.0 to 25.0)" in titles
    assert "u4 (Person): Expertise no score (unverified), Interest no score (not enough evidence)" in titles


def test_marks_are_links_only_when_asked(rows, about, look, read):
    plain, linked = (read(draw_map(rows, about, look, links)) for links in (None, LINKS))
    hrefs = [link.get("href") for drawn in (plain, linked) for link in drawn.root.iter("{http://www.w3.org/2000/svg}a")]
    assert hrefs == ["#u1", "#u2", "#u3", "#u4"]
    assert (plain.root.get("role"), linked.root.get("role")) == ("img", "group")


def test_links_carry_figures_for_a_script(rows, about, look, read):
    first, *_, last = read(draw_map(rows, about, look, LINKS)).root.iter("{http://www.w3.org/2000/svg}a")
    assert (first.get("data-expertise"), first.get("data-interest")) == ("80.0 75.0 85.0", "20.0 15.0 25.0")
    assert (last.get("data-expertise"), last.get("data-interest")) == (None, None)


def test_the_text_alternative_counts_kinds_and_names_the_first(rows, about, look, read):
    desc = read(draw_map(rows, about, look)).desc
    assert desc.startswith("4 accounts by interest (across) and expertise (up). People: 4.")
    assert "No expertise score: 2. Highest expertise: u1 (Person): Expertise 80.0" in desc


def test_the_axes_fit_the_numbers_and_are_said(new_row, about, look, read):
    drawn = read(draw_map([new_row(1, 66.8, 58), new_row(2, 12, 87.1)], about, look))
    assert "Interest runs from 50 to 100, expertise from 0 to 80." in drawn.desc
    assert [tick.text for tick in drawn.of_class("tick")][:9] == ["0", "20", "40", "60", "80", "50", "60", "70", "80"]
    (_, y1), (_, y2) = dots(drawn)
    assert y2 - y1 > 100


@pytest.mark.parametrize("scores", [[], [0.0], [100.0], [50.0, 50.1], [0.0, 100.0], [3.0, 97.0], [66.8], [99.9, 100.0]])
@pytest.mark.parametrize("least", [2.0, 20.0])
def test_an_axis_holds_all_scores_between_two_of_its_few_ticks(scores, least):
    axis = fitted(scores, least)
    ticks = axis.ticks()
    assert 0 <= axis.low <= min(scores, default=0)
    assert max(scores, default=100) <= axis.high <= 100
    assert axis.high - axis.low >= least - 1e-9
    assert (ticks[0], 2 <= len(ticks) <= 7) == (axis.low, True)
    assert ticks[-1] == pytest.approx(axis.high)


def test_no_interval_is_cut_where_an_axis_ends(new_row, about, look, read):
    row = new_row(1, 17.5, 60)
    wide = replace(row, expertise=replace(row.expertise, interval=Interval(low=4.0, high=34.0, level=0.9)))
    drawn = read(draw_map([wide], about, look))
    assert "expertise from 0 to 40." in drawn.desc
    (bars,) = drawn.of_class("span")
    low, high = map(float, re.search(r"M\S+ ([\d.]+)V([\d.]+)", bars.get("d")).groups())
    ((_, y),) = dots(drawn)
    assert (y - high) / (low - high) == pytest.approx((34 - 17.5) / 30, abs=0.01)


def test_near_ties_do_not_look_far_apart(new_row, about, look, read):
    (_, y1), (_, y2) = dots(read(draw_map([new_row(1, 50.2, 50), new_row(2, 50, 50)], about, look)))
    assert y2 - y1 < 5


def test_accounts_too_close_to_hit_are_one_link_with_their_number(new_row, about, look, read):
    crowd = [new_row(1, 50, 40, name="Ada"), new_row(2, 50, 40, name="Bo"), new_row(3, 10, 90), new_row(4, None, 40)]
    drawn = read(draw_map(crowd, about, look, LINKS))
    links = [link.get("href") for link in drawn.root.iter("{http://www.w3.org/2000/svg}a")]
    assert links == ["#u1+u2", "#u3", "#u4"]
    (cluster,) = drawn.of_class("cluster")
    assert cluster.get("aria-label") == "Open 2 accounts close together: Ada, Bo"
    assert [count.text for count in drawn.of_class("count")] == ["2"]


def test_every_link_of_a_map_is_large_enough_for_a_finger_and_covers_no_other(new_row, about, look, read):
    def some(place):
        return None if place % 3 == 0 else place % 97, None if place % 5 == 0 else place % 89

    for width, scale in ((340, 328 / 340), (720, 0.78)):
        rows = [new_row(place + 1, *some(place)) for place in range(300)]
        hits = read(draw_map(rows, about, look.wide(width), LINKS)).of_class("hit")
        places = [(float(hit.get("cx")), float(hit.get("cy"))) for hit in hits]
        assert all(2 * float(hit.get("r")) * scale >= 24 for hit in hits)
        assert min(math.dist(a, b) for a, b in itertools.combinations(places, 2)) * scale >= 24


def test_an_empty_board_says_that_nobody_is_there(about, look, read):
    drawn = read(draw_map([], about, look))
    assert "Nobody is on this map." in drawn.desc
    assert "Nobody is on this map." in drawn.texts()


def test_a_thousand_people_fit_into_the_picture(new_row, about, look, read):
    def some(place):
        return None if place % 3 == 0 else place % 97, None if place % 5 == 0 else place % 89

    drawn = read(draw_map([new_row(place + 1, *some(place)) for place in range(1000)], about, look))
    wide, high = float(drawn.root.get("width")), float(drawn.root.get("height"))
    assert len(dots(drawn)) == 1000
    assert all(0 < x < wide and 0 < y < high for x, y in dots(drawn))


@pytest.fixture
def corners(new_row):
    """Two without a name to show, who make the axes reach from 0 to 100."""
    return [new_row(98, 0, 0, name=" "), new_row(99, 100, 100, name=" ")]


def test_a_name_that_would_cover_another_is_left_out(new_row, corners, about, look, read):
    crowd = [
        new_row(1, 50, 40, name="Somebody"),
        new_row(2, 46, 97, name="At the edge"),
        new_row(3, 80, 97, name="Above"),
    ]
    names = read(draw_map([*crowd, *corners], about, look)).of_class("name")
    assert [name.text for name in names if name.text.strip()] == ["Somebody", "Above"]


def test_a_name_stands_on_the_side_where_it_covers_no_mark(new_row, corners, about, look, read):
    beside = [new_row(1, 50, 50, name="Somebody"), new_row(2, 50, 58, name="x" * 40)]
    named = {name.text: name for name in read(draw_map([*beside, *corners], about, look)).of_class("name")}
    assert named["Somebody"].get("text-anchor") == "end"


@pytest.fixture
def steps(new_side):
    """A number that comes, goes and comes back."""
    known = [30.0, None, 50.0]
    changed = [(), ("inputs",), ("method", "root")]
    return [
        HistoryPoint(f"2026-0{month}-01T00:00:00Z", new_side(know, "unverified"), new_side(40.0, "ok"), what)
        for month, (know, what) in enumerate(zip(known, changed, strict=True), 1)
    ]


def test_a_history_marks_what_changed_at_each_step(steps, look, read):
    assert len(read(draw_history(steps, "Ada", "Hops", look)).of_class("change")) == 3


def test_a_history_says_each_step_in_words(steps, look, read):
    desc = read(draw_history(steps, "Ada", "Hops", look)).desc
    assert "1 February 2026: Expertise no score (unverified), Interest 40.0 (35.0 to 45.0). Changed: records." in desc
    assert desc.endswith("Changed: method, trusted people.")


def test_a_missing_number_breaks_the_line(steps, look, read):
    drawn = read(draw_history(steps, "Ada", "Hops", look))
    lines = [line for line in drawn.of_class("plot", "expertise") if "V" in line.get("d")]
    assert lines == []
    assert len(drawn.of_class("dot", "expertise", "none")) == 1


def test_a_line_ends_where_the_numbers_end(new_side, look, read):
    known = [30.0, 40.0, None, 50.0, None]
    steps = [
        HistoryPoint(f"2026-0{month}-01T00:00:00Z", new_side(know, "unverified"), new_side(40.0, "ok"), ())
        for month, know in enumerate(known, 1)
    ]
    drawn = read(draw_history(steps, "Ada", "Hops", look))
    ends = [float(dot.get("d")[1:].split()[0]) + 4.5 for dot in drawn.of_class("dot", "expertise")][1:]
    lines = [
        re.findall(r"[\d.]+", line.get("d")) for line in drawn.of_class("plot", "expertise") if "V" in line.get("d")
    ]
    assert [(float(line[0]), float(line[2])) for line in lines] == [pytest.approx((ends[0], ends[1]), abs=0.2)]
    bands = [re.findall(r"[\d.]+", band.get("d")) for band in drawn.of_class("band", "expertise")]
    assert [float(band[3]) for band in bands] == [pytest.approx(ends[1], abs=0.2)]
    assert len(drawn.of_class("plot", "interest")) == len(steps)


@pytest.mark.parametrize(
    ("language", "until", "since"),
    [
        (
            "en",
            "Expertise: no score from 1 February 2026 until 1 March 2026 (unverified).",
            "Interest: no score since 1 February 2026 (not enough evidence).",
        ),
        (
            "fr",
            "Expertise : pas de note du 1er février 2026 au 1er mars 2026 (non vérifiée).",
            "Intérêt : pas de note depuis le 1er février 2026 (pas assez d'indices).",
        ),
    ],
)
def test_gaps_are_said_in_words(new_side, look, read, language, until, since):
    known = [(30.0, 20.0), (None, None), (50.0, None)]
    steps = [
        HistoryPoint(
            f"2026-0{month}-01T00:00:00Z", new_side(know, "unverified"), new_side(care, "not_enough_evidence"), ()
        )
        for month, (know, care) in enumerate(known, 1)
    ]
    said = [line.replace("\u00a0", " ") for line in gap_sentences(steps, words(language))]
    assert said == [until, since]
    desc = read(draw_history(steps, "Ada", "Hops", Look(words(language)))).desc
    assert all(line in desc.replace("\u00a0", " ") for line in said)


def test_steps_at_the_same_time_do_not_hide_each_other(new_side, look, read):
    step = HistoryPoint(
        "2026-01-01T00:00:00Z", new_side(30.0, "ok"), new_side(None, "not_enough_evidence"), ("method",)
    )
    starts = {
        dot.get("d").split()[0] for dot in read(draw_history([step, step], "Ada", "Hops", look)).of_class("change")
    }
    assert len(starts) == 2


@pytest.mark.parametrize("count", [0, 1])
def test_a_short_history_is_a_picture_all_the_same(steps, look, read, count):
    assert read(draw_history(steps[:count], "Ada", "Hops", look)).desc


@pytest.mark.parametrize("feature", published(load_method()).features, ids=lambda feature: feature.facts.id)
def test_every_published_feature_has_a_curve(feature, look, read):
    drawn = read(draw_published_curve(feature, look))
    assert drawn.of_class("plot")
    assert drawn.of_class("point") == []


def test_a_history_knows_every_change_that_the_store_tells():
    assert set(CHANGES) == {*Digests.__struct_fields__, "window"}
