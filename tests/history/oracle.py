"""What must be so after each step, and of everything."""

import hashlib
from datetime import timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from tests.history import look
from tests.history.look import Crl, Listed
from tests.history.model import (
    COMPROMISES,
    IN_FORCE,
    PENDING,
    SUSPENDED,
    VOID,
    Certificate,
    Licence,
    Request,
)
from tests.history.simulation import Simulation

_AHEAD = timedelta(seconds=61)
"""By how much a CRL may be ahead of the clock (skew of one minute)."""
_PKI = "http://127.0.0.1:8440/pki"


# After each step


def check_step(sim: Simulation) -> None:
    """Take in what the step has issued and published, and check that."""
    learn_certificates(sim)
    check_new_crls(sim)


def learn_certificates(sim: Simulation) -> None:
    """Take in the certificates that were issued; none is issued twice or changed."""
    for row in sim.register.rows("SELECT issuer, certificate FROM issuers"):
        if row["certificate"] is not None:
            known = sim.model.issuers.setdefault(row["issuer"], bytes(row["certificate"]))
            assert known == bytes(row["certificate"]), "a CA has another certificate"
    known_serials = {(one.issuer, f"{one.serial:x}") for one in sim.model.certificates.values()}
    query = "SELECT issuer, serial, profile FROM certificates WHERE certificate IS NOT NULL"
    for row in sim.register.rows(query):
        if (row["issuer"], row["serial"]) in known_serials:
            continue
        (found,) = sim.register.rows(
            "SELECT certificate FROM certificates WHERE issuer = ? AND serial = ?",
            row["issuer"],
            row["serial"],
        )
        der = bytes(found["certificate"])
        certificate = x509.load_der_x509_certificate(der)
        issuer = x509.load_der_x509_certificate(sim.model.issuers[row["issuer"]])
        certificate.verify_directly_issued_by(issuer)
        url = None
        if certificate.issuer != certificate.subject:
            url = look.crl_url(certificate)
        made = Certificate(row["issuer"], int(row["serial"], 16), row["profile"], url, der)
        sim.model.certificates[made.key] = made


def check_new_crls(sim: Simulation) -> None:
    """Check every CRL that was published since the last step, in the order of its number."""
    for issuer, encoded in sorted(sim.model.issuers.items()):
        last = sim.world.crl_numbers.get(issuer, 0)
        rows = sim.register.rows(
            "SELECT crl FROM crls WHERE issuer = ? AND number > ? ORDER BY number", issuer, last
        )
        certificate = x509.load_der_x509_certificate(encoded)
        for row in rows:
            crl = look.read_crl(bytes(row["crl"]), certificate, f"{_PKI}/{issuer}.crl")
            _check_crl(sim, crl)
            sim.world.crls[crl.url] = crl
            sim.world.crl_numbers[issuer] = crl.number


def _check_crl(sim: Simulation, crl: Crl) -> None:
    assert crl.this_update <= sim.now + _AHEAD < crl.next_update + _AHEAD, "a CRL of another time"
    before = sim.world.crls.get(crl.url)
    for serial, entry in before.entries.items() if before is not None else ():
        now = crl.entries.get(serial)
        if entry.reason == "certificateHold":
            continue
        assert now is not None, f"CRL {crl.number} has un-revoked {serial:x}"
        assert now.revoked_at == entry.revoked_at, f"the date of {serial:x} has moved"
        assert _is_no_weaker(entry, now), f"{serial:x}: {entry} became {now}"
    for certificate in sim.model.certificates.values():
        if certificate.url == crl.url:
            _check_entry(certificate, crl.entries.get(certificate.serial), f"CRL {crl.number}")


def _is_no_weaker(before: Listed, after: Listed) -> bool:
    if before.reason in COMPROMISES and after.reason not in COMPROMISES:
        return False
    if before.invalid_at is None:
        return True
    return after.invalid_at is not None and after.invalid_at <= before.invalid_at


def _check_entry(certificate: Certificate, entry: Listed | None, where: str) -> None:
    """Compare an entry with what callers were told; uncertain ones may be either."""
    name = f"{where}, {certificate.issuer}/{certificate.serial:x} ({certificate.profile})"
    if certificate.maybe or (certificate.state == "good" and entry is None):
        return
    if certificate.state == "good":
        raise AssertionError(f"{name}: listed, and nobody revoked it")
    assert entry is not None, f"{name}: un-revoked, was {certificate.now}"
    assert entry.reason == certificate.reason, f"{name}: {entry}, was {certificate.now}"
    if entry.invalid_at is not None or where.startswith("CRL"):
        wanted = certificate.invalid_at
        wanted = None if wanted is None else wanted.replace(microsecond=0)
        assert entry.invalid_at == wanted, f"{name}: {entry}, was {certificate.now}"
    if certificate.revoked is not None:
        first, last = certificate.revoked
        assert first.replace(microsecond=0) <= entry.revoked_at <= last, f"{name}: {entry}"


