"""Licences taken over, on record: what nobody may search by is not found by it."""

import secrets
from dataclasses import replace
from datetime import UTC, date, datetime
from unittest import mock

import pytest

from registry.accession import rows
from registry.accession.rows import (
    OtherAccessionError,
    add_accession,
    find_by_digest,
    find_by_identifier,
    find_by_number,
    find_paper,
    paper_accession,
)
from registry.db.database import Database
from registry.model import LicenceState
from tests.permits import TAKE_OVER
from tests.registry.privacy.test_codes import every_text
from tests.registry.reconcile.test_columns import an_accession

OLD = paper_accession("1" * 21, "2" * 18, "P2")
AT = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_personal_number_finds_nothing(database: Database) -> None:
    plain, personal = an_accession(), replace(an_accession(), accession_id="f" * 64, personal=True)
    personal = replace(personal, number="P2", identifier="1.2.4", document_sha256="c" * 64)  # type: ignore[arg-type]
    with database.writing() as connection:
        for one in (plain, personal):
            assert add_accession(connection, one, TAKE_OVER, AT, random=secrets.token_bytes)
    with database.reading() as connection:
        assert [one.number for one in find_by_number(connection, "P1")] == ["P1"]
        assert find_by_number(connection, "P2") == []
        assert find_by_identifier(connection, "1.2.3") is not None
        assert find_by_identifier(connection, "1.2.4") is None
        assert find_by_digest(connection, "c" * 64) is not None, "who has the file may ask"


def test_the_same_is_recorded_once_and_another_refused(database: Database) -> None:
    one = an_accession()
    with database.writing() as connection:
        assert add_accession(connection, one, TAKE_OVER, AT, random=secrets.token_bytes) is True
        assert add_accession(connection, one, TAKE_OVER, AT, random=secrets.token_bytes) is False
        other = replace(one, stated_sha256="0" * 64)
        with pytest.raises(OtherAccessionError):
            add_accession(connection, other, TAKE_OVER, AT, random=secrets.token_bytes)


def test_a_licence_on_paper_is_on_record_under_no_name_that_its_number_gives(
    database: Database,
) -> None:
    """Else codes could be tried until one fits; one of before is found by its name all the same."""
    later, before = an_accession(), replace(an_accession(), accession_id=OLD, number="P2")
    with database.writing() as connection:
        add_accession(connection, later, TAKE_OVER, AT, random=secrets.token_bytes)
        with mock.patch.object(rows, "_recorded_name", lambda _, name: name):
            add_accession(connection, before, TAKE_OVER, AT, random=secrets.token_bytes)
    with database.reading() as connection:
        assert later.accession_id not in "".join(every_text(connection))
        for one in (later, before):
            found = find_paper(connection, one.type_code, one.authority_uscc, one.number)
            assert found is not None
            assert found.number == one.number
    with database.writing() as connection:
        for one in (later, before):
            again = add_accession(connection, one, TAKE_OVER, AT, random=secrets.token_bytes)
            assert again is False


def test_a_state_follows_from_the_day(database: Database) -> None:
    valid = replace(an_accession(), state=LicenceState.IN_FORCE, reason=None)
    with database.writing() as connection:
        add_accession(connection, valid, TAKE_OVER, AT, random=secrets.token_bytes)
        (found,) = find_by_number(connection, "P1")
    assert found.effective_state(date(1999, 1, 4)) is LicenceState.PENDING
    assert found.effective_state(date(1999, 1, 5)) is LicenceState.IN_FORCE
    assert found.effective_state(date(2009, 1, 5)) is LicenceState.IN_FORCE
    assert found.effective_state(date(2009, 1, 6)) is LicenceState.EXPIRED
