"""Alarms are raised once for what was signed, whoever asks again."""

import logging

import pytest

from core.ids import Sha256
from registry.answers import alarms
from registry.answers.alarms import Alarms

FILE = Sha256("f" * 64)


def test_an_alarm_is_raised_once_for_each_signed_digest(caplog: pytest.LogCaptureFixture) -> None:
    raised: list[str] = []
    desk = Alarms(raised.append, lambda _: None)
    for key in ("a", "a", "b", "a"):
        desk.sound("seal_without_record", key, FILE)
    desk.sound("not_the_sealed_bytes", "a", FILE)
    assert raised == ["seal_without_record", "seal_without_record", "not_the_sealed_bytes"]
    assert [one.levelno for one in caplog.records] == [logging.CRITICAL] * 3


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms, "_MOST_REMEMBERED", 2)
    raised: list[str] = []
    desk = Alarms(raised.append, lambda _: None)
    for key in ("a", "b", "c", "c", "a"):
        desk.sound("seal_without_record", key, FILE)
    assert len(raised) == 4
    assert len(desk._raised) == 2


def test_a_failure_is_logged_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    counted: list[str] = []
    Alarms(lambda _: None, counted.append).failed("limit_time", FILE)
    assert counted == ["limit_time"]
    assert caplog.records[0].levelno == logging.ERROR