def check_published(sim: Simulation, certificate: Certificate) -> None:
    """See that a status that was acknowledged stands in the newest CRL, and in OCSP."""
    check_new_crls(sim)
    if certificate.url is not None and certificate.url in sim.world.crls:
        crl = sim.world.crls[certificate.url]
        _check_entry(certificate, crl.entries.get(certificate.serial), "newest CRL")
    check_register_entry(sim, certificate)


def check_register_entry(sim: Simulation, certificate: Certificate) -> None:
    """Compare the ledger's row with what callers were told."""
    found = sim.register.rows(
        "SELECT state, reason, invalidity_at FROM certificates WHERE issuer = ? AND serial = ?",
        certificate.issuer,
        f"{certificate.serial:x}",
    )
    name = f"{certificate.issuer}/{certificate.serial:x}"
    if not found:
        assert certificate.lost, f"certificate {name} is not on record"
        assert certificate.state == "good" or certificate.maybe, f"{name} is un-revoked"
        return
    (row,) = found
    state = "good"
    if row["state"] == "REVOKED":
        state = "held" if row["reason"] == "certificateHold" else "revoked"
    status = state, row["reason"], look.instant(row["invalidity_at"])
    assert status in [certificate.now, *certificate.maybe], f"{name}: {status}, {certificate.now}"


def issuer_of(sim: Simulation, certificate: Certificate) -> x509.Certificate | None:
    """Return the CA that issued a certificate; None where a restore has lost it with its key."""
    encoded = sim.model.issuers.get(certificate.issuer)
    if encoded is None:
        return None
    issuer = x509.load_der_x509_certificate(encoded)
    try:
        certificate.x509.verify_directly_issued_by(issuer)
    except InvalidSignature:
        return None  # the next of its name has another key
    return issuer


# Licences


def observe(sim: Simulation, request: Request) -> list[str]:
    """Take in what a request has led to where its caller does not know; return identifiers.

    At most one licence may come of it.
    """
    rows = sim.rows_of(request)
    assert len(rows) <= 1, f"one request led to {[one['identifier'] for one in rows]}"
    for row in rows:
        identifier = row["identifier"]
        note_name(sim, identifier, row["number"], request)
        if row["state"] == PENDING:
            sim.model.pending[identifier] = request
        else:
            take_in(sim, identifier, request)
    return [one["identifier"] for one in rows]


def note_name(sim: Simulation, identifier: str, number: str, request: Request) -> None:
    """See that an identifier and a number were never given to anybody else."""
    holder = sim.world.identifiers.setdefault(identifier, request.holder)
    assert holder == request.holder, f"identifier {identifier} was given twice"
    holder = sim.world.numbers.setdefault(number, request.holder)
    assert holder == request.holder, f"number {number} was given twice"


def take_in(
    sim: Simulation, identifier: str, request: Request, pdf: bytes | None = None
) -> Licence:
    """Take in a licence that is in force, checking its record and its file."""
    known = sim.model.licences.get(identifier)
    row = sim.licence_row(identifier)
    if known is not None:
        return known
    assert row["state"] == IN_FORCE, f"{identifier} is {row['state']} after its grant"
    assert row["holder_code"] == sim.token_of(request)
    assert request.holder not in str(row), "a holder's code is in the clear"
    note_name(sim, identifier, row["number"], request)
    revisions = sim.register.rows(
        "SELECT length, sha256 FROM revisions WHERE identifier = ? ORDER BY sequence", identifier
    )
    assert revisions, f"{identifier} is in force without a document"
    stored = stored_object(sim, revisions[-1]["sha256"])
    # B-LTA: the holder's copy has the archive timestamp, a revision of the same grant.
    seal = look.check_sealed(stored)
    if pdf is not None:
        assert pdf == stored, f"{identifier}: the register holds another file"
    certificate = next(
        one for one in sim.model.certificates.values() if one.serial == seal.serial_number
    )
    made = Licence(
        identifier,
        row["number"],
        request,
        look.day(row["valid_until"]),  # type: ignore[arg-type]  # all have one
        revisions[-1]["sha256"],
        sim.now,
        certificate.key,
        revisions=len(revisions),
    )
    sim.model.pending.pop(identifier, None)
    sim.model.licences[identifier] = made
    sim.model.events.append(("licence.granted", identifier))
    if request.key is not None:
        sim.model.requests[request.key] = identifier
    check_public(sim, made)
    return made


