"""Registers made by earlier versions keep what they hold when they are brought up to date."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Connection, column, insert, select, table, text, update

import registry.db.migrations
from ca.issuers import IssuerRecord, IssuerRole, IssuerState
from core.ids import IssuerId, KeyId, Sha256
from core.permits import Actor
from registry.audit.events import record
from registry.db.database import Database
from registry.db.drift import missing_parts
from registry.db.faults import OtherSchemaError
from registry.db.schema import known_revisions, newest_schema
from registry.db.tables import (
    Instant,
    authorities,
    certificates,
    licence_types,
    licences,
    revisions,
    seals,
    series,
)
from registry.ledger.ledger import SqlLedger
from registry.revisions.record import find_recorded
from tests.databases import empty_database
from tests.registry.audit.test_chain import check_chain

AT = datetime(2026, 3, 1, tzinfo=UTC)


def before(revision: str) -> str:
    """Return the migration that one follows."""
    config = Config()
    config.set_main_option("script_location", str(Path(registry.db.migrations.__file__).parent))
    found = ScriptDirectory.from_config(config).get_revision(revision).down_revision
    assert isinstance(found, str)
    return found


@contextmanager
def as_of(database: Database, revision: str) -> Iterator[Connection]:
    """Take the schema back to `revision`, hand out a connection, and bring it up to date."""
    config = Config()
    config.set_main_option("script_location", str(Path(registry.db.migrations.__file__).parent))
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    with database.writing() as connection:
        yield connection
    database.migrate()


def test_a_founded_hierarchy_is_recorded_as_issuers(database: Database) -> None:
    shared = {
        "spki_sha256": "",
        "tbs_sha256": "",
        "not_before": AT,
        "not_after": AT,
        "intended_at": AT,
        "issuer": "root",
    }
    with as_of(database, "0001") as connection:
        for serial, profile, certificate in (("1", "root", b"root"), ("2", "issuing", b"ca")):
            row = {"serial": serial, "profile": profile, "subject": "CN=x", "state": "ISSUED"}
            issued = {"certificate": certificate, "issued_at": AT}
            connection.execute(insert(certificates).values(shared | row | issued))
        lost = {"serial": "3", "profile": "issuing", "subject": "CN=x", "state": "INTENDED"}
        connection.execute(insert(certificates).values(shared | lost))
    ledger = SqlLedger(database)
    assert ledger.list_issuers() == [
        IssuerRecord(
            IssuerId("root"), IssuerRole.ROOT, None, KeyId("root"), IssuerState.ACTIVE, AT, b"root"
        ),
        IssuerRecord(
            IssuerId("issuing-1"),
            IssuerRole.ISSUING,
            IssuerId("root"),
            KeyId("issuing-1"),
            IssuerState.ACTIVE,
            AT,
            b"ca",
        ),
    ]
    found = ledger.find(IssuerId("root"), 2)
    assert found is not None
    assert (found.intent.shard, found.invalidity_at) == (0, None)


def test_every_migration_can_be_taken_back(database: Database) -> None:
    with as_of(database, "base"):
        pass
    database.migrate()


def test_events_recorded_before_are_numbered_and_chained(database: Database) -> None:
    """With the gaps that rolled-back transactions left in PostgreSQL's own counting."""
    events = table(
        "audit_events",
        column("at", Instant),
        column("before", JSON),
        *map(column, ("event_id", "actor", "action", "subject")),
    )
    with as_of(database, "0002") as connection:
        for number in (1, 2, 5, 9):
            values = {"event_id": number, "at": AT, "actor": "local:张", "action": "x"}
            before = {"state": "IN_FORCE", "reason": None} if number == 5 else None
            connection.execute(
                events.insert().values(values | {"subject": str(number), "before": before})
            )
    assert [event.subject for event in check_chain(database)] == ["1", "2", "5", "9"]
    with database.writing() as connection:
        record(connection, at=AT, actor=Actor("test"), action="x", subject="10")
    assert [event.subject for event in check_chain(database)] == ["1", "2", "5", "9", "10"]


REVISIONS = table(
    "revisions",
    column("registered_at", Instant),
    *map(column, ("identifier", "sequence", "length", "sha256")),
)


def insert_licence(connection: Connection, identifier: str) -> None:
    """Insert a licence as far as revisions refer to it, and what it refers to."""
    shared = {"name": "x", "uscc": identifier[-18:], "level": "x", "created_at": AT}
    connection.execute(insert(authorities).values(shared | {"authority_id": identifier}))
    seal = {"seal_id": identifier, "authority_id": identifier, "name": "", "created_at": AT}
    digest = {"certificate": b"", "certificate_sha256": identifier, "key_id": identifier}
    connection.execute(insert(seals).values(seal | digest))
    named = {"slug": identifier, "name_zh": "x", "name_en": "x", "source": "", "updated_at": AT}
    connection.execute(insert(licence_types).values(named | {"code": identifier}))
    kept = {"series_id": identifier, "type_code": identifier, "number": identifier, "open": True}
    connection.execute(insert(series).values(kept))
    values = {
        "identifier": identifier,
        "series_id": identifier,
        "version": 1,
        "type_code": identifier,
        "authority_id": identifier,
        "seal_id": identifier,
        "number": identifier,
        "state": "IN_FORCE",
        "holders": [],
        "data": {},
        "granted_on": AT.date(),
        "valid_from": AT.date(),
        "link_token": identifier,
        "sample": False,
        "level": "B-LT",
        "created_at": AT,
        "changed_at": AT,
    }
    connection.execute(insert(licences).values(values))


