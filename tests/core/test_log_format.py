"""Lines of the log: their form, and what cannot get into them."""

import json
import logging
import sys

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from core.errors import StorageError
from core.log_format import MAX_LINE_BYTES, JsonFormatter, LineFormatter, TextFormatter
from core.text import Text

OWN = frozenset({"registry", "access"})
AT = 1772442061.0079  # 2026-03-02T09:01:01.007Z
RESIDENT = "11010519491231002X"  # the example of GB 11643-1999
UNSEEN = ["\n", "\r", "\x1b[31m", "\x00", "\x7f", "\x85", "\u2028", "\u202e", "\u2066", "\u200b"]
"""Line breaks, ANSI escapes, controls, bidi formatting."""


def record(
    message: str, *args: object, name: str = "registry.x", error: BaseException | None = None,
    **fields: object,
) -> logging.LogRecord:  # fmt: skip
    exc_info = None if error is None else (type(error), error, error.__traceback__)
    path = "/opt/x/lib/python3/site-packages/pkg/part.py"
    one = logging.LogRecord(name, logging.ERROR, path, 7, message, args, exc_info, func="work")
    one.created = AT
    one.process = 42
    one.__dict__.update(fields)
    return one


def raised(make: Exception, cause: Exception | None = None) -> Exception:
    try:
        raise make from cause  # noqa: TRY301
    except Exception as error:  # noqa: BLE001
        return error


@pytest.fixture(params=[JsonFormatter, TextFormatter])
def formatter(request: pytest.FixtureRequest) -> LineFormatter:
    kind: type[LineFormatter] = request.param
    return kind("verify", OWN)


def test_json_has_the_fields_in_order() -> None:
    line = JsonFormatter("verify", OWN).format(
        record("said %d", 3, code="limit_time", status=503, duration_ms=1.5, request_id="r-1")
    )
    assert line == (
        '{"time":"2026-03-02T09:01:01.007Z","level":"error","role":"verify","pid":42,'
        '"logger":"registry.x","message":"said 3","status":503,"duration_ms":1.5,'
        '"code":"limit_time","request_id":"r-1"}'
    )


def test_text_is_for_eyes() -> None:
    line = TextFormatter("ca", OWN).format(
        record("GET /x 503", name="access", route="/x", status=503, code="a b", request_id="r-1")
    )
    assert line == (
        '2026-03-02T09:01:01.007Z ERROR    ca[42] access: GET /x 503 code="a b" request_id=r-1'
    )


@pytest.mark.parametrize("hidden", UNSEEN)
def test_a_line_stays_one_line_without_controls(formatter: LineFormatter, hidden: str) -> None:
    line = formatter.format(record("before%safter", hidden, code=f"x{hidden}y"))
    assert hidden not in line
    assert line.isprintable()
    assert "�" in line


def test_a_forged_line_is_not_made(formatter: LineFormatter) -> None:
    forged = '\n2026-03-02T09:01:01.007Z CRITICAL ca[1] x: "forged"\n{"level":"critical"}'
    line = formatter.format(record("%s", forged, code=forged))
    assert len(line.splitlines()) == 1
    if isinstance(formatter, JsonFormatter):
        assert json.loads(line)["level"] == "error"


@pytest.mark.parametrize(
    "personal",
    [
        RESIDENT,
        RESIDENT.lower(),
        "1.2.156.3005.2.119900009990002095002.11990000MB00990170.000000001.001.H",
        "“张三”",
        "“JY19901010000018”",
        f"“{RESIDENT}”",
    ],
)
def test_what_a_careless_caller_would_tell(formatter: LineFormatter, personal: str) -> None:
    line = formatter.format(record("no licence of %s is known", personal))
    assert personal.strip("“”") not in line
    assert "no licence of" in line


def test_settings_and_places_that_are_quoted_stay(formatter: LineFormatter) -> None:
    said = "Could not read “/var/lib/xinyin/xinyin.toml”: “verify.workers”"
    assert said in formatter.format(record(said))


def test_words_of_others_are_not_shown(formatter: LineFormatter) -> None:
    line = formatter.format(record("cannot parse %s", "张三", name="pyhanko.sign"))
    assert "张三" not in line
    assert "cannot parse" not in line
    assert "pkg/part.py:7 work" in line


def test_an_exception_is_told_by_types_codes_and_frames(formatter: LineFormatter) -> None:
    cause = raised(OSError(28, "No space left", "/home/张三"))
    error = raised(StorageError(Text("满", "full")), cause)
    line = formatter.format(record("failed", error=error))
    assert "StorageError[storage]<-OSError[ENOSPC]" in line
    assert "core/test_log_format.py" in line
    assert "raised" in line
    for secret in ("No space", "张三", "full", "满"):
        assert secret not in line


def test_statements_and_their_values_stay_out(formatter: LineFormatter) -> None:
    engine = create_engine("sqlite://")  # one that does not even hide its parameters
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE t (name TEXT PRIMARY KEY)"))
        connection.execute(text("INSERT INTO t VALUES (:n)"), {"n": "张三"})
        with pytest.raises(IntegrityError) as failed:
            connection.execute(text("INSERT INTO t VALUES (:n)"), {"n": "张三"})
    assert "张三" in str(failed.value), "what would be told by others"
    line = formatter.format(record("failed", error=failed.value))
    assert "IntegrityError<-IntegrityError[SQLITE_CONSTRAINT_PRIMARYKEY]" in line
    assert "张三" not in line
    assert "INSERT" not in line


def test_groups_circles_and_long_chains_end(formatter: LineFormatter) -> None:
    group = ExceptionGroup("张三", [raised(KeyError("张三"))])
    line = formatter.format(record("failed", error=raised(group)))
    assert "ExceptionGroup<-KeyError" in line
    assert "张三" not in line
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert "ValueError<-ValueError" in formatter.format(record("failed", error=first))


def deep(levels: int) -> None:
    if levels:
        deep(levels - 1)
    else:
        raise KeyError("张三")


@pytest.mark.parametrize("message", ["x", "长" * 5000, "x" * 5000])
def test_a_line_fits_one_write(formatter: LineFormatter, message: str) -> None:
    try:
        deep(sys.getrecursionlimit() // 4)
    except KeyError as error:
        line = formatter.format(
            record(message, error=error, code="长" * 500, route="长" * 500, sha256="长" * 500)
        )
    assert len(line.encode()) < MAX_LINE_BYTES
    assert "test_log_format.py" in line or message != "x", "the innermost frames stay"
    if isinstance(formatter, JsonFormatter):
        assert json.loads(line)["level"] == "error"
