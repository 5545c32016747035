"""Reports on a certificate that was revoked, held or released."""

from ca.ledger import CertificateState, LedgerEntry, RevocationReason
from ca.profiles.describe import describe_subject
from ca.profiles.profiles import ProfileKind
from cli.shell.output import Output
from core.errors import UsageError
from core.text import Text


def tell(output: Output, entry: LedgerEntry, done: Text, follows: Text) -> None:
    """Say what was done to a certificate, and what follows; JSON: how it stands."""
    intent, subject = entry.intent, describe_subject(entry.intent.subject)
    if output.as_json:
        output.data(record_of(entry))
        return
    when = Text(
        "新的证书撤销列表已签发，OCSP 将在一秒内更新。",
        "OCSP says so within a second, the CRL now.",
    )
    output.say(
        Text(
            f"{done.zh}：{intent.issuer}/{intent.serial:x}（{subject}）。{when.zh}{follows.zh}",
            f"{done.en}: {intent.issuer}/{intent.serial:x} ({subject}). {when.en} {follows.en}",
        )
    )


def record_of(entry: LedgerEntry) -> dict[str, object]:
    """Return a certificate's status as JSON."""
    times = {"revoked_at": entry.revoked_at, "invalidity_at": entry.invalidity_at}
    return {
        "issuer": entry.intent.issuer,
        "serial": f"{entry.intent.serial:x}",
        "subject": describe_subject(entry.intent.subject),
        "state": entry.state,
        "reason": entry.reason,
        **{name: None if at is None else at.isoformat() for name, at in times.items()},
    }


def consequence(entry: LedgerEntry) -> Text:
    """Say what a final revocation means for what the key has signed."""
    if entry.state is not CertificateState.REVOKED:
        raise UsageError("该证书未被撤销。", "The certificate is not revoked.")
    compromised = entry.reason is RevocationReason.KEY_COMPROMISE
    match entry.intent.profile:
        case ProfileKind.SEAL if compromised:
            return Text(
                "所签证照尚未处理：请运行 xinyin seal compromised。",
                "What it sealed has not been dealt with: run xinyin seal compromised.",
            )
        case ProfileKind.TSA if compromised:
            return Text(
                "它签发的时间戳全部不再可信：见运维指南“时间戳密钥泄露”。",
                "No timestamp of it is believed any more: see the operator's guide on a "
                "compromised time-stamping key.",
            )
        case ProfileKind.ISSUING | ProfileKind.ROOT:
            return Text(
                "它签发的证书随之失去信任：见运维指南“签发CA密钥泄露”。",
                "What it issued is no longer trusted: see the operator's guide on a compromised "
                "CA.",
            )
        case _:
            return Text(
                "此前带可信时间戳的签名仍然有效。",
                "Signatures with a trusted timestamp from before stay valid.",
            )
