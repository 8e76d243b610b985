"""Times as people and programs of many countries write them."""

from __future__ import annotations

import pytest

from candor.scoring.written_times import time_of

AT_TEN = (
    "7 feb 2026 10:05",
    "zaterdag 7 februari 2026 om 10:05",
    "7 févr. 2026 à 10h05",
    "samedi 7 février 2026 10 h 05",
    "Samstag, den 7. Februar 2026 um 10:05 Uhr",
    "Sa., 7. Feb. 2026, 10:05",
    "7 de febrero de 2026 a las 10:05",
    "7 feb 2026, 10:05 a. m.",
    "sábado, 7 de fevereiro de 2026 às 10:05",
    "7 febbraio 2026 alle ore 10:05",
    "lørdag 7. februar 2026 kl. 10.05",
    "7. helmikuuta 2026 klo 10.05",
    "7 lutego 2026 10:05",
    "7 Şubat 2026 10:05",
    "7 февраля 2026 г. 10:05",  # noqa: RUF001
    "2026. február 7. 10:05",
    "2026年2月7日 10:05",
    "7.2.2026 10.05",
    "2026-02-07 10.05",
    "2026/2/7 10:05 AM",
    "7/Feb/2026:12:05:00 +0200",
    "7 février 2026 12:05 +02:00",
    "2026-02-07 10:05 CET",
    "Sat, 07 Feb 2026 10:05:00 GMT",
)


@pytest.mark.parametrize("written", AT_TEN)
def test_a_time_is_read_in_the_words_of_its_language(written):
    time, _ = time_of(written)
    assert time is not None
    assert f"{time.timestamp():.0f}" == "1770458700"


@pytest.mark.parametrize(
    ("written", "month"),
    [
        ("1 mrt 2026", 3),
        ("1er mars 2026", 3),
        ("7 mei 2026", 5),
        ("7 août 2026", 8),
        ("7 okt 2026", 10),
        ("7 Mär. 2026", 3),
    ],
)
def test_months_cut_short_are_those_of_their_language(written, month):
    time, has_zone = time_of(written)
    assert (time and time.month, has_zone) == (month, False)


@pytest.mark.parametrize(
    "written",
    ["31.02.2026", "7 smarch 2026", "7 siječnja 2026", "February 2026", "10:05", "7 2026 2", "x" * 9999],
)
def test_what_is_no_day_is_no_guess(written):
    assert time_of(written)[0] is None
