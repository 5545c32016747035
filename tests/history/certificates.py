"""Steps with certificates, seals and CAs: issued, held, released, revoked, listed, asked about."""

import asyncio
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from ca.ocsp.ahead import SignedAhead
from ca.ocsp.epoch import EpochWatch
from tests.history import look, oracle
from tests.history.licences import is_sealable
from tests.history.model import (
    COMPROMISES,
    Certificate,
    Seal,
)
from tests.history.simulation import Simulation
from tests.history.stage import Outcome

_ANY = ("affiliationChanged", "superseded", "cessationOfOperation")
_END_ENTITY = (*_ANY, "unspecified", "keyCompromise", "privilegeWithdrawn")
_TARGETS = ("officer", "seal")
_SERVICES = ("ocsp", "tsa")
_TRIES = 25
"""Of a question that a busy responder has put off."""
"""Revoked for want of use only: what a stolen one signed is another story."""
_Status = tuple[str, str | None, datetime | None]


def issue_officer(sim: Simulation) -> None:
    """Issue a certificate to an officer."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    request = sim.stage.directory / "officer.csr"
    request.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    out = sim.stage.directory / "officer.pem"
    out.unlink(missing_ok=True)
    named = ("--id", f"PI:CN-990100-{sim.step:06d}", "--surname", "样", "--given-name", "例")
    outcome = sim.command(
        *("ca", "issue", "--profile", "officer", "--csr", request, *named, "--out", out)
    )
    assert outcome.done or outcome.fired, f"refused for no reason: {outcome}"
    if outcome.done:
        oracle.learn_certificates(sim)
        made = x509.load_pem_x509_certificate(out.read_bytes())
        found = [one for one in sim.model.certificates.values() if one.x509 == made]
        assert found, "a certificate that was handed out is not on record"
        sim.model.events.append(("certificate.issued", f"{found[0].issuer}/{found[0].serial:x}"))


def add_seal(sim: Simulation) -> None:
    """Make a further seal, which grants nothing."""
    authority = sim.choose(["market", "housing"])
    seal_id = f"seal-{sim.step}"
    name = f"样例{sim.step}专用章"
    arguments = ("seal", "add", seal_id, "--authority", authority, "--name", name)
    outcome = sim.command(*arguments)
    if not outcome.done:
        assert outcome.fired, f"refused for no reason: {outcome}"
        sim.command(*arguments, faulty=False)
    learn_seals(sim)


def renew_seal(sim: Simulation) -> None:
    """Give a seal another key and certificate; those that cannot seal come first."""
    seals = [one for one in sim.model.seals.values() if one.mandated]
    idle = [one for one in seals if not is_sealable(sim, one.authority)]
    seal = sim.choose(idle or list(sim.model.seals.values()))
    outcome = sim.command("seal", "renew", seal.seal_id)
    if not outcome.done:
        assert outcome.fired, f"refused for no reason: {outcome}"
        # Left alone, its key stays unfinished, and doctor says so.
        sim.command("seal", "renew", seal.seal_id, faulty=False)
    learn_seals(sim)


def learn_seals(sim: Simulation) -> None:
    """Take in which certificate each seal has."""
    oracle.learn_certificates(sim)
    mandated = {row["seal_id"] for row in sim.register.rows("SELECT seal_id FROM mandates")}
    query = "SELECT seal_id, authority_id, certificate, key_id FROM seals"
    for row in sim.register.rows(query):
        serial = x509.load_der_x509_certificate(bytes(row["certificate"])).serial_number
        key = next(one.key for one in sim.model.certificates.values() if one.serial == serial)
        known = sim.model.seals.get(row["seal_id"])
        if known is None or known.certificate != key:
            sim.model.seals[row["seal_id"]] = Seal(
                row["seal_id"], row["authority_id"], key, row["key_id"], row["seal_id"] in mandated
            )


def hold(sim: Simulation) -> None:
    """Put a certificate on hold."""
    certificate = _target(sim, ("good",))
    if certificate is not None:
        change_hold(sim, certificate)


def release(sim: Simulation) -> None:
    """Lift a hold."""
    certificate = _target(sim, ("held",))
    if certificate is not None:
        change_hold(sim, certificate)


def change_hold(sim: Simulation, certificate: Certificate, *, faulty: bool = True) -> None:
    """Put a good certificate on hold, or lift the hold."""
    if certificate.state == "good":
        wanted: _Status = ("held", "certificateHold", None)
        _change(sim, certificate, "hold", [], wanted, allowed=True, faulty=faulty)
    else:
        _change(sim, certificate, "release", [], ("good", None, None), allowed=True, faulty=faulty)


def revoke(sim: Simulation) -> None:
    """Revoke a certificate for one of the reasons, or say worse of one that is revoked."""
    certificate = _target(sim, ("good", "held", "revoked"))
    if certificate is None:
        return
    reasons = _END_ENTITY if certificate.profile in _TARGETS else _ANY
    reason = sim.choose(list(reasons))
    compromised = reason == "keyCompromise" and sim.chance(0.6)
    since = some_instant(sim, certificate) if compromised else None
    options = ["--reason", reason, "--yes"]
    options += ["--invalidity-date", since.isoformat()] if since is not None else []
    wanted = ("revoked", reason, since)
    allowed = certificate.state != "revoked" or is_worse(certificate, wanted)
    allowed = allowed or certificate.now == wanted  # repeating finishes
    _change(sim, certificate, "revoke", options, wanted, allowed=allowed)


def is_worse(certificate: Certificate, wanted: _Status) -> bool:
    """RFC 5280 5.3.1, 5.3.2: a compromise over every other reason, an earlier invalidity date."""
    if wanted[1] not in COMPROMISES:
        return False
    if certificate.reason not in COMPROMISES:
        return True
    since = wanted[2]
    return since is not None and (certificate.invalid_at is None or since < certificate.invalid_at)


def some_instant(sim: Simulation, certificate: Certificate) -> datetime:
    """Return a time since a certificate began."""
    begins = certificate.x509.not_valid_before_utc
    span = max((sim.now - begins).total_seconds(), 1)
    return (begins + timedelta(seconds=int(span * sim.random.random()))).replace(microsecond=0)


def _target(sim: Simulation, states: tuple[str, ...]) -> Certificate | None:
    """Return a certificate: of officers and further seals mostly, so that granting goes on."""
    mandated = {one.certificate for one in sim.model.seals.values() if one.mandated}
    # Nobody answers yet for a CA that waits for its turn.
    rows = sim.register.rows("SELECT issuer FROM issuers WHERE state <> 'PREPARED'")
    issuers = {row["issuer"] for row in rows}
    among = [
        one
        for one in sim.model.certificates.values()
        if (one.profile in _TARGETS or (one.profile in _SERVICES and sim.chance(0.05)))
        and one.issuer in issuers
        and not one.lost
        and one.state in states
        and (one.key not in mandated or one.state == "held" or sim.chance(0.1))
    ]
    found: Certificate | None = sim.choose(among)
    return found


def _change(
    sim: Simulation,
    certificate: Certificate,
    command: str,
    options: list[str],
    wanted: _Status,
    *,
    allowed: bool,
    faulty: bool = True,
) -> None:
    arguments = ["ca", command, f"{certificate.serial:x}", "--issuer", certificate.issuer]
    arguments += ["--basis", "样例依据", *options]
    first, before = sim.now, certificate.now
    outcome = sim.command(*arguments, faulty=faulty)
    settle(sim, certificate, wanted, outcome, first, allowed=allowed)
    actions = {"hold": "held", "release": "released", "revoke": "revoked"}
    if outcome.done:
        if before != wanted:
            subject = f"{certificate.issuer}/{certificate.serial:x}"
            sim.model.events.append((f"certificate.{actions[command]}", subject))
        oracle.check_published(sim, certificate)
    elif outcome.fired and command == "revoke" and sim.chance(0.7):
        again = sim.command(*arguments, faulty=False)
        repeatable = certificate.state != "revoked" or certificate.now == wanted
        assert again.done or not (allowed and repeatable), f"repeating does not finish: {again}"
        if again.done:
            settle(sim, certificate, wanted, again, first, allowed=True)
            oracle.check_published(sim, certificate)


def settle(
    sim: Simulation,
    certificate: Certificate,
    wanted: _Status,
    outcome: Outcome,
    first: datetime,
    *,
    allowed: bool,
) -> None:
    """Compare a change with what was told of it."""
    before, found = certificate.now, status_of(sim, certificate)
    assert found is not None, f"{certificate.key} is not on record"
    if outcome.done:
        assert allowed, f"{certificate.key} was {before}, and became {wanted}"
        assert found == wanted, f"{certificate.key}: {found}, told {wanted}"
        certificate.maybe.clear()
    elif not outcome.fired:
        assert not allowed, f"refused for no reason: {outcome}, {certificate.now}"
        assert found == before
    else:
        assert found in (before, wanted), f"{certificate.key}: {found}, was {before}"
        # What is stricter is in the journal before it takes effect, what is laxer after it.
        happened, loosens = found == wanted, wanted[0] == "good"
        if loosens and happened:
            certificate.maybe.append(before)
        elif not loosens and happened:
            certificate.maybe.clear()
        elif not loosens:
            certificate.maybe.append(wanted)
    if found == before:
        return
    # A hold that becomes a revocation keeps its date, as does what is only said to be worse.
    certificate.state, certificate.reason, certificate.invalid_at = found
    if certificate.state == "good":
        certificate.revoked = None
    elif before[0] == "good":
        certificate.revoked = first, sim.now


def status_of(sim: Simulation, certificate: Certificate) -> _Status | None:
    """Return a certificate's status as the ledger has it; None where it does not know it."""
    rows = sim.register.rows(
        "SELECT state, reason, invalidity_at FROM certificates WHERE issuer = ? AND serial = ?",
        certificate.issuer,
        f"{certificate.serial:x}",
    )
    if not rows:
        return None
    (row,) = rows
    if row["state"] != "REVOKED":
        return "good", None, None
    held = row["reason"] == "certificateHold"
    state = "held" if held else "revoked"
    return state, row["reason"], look.instant(row["invalidity_at"])