def test_revisions_registered_before_are_bound_to_the_events_that_say_so(
    database: Database,
) -> None:
    """A grant named its longest revision; a renewal named its own; nobody named a forged row."""
    later = AT + timedelta(days=30)
    rows = [
        ("plain", 0, "a" * 64, AT),
        ("archived", 0, "b" * 64, AT),
        ("archived", 1, "c" * 64, AT),
        ("archived", 2, "d" * 64, later),
        ("plain", 1, "f" * 64, later),
    ]
    with as_of(database, "0013") as connection:
        for identifier in ("plain", "archived"):
            insert_licence(connection, identifier)
        for identifier, sequence, sha256, at in rows:
            place = {"identifier": identifier, "sequence": sequence, "length": 1}
            values = place | {"sha256": sha256, "registered_at": at}
            connection.execute(insert(REVISIONS).values(values))
        for action, identifier, sha256 in (
            ("licence.granted", "plain", "a" * 64),
            ("licence.granted", "archived", "c" * 64),
            ("archive.renewed", "archived", "d" * 64),
            ("licence.cancelled", "plain", "f" * 64),
            ("archive.renewed", "archived", "f" * 64),
        ):
            record(
                connection,
                at=AT,
                actor=Actor("test"),
                action=action,
                subject=identifier,
                after={"sha256": sha256},
            )
    query = select(revisions.c.identifier, revisions.c.sequence, revisions.c.event)
    with database.reading() as connection:
        found = {(row.identifier, row.sequence): row.event for row in connection.execute(query)}
        guarded = {
            one.revision.sha256[0]: one.guarded
            for one in find_recorded(connection, [Sha256(sha256) for _, _, sha256, _ in rows])
        }
    assert found == {
        ("plain", 0): 1,
        ("archived", 0): 2,
        ("archived", 1): 2,
        ("archived", 2): 3,
        ("plain", 1): None,
    }
    assert guarded == {"a": True, "b": True, "c": True, "d": True, "f": False}


def test_revisions_are_what_alembic_reads_in_the_files() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(registry.db.migrations.__file__).parent))
    scripts = ScriptDirectory.from_config(config)
    walked = {one.revision: one.down_revision for one in scripts.walk_revisions()}
    assert known_revisions() == walked
    assert newest_schema() == scripts.get_current_head()


def test_two_that_migrate_at_once_wait_for_each_other(database: Database) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(registry.db.migrations.__file__).parent))
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    others = [Database(database._url) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda one: one.upgrade()[1], others))
    assert set(done) == {newest_schema()}
    for one in others:
        one.check_schema()
        one.close()


@pytest.mark.parametrize(
    ("revision", "said"), [("9999", "newer version"), (None, "no register"), ("0001", "older")]
)
def test_a_schema_of_another_version_says_what_to_do(
    database: Database, revision: str | None, said: str
) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
        if revision is not None:
            connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{revision}')")
    with pytest.raises(OtherSchemaError, match=said):
        database.check_schema()
    if revision != "0001":
        with pytest.raises(OtherSchemaError, match=said):
            database.upgrade()


def test_licences_granted_before_are_found_by_their_holder(database: Database) -> None:
    with as_of(database, "0014") as connection:
        insert_licence(connection, "old")
        code = "11010519491231002X"
        holder = [{"name": "张小三", "code_type": "111", "code": code}]
        connection.execute(
            update(table("licences", column("holders", JSON))).values(holders=holder)
        )
    with database.reading() as connection:
        assert connection.execute(select(licences.c.holder_code)).scalars().all() == [code]
        assert connection.execute(select(licences.c.holder_name)).scalars().all() == ["张小三"]


def test_the_public_verifier_does_not_read_who_works_here(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """As the operator's guide has it: a role that may read all tables, also those to come."""
    role = f"r{secrets.token_hex(8)}"
    people = {"identities", "role_assignments", "grant_requests", "officer_certificates"}
    people |= {"sign_outs", "security_events", "provisioned"}
    people |= {"sessions", "begun_sign_ins", "used_tokens", "request_contents", "enrolments"}
    people |= {"person_signatures", "document_drafts", "document_files"}
    people |= {"exports", "export_parts"}
    with empty_database("postgresql", request, tmp_path) as url:
        database = Database(url)
        try:
            with as_of(database, before("0017")) as connection:
                connection.exec_driver_sql(f"CREATE ROLE {role}")
                connection.exec_driver_sql(
                    f"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {role}"
                )
            with database.writing() as connection:
                connection.exec_driver_sql("CREATE TABLE later (x int)")
                query = text("SELECT has_table_privilege(:role, :name, 'SELECT')")
                may = {
                    name: connection.execute(query, {"role": role, "name": name}).scalar_one()
                    for name in (*people, "later")
                }
            assert may == dict.fromkeys(people, False) | {"later": True}
        finally:
            with database.writing() as connection:
                connection.exec_driver_sql(f"DROP OWNED BY {role}")
                connection.exec_driver_sql(f"DROP ROLE {role}")
            database.close()


def test_a_schema_that_lacks_what_its_number_says_is_named(database: Database) -> None:
    """As in a tree where a revision was put below the newest one."""
    database.create()
    with database.reading() as connection:
        assert missing_parts(connection) == []
    with database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE person_signatures")
        connection.exec_driver_sql("ALTER TABLE licences DROP COLUMN signer")
        connection.exec_driver_sql("DROP INDEX ix_grant_requests_state")
    lacking = ["ix_grant_requests_state", "licences.signer", "person_signatures"]
    with database.reading() as connection:
        assert missing_parts(connection) == lacking
    with pytest.raises(OtherSchemaError) as refused:
        database.upgrade()
    for name in (*lacking, "xinyin restore"):
        assert name in refused.value.text.zh
        assert name in refused.value.text.en
