"""`xinyin seal compromised` and `xinyin seal reseal`: a seal's key is in other hands."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click

from ca.ledger import LedgerEntry
from cli.bodies import messages
from cli.bodies.reseal_command import reseal as seal_anew
from cli.bodies.reseal_command import seal_of, seal_turn
from cli.ca.certificate_target import find_fingerprint, find_seal_entry, find_target
from cli.shell.confirming import confirm, yes_option
from cli.shell.instants import read_as, read_instant, said
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from core.errors import UsageError
from core.permits import Action, Permit
from core.text import Text
from home.wiring import Home
from registry.bodies.seal_history import earlier_certificates
from registry.compromise.cases import CompromiseCase, Judged
from registry.compromise.compromise import Compromises
from registry.model import Seal

EXIT_FAILURES = 20
_DRY_RUN = Text("预演", "Dry run")
_JUDGING = Text("逐份核查", "Judging")
_HOW_BACK = Text(
    "暂停使用的证照经重新签章恢复：xinyin seal reseal。其他机构的验证软件只看撤销日期，"
    "在两个日期之间所签的仍会显示通过。",
    "What left force comes back by being sealed anew: xinyin seal reseal. Validators elsewhere "
    "look at the revocation date alone, and still pass what was sealed between the two dates.",
)
_DONE_BY_ANOTHER = Text(
    "另一进程已办完此印章的泄露处置，无须再办。",
    "Another process has finished this seal's case; nothing is left to do.",
)
_SINCE = (
    "Since when the key may be in other hands (ISO 8601, without an offset in the service's zone)."
)
_OUT = click.Path(path_type=Path, file_okay=False)


@click.command("compromised")
@click.argument("seal_id")
@click.option("--since", metavar="INSTANT", help=_SINCE)
@click.option("--basis", help="On which ground; stands in the audit and with each licence.")
@click.option(
    "--certificate",
    metavar="SHA256",
    help="An earlier certificate of the seal; the present one unless said.",
)
@click.option("--reseal", is_flag=True, help="Renew the seal, and seal anew what left force.")
@click.option("--out", type=_OUT, help="Folder for the PDFs that were sealed anew.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
@click.option("--resume", is_flag=True, help="Go on with a case that was interrupted.")
@yes_option
@key_options
@command_options
def compromised(
    home: Home,
    output: Output,
    *,
    seal_id: str,
    since: str | None,
    basis: str | None,
    certificate: str | None,
    reseal: bool,
    out: Path | None,
    dry_run: bool,
    resume: bool,
    yes: bool,
) -> int:
    """Deal with a seal whose key fell into other hands, in one step. 印章密钥泄露处置。

    Revokes its certificate (keyCompromise, with --since as invalidity date), then judges every
    licence under the seal: what a trusted timestamp places before --since stays; the rest leaves
    force until it is sealed anew. Lists what it found: a table, or JSON lines.

    \b
    Examples:
      xinyin seal compromised market-food --since 2026-03-01T08:00 --basis "密钥泄露" --dry-run
      xinyin seal compromised market-food --since 2026-03-01T08:00 --basis "密钥泄露" --reseal --yes
      xinyin seal compromised market-food --resume
    """
    seal, desk = seal_of(home, seal_id), home.compromises
    if dry_run:
        entry, at = _suspect(home, seal, certificate), _instant(home, since)
        case = CompromiseCase(seal.seal_id, _fingerprint(entry), at, "", reseal=False)
        waiting = desk.all_under(seal.seal_id)
        found = zip(output.progress(waiting, _DRY_RUN), desk.preview(case, waiting), strict=True)
        _report(output, [judged for _, judged in found], dry_run=True)
        return 0
    permit = home.permit(Action.HANDLE_COMPROMISE)
    earlier = _unfinished(desk, seal) if resume else None
    if earlier is None:
        entry, at = _suspect(home, seal, certificate), _instant(home, since)
        case = CompromiseCase(seal.seal_id, _fingerprint(entry), at, _basis(basis), reseal=reseal)
        confirm(output, _about_to(seal_id, said(at, home.zone)), yes=yes)
    else:
        entry, case = find_fingerprint(home, earlier.certificate_sha256), earlier
    desk.open_key(entry)  # before anybody waits: what is revoked must be published
    with seal_turn(home, output, seal.seal_id):
        if earlier is not None and desk.unfinished(seal.seal_id) is None:
            output.say(_DONE_BY_ANOTHER)
            return 0
        entry = find_fingerprint(home, case.certificate_sha256)  # as another left it
        if earlier is None:
            with read_as(since, home.zone):
                case = desk.begin(case, entry, permit)
        else:
            desk.resume(case, entry, permit)
        return _carry_out(home, output, case, permit, reseal=case.reseal or reseal, out=out)


def _carry_out(
    home: Home,
    output: Output,
    case: CompromiseCase,
    permit: Permit,
    *,
    reseal: bool,
    out: Path | None,
) -> int:
    """Judge the licences of a case, and seal anew what left force if that was asked for."""
    desk = home.compromises
    waiting = desk.waiting(case)
    judging = desk.judge(case, waiting, permit)
    found = zip(output.progress(waiting, _JUDGING), judging, strict=True)
    left = _report(output, [judged for _, judged in found], dry_run=False)
    desk.note_judged(case)
    if left and not reseal:
        output.say(_HOW_BACK)
    seal = seal_of(home, case.seal_id)
    if reseal and not seal_anew(home, output, seal, case.basis, out):
        return EXIT_FAILURES
    desk.finish(case, permit)
    return 0


def _report(output: Output, found: Iterable[Judged], *, dry_run: bool) -> int:
    """Print what was found; return how many leave force."""
    found = list(found)
    output.records([_record(judged) for judged in found])
    left = sum(judged.left_force for judged in found)
    proven = sum(judged.finding == "PROVEN" for judged in found)
    others = sum(judged.finding == "OTHER_KEY" for judged in found)
    verb = messages.WOULD_LEAVE_FORCE if dry_run else messages.LEFT_FORCE
    output.say(messages.licences_judged(count=len(found), proven=proven, verb=verb, left=left))
    if others:
        output.say(messages.other_key_licences_unaffected(others))
    return left


def _record(judged: Judged) -> dict[str, object]:
    proven = judged.proven_at
    return {
        "identifier": judged.identifier,
        "finding": judged.finding,
        "sealed_at": None if proven is None else proven.isoformat(timespec="seconds"),
        "state": judged.state,
        "leaves_force": judged.left_force,
    }


def _about_to(seal_id: str, since: str) -> Text:
    return messages.confirm_seal_compromise(seal_id=seal_id, since=since)


def _suspect(home: Home, seal: Seal, certificate: str | None) -> LedgerEntry:
    """Return the certificate whose key is meant. Raises `UsageError`."""
    if certificate is None:
        return find_seal_entry(home, seal.certificate)
    entry = find_target(home, certificate)
    with home.database.reading() as connection:
        earlier = [one.certificate for one in earlier_certificates(connection, seal.seal_id)]
    if entry.certificate not in (seal.certificate, *earlier):
        raise UsageError(messages.certificate_of_another_seal(seal.seal_id))
    return entry


def _instant(home: Home, since: str | None) -> datetime:
    if since is None:
        raise UsageError(messages.COMPROMISE_START_NEEDED)
    return read_instant(since, home.zone)


def _basis(basis: str | None) -> str:
    if basis is None:
        raise UsageError(messages.BASIS_NEEDED)
    return basis


def _unfinished(desk: Compromises, seal: Seal) -> CompromiseCase:
    case = desk.unfinished(seal.seal_id)
    if case is None:
        raise UsageError(messages.no_unfinished_case(seal.seal_id))
    return case


def _fingerprint(entry: LedgerEntry) -> str:
    return hashlib.sha256(entry.certificate or b"").hexdigest()


COMPROMISE_COMMANDS = (compromised,)