def retire_key(sim: Simulation) -> None:
    """Retire a seal's key; the seal seals nothing until it is renewed."""
    retired = sim.model.retired
    seal = sim.choose([s for s in sim.model.seals.values() if s.certificate not in retired])
    if seal is None or (seal.mandated and not sim.chance(0.3)):
        return
    arguments = ("key", "retire", seal.key_id, "--basis", "停用", "--yes")
    outcome = sim.command(*arguments)
    assert outcome.done or outcome.fired, f"refused for no reason: {outcome}"
    if not is_retired(sim, seal):
        assert not outcome.done
        assert sim.command(*arguments, faulty=False).done
    assert is_retired(sim, seal)
    retired.add(seal.certificate)
    sim.model.events.append(("key.retired", f"key:{seal.key_id}"))


def is_retired(sim: Simulation, seal: Seal) -> bool:
    """Tell whether the register has a seal's key as retired."""
    query = "SELECT state FROM keys WHERE key_id = ?"
    return bool(sim.register.rows(query, seal.key_id)[0]["state"] == "RETIRED")


def publish_crls(sim: Simulation) -> None:
    """Sign new CRLs of one CA."""
    issuer = sim.choose(sorted(sim.model.issuers))
    outcome = sim.command("ca", "crl", "--issuer", issuer)
    assert outcome.done or outcome.fired, f"refused for no reason: {outcome}"


