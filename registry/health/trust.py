"""Checks of the hierarchy: certificates, CRLs, keys, and what stands in certificates for good."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

from ca.addresses import PkiAddresses
from ca.hierarchy.service_keys import find_service_key
from ca.issuers import IssuerRecord, IssuerRole, IssuerState
from ca.issuing.crl import CLOCK_TOLERANCE
from ca.ledger import CertificateState
from ca.outside.crls import OutsideLink, links, outside_paths
from ca.profiles.describe import describe_name
from ca.profiles.profiles import ProfileKind
from ca.profiles.words import kind_zh
from ca.validation.anchors import read_anchors
from core.text import Text
from keys.inventory import InventoryEntry, InventoryFinding, take_inventory
from keys.life import KeyDomain
from registry.health import messages
from registry.health.health import HealthFinding, HealthSubject, fail, ok, warn
from registry.ledger.certificates import endings
from registry.ledger.root_files import RootFiles


@dataclass(frozen=True, slots=True)
class Threshold:
    """Lead times before an end: when it is told, and when it is urgent."""

    warn: timedelta
    fail: timedelta


CERTIFICATE_THRESHOLDS = {
    "root": Threshold(timedelta(days=2 * 365), timedelta(days=180)),
    "issuing": Threshold(timedelta(days=365), timedelta(days=90)),
    "tsa": Threshold(timedelta(days=365), timedelta(days=30)),
    "seal": Threshold(timedelta(days=60), timedelta(days=7)),
    "ocsp": Threshold(timedelta(days=9), timedelta(days=2)),
}
"""Longest where a ceremony, or other people's plans, come first. A responder renews itself with ten
days left: fewer mean that it could not."""
CRL_THRESHOLDS = {
    IssuerRole.ROOT: Threshold(timedelta(days=30), timedelta(days=3)),
    IssuerRole.ISSUING: Threshold(timedelta(days=5), timedelta(days=1)),
}
"""By what its issuer's are: a root's is signed by hand, an issuing CA's twice a day by itself."""
OUTSIDE_CRL_THRESHOLD = Threshold(timedelta(hours=12), timedelta(hours=2))
"""Some hold for a day or a week; each is fetched anew when half of that is over."""


_MISSING = dict.fromkeys(
    ("ocsp", "tsa"), Text("运行 xinyin ca renew。", "Run xinyin ca renew.")
) | {"issuing": Text("运行 xinyin ca rollover。", "Run xinyin ca rollover.")}
"""What to do where no certificate of a kind is in use."""


