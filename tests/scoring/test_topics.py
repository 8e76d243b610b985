"""What a topic is, and which posts speak of it."""

# ruff: noqa: RUF001 -- look-alike characters are what some of these tests are about

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candor.scoring.topics import MAX_TAGS, Matcher, Phrases, Topic, check_topic, tag_topic
from tests.effort import examples

TERMS = (
    "mars",
    "machine learning",
    "astronomie",
    "satelliten",
    "straße",
    "izmir",
    "тёмная материя",
    "天文学",
    "ロケット",
    "ดาวเทียม",
    "인공위성",
    "उपग्रह",
    "women's rights",
    "C#",
    "🚀",
)


@pytest.fixture
def speaks():
    """Ask whether a post is on a topic with TERMS and the hashtag CubeSat."""
    matcher = Matcher([Topic(id="mixed", label="Mixed", terms=TERMS, hashtags=("CubeSat",))])
    return lambda text, *tags: matcher.match(text, tags) == (0,)


@pytest.mark.parametrize(
    "text",
    [
        "On Mars.",
        "MARS!",
        "(mars)",
        "Mars's moons",
        "we do machine learning",
        "machine-learning",
        "machine\n  learning",
        "machine_learning",
        "J'aime l'astronomie",
        "J’aime l’astronomie",
        "Satelliten-Start",
        "Hauptstrasse? Nein, STRASSE",
        "İZMİR",
        "IZMIR",
        "тёмная материя",
        "東京で天文学を学ぶ",
        "天文学者",
        "ロケットの打ち上げ",
        "ロケット・エンジン",
        "ﾛｹｯﾄ",
        "ใช้ดาวเทียมดวงใหม่",
        "인공위성을 쏘다",
        "नया उपग्रह",
        "Women’s rights",
        "I write C#.",
        "to the moon 🚀🚀",
        "m\u200bars",
        "ma\u00adrs",
        "\u202emars\u202c",
        "ｍａｒｓ",
        "<b>mars</b>",
    ],
)
def test_a_term_in_the_text_is_found(speaks, text):
    assert speaks(text)


@pytest.mark.parametrize(
    "text",
    [
        "marsh",
        "demars",
        "mars2020",
        "märs",
        "machine. Learning",
        "machine that is learning",
        "machinelearning",
        "astronomies",
        "strassen",
        "темная материя",
        "天文の学",
        "ロケットエンジン",
        "小ロケットー",
        "대인공위성",
        "#인공위성뉴스",
        "उपग्रहों",
        "https://mars.example/mars",
        "www.example.org/mars",
        "@mars",
        "@someone@mars.example",
        "C",
        "",
    ],
)
def test_what_only_looks_like_a_term_is_not(speaks, text):
    assert not speaks(text)


@pytest.mark.parametrize("text", ["#CubeSat", "look:#cubesat!", "＃cubesat", "#MachineLearning", "#machine_learning"])
def test_a_hashtag_in_the_text_matches_hashtags_and_terms(speaks, text):
    assert speaks(text)


def test_a_hashtag_may_be_in_hangul():
    assert Matcher([tag_topic("tag:우주")]).match("#우주 소식", None) == (0,)


@pytest.mark.parametrize("tag", ["cubesat", "#CubeSat", "machine-learning", "Machine Learning", "MachineLearning"])
def test_a_tag_matches_whatever_its_case_and_separators(speaks, tag):
    assert speaks(None, tag)


@pytest.mark.parametrize("tag", ["cubesats", "marsh", "MarsRover", "machine"])
def test_a_tag_matches_as_a_whole_only(speaks, tag):
    assert not speaks("", tag)


def test_a_hashtag_is_not_a_word_of_the_text(speaks):
    assert not speaks("cubesat without its sign")


def test_a_post_with_as_many_tags_as_allowed_matches_by_them(speaks):
    assert speaks("", "cubesat", *(f"t{i}" for i in range(MAX_TAGS - 1)))


def test_a_post_with_too_many_tags_matches_by_none(speaks):
    assert not speaks("", "cubesat", *(f"t{i}" for i in range(MAX_TAGS)))


