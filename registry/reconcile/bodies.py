"""Reconciliation of authorities, seals, mandates, types, CAs and keys: some hundreds of records."""

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from core.errors import XinyinError
from keys.life import KeyState
from registry.audit import findings
from registry.audit.findings import AuditFinding
from registry.audit.kinds import Kind
from registry.bodies.matters import matter_sha256
from registry.db.tables import (
    authorities,
    certificates,
    issuers,
    key_records,
    licence_type_versions,
    licence_types,
    mandates,
    matters,
    outside_cas,
    seal_certificates,
    seals,
)
from registry.ledger.issuer_rows import issuer_facts
from registry.ledger.outside_rows import list_sha256
from registry.reconcile.comparison import TableComparison, compare
from registry.reconcile.events import (
    Row,
    Told,
    Values,
    all_told,
    day_of,
    differing,
    instant_in,
    instant_of,
    json_of,
    sha256_in,
    stored_rows,
)
from registry.reconcile.keys import (
    KEY_ACTIONS,
    check_keys_out_of_use,
    check_owners,
    key_facts,
    key_said,
)
from registry.types.catalogue import source_sha256
from registry.types.types import parse_type

_STANDING = ("parent", "successor", "valid_from", "valid_until")
"""Columns of an authority that the event of its first version does not name."""
_NEVER = datetime.min.replace(tzinfo=UTC)


def check_bodies(connection: Connection) -> Iterator[AuditFinding]:
    """Yield the disagreements, in no particular order."""
    yield from compare(connection, _COMPARISONS)
    yield from _check_earlier_certificates(connection)
    yield from check_owners(connection)
    yield from check_keys_out_of_use(connection)


def _is_intended(_: Connection, row: Row) -> bool:
    """A key that is merely intended has no event yet."""
    return bool(row["state"] == KeyState.INTENDED)


def _is_of_the_first_version(connection: Connection, row: Row) -> bool:
    """A CA of the first version, whose certificate the ledger has: that one has events."""
    if row["certificate"] is None:
        return False
    known = select(certificates.c.serial).where(
        certificates.c.sha256 == sha256_in(row["certificate"])
    )
    return connection.execute(known).first() is not None


def _check_earlier_certificates(connection: Connection) -> Iterator[AuditFinding]:
    """See that a seal's earlier certificates are those that its renewals replaced."""
    told: dict[tuple[str, str], Told] = {}
    for group in all_told(connection, ["seal.renewed"]):
        for one in group:  # one that came back in between was replaced twice: the first counts
            told.setdefault((one.subject, str(one.before.get("certificate_sha256"))), one)
    there: set[tuple[str, str]] = set()
    for rows in stored_rows(connection, seal_certificates):
        for row in rows:
            name = str(row["seal_id"]), str(row["certificate_sha256"])
            there.add(name)
            if name not in told:
                yield findings.unborne(Kind.SEAL, name[0])
                continue
            said = {
                "certificate": name[1],
                "key_id": told[name].before.get("key"),
                "replaced_at": told[name].at,
            }
            found = {
                "certificate": sha256_in(row["certificate"]),
                "key_id": row["key_id"],
                "replaced_at": instant_of(row["replaced_at"]),
            }
            if wrong := differing(said, found):
                yield findings.edited(Kind.SEAL, name[0], told[name].sequence, wrong)
    for name in sorted(told.keys() - there):
        yield findings.erased(Kind.SEAL, name[0], told[name].sequence)


def _authority_facts(row: Row) -> Values:
    days = {name: day_of(row[name]) for name in ("valid_from", "valid_until")}
    return {**row, **days, "created_at": instant_of(row["created_at"])}


def _seal_facts(row: Row) -> Values:
    sha256 = sha256_in(row["certificate"])
    return {
        "authority": row["authority_id"],
        "certificate_sha256": sha256 if sha256 == row["certificate_sha256"] else "",
        "name": row["name"],
        "key": row["key_id"],
        "created_at": instant_of(row["created_at"]),
    }


