"""`xinyin ca revoke|hold|release|crl` and `xinyin seal suspend|reinstate`."""

import click
from cryptography import x509

from ca.issuing.revocation import Revocation
from ca.ledger import LedgerEntry, RevocationReason
from ca.profiles.describe import describe_subject
from cli.ca import messages
from cli.ca.certificate_target import active_issuer, find_issuer, find_target
from cli.ca.revocation_report import consequence, tell
from cli.shell.confirming import confirm, yes_option
from cli.shell.instants import read_as, read_instant
from cli.shell.options import command_options, key_options, root_key_options
from cli.shell.output import Output
from cli.shell.reasons import RevocationReasonType
from core.ids import SealId
from core.permits import Action
from home.wiring import Home
from registry.bodies.authorities import find_seal

_BASIS = click.option("--basis", required=True, help="On which ground; stands in the audit.")
_ISSUER = click.option("--issuer", help="The CA that issued it, if several know the serial.")


@click.command("revoke")
@click.argument("certificate")
@click.option("--reason", type=RevocationReasonType(), required=True, help="RFC 5280 5.3.1.")
@click.option(
    "--invalidity-date",
    "invalidity",
    metavar="INSTANT",
    help="Since when the key may have been in other hands (ISO 8601, without an offset in the "
    "service's zone); with a compromise only.",
)
@_BASIS
@_ISSUER
@yes_option
@root_key_options
@key_options
@command_options
def revoke(
    home: Home,
    output: Output,
    *,
    certificate: str,
    reason: RevocationReason,
    invalidity: str | None,
    basis: str,
    issuer: str | None,
    yes: bool,
) -> None:
    """Revoke a certificate for good and sign a new CRL. 撤销证书。

    Repeated after it was cut off, it signs the CRL that is missing.

    CERTIFICATE is a serial, a SHA-256 fingerprint or a seal's id. A revocation is not undone; it
    can only become keyCompromise later, or get an earlier invalidity date. For a seal's key in
    other hands use `xinyin seal compromised`, which also deals with what it sealed.

    \b
    Examples:
      xinyin ca revoke market-food --reason 证书被取代 --basis "换发印章" --yes
      xinyin ca revoke 1f0c…9a --reason keyCompromise --invalidity-date 2026-03-01T08:00 \\
          --basis "设备丢失，密钥泄露" --yes
    """
    entry = find_target(home, certificate, issuer)
    subject = describe_subject(entry.intent.subject)
    confirm(output, messages.confirm_revocation(subject), yes=yes)
    since = None if invalidity is None else read_instant(invalidity, home.zone)
    permit = home.permit(Action.CHANGE_CERTIFICATE)
    with read_as(invalidity, home.zone):
        change = home.status_changes.revoke(entry, Revocation(reason, since), basis, permit)
    done = messages.ALREADY_REVOKED if change.repeated else messages.REVOKED
    tell(output, change.entry, done, consequence(change.entry))


@click.command("hold")
@click.argument("certificate")
@_BASIS
@_ISSUER
@key_options
@command_options
def hold(home: Home, output: Output, *, certificate: str, basis: str, issuer: str | None) -> None:
    """Put a certificate on hold until it is released or revoked. 暂停证书。

    \b
    Example:
      xinyin ca hold market-food --basis "印章使用待核查"
    """
    _hold(home, output, find_target(home, certificate, issuer), basis)


@click.command("release")
@click.argument("certificate")
@_BASIS
@_ISSUER
@key_options
@command_options
def release(
    home: Home, output: Output, *, certificate: str, basis: str, issuer: str | None
) -> None:
    """Lift a hold; its entry leaves the CRL. 解除暂停。

    \b
    Example:
      xinyin ca release market-food --basis "核查完毕，未发现问题"
    """
    _release(home, output, find_target(home, certificate, issuer), basis)


@click.command("crl")
@click.option("--issuer", help="Which CA; the active issuing CA unless said.")
@click.option(
    "--last",
    is_flag=True,
    help="The issuer's last: nextUpdate 9999-12-31, once nothing is left to be revoked.",
)
@yes_option
@root_key_options
@key_options
@command_options
def crl(home: Home, output: Output, *, issuer: str | None, last: bool, yes: bool) -> None:
    """Sign new CRLs; the root's asks for the root key's passphrase. 签发证书撤销列表。

    \b
    Examples:
      xinyin ca crl
      xinyin ca crl --issuer issuing-1 --last --yes
    """
    permit = home.permit(Action.CHANGE_CERTIFICATE)
    record = find_issuer(home, issuer or active_issuer(home))
    if last:
        what = messages.confirm_last_crl(record.issuer)
        confirm(output, what, yes=yes)
    home.status_changes.publish(record.issuer, permit, last=last)
    for shard in range(record.crl_shards):
        signed = x509.load_der_x509_crl(home.ledger.latest_crl(record.issuer, shard) or b"")
        number = signed.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
        output.say(messages.crl_signed(issuer=record.issuer, number=number))


@click.command("suspend")
@click.argument("seal_id")
@_BASIS
@key_options
@command_options
def suspend(home: Home, output: Output, seal_id: str, basis: str) -> None:
    """Let a seal seal nothing until it is reinstated; what it sealed stands. 暂停印章。

    \b
    Example:
      xinyin seal suspend market-food --basis "经办人调离，待交接"
    """
    _hold(home, output, _certificate_of(home, seal_id), basis)


@click.command("reinstate")
@click.argument("seal_id")
@_BASIS
@key_options
@command_options
def reinstate(home: Home, output: Output, seal_id: str, basis: str) -> None:
    """Let a suspended seal seal again. 恢复印章。

    \b
    Example:
      xinyin seal reinstate market-food --basis "交接完毕"
    """
    _release(home, output, _certificate_of(home, seal_id), basis)


def _hold(home: Home, output: Output, entry: LedgerEntry, basis: str) -> None:
    permit = home.permit(Action.CHANGE_CERTIFICATE)
    change = home.status_changes.hold(entry, basis, permit)
    done = messages.ALREADY_ON_HOLD if change.repeated else messages.ON_HOLD
    follows = messages.SEALING_SUSPENDED
    tell(output, change.entry, done, follows)


def _release(home: Home, output: Output, entry: LedgerEntry, basis: str) -> None:
    permit = home.permit(Action.CHANGE_CERTIFICATE)
    change = home.status_changes.release(entry, basis, permit)
    before, now = messages.ALREADY_RELEASED, messages.RELEASED
    follows = messages.SEALING_PERMITTED_AGAIN
    tell(output, change.entry, before if change.repeated else now, follows)


def _certificate_of(home: Home, seal_id: str) -> LedgerEntry:
    with home.database.reading() as connection:
        find_seal(connection, SealId(seal_id))  # a serial or a fingerprint is not meant here
    return find_target(home, seal_id)


CA_COMMANDS = (revoke, hold, release, crl)
SEAL_COMMANDS = (suspend, reinstate)
