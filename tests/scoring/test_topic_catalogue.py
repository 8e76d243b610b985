"""The built-in topics."""

import pytest

from candor.scoring.topics import Matcher, load_catalogue
from candor.scoring.words import normalise, tokens

CATALOGUE = load_catalogue()


@pytest.fixture(scope="module")
def topics_of():
    """Name the built-in topics that a post is on."""
    matcher, names = Matcher(list(CATALOGUE.values())), list(CATALOGUE)
    return lambda text: {names[index] for index in matcher.match(text, ())}


def test_there_are_a_dozen_topics():
    assert len(CATALOGUE) == 12


@pytest.mark.parametrize("topic", CATALOGUE.values(), ids=CATALOGUE)
def test_every_topic_is_named_in_english_and_french(topic):
    assert topic.label == topic.labels["en"]
    assert topic.labels["fr"]


@pytest.mark.parametrize("topic", CATALOGUE.values(), ids=CATALOGUE)
def test_no_term_is_listed_twice_in_a_topic(topic):
    assert len({tuple(tokens(term)) for term in topic.terms}) == len(topic.terms)


def test_no_term_belongs_to_two_topics():
    listed = [normalise(term) for topic in CATALOGUE.values() for term in topic.terms]

    assert len(set(listed)) == len(listed)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Our cubesat tumbles after deployment.", "space-technology"),
        ("Le viseur d'étoiles de notre nanosatellite dérive.", "space-technology"),
        ("キューブサットの姿勢制御について", "space-technology"),
        ("Which telescope for a beginner?", "astronomy"),
        ("Une nuit sous la voie lactée", "astronomy"),
        ("望遠鏡で銀河を見た", "astronomy"),
        ("Gradient descent diverges", "machine-learning"),
        ("Un réseau de neurones récurrent", "machine-learning"),
        ("A buffer overflow in the parser", "cybersecurity"),
        ("Alerte à l'hameçonnage", "cybersecurity"),
        ("Greenhouse gases keep rising", "climate"),
        ("Les gaz à effet de serre", "climate"),
        ("New bike lanes downtown", "cycling"),
        ("Je vais au travail à vélo", "cycling"),
        ("Shallow depth of field", "photography"),
        ("La profondeur de champ", "photography"),
        ("My sourdough spreads flat", "cooking"),
        ("La pâte feuilletée maison", "cooking"),
        ("A six hour layover in Doha", "travel"),
        ("Les trains de nuit reviennent", "travel"),
        ("The central bank raised interest rates", "economics"),
        ("Le pouvoir d'achat recule", "economics"),
        ("An outbreak of measles", "public-health"),
        ("Une campagne de vaccination", "public-health"),
        ("Send a pull request", "open-source"),
        ("Le logiciel libre à l'école", "open-source"),
    ],
)
def test_a_typical_post_is_on_its_topic_alone(topics_of, text, topic):
    assert topics_of(text) == {topic}


@pytest.mark.parametrize(
    "text", ["The chocolate bar Mars", "He launched a shop", "La cuisine est grande", "My star sign"]
)
def test_an_everyday_post_is_on_no_topic(topics_of, text):
    assert topics_of(text) == set()
