"""Pictures of a score: parts end at the number, what is missing is not zero, and words say what the picture shows."""

from __future__ import annotations

from itertools import pairwise

import pytest
from msgspec.structs import replace

from candor.scoring.method import load_method
from service.drawing import Look, draw_badge, draw_chart, draw_curve, draw_waterfall
from service.drawing.canvas import BOLD, width_of
from service.drawing.provenance import ceiling_of
from service.drawing.waterfall import points_shown
from service.words import words

UNIT = (400 - 4) / 100


def number(element, name):
    return float(element.get(name))


def test_each_bar_begins_where_the_one_before_ended_and_the_last_ends_at_the_number(document, look, read):
    bars = read(draw_waterfall(document, "expertise", look)).of_class("bar")
    ends = [number(bar, "x") + number(bar, "width") for bar in bars]
    assert [number(bar, "x") for bar in bars] == pytest.approx([0, *ends[:-1]], abs=0.02)
    assert ends[-1] == pytest.approx(document.expertise.score * UNIT, abs=0.02)


def test_the_sum_is_as_long_as_the_number(document, look, read):
    (total,) = read(draw_waterfall(document, "expertise", look)).of_class("total")
    assert (number(total, "x"), number(total, "width")) == (0, pytest.approx(document.expertise.score * UNIT, abs=0.02))


def test_the_interval_is_where_its_limits_are(document, look, read):
    (whisker,) = read(draw_waterfall(document, "expertise", look)).of_class("whisker")
    low, high = (f"{limit * UNIT:.2f}" for limit in (document.expertise.interval.low, document.expertise.interval.high))
    assert whisker.get("d").startswith(f"M{low} ")
    assert whisker.get("d").endswith(f"M{high} 38v8")


def test_without_a_number_there_is_no_sum_no_interval_and_no_figure(unknown, look, read):
    drawn = read(draw_waterfall(unknown, "expertise", look))
    assert [drawn.of_class(name) for name in ("total", "whisker", "figure")] == [[], [], []]


def test_without_a_number_it_says_why_and_what_is_needed(unknown, look, read):
    written = read(draw_waterfall(unknown, "expertise", look)).texts()
    assert written[1:4] == ["No score", "Unverified", "Needed: 2 more people you trust, or whom they vouch for"]


def test_parts_without_a_number_are_marked_as_no_score(unknown, look, read):
    drawn = read(draw_waterfall(unknown, "expertise", look))
    assert "Points so far; not a score." in drawn.texts()
    assert drawn.of_class("bar") == drawn.of_class("bar", "none") != []


def test_a_number_at_face_value_says_that_it_is_easy_to_manipulate(document, look, read):
    faced = replace(document, expertise=replace(document.expertise, status="face_value"))
    assert "All counted equally: easy to game" in read(draw_waterfall(faced, "expertise", look)).texts()


def test_features_without_weight_have_no_bar(document, look, read):
    assert "Recent recognition" not in read(draw_waterfall(document, "expertise", look)).texts()


@pytest.mark.parametrize("draw", [draw_chart, draw_badge])
def test_the_text_alternative_names_both_numbers_and_what_they_depend_on(document, look, read, draw):
    drawn = read(draw(document, look))
    assert drawn.title == "Expertise and interest of u19 on CubeSats"
    known, (help_given, specialised, *_) = document.expertise, document.expertise.features
    points = points_shown(known)  # as they add up
    limits = f"{known.interval.low:.1f} to {known.interval.high:.1f}"
    for said in (
        f"Expertise: {known.score:.1f} of 100, 90% interval {limits}. Status: OK.",
        f"Acknowledged help: {points[help_given.id]:.2f} of {help_given.weight:.0f} points",
        f"Specialised help: {points[specialised.id]:.2f} of {specialised.weight:.0f} points",
        "Interest: no score. Status: Not enough evidence. Needed: 5 more acts of its own within a year.",
        "Activity share: 37.19 of 40 points",
        f"As of 1 June 2026, method {document.method.version}, trusted people: engineers.",
    ):
        assert said in drawn.desc


def test_every_number_written_in_the_chart_is_in_its_text_alternative(document, look, read):
    drawn = read(draw_chart(document, look))
    written = {text for text in drawn.texts() if text.replace(".", "").isdecimal()} - {"0", "25", "50", "75", "100"}
    summed = {words("en").number(document.expertise.score, 2)}  # said with one decimal
    assert {text for text in written - summed if text not in drawn.desc} == set()


