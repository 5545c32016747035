"""Instants that people type: in which zone they are read, and that errors say so."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cli.shell.instants import read_as, read_instant, said
from core.errors import UsageError
from core.text import Text
from tests.cli.bodies.test_compromise_commands import BASIS, SEAL
from tests.cli.conftest import DemoHome

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_without_an_offset_it_is_the_service_s_zone() -> None:
    midnight = datetime(2026, 2, 28, 16, tzinfo=UTC)
    for text in ("2026-03-01", "2026-03-01T00:00", "2026-02-28T16:00Z", "2026-02-28T17:00+01:00"):
        assert read_instant(text, SHANGHAI) == midnight, text
    assert said(midnight, SHANGHAI) == "2026-03-01 00:00:00 Asia/Shanghai"


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "0001-01-01", ""])
def test_no_instant(text: str) -> None:
    with pytest.raises(UsageError, match=r"Asia/Shanghai, the service's zone") as told:
        read_instant(text, SHANGHAI)
    assert "按本服务的时区 Asia/Shanghai 理解" in told.value.text.zh


def test_an_offset_that_was_typed_is_not_explained() -> None:
    with pytest.raises(UsageError) as told, read_as("2026-03-01T00:00Z", SHANGHAI):
        raise UsageError(Text("不行。", "No."))
    assert told.value.text.en == "No."


@pytest.mark.parametrize("command", [("seal", "compromised"), ("ca", "revoke")], ids=" ".join)
def test_an_error_says_in_which_zone_it_was_read(
    shared: DemoHome, command: tuple[str, ...]
) -> None:
    """The operator's watch shows UTC, the service's zone is eight hours ahead: too early."""
    typed = f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:%M}"
    option = "--since" if command[0] == "seal" else "--invalidity-date"
    more = () if command[0] == "seal" else ("--reason", "keyCompromise")
    given = (SEAL, option, typed, *more, *BASIS, "--yes")
    ran = shared.run(*command, *given)
    utc = f"{datetime.fromisoformat(typed) - timedelta(hours=8):%Y-%m-%dT%H:%M}:00Z"
    assert (ran.code, ran.out) == (2, "")
    assert f"“{typed}” has no offset: it was read in Asia/Shanghai" in ran.err
    assert utc in ran.err
    chinese = shared.run(*command, *given, env={"XINYIN_LANG": "zh"})
    assert "按本服务的时区 Asia/Shanghai 理解" in chinese.err


@pytest.mark.parametrize(
    "command",
    [("audit", "list"), ("audit", "export"), ("trust", "add"), ("seal", "compromised")],
    ids=" ".join,
)
def test_help_says_in_which_zone_it_is_read(shared: DemoHome, command: tuple[str, ...]) -> None:
    english = " ".join(shared.run(*command, "--help").out.split())
    assert "without an offset in the service's zone" in english
    chinese = shared.run(*command, "--help", env={"XINYIN_LANG": "zh"}).out
    assert "不写时差的按本服务的时区理解" in "".join(chinese.split())
