"""Times as people and programs of many countries write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    "2026-02-07 10:05 AST",
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
    ("written", "expected"),
    [
        ("2026-01-05+01:00", "2026-01-05T00:00:00+01:00"),
        ("2026-01-05 -0530", "2026-01-05T00:00:00-05:30"),
        ("5 Jan 2026 10:00 GMT+0100", "2026-01-05T10:00:00+01:00"),
        ("5 Jan 2026 10:00 UTC+1", "2026-01-05T10:00:00+01:00"),
        ("05-JAN-2026", "2026-01-05T00:00:00+00:00"),
        (202601050805.0, "2026-01-05T08:05:00+00:00"),
        ("20260105080500.0", "2026-01-05T08:05:00+00:00"),
        ("2026010508", "2026-01-05T08:00:00+00:00"),
        ("10 listopada 2025", "2025-11-10T00:00:00+00:00"),
    ],
)
def test_what_could_be_taken_for_another_time_is_not(written, expected):
    time, _ = time_of(written)
    assert time is not None
    assert time.isoformat() == expected


@pytest.mark.parametrize(
    "written",
    [
        "1 January 2026 10:00 +9999",
        "5 Jan 12:05:09",
        "5 Jan, 12:05:09",
        "5. 1. 2026 odp. 2:05",
        "2026/1/5 晚上 12:05",
        "5 Apr 2026 02:05 nachm",
        "5 Apr 2026 02:05 du soir",
        "5 Jan 2026 2:05 PTG",
        "10. listopada 2025",
        "5. srp 2025",
        "1404/10/15",
        "2568-01-05",
    ],
)
def test_a_half_of_the_day_a_year_or_a_calendar_that_nobody_told_is_no_guess(written):
    assert time_of(written)[0] is None


@pytest.mark.parametrize(
    "written",
    [
        [2026, 13, 1],
        [2026, 1],
        [2026, 1, True],
        "31.02.2026",
        "7 smarch 2026",
        "February 2026",
        "10:05",
        "7 2026 2",
        "x" * 9999,
    ],
)
def test_what_is_no_day_is_no_guess(written):
    assert time_of(written)[0] is None


@pytest.mark.parametrize(
    "written",
    [
        *("5. Januar 2026 08:05", "5 janvier 2026 à 08:05", "lundi 5 janv. 2026 à 8 h 05"),
        *("5 de enero de 2026 08:05", "5 de jan. de 2026, 08:05", "5 gen 2026, 08:05", "5 sty 2026 08:05"),
        *("5 Ocak 2026 08:05", "5 \u044f\u043d\u0432. 2026 \u0433., 08:05", "5 يناير 2026 08:05"),
        *("5 jan. 2026 kl. 08.05", "2026年1月5日 08:05", "2026年1月5日(月) 午前8時05分", "2026. 1. 5. 오전 8:05"),
        *(
            "5. siječnja 2026. 08:05",
            "ponedjeljak, 5. siječnja 2026. u 08:05",
            "05.01.2026. 08:05",
            "5 \u044f\u043d\u0443\u0430\u0440\u0438 2026 \u0433., 08:05",
        ),
        *(
            "2026/1/5 AM 8:05",
            "2026年1月5日 AM8:05",
            "2026年1月5日 星期一 上午8:05",
            "2026년 1월 5일 월요일 오전 8:05",
            "2026年1月5日月曜日 8:05",
        ),
        *("05-JAN-26 08.05.00.000000 AM", "05JAN2026:08:05:00", "20260105080500", 20260105080500, "202601050805"),
        *("Mon Jan  5 08:05:00 2026", [2026, 1, 5, 8, 5], [2026, 1, 5, 8, 5, 0, 0]),
    ],
)
def test_times_of_many_countries_and_databases_are_read_as_utc(written):
    at, has_zone = time_of(written)
    assert at is not None
    assert (at.isoformat(), has_zone) == ("2026-01-05T08:05:00+00:00", False)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-01-05 08:00:00 Europe/Berlin", "2026-01-05T08:00:00+01:00"),
        ("2026-07-05 08:00:00 EUROPE/BERLIN", "2026-07-05T08:00:00+02:00"),
        ("2026-01-05T08:00:00[Europe/Paris]", "2026-01-05T08:00:00+01:00"),
        ("2026-01-05 08:00:00 CET", "2026-01-05T08:00:00+01:00"),
        ("Mon, 05 Jan 2026 08:00:00 CET", "2026-01-05T08:00:00+01:00"),
        ("Monday, January 5, 2026 at 8:00:00 AM UTC", "2026-01-05T08:00:00+00:00"),
        ("Mon Jan  5 08:00:00 PST 2026", "2026-01-05T08:00:00-08:00"),
        ("2026-01-05 08:00:00.5 +0100 CET m=+0.01", "2026-01-05T08:00:00.500000+01:00"),
        ("2026-01-05T08:00:00\N{MINUS SIGN}01:00", "2026-01-05T08:00:00-01:00"),
        ("2026-01-05T08:00:60Z", "2026-01-05T08:00:59+00:00"),
        ("/Date(1767600000000)/", "2026-01-05T08:00:00+00:00"),
        ({"_seconds": 1767600000, "_nanoseconds": 0}, "2026-01-05T08:00:00+00:00"),
    ],
)
def test_zones_are_read_by_their_names(written, meant):
    at, has_zone = time_of(written)
    assert at is not None
    assert (at.isoformat(), has_zone) == (meant, True)


@pytest.mark.parametrize(
    "written",
    [
        *("5 jui 2026", "31.2.2026", "20260231000000", "5 of 2026", "1/5/2026 08:00 CET"),
        *("1." * 100_000, "2026-01-05 08:00:00 ../../etc/passwd", 46027.3, {"seconds": None}),
    ],
)
def test_what_could_be_two_times_or_none_is_not_guessed(written):
    assert time_of(written)[0] is None


def test_a_day_written_as_a_number_is_no_count_of_seconds():
    assert str(time_of(20260105)[0]) == "2026-01-05 00:00:00+00:00"


@pytest.mark.parametrize(
    ("written", "month"),
    [
        ("5. listopada 2026.", 10),
        ("5. lis 2026.", 10),
        ("5. srp 2026.", 7),
        ("5. lip 2026.", 6),
        ("5 listopada 2026", 11),
    ],
)
def test_a_month_that_two_languages_share_is_told_by_the_dots_of_one(written, month):
    at, _ = time_of(written)
    assert at is not None
    assert at.month == month


@pytest.mark.parametrize(
    ("written", "hour"),
    [("2026/1/5 下午3:20", 15), ("2026-01-05 PM 12:20", 12), ("2026/01/05 AM 12:20", 0), ("2026-01-05 晚上8:20", 20)],
)
def test_the_half_of_the_day_may_stand_before_the_clock(written, hour):
    at, _ = time_of(written)
    assert at is not None
    assert (at.hour, at.minute) == (hour, 20)


@given(
    st.one_of(
        st.from_regex(
            r"[0-9]{1,2}\.[0-9]{1,2}\.(?:19|20|18)[0-9]{2}(?:,? [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?", fullmatch=True
        ),
        st.from_regex(
            r"20[0-9]{2}-[01][0-9]-[0-3][0-9](?:[T ][0-2][0-9]:[0-6][0-9](?::[0-6][0-9](?:\.[0-9]{1,6})?)?)?Z?",
            fullmatch=True,
        ),
    )
)
def test_what_most_times_are_written_like_is_read_as_what_needs_a_longer_look(written):
    # a blank before it is taken away, and is what the short way does not know
    assert time_of(written) == time_of(f" {written}")