def _type_facts(row: Row) -> Values:
    """The names are those of the definition, which an event vouches for."""
    facts = {
        "slug": row["slug"],
        "sha256": source_sha256(row["source"]),
        "updated_at": instant_of(row["updated_at"]),
    }
    try:
        name = parse_type(row["source"]).name
    except XinyinError:  # another definition, or one of a version that allowed more
        return facts
    same = (row["name_zh"], row["name_en"]) == (name.zh, name.en)
    return {**facts, "names": "as defined" if same else "others"}


def _type_said(one: Told) -> Values:
    return {**one.after, "updated_at": one.at, "names": "as defined"}


def _version_facts(row: Row) -> Values:
    return {
        "sha256": source_sha256(row["source"]),
        "recorded_at": instant_of(row["recorded_at"]),
    }


def _matter_facts(row: Row) -> Values:
    return {
        "authority": row["authority_id"],
        "sha256": matter_sha256({**row, "materials": json_of(row["materials"])}),
        "updated_at": instant_of(row["updated_at"]),
    }


def _version_called(one: Told) -> str:
    """Return the name of a version; what was recorded before they were kept is the first."""
    return f"{one.subject}/{one.after.get('version', 1)}"


def _created(one: Told) -> Values:
    return {"created_at": one.at}


def _with_instant(one: Told) -> Values:
    """Return the facts in an event, with the instant that stands in it as text."""
    if "created_at" not in one.after:
        return one.after
    return {**one.after, "created_at": instant_in(one.after, "created_at")}


def _issuer_facts(row: Row) -> Values:
    at = instant_of(row["created_at"])
    stored = {**row, "chain": json_of(row["chain"]), "created_at": at or _NEVER}
    return {**issuer_facts(stored), "created_at": at}


_COMPARISONS = (
    TableComparison(
        Kind.AUTHORITY,
        authorities,
        ("authority.added", "authority.changed"),
        lambda row: str(row["authority_id"]),
        _authority_facts,
        first=lambda one: {**_created(one), **dict.fromkeys(_STANDING)},
    ),
    TableComparison(
        Kind.SEAL,
        seals,
        ("seal.added", "seal.renewed"),
        lambda row: str(row["seal_id"]),
        _seal_facts,
        first=_created,
    ),
    TableComparison(
        Kind.TYPE,
        licence_types,
        ("type.added", "type.changed"),
        lambda row: str(row["code"]),
        _type_facts,
        said=_type_said,
    ),
    TableComparison(
        Kind.TYPE_VERSION,
        licence_type_versions,
        ("type.added", "type.changed"),
        lambda row: f"{row['type_code']}/{row['version']}",
        _version_facts,
        _version_called,
        said=lambda one: {"sha256": one.after.get("sha256"), "recorded_at": one.at},
    ),
    TableComparison(
        Kind.MATTER,
        matters,
        ("matter.added", "matter.changed", "matter.removed"),
        lambda row: str(row["code"]),
        _matter_facts,
        ends="matter.removed",
        said=lambda one: {**one.after, "updated_at": one.at},
    ),
    TableComparison(
        Kind.MANDATE,
        mandates,
        ("mandate.added",),
        lambda row: f"{row['type_code']}/{row['authority_id']}",
        lambda row: {"authority": row["authority_id"], "seal": row["seal_id"]},
        lambda one: f"{one.subject}/{one.after.get('authority')}",
    ),
    TableComparison(
        Kind.ISSUER,
        issuers,
        ("issuer.recorded",),
        lambda row: str(row["issuer"]),
        _issuer_facts,
        said=_with_instant,
        needs_no_event=_is_of_the_first_version,
    ),
    TableComparison(
        Kind.OUTSIDE_CA,
        outside_cas,
        ("outside_ca.recorded",),
        lambda row: str(row["ca_id"]),
        lambda row: {
            "tsa": row["tsa_url"],
            "tsa_ca": row["tsa_ca"],
            "policy": row["tsa_policy"],
            "path_sha256": list_sha256(json_of(row["path"])),
            "created_at": instant_of(row["created_at"]),
        },
        said=_with_instant,
    ),
    TableComparison(
        Kind.KEY,
        key_records,
        KEY_ACTIONS,
        lambda row: f"key:{row['key_id']}",
        key_facts,
        said=key_said,
        needs_no_event=_is_intended,
    ),
)