def check_certificates(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See how long the certificates in use last."""
    now = subject.clock.now()
    with subject.database.reading() as connection:
        found = endings(connection, now)
    for one in sorted(found, key=lambda ending: ending.ends_at):
        threshold = CERTIFICATE_THRESHOLDS.get(one.kind)
        if threshold is not None:
            name = messages.certificate_label(
                profile_zh=kind_zh(one.kind), name=one.name, profile=one.kind
            )
            advice = messages.REISSUE_CERTIFICATE
            yield from _by_time(name, one.ends_at, now, threshold, advice)
    kinds = {one.kind for one in found}
    roots = {one.role for one in subject.ledger.list_issuers()} & {IssuerRole.ROOT}
    spared = {"seal"} if roots else {"seal", "root"}  # below somebody else's, there is none of ours
    for kind in CERTIFICATE_THRESHOLDS.keys() - kinds - spared:
        yield fail(
            messages.no_certificate_in_use(profile_zh=kind_zh(kind), profile=kind),
            _MISSING.get(kind, messages.RERUN_INIT),
        )


def check_crls(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See how long the published CRLs hold."""
    now = subject.clock.now()
    for record in subject.ledger.list_issuers():
        if record.certificate is None or record.x509.not_valid_after_utc <= now:
            continue
        for shard in range(record.crl_shards):
            yield from _check_crl(subject, record, shard, now)
    for path in outside_paths(subject.ledger):
        for link in links(path):
            yield from _check_outside_crl(subject, link, now)


def check_service_keys(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that OCSP and TSA have a certificate whose key is here, without opening one."""
    now = subject.clock.now()
    stamping = False
    for record in subject.ledger.list_issuers():
        if record.role is not IssuerRole.ISSUING or record.certificate is None:
            continue
        if record.state is IssuerState.PREPARED:
            continue  # nobody asks; put to use, it gets what has ended meanwhile
        for kind in (ProfileKind.OCSP_RESPONDER, ProfileKind.TSA):
            found = find_service_key(subject.ledger, record.issuer, kind, subject.ring, now)
            serves = found is not None and found.key is not None and found.is_valid(now)
            if kind is ProfileKind.TSA:
                stamping = stamping or serves
            elif not serves:
                yield _no_service(messages.ocsp_responder(record.issuer))
    if not stamping:
        yield _no_service(messages.TIMESTAMPING_UNIT)


def check_roots(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that the roots on record are pinned as files, which the verifier trusts alone."""
    files = RootFiles(subject.directory)
    for name in files.unreadable():
        yield fail(
            messages.root_file_unreadable(name),
            messages.RESTORE_FILE_FROM_BACKUP,
        )
    pinned = files()
    for root in read_anchors(subject.ledger).roots:
        if root not in pinned:
            name = describe_name(x509.load_der_x509_certificate(root).subject)
            yield warn(
                messages.root_not_pinned(name),
                messages.PIN_ROOT_AFTER_COMPARISON,
            )


_DISAGREEING = {
    InventoryFinding.UNRECORDED: "已存在，未登记",
    InventoryFinding.UNFINISHED: "已登记待生成，未登记完成",
    InventoryFinding.MISSING: "已登记，实际不存在",
    InventoryFinding.NOT_DELETED: "已登记销毁，仍然存在",
    InventoryFinding.DIFFERENT: "与登记的不是同一把密钥或用途不同",
}


def check_keys(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that key stores and register agree."""
    for entry in take_inventory(subject.ring):
        if entry.finding is not InventoryFinding.AGREED:
            yield fail(
                messages.key_store_mismatch(
                    key_id=entry.key_id,
                    finding_zh=_DISAGREEING[entry.finding],
                    finding_en=entry.finding,
                ),
                _key_advice(entry),
            )


def check_addresses(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that the settings still name the addresses that stand in certificates."""
    addresses = PkiAddresses(subject.settings.service.pki_url)
    for record in subject.ledger.list_issuers():
        if record.role is not IssuerRole.ISSUING:
            continue
        entries = [
            entry
            for entry in subject.ledger.list_entries(record.issuer, profile=ProfileKind.TSA)
            if entry.state is CertificateState.ISSUED
        ]
        for entry in entries[-1:]:
            named = _crl_address(entry.certificate)
            if named not in (None, addresses.crl(record.issuer, entry.intent.shard)):
                yield fail(
                    messages.pki_url_mismatch(certificate_url=named, pki_url=addresses.pki_url),
                    messages.RESTORE_PKI_URL,
                )


def check_policies(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that a real home states policies of its own."""
    ca = subject.settings.ca
    if subject.settings.service.demo:
        yield ok(messages.EXAMPLE_OIDS_ALLOWED)
        return
    for key in ("certificate_policy", "timestamp_policy"):
        if getattr(ca, key) is None:
            yield warn(
                messages.oid_not_configured(key),
                messages.REGISTER_OWN_OID,
            )


def _check_crl(
    subject: HealthSubject, record: IssuerRecord, shard: int, now: datetime
) -> Iterator[HealthFinding]:
    name = record.issuer if record.crl_shards == 1 else f"{record.issuer}/{shard}"
    signed = subject.ledger.find_crl(record.issuer, shard)
    command = f"xinyin ca crl --issuer {record.issuer}"
    advice = messages.run_command(command)
    if signed is None:
        yield fail(messages.own_crl_missing(name), advice)
        return
    crl = x509.load_der_x509_crl(signed.crl)
    counted = signed.changes != subject.ledger.revocation_changes(record.issuer, shard)
    if (counted or subject.full) and _lacks(subject, record, shard, crl):
        yield fail(
            messages.crl_lacks_revocations(name),
            advice,
        )
    elif counted:
        yield _before_a_restore(name, record.role, command)
    if crl.last_update_utc > now + CLOCK_TOLERANCE:
        yield fail(
            messages.crl_dated_in_future(issuer=name, last_update_utc=crl.last_update_utc),
            messages.correct_clock_then(advice),
        )
    ends = crl.next_update_utc
    if ends is not None:
        said = messages.own_crl(name)
        yield from _by_time(said, ends, now, CRL_THRESHOLDS[record.role], advice)


def _lacks(
    subject: HealthSubject, record: IssuerRecord, shard: int, crl: x509.CertificateRevocationList
) -> bool:
    """Tell whether a CRL lacks what is revoked or held by now, or lists a hold that was lifted."""
    listed = {one.serial_number for one in crl}
    revoked = {one.serial for one in subject.ledger.list_revoked(record.issuer, shard)}
    lifted = (subject.ledger.find(record.issuer, one) for one in listed - revoked)
    return not revoked <= listed or any(one is not None for one in lifted)


def _before_a_restore(name: str, role: IssuerRole, command: str) -> HealthFinding:
    """A restore counts a change in each shard, so that a new list is signed: one may have been
    published after the backup, and its successor must bear a greater number.
    """
    said = messages.crl_predates_restore(name)
    if role is not IssuerRole.ROOT:
        return warn(said, messages.run_command(command))
    return warn(said, messages.sign_new_root_crl(command))


def _check_outside_crl(
    subject: HealthSubject, link: OutsideLink, now: datetime
) -> Iterator[HealthFinding]:
    """Check the CRLs of CAs outside: fetched every few hours, they should never come near their
    end.
    """
    name = describe_name(link.issuer.subject)
    advice = messages.FETCH_CRLS
    crl = subject.ledger.latest_crl(link.crl_id)
    if crl is None:
        yield fail(messages.outside_crl_missing(name), advice)
        return
    ends = x509.load_der_x509_crl(crl).next_update_utc
    if ends is not None:
        said = messages.outside_crl(name)
        yield from _by_time(said, ends, now, OUTSIDE_CRL_THRESHOLD, advice)


def _by_time(
    name: Text, ends: datetime, now: datetime, threshold: Threshold, advice: Text
) -> Iterator[HealthFinding]:
    left = ends - now
    if left > threshold.warn:
        return
    if left <= timedelta(0):
        said = messages.item_expired(item=name, ends=ends)
    else:
        said = messages.item_expires_soon(item=name, days=left.days, ends=ends)
    yield fail(said, advice) if left <= threshold.fail else warn(said, advice)


def _key_advice(entry: InventoryEntry) -> Text:
    if entry.finding is InventoryFinding.UNRECORDED:
        command = "xinyin key check"
        if entry.domain is KeyDomain.ROOT:  # its key is opened only when that is asked for
            command += " --root"
        return messages.record_with_command(command)
    return messages.SEE_KEY_LIST_HELP


def _crl_address(encoded: bytes | None) -> str | None:
    if encoded is None:
        return None
    certificate = x509.load_der_x509_certificate(encoded)
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return None
    return next((str(name.value) for point in points for name in point.full_name or ()), None)


def _no_service(text: Text) -> HealthFinding:
    return fail(
        messages.no_usable_certificate(text),
        messages.RENEW_CERTIFICATES,
    )
