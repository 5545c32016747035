"""Instants and cursors that callers send are read within the calendar."""

from datetime import datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from core.web.request_errors import UnusableRequestError
from issuing_api.calls import Instant, cursor_of, place_of
from issuing_api.pages.licences import read_day

ENDS = ("9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+08:00")


@pytest.mark.parametrize("typed", ENDS)
def test_an_instant_without_a_date_in_some_zone_is_refused(typed: str) -> None:
    read: TypeAdapter[Any] = TypeAdapter(Instant)
    assert read.validate_python("2026-03-01T00:00:00+08:00").year == 2026
    with pytest.raises(ValidationError):
        read.validate_python(typed)
    with pytest.raises(UnusableRequestError):
        place_of(cursor_of(datetime.fromisoformat(typed), "x"))
    assert read_day(typed[:10]) is None
    assert str(read_day("2026-03-01")) == "2026-03-01"