def test_hashtags_in_the_text_count_towards_too_many_tags(speaks):
    assert not speaks("#a #b #c #d #mars", "t1", "t2", "t3", "t4")


def test_a_tag_counts_once_however_it_is_written(speaks):
    assert speaks("#mars #Mars #MARS", "mars", *(f"t{i}" for i in range(MAX_TAGS - 1)))


def test_numbers_after_a_number_sign_are_no_hashtags(speaks):
    assert speaks("closes #1 #2 #3 #4 #5 #6 #7 #8", "cubesat")


def test_hashtag_stuffing_does_not_pass_as_text(speaks):
    assert not speaks("#a#b#c#d#e#f#g#h word#mars #x#mars#y")


def test_a_post_with_too_many_tags_still_matches_by_its_text(speaks):
    assert speaks("Landed on Mars #a #b #c #d #e #f #g #h #i")


def test_a_tag_topic_matches_tags_and_not_words():
    matcher = Matcher([tag_topic("tag:air-travel")])

    assert matcher.match("air-travel, air travel", ()) == ()
    assert matcher.match(None, ("Air-Travel",)) == (0,)
    assert matcher.match("#AirTravel", None) == (0,)


def test_a_record_without_text_and_tags_is_on_no_topic(speaks):
    assert not speaks(None)


def test_every_topic_of_a_post_is_found():
    topics = [Topic(id=name, label=name, terms=terms) for name, terms in (("a", ("red moon",)), ("b", ("moon",)))]

    assert Matcher([*topics, tag_topic("tag:x")]).match("the red moon", ("x",)) == (0, 1, 2)


def test_a_term_is_found_where_a_longer_one_broke_off():
    topics = [Topic(id="a", label="a", terms=("a b c d",)), Topic(id="b", label="b", terms=("b c", "c e"))]

    assert Matcher(topics).match("a b c e", ()) == (1,)


def test_one_topic_matches_the_same_beside_any_other():
    space, craft = (Topic(id=term, label=term, terms=(term,)) for term in ("우주", "우주선"))

    assert Matcher([space, craft]).match("우주선을", ()) == (0, 1)
    assert Matcher([space]).match("우주선을", ()) == (0,)


def test_the_terms_that_matched_are_told_as_the_topic_lists_them():
    topic = Topic(id="ml", label="ML", terms=("Machine Learning", "overfitting", "mars"), hashtags=("LLM",))

    found = Matcher([topic]).terms("machine-learning and Overfitting #machinelearning #llm", None, 0)

    assert found == ("Machine Learning", "overfitting", "#LLM", "#MachineLearning")


def test_only_the_terms_of_the_topic_asked_for_are_told():
    topics = [Topic(id="a", label="a", terms=("sun",)), Topic(id="b", label="b", terms=("moon",))]

    assert Matcher(topics).terms("sun and moon", None, 1) == ("moon",)


def test_a_term_that_is_an_address_never_makes_addresses_text():
    topic = Topic(id="a", label="a", terms=("https://example.org/mars", "@mars"))

    assert Matcher([topic]).match("see https://example.org/mars by @mars", ()) == ()


PIECES = st.sampled_from([*TERMS, " ", "-", "#", "@", "'", "\u0301", "\u0327", "\u200d", "\u0345", "I", "ı", "İ", "ς"])
ANY_TEXT = st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=12).map("".join))
some = settings(max_examples=examples(30))


@some
@given(ANY_TEXT, st.lists(ANY_TEXT, max_size=4).map(tuple))
def test_matching_takes_any_text_and_tells_what_matched(text, tags):
    matcher = Matcher([Topic(id="mixed", label="Mixed", terms=TERMS, hashtags=("CubeSat",))])

    assert bool(matcher.match(text, tags)) == bool(matcher.terms(text, tags, 0))


