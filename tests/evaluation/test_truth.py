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


def test_a_table_without_its_columns_is_refused(tmp_path):
    path = tmp_path / "truth.csv"
    path.write_text("who,what\na,b\n")
    with pytest.raises(KeyError):
        read_truth(str(path))
