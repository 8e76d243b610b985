"""Signals to stop: heard in between, never in the middle of starting or ending something."""

from __future__ import annotations

import signal

import pytest

from service.stack import Stopped, defer_signals, raise_on_signal


def test_a_signal_to_stop_becomes_an_exception() -> None:
    with pytest.raises(Stopped), raise_on_signal():
        signal.raise_signal(signal.SIGTERM)


def test_a_second_signal_does_not_disturb_the_clearing_up() -> None:
    cleared = []

    def work() -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGTERM)
            cleared.append("all")

    with pytest.raises(Stopped), raise_on_signal():
        work()
    assert cleared == ["all"]


def test_a_signal_waits_until_what_must_not_be_disturbed_has_ended() -> None:
    done = []

    def work() -> None:
        with defer_signals():
            signal.raise_signal(signal.SIGHUP)
            done.append("all")

    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may ignore it
    try:
        with pytest.raises(Stopped), raise_on_signal():
            work()
    finally:
        signal.signal(signal.SIGHUP, before)
    assert done == ["all"]


def test_a_signal_that_was_ignored_before_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with raise_on_signal(), defer_signals():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_what_was_to_happen_before_happens_again_afterwards() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    with raise_on_signal(), defer_signals():
        pass
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before
