"""Reports on a certificate that was revoked, held or released."""

from ca.ledger import CertificateState, LedgerEntry, RevocationReason
from ca.profiles.describe import describe_subject
from ca.profiles.profiles import ProfileKind
from cli.ca import messages
from cli.shell.output import Output
from core.errors import UsageError
from core.text import Text


def tell(output: Output, entry: LedgerEntry, done: Text, follows: Text) -> None:
    """Say what was done to a certificate, and what follows; JSON: how it stands."""
    intent, subject = entry.intent, describe_subject(entry.intent.subject)
    if output.as_json:
        output.data(record_of(entry))
        return
    when = messages.REVOCATION_PUBLISHED
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
        raise UsageError(messages.CERTIFICATE_NOT_REVOKED)
    compromised = entry.reason is RevocationReason.KEY_COMPROMISE
    match entry.intent.profile:
        case ProfileKind.SEAL if compromised:
            return messages.SEALED_LICENCES_UNHANDLED
        case ProfileKind.TSA if compromised:
            return messages.TIMESTAMPS_DISTRUSTED
        case ProfileKind.ISSUING | ProfileKind.ROOT:
            return messages.ISSUED_CERTIFICATES_DISTRUSTED
        case _:
            return messages.TIMESTAMPED_SIGNATURES_VALID
