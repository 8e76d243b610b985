"""Who is an expert on what, as the table says."""

from datetime import date

import pytest

from candor.evaluation.inputs import read_truth

TABLE = """actor,topic,label,source
early,bread,expert_bronze,tag badge; first bronze 2011-01-01
late,bread,expert_gold,tag badge; first bronze 2013-01-01
gone,bread,expert_former,list of 2012-01-01 only
fan,bread,enthusiast,poll 2014-01-01
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "truth.csv"
    path.write_text(TABLE)
    return str(path)


def test_labels_that_begin_with_expert_are_positive(table):
    assert read_truth(table).pairs == {("early", "bread"), ("late", "bread")}


def test_only_later_dates_are_to_be_found(table):
    assert read_truth(table, date(2012, 6, 1)).pairs == {("late", "bread")}


def test_who_was_an_expert_before_is_still_known_as_one(table):
    assert read_truth(table, date(2012, 6, 1)).ever == {("early", "bread"), ("late", "bread")}


def test_labels_of_one_and_tags_as_the_api_writes_them_are_taken_whatever_cuts_the_columns(tmp_path):
    path = tmp_path / "truth.csv"
    path.write_text("\ufeffactor;topic;label\nada;tag:devops;1\nbo;devops;TRUE\ncy;devops;0\ndi;devops;10\n", "utf-8")
    found = read_truth(str(path))
    assert found.pairs == {("ada", "devops"), ("bo", "devops")}
    assert found.other_labels == {"10": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("who,what\na,b\n", "no column actor, topic, label; it has: who, what"),
        ("actor,topic,label\na,b,profi\n", "names no expert: its labels are 'profi'"),
    ],
)
def test_a_table_that_names_no_expert_is_refused_with_what_it_has(tmp_path, text, said):
    path = tmp_path / "truth.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=said):
        read_truth(str(path))


def test_a_table_without_sources_cannot_be_dated(tmp_path):
    path = tmp_path / "truth.csv"
    path.write_text("actor,topic,label\na,b,1\n")
    with pytest.raises(ValueError, match="no column source"):
        read_truth(str(path), date(2012, 6, 1))