def ask_ocsp(sim: Simulation) -> None:
    """Ask a responder that signs ahead about a certificate, through a change of its status."""
    certificate = _target(sim, ("good", "held"))
    if certificate is None or certificate.maybe:
        return
    home = sim.stage.home
    issuer = x509.load_der_x509_certificate(sim.model.issuers[certificate.issuer])
    request = look.ocsp_request(certificate.x509, issuer)
    seconds = 0.0

    async def ask() -> None:
        nonlocal seconds
        service = home.hierarchy.ocsp_service
        service.refresh()
        watch = EpochWatch(home.ledger.revocation_epoch, lambda: seconds)
        ahead = SignedAhead(service, watch, lambda: seconds)
        for changed in (False, True):
            if changed:
                change_hold(sim, certificate, faulty=False)
            for _ in range(2):  # the second is the one that was kept
                for _ in range(_TRIES):
                    answer = (await ahead.answer(request)).answer.der
                    told = look.read_ocsp(answer, issuer, sim.now)
                    if told != "TRY_LATER" or not oracle.has_responder(sim, certificate):
                        break
                    await asyncio.sleep(0.2)  # a busy machine: it was not seen in time
                oracle.compare_ocsp(sim, certificate, told)
            seconds += 1

    asyncio.run(ask())