def test_the_two_numbers_are_never_added_up(document, look, read):
    given = {"score": 51.4, "interval": document.expertise.interval, "needs": None}
    both = replace(document, interest=replace(document.interest, **given))
    drawn = read(draw_chart(both, look))
    assert "Two separate scores; they are never added together." in drawn.texts()
    assert f"{both.expertise.score + both.interest.score:.1f}" not in "".join(drawn.root.itertext())


def test_a_narrow_chart_puts_one_side_beneath_the_other(document, read):
    wide, narrow = (read(draw_chart(document, Look(words("en"), width=width))) for width in (760, 360))
    heights = [float(drawn.root.get("height")) for drawn in (wide, narrow)]
    assert heights[1] > 1.4 * heights[0]


def test_a_badge_says_date_method_and_root(document, look, read):
    made = f"As of 1 June 2026 · method {document.method.version} · trusted: engineers"
    assert made in read(draw_badge(document, look)).texts()


@pytest.mark.parametrize(("language", "of"), [("en", "of 100"), ("fr", "sur 100")])
def test_a_badge_names_the_service_and_the_scale_and_no_line_runs_into_the_next(document, read, language, of):
    both = replace(document, interest=replace(document.interest, score=88.8, interval=document.expertise.interval))
    drawn = read(draw_badge(both, Look(words(language))))
    assert "Candor" in drawn.texts()
    lines = [[part.text for part in line] for line in drawn.root.iter("{http://www.w3.org/2000/svg}text") if len(line)]
    assert [parts[1] for parts in lines] == [of, of]
    assert all(width_of(parts[0], 28 * BOLD) + 10 + width_of(parts[1], 13) < 180 for parts in lines)


def test_a_badge_without_a_number_says_so(document, look, read):
    written = read(draw_badge(document, look)).texts()
    assert written[written.index("Interest") + 1 :][:2] == ["No score", "Not enough evidence"]


def test_french_pictures_are_french_with_a_comma(document, french, read):
    drawn = read(draw_chart(document, french))
    assert drawn.root.get("lang") == "fr"
    points = f"{document.expertise.features[1].contribution:.2f}".replace(".", ",")
    assert {"Intérêt", "Pas de note", "Il manque : 5 actes de plus de sa part en un an", points} <= set(drawn.texts())


def test_the_point_lies_on_the_curve(document, look, read):
    (feature,) = [feature for feature in document.expertise.features if feature.id == "specialised_help"]
    drawn = read(draw_curve(feature, look, feature.contribution))
    (point,), (line,) = drawn.of_class("point"), drawn.of_class("plot")
    x, y = number(point, "cx"), number(point, "cy")
    steps = [tuple(map(float, step.split())) for step in line.get("d")[1:].split("L")]
    left, right = next((a, b) for a, b in pairwise(steps) if a[0] <= x <= b[0])
    along = left[1] + (right[1] - left[1]) * (x - left[0]) / (right[0] - left[0])
    assert y == pytest.approx(along, abs=1)


def test_a_curve_says_its_control_points_and_the_accounts_own(document, look, read):
    desc = read(draw_curve(document.interest.features[0], look, document.interest.features[0].contribution)).desc
    assert desc.startswith("10 per cent of its acts give half of the points, 40 per cent of its acts nine tenths.")
    assert "This account: at least 49.2 per cent of its acts, so 93.0% of 40 points: 37.19." in desc


def test_the_ceiling_is_a_mark_on_the_bar_with_its_words(document, look, read):
    bounded = with_seeds(document)
    drawn, most = read(draw_waterfall(bounded, "expertise", look)), ceiling_of(bounded)
    (mark,) = drawn.of_class("ceiling")
    assert 50 < most < 99.9
    assert float(mark.get("d")[1:].split()[0]) == pytest.approx(most * (look.width - 4) / 100, abs=0.02)
    said = f"The mark on the bar: at most {most:.1f} points are possible with 12 trusted people"
    assert f"{said}." in drawn.desc
    assert said in " ".join(drawn.texts())


def test_without_a_ceiling_or_a_number_there_is_no_mark(document, unknown, look, read):
    totals = replace(document.expertise.totals, most_per_trusted=None)
    everyone = replace(document, expertise=replace(document.expertise, totals=totals))
    for shown in (everyone, with_seeds(unknown)):
        assert read(draw_waterfall(shown, "expertise", look)).of_class("ceiling") == []
    assert read(draw_waterfall(with_seeds(document), "interest", look)).of_class("ceiling") == []


def with_seeds(document):
    """The score under twelve trusted people, by the newest method."""
    totals = replace(document.expertise.totals, most_per_trusted=2.0, trusted_people=12)
    method = replace(document.method, version=load_method().version)
    return replace(document, method=method, expertise=replace(document.expertise, totals=totals))