def stored_object(sim: Simulation, sha256: str) -> bytes:
    """Return a stored file, whose bytes must be what names it."""
    path = sim.stage.home_directory / "objects" / sha256[:2] / sha256[2:]
    data = path.read_bytes()
    assert hashlib.sha256(data).hexdigest() == sha256, f"object {sha256} is damaged"
    return data


def check_record(sim: Simulation, licence: Licence) -> None:
    """Compare a licence's row with what callers were told."""
    row = sim.licence_row(licence.identifier)
    found = row["state"], row["reason"], row["replaced_by"]
    assert found == licence.now, f"{licence.identifier}: {found}, told {licence.now}"
    assert row["number"] == licence.number
    assert look.day(row["valid_until"]) == licence.valid_until


def effective(sim: Simulation, licence: Licence) -> str:
    """Return the state that the public is to be told."""
    if licence.state in (IN_FORCE, SUSPENDED) and licence.valid_until < sim.today:
        return "EXPIRED"
    return licence.state


def check_public(sim: Simulation, licence: Licence) -> None:
    """Ask the public look-up by digest, number and identifier."""
    state, verifier = effective(sim, licence), sim.stage.home.verifier
    wanted = "in_force" if state == IN_FORCE else "not_in_force"
    by_digest = verifier.by_digest(licence.sha256)  # type: ignore[arg-type]  # hex
    assert by_digest.licence is not None, f"{licence.identifier}: {by_digest.outcome}"
    assert by_digest.licence.state == state, f"{licence.identifier}: {by_digest.licence.state}"
    # Whatever becomes of the seal's certificate: registered bytes are what the record says.
    assert by_digest.outcome == wanted, f"{licence.identifier}: {by_digest.outcome}, {state}"
    by_name = verifier.by_code(licence.identifier)
    assert by_name.licence is not None, f"{licence.identifier}: {by_name.outcome}"
    assert by_name.licence.state == state
    newest = max(
        one.identifier for one in sim.model.licences.values() if one.number == licence.number
    )
    if newest == licence.identifier:
        by_number = verifier.by_code(licence.number)
        assert by_number.licence is not None, f"{licence.number}: {by_number.outcome}"
        assert by_number.licence.identifier == newest


def check_lost(sim: Simulation, sha256: str) -> None:
    """A licence that a restore has lost is known to have been ours."""
    answer = sim.stage.home.verifier.by_digest(sha256)  # type: ignore[arg-type]  # hex
    assert answer.outcome == "could_not_check", f"{sha256}: {answer.outcome}"
    assert answer.issuer.code == "record_lost"


def unsure_of_void(sim: Simulation) -> None:
    """Take in what became of grants that were pending."""
    for identifier, request in list(sim.model.pending.items()):
        row = sim.licence_row(identifier)
        if row["state"] == VOID:
            del sim.model.pending[identifier]
            sim.model.void.add(identifier)
        elif row["state"] != PENDING:
            take_in(sim, identifier, request)


def has_responder(sim: Simulation, certificate: Certificate) -> bool:
    """Tell whether the CA of a certificate has a responder's certificate that may be used."""
    return certificate.issuer in issuers_with(sim, "ocsp")


def issuers_with(sim: Simulation, profile: str) -> set[str]:
    """Return the CAs in use that have a service with a certificate that may be used now."""
    query = (
        "SELECT c.issuer, c.not_after FROM certificates c JOIN issuers i ON i.issuer = c.issuer"
        " WHERE c.profile = ? AND c.state = ? AND i.state <> ?"
    )
    rows = sim.register.rows(query, profile, "ISSUED", "PREPARED")
    return {
        row["issuer"]
        for row in rows
        if (ends := look.instant(row["not_after"])) is not None and ends > sim.now
    }


def waits(sim: Simulation, certificate: Certificate) -> bool:
    """Tell whether the CA of a certificate waits for its turn."""
    query = "SELECT issuer FROM issuers WHERE issuer = ? AND state = ?"
    return bool(sim.register.rows(query, certificate.issuer, "PREPARED"))


def compare_ocsp(sim: Simulation, certificate: Certificate, told: Listed | str) -> None:
    """Compare an OCSP answer with what callers were told."""
    if certificate.maybe:
        return
    if told == "TRY_LATER":
        assert not has_responder(sim, certificate), f"{certificate.key}: OCSP says {told}"
        return
    if isinstance(told, str):
        wanted = "UNKNOWN" if certificate.lost else "GOOD"
        if sim.model.blind and waits(sim, certificate):
            wanted = "UNAUTHORIZED"
        assert certificate.state == "good", f"{certificate.key}: OCSP says {told}"
        assert told == wanted, f"{certificate.key}: OCSP says {told}, not {wanted}"
        return
    assert certificate.state != "good", f"{certificate.key}: OCSP says {told}"
    assert told.reason == certificate.reason, f"{certificate.key}: {told}, {certificate.now}"