@some
@given(ANY_TEXT)
def test_matching_does_not_depend_on_normal_form(text):
    matcher = Matcher([Topic(id="mixed", label="Mixed", terms=TERMS)])
    forms = {matcher.terms(unicodedata.normalize(form, text), None, 0) for form in ("NFC", "NFD", "NFKC", "NFKD")}

    assert forms == {matcher.terms(text, None, 0)}


@some
@given(ANY_TEXT.map(lambda text: unicodedata.normalize("NFC", text)))
def test_matching_does_not_depend_on_case(text):
    matcher = Matcher([Topic(id="mixed", label="Mixed", terms=TERMS)])

    assert {matcher.terms(case, None, 0) for case in (text.upper(), text.lower())} == {matcher.terms(text, None, 0)}


@pytest.fixture(scope="module")
def many_terms():
    topics = [Topic(id=f"t{i}", label="t", terms=tuple("字" * k + str(i) for k in range(1, 190))) for i in range(20)]
    matcher = Matcher(topics)
    matcher.match("é", ())
    return matcher


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "mars ",
        "#",
        "#a",
        "@",
        "https://",
        "\u0301\u0327",
        "e\u0301\u0327\u200b",
        "宇",
        "인",
        "ア",
        "!",
        "\x00",
        "字字x",
    ],
)
def test_a_hostile_text_takes_well_under_a_second(many_terms, unit):
    started_s = time.process_time()

    many_terms.match((unit * 50_000)[:50_000], ())  # if the time grew with the square, it would be minutes

    assert time.process_time() - started_s < 1


def test_the_digest_ignores_the_order_of_terms():
    assert Topic(id="a", label="A", terms=("x", "y")).digest == Topic(id="a", label="A", terms=("y", "x")).digest


@pytest.mark.parametrize("change", [{"id": "b"}, {"label": "B"}, {"terms": ("x",)}, {"hashtags": ("z",)}])
def test_the_digest_tells_every_change(change):
    said = {"id": "a", "label": "A", "terms": ("x", "y"), "hashtags": ()}

    assert Topic(**said).digest != Topic(**said | change).digest


def test_the_digest_tells_terms_from_hashtags():
    assert Topic(id="a", label="A", terms=("x",)).digest != Topic(id="a", label="A", hashtags=("x",)).digest


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        (Topic(id="a", label="A"), "neither terms nor hashtags"),
        (Topic(id="A b", label="A", terms=("x",)), "neither a slug"),
        (Topic(id="", label="A", terms=("x",)), "neither a slug"),
        (Topic(id="a" * 201, label="A", terms=("x",)), "at most 200 characters"),
        (Topic(id="a", label="A", terms=(" - ",)), "1 to 200 characters"),
        (Topic(id="a", label="A", hashtags=("#",)), "1 to 200 characters"),
        (Topic(id="a", label="A", terms=("x" * 201,)), "1 to 200 characters"),
        (Topic(id="a", label="A", terms=tuple(map(str, range(201)))), "201 terms"),
        (Topic(id="tag:", label="A"), "needs a name"),
        (Topic(id="tag:x", label="A", terms=("x",)), "takes neither"),
    ],
)
def test_a_topic_that_can_not_be_is_refused_in_words(topic, words):
    with pytest.raises(ValueError, match=words):
        check_topic(topic)


def test_a_tag_topic_is_labelled_by_its_tag():
    assert tag_topic("tag:air-travel") == Topic(id="tag:air-travel", label="air-travel")


@pytest.mark.parametrize("name", ["air-travel", "tag:", "tag:" + "x" * 200])
def test_a_tag_topic_needs_a_tag(name):
    with pytest.raises(ValueError, match="topic"):
        tag_topic(name)


class Counted(str):
    """A token that counts how often it is looked up."""

    __slots__ = ()
    lookups = 0

    def __hash__(self) -> int:
        Counted.lookups += 1
        return str.__hash__(self)


def test_however_terms_overlap_a_text_is_read_once():
    phrases = {size: ["a"] * size for size in range(1, 101)}
    Counted.lookups = 0
    assert Phrases(phrases).find([Counted("a")] * 10_000) == sum(1 << size for size in phrases)
    assert Counted.lookups <= 4 * 10_000
