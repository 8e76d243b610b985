"""Topics from vocabularies of others. The vocabularies here are made up; their shapes are real."""

import json

import msgspec
import pytest

from candor.scoring.topic_import import TopicFault, read_topics
from candor.scoring.topics import Matcher

SKOS = {
    "uri": "http://vocabulary.example/",
    "conceptSet": [
        {
            "uri": "http://vocabulary.example/101",
            "qcode": "voc:101",
            "prefLabel": {"de": "Brieftauben", "en-GB": "Homing pigeons", "ja": "伝書鳩"},
            "altLabel": {"en-GB": ["carrier pigeons", "Homing Pigeons"], "de": "Reisetauben"},
            "broader": ["voc:100"],
        },
        {
            "uri": "http://vocabulary.example/102",
            "qcode": "voc:102",
            "prefLabel": {"en-GB": "lamps"},
            "retired": "2020-01-02",
        },
        {"uri": "http://vocabulary.example/103", "prefLabel": {}},
        {"qcode": "voc:104"},
        {"uri": "http://vocabulary.example/105", "prefLabel": {"ja": "盆栽"}},
    ],
}
CSV = """"topicId","language","topicDisplayName"
7,"fr","Éclairs & Choux"
7,"en","Choux Pastry"
8,"en","Choux pastry"
,"en","nobody's"
9,"en"
10,"ar","الخط"
"""


@pytest.fixture
def read():
    """Read a vocabulary; return its topics by id and its faults."""

    def read(source, form=None):
        faults = []
        return {topic.id: topic for topic in read_topics(source, form, on_fault=faults.append)}, faults

    return read


def test_every_label_in_every_language_becomes_a_term_once(read):
    topics, _ = read(json.dumps(SKOS).encode(), "skos-json")

    assert topics["homing-pigeons"].terms == (
        "Homing pigeons",
        "carrier pigeons",
        "Brieftauben",
        "Reisetauben",
        "伝書鳩",
    )


def test_a_topic_is_labelled_in_english_where_it_can_be(read):
    topics, _ = read(json.dumps(SKOS).encode(), "skos-json")

    assert topics["homing-pigeons"].label == "Homing pigeons"
    assert topics["homing-pigeons"].labels == {"en-GB": "Homing pigeons", "de": "Brieftauben", "ja": "伝書鳩"}


def test_a_concept_without_a_latin_label_takes_its_own_id(read):
    topics, _ = read(json.dumps(SKOS).encode(), "skos-json")

    assert topics["topic-105"].label == "盆栽"


def test_faulty_concepts_are_named_and_the_rest_is_read(read):
    topics, faults = read(json.dumps(SKOS).encode(), "skos-json")

    assert len(topics) == 2
    assert [fault.where for fault in faults] == ["voc:102", "http://vocabulary.example/103", "concept 4"]
    assert [fault.detail for fault in faults[:2]] == ["retired on 2020-01-02", "it has no label"]


def test_rows_of_one_id_are_one_topic(read):
    topics, _ = read(CSV.encode(), "csv")

    assert topics["choux-pastry"].terms == ("Choux Pastry", "Éclairs & Choux")


def test_a_slug_that_is_taken_gets_the_id_of_the_source(read):
    topics, _ = read(CSV.encode(), "csv")

    assert list(topics) == ["choux-pastry", "choux-pastry-8", "topic-10"]


def test_faulty_rows_are_named_by_line(read):
    _, faults = read(CSV.encode(), "csv")

    assert faults == [TopicFault(f"line {n}", "the row has no id, no label or cells without a column") for n in (5, 6)]


def test_a_slug_in_the_source_is_the_id(read):
    topics, _ = read(b"topicId,topicSlug,topicDisplayName,other\n1,_Tea_Time,High tea,x\n", "csv")

    assert topics["tea-time"].labels == {"en": "High tea"}


def test_the_ending_of_a_file_names_its_format(read, tmp_path):
    path = tmp_path / "tea.CSV"
    path.write_bytes(b"\xef\xbb\xbfid,label\n1,tea\n")

    assert list(read(path)[0]) == ["tea"]


def test_imported_topics_match_posts(read):
    topics, _ = read(json.dumps(SKOS).encode(), "skos-json")

    assert Matcher([topics["homing-pigeons"]]).match("伝書鳩を飼う", None) == (0,)


def test_a_label_longer_than_a_term_may_be_is_a_fault(read):
    _, faults = read(b"id,label\n1," + b"x" * 201 + b"\n", "csv")

    assert faults[0].where == "line 2"


@pytest.mark.parametrize(
    ("source", "form"),
    [
        (b"{", "skos-json"),
        (b"[]", "skos-json"),
        (b"{}", "skos-json"),
        (b'{"conceptSet": 1}', "skos-json"),
        (b'{"conceptSet": ' + b"[" * 100_000, "skos-json"),
        (b"\xff\xfe", "skos-json"),
        (b"", "csv"),
        (b"id,other\n1,2\n", "csv"),
        (b"id,label\n1,\xff\n", "csv"),
        (b'id,label\n1,"a"b\n', "csv"),
        (b"id,label\n1,tea\n", None),
    ],
)
def test_an_unreadable_vocabulary_is_refused(read, source, form):
    with pytest.raises(ValueError, match=r"not |lacks"):
        read(source, form)


def test_broader_concepts_become_the_ids_of_broader_topics():
    skos = {
        "conceptSet": [
            {
                "uri": "http://x/2",
                "qcode": "m:2",
                "prefLabel": {"en": "Engines"},
                "broader": ["http://x/1", "http://x/9"],
            },
            {"uri": "http://x/1", "qcode": "m:1", "prefLabel": {"en": "Space"}},
        ]
    }
    table = b"topicId,topicDisplayName,parentTopicId\n1,Space,\n2,Engines,1\n"
    for source, form in ((msgspec.json.encode(skos), "skos-json"), (table, "csv")):
        topics = {topic.id: topic.broader for topic in read_topics(source, form, on_fault=print)}
        assert topics == {"engines": ("space",), "space": ()}
