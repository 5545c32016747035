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
            name = Text(
                f"{kind_zh(one.kind)}证书 {one.name}", f"The {one.kind} certificate {one.name}"
            )
            advice = Text("换发新证书。", "Have a new one issued.")
            yield from _by_time(name, one.ends_at, now, threshold, advice)
    kinds = {one.kind for one in found}
    roots = {one.role for one in subject.ledger.list_issuers()} & {IssuerRole.ROOT}
    spared = {"seal"} if roots else {"seal", "root"}  # below somebody else's, there is none of ours
    for kind in CERTIFICATE_THRESHOLDS.keys() - kinds - spared:
        yield fail(
            Text(f"没有在用的{kind_zh(kind)}证书。", f"There is no {kind} certificate in use."),
            _MISSING.get(kind, Text("再次运行 xinyin init。", "Run xinyin init again.")),
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
                yield _no_service(
                    f"{record.issuer} 的 OCSP", f"the OCSP responder of {record.issuer}"
                )
    if not stamping:
        yield _no_service("时间戳服务", "the time-stamping unit")


def check_roots(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that the roots on record are pinned as files, which the verifier trusts alone."""
    files = RootFiles(subject.directory)
    for name in files.unreadable():
        yield fail(
            Text(f"根证书文件“{name}”无法读取。", f"The root file “{name}” cannot be read."),
            Text("从备份恢复该文件。", "Restore that file from a backup."),
        )
    pinned = files()
    for root in read_anchors(subject.ledger).roots:
        if root not in pinned:
            name = describe_name(x509.load_der_x509_certificate(root).subject)
            yield warn(
                Text(
                    f"根证书“{name}”未固定为文件，其下的证照无法核验。",
                    f"The root “{name}” is not pinned as a file: licences below it cannot be "
                    "checked.",
                ),
                Text(
                    "与仪式记录核对后运行 xinyin ca pin-root。",
                    "Compare it with the ceremony's transcript, and run xinyin ca pin-root.",
                ),
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
                Text(
                    f"密钥 {entry.key_id}：存储与登记不一致（{_DISAGREEING[entry.finding]}）。",
                    f"Key {entry.key_id}: store and register do not agree ({entry.finding}).",
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
                    Text(
                        f"证书中写的是 {named}，而 service.pki_url 是 {addresses.pki_url}。",
                        f"Certificates name {named}, but service.pki_url is {addresses.pki_url}.",
                    ),
                    Text(
                        "改回原地址；它在证书有效期内不能变。",
                        "Set it back: it cannot change while the certificates last.",
                    ),
                )


def check_policies(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that a real home states policies of its own."""
    ca = subject.settings.ca
    if subject.settings.service.demo:
        yield ok("演示数据目录可用示例 OID。", "a demo home may use example OIDs.")
        return
    for key in ("certificate_policy", "timestamp_policy"):
        if getattr(ca, key) is None:
            yield warn(
                Text(
                    f"未设置 ca.{key}，证书中是文档示例 OID（RFC 5612）。",
                    f"ca.{key} is not set: an OID for documentation (RFC 5612) is stated.",
                ),
                Text("登记自己的 OID 并写入设置。", "Register an OID of your own and set it."),
            )


def _check_crl(
    subject: HealthSubject, record: IssuerRecord, shard: int, now: datetime
) -> Iterator[HealthFinding]:
    name = record.issuer if record.crl_shards == 1 else f"{record.issuer}/{shard}"
    signed = subject.ledger.find_crl(record.issuer, shard)
    command = f"xinyin ca crl --issuer {record.issuer}"
    advice = Text(f"运行 {command}。", f"Run {command}.")
    if signed is None:
        yield fail(Text(f"{name} 没有证书撤销列表。", f"{name} has no CRL."), advice)
        return
    crl = x509.load_der_x509_crl(signed.crl)
    counted = signed.changes != subject.ledger.revocation_changes(record.issuer, shard)
    if (counted or subject.full) and _lacks(subject, record, shard, crl):
        yield fail(
            Text(
                f"{name} 的证书撤销列表缺少此后的证书撤销或暂停。",
                f"The CRL of {name} lacks revocations or holds that came after it.",
            ),
            advice,
        )
    elif counted:
        yield _before_a_restore(name, record.role, command)
    if crl.last_update_utc > now + CLOCK_TOLERANCE:
        yield fail(
            Text(
                f"{name} 的证书撤销列表日期在将来（{crl.last_update_utc:%Y-%m-%d %H:%M} UTC），"
                "尚无人接受。",
                f"The CRL of {name} is dated in the future ({crl.last_update_utc:%Y-%m-%d %H:%M} "
                "UTC); nobody accepts it yet.",
            ),
            Text(f"校准时钟，然后{advice.zh}", f"Set the clock right; then: {advice.en}"),
        )
    ends = crl.next_update_utc
    if ends is not None:
        said = Text(f"{name} 的证书撤销列表", f"The CRL of {name}")
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
    said = Text(
        f"{name} 的证书撤销列表签于登记库恢复之前（或此后只改了撤销原因）：已知的撤销它都列有，"
        "但备份之后可能还公布过更新的列表。",
        f"The CRL of {name} was signed before this register was restored, or before a reason was "
        "changed: it lists all revocations that are known here, but a newer one may have been "
        "published after the backup.",
    )
    if role is not IssuerRole.ROOT:
        return warn(said, Text(f"运行 {command}。", f"Run {command}."))
    return warn(
        said,
        Text(
            f"不必停止服务。下次取出根密钥时签发新的列表：{command}"
            "（离线根见《运维指南》“离线根CA与密钥仪式”）；其编号会大于以往各份。",
            f"Nothing need stop. Sign a new one when the root's key is next at hand: {command} (an "
            "offline root: see “An offline root” in the operator's guide). Its number will be "
            "above all earlier ones.",
        ),
    )


def _check_outside_crl(
    subject: HealthSubject, link: OutsideLink, now: datetime
) -> Iterator[HealthFinding]:
    """Check the CRLs of CAs outside: fetched every few hours, they should never come near their
    end.
    """
    name = describe_name(link.issuer.subject)
    advice = Text("运行 xinyin ca fetch-crls。", "Run xinyin ca fetch-crls.")
    crl = subject.ledger.latest_crl(link.crl_id)
    if crl is None:
        yield fail(Text(f"没有“{name}”的证书撤销列表。", f"There is no CRL of “{name}”."), advice)
        return
    ends = x509.load_der_x509_crl(crl).next_update_utc
    if ends is not None:
        said = Text(f"“{name}”的证书撤销列表", f"The CRL of “{name}”")
        yield from _by_time(said, ends, now, OUTSIDE_CRL_THRESHOLD, advice)


def _by_time(
    name: Text, ends: datetime, now: datetime, threshold: Threshold, advice: Text
) -> Iterator[HealthFinding]:
    left = ends - now
    if left > threshold.warn:
        return
    if left <= timedelta(0):
        said = Text(f"{name.zh}已于 {ends:%Y-%m-%d} 到期。", f"{name.en} ended on {ends:%Y-%m-%d}.")
    else:
        said = Text(
            f"{name.zh}还有 {left.days} 天到期（{ends:%Y-%m-%d}）。",
            f"{name.en} ends in {left.days} days ({ends:%Y-%m-%d}).",
        )
    yield fail(said, advice) if left <= threshold.fail else warn(said, advice)


def _key_advice(entry: InventoryEntry) -> Text:
    if entry.finding is InventoryFinding.UNRECORDED:
        command = "xinyin key check"
        if entry.domain is KeyDomain.ROOT:  # its key is opened only when that is asked for
            command += " --root"
        return Text(f"运行 {command} 予以登记。", f"Run {command}, which records it.")
    return Text("见 xinyin key list --help。", "See xinyin key list --help.")


def _crl_address(encoded: bytes | None) -> str | None:
    if encoded is None:
        return None
    certificate = x509.load_der_x509_certificate(encoded)
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return None
    return next((str(name.value) for point in points for name in point.full_name or ()), None)


def _no_service(zh: str, en: str) -> HealthFinding:
    return fail(
        Text(
            f"{zh}没有密钥在此且有效的证书。",
            f"There is no valid certificate with its key here for {en}.",
        ),
        Text(
            "运行 xinyin ca renew；不行则检查密钥存储。",
            "Run xinyin ca renew; if that fails, look at the key store.",
        ),
    )
