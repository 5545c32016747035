"""`xinyin seal compromised` and `xinyin seal reseal`: a seal's key is in other hands."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click

from ca.issuing.revocation import Revocation, is_held, revoked
from ca.ledger import CertificateState, LedgerEntry, RevocationReason
from cli.ca.certificate_target import find_fingerprint, find_seal_entry, find_target, parse_instant
from cli.shell.confirming import confirm, yes_option
from cli.shell.delivery import write_document
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from core.errors import StorageError, UsageError
from core.ids import SealId
from core.text import Text
from home.crls import open_crls
from home.wiring import Home
from keys.model import KeysError
from registry.bodies.authorities import find_seal
from registry.bodies.seal_history import earlier_certificates
from registry.compromise.cases import Case, Judged, is_told
from registry.compromise.compromise import Compromises
from registry.ledger.ledger import SqlLedger
from registry.ledger.trust import TrustReader
from registry.model import RegistryError, Seal

EXIT_FAILURES = 20
_DRY_RUN = Text("预演", "Dry run")
_JUDGING = Text("逐份核查", "Judging")
_HOW_BACK = Text(
    "暂停使用的证照经重新签章恢复：xinyin seal reseal。其他机构的验证软件只看撤销日期，"
    "在两个日期之间所签的仍会显示通过。",
    "What left force comes back by being sealed anew: xinyin seal reseal. Validators elsewhere "
    "look at the revocation date alone, and still pass what was sealed between the two dates.",
)
_OUT = click.Path(path_type=Path, file_okay=False)


@click.command("compromised")
@click.argument("seal_id")
@click.option("--since", metavar="INSTANT", help="Since when the key may be in other hands.")
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
    seal, desk = _find_seal(home, seal_id), _desk(home)
    if dry_run:
        entry, at = _suspect(home, seal, certificate), _instant(home, since)
        case = Case(seal.seal_id, _fingerprint(entry), at, "", reseal=False)
        waiting = desk.all_under(seal.seal_id)
        found = zip(output.progress(waiting, _DRY_RUN), desk.preview(case, waiting), strict=True)
        _report(output, [judged for _, judged in found], dry_run=True)
        return 0
    if resume:
        case = _unfinished(desk, seal)
        entry = find_fingerprint(home, case.certificate_sha256)
        crls = open_crls(home, entry.intent.issuer)
    else:
        entry, at = _suspect(home, seal, certificate), _instant(home, since)
        confirm(output, _about_to(seal_id), yes=yes)
        crls = open_crls(home, entry.intent.issuer)  # opened first: it must be published
        if not is_told(entry, at):  # what would be refused later leaves no case behind
            asked = Revocation(RevocationReason.KEY_COMPROMISE, at)
            revoked(entry, asked, home.clock.now())
        case = desk.open(Case(seal.seal_id, _fingerprint(entry), at, _basis(basis), reseal=reseal))
    desk.revoke(case, entry, SqlLedger(home.database, home.actor), crls)
    waiting = desk.waiting(case)
    found = zip(output.progress(waiting, _JUDGING), desk.judge(case, waiting), strict=True)
    left = _report(output, [judged for _, judged in found], dry_run=False)
    desk.note_judged(case)
    if left and not (case.reseal or reseal):
        output.say(_HOW_BACK)
    resealed = not (case.reseal or reseal) or _reseal(home, output, seal, case.basis, out)
    if resealed:
        desk.finish(case)
    return 0 if resealed else EXIT_FAILURES


@click.command("reseal")
@click.argument("seal_id")
@click.option("--basis", required=True, help="On which ground; stands with each licence.")
@click.option("--out", type=_OUT, help="Folder for the PDFs.")
@key_options
@command_options
def reseal_(home: Home, output: Output, *, seal_id: str, basis: str, out: Path | None) -> int:
    """Seal anew what left force because the seal's key was compromised. 重新签章。

    The seal is renewed first if its certificate is revoked. Each licence gets a new version of the
    same number and content; run again, it goes on where it stopped.

    \b
    Example:
      xinyin seal reseal market-food --basis "印章密钥泄露后重新签章" --out resealed/
    """
    seal = _find_seal(home, seal_id)
    return 0 if _reseal(home, output, seal, basis, out) else EXIT_FAILURES


def _reseal(home: Home, output: Output, seal: Seal, basis: str, out: Path | None) -> bool:
    """Seal anew what is waiting; tell whether all of it could be."""
    from registry.compromise.resealing import Resealing  # noqa: PLC0415  # as granting

    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    seal = _find_seal(home, seal.seal_id)  # it may have been renewed
    entry = find_seal_entry(home, seal.certificate)
    if entry.state is CertificateState.REVOKED and not is_held(entry):
        home.seal_maker.renew(seal.seal_id, home.actor)
    resealing = Resealing(home.database, home.store, home.granting, home.actor)
    waiting = resealing.waiting(seal.seal_id, home.today())
    failures, done = 0, list[dict[str, object]]()
    for identifier in output.progress(waiting, Text("重新签章", "Sealing anew")):
        try:
            granted = resealing.reseal(identifier, basis)
            if out is not None:
                path = out / f"{granted.licence.identifier}.pdf"
                write_document(path, granted.pdf, granted.licence.identifier)
        except (RegistryError, KeysError, StorageError) as error:
            failures += 1
            output.say(Text(f"{identifier}：{error.text.zh}", f"{identifier}: {error.text.en}"))
            continue
        done.append({"identifier": identifier, "resealed_as": granted.licence.identifier})
        if output.as_json:
            output.data(done[-1])
    if not output.as_json:
        output.records(done)
    output.say(
        Text(
            f"重新签章 {len(done)} 份，未成 {failures} 份。",
            f"{len(done)} sealed anew, {failures} failed.",
        )
    )
    return not failures


def _report(output: Output, found: Iterable[Judged], *, dry_run: bool) -> int:
    """Print what was found; return how many leave force."""
    found = list(found)
    output.records([_record(judged) for judged in found])
    left = sum(judged.left_force for judged in found)
    proven = sum(judged.finding == "PROVEN" for judged in found)
    others = sum(judged.finding == "OTHER_KEY" for judged in found)
    verb = Text("将暂停使用", "would leave") if dry_run else Text("已暂停使用", "left")
    output.say(
        Text(
            f"核查 {len(found)} 份：有事前时间戳而保持有效的 {proven} 份，{verb.zh} {left} 份。",
            f"{len(found)} judged: {proven} stay, proven by a timestamp from before; {left} "
            f"{verb.en} force.",
        )
    )
    if others:
        output.say(
            Text(
                f"其中 {others} 份由该印章的另一密钥签章，不受影响；"
                "若指那把密钥，请用 --certificate 指明其证书。",
                f"{others} were sealed with another key of this seal and are not concerned; "
                "name that key's certificate with --certificate if it is the one.",
            )
        )
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


def _about_to(seal_id: str) -> Text:
    return Text(
        f"将撤销印章“{seal_id}”的证书，并暂停使用不能证明在此之前签章的证照。",
        f"Revoke the certificate of the seal “{seal_id}”, and take out of force what nothing "
        "proves to have been sealed before.",
    )


def _desk(home: Home) -> Compromises:
    return Compromises(
        database=home.database,
        store=home.store,
        validator=home.sandbox,
        trust=TrustReader(home.ledger, home.clock),
        workers=home.settings.verify.workers,
        clock=home.clock,
        zone=home.zone,
        random=secrets.token_bytes,
        actor=home.actor,
    )


def _find_seal(home: Home, seal_id: str) -> Seal:
    with home.database.reading() as connection:
        return find_seal(connection, SealId(seal_id))


def _suspect(home: Home, seal: Seal, certificate: str | None) -> LedgerEntry:
    """Return the certificate whose key is meant. Raises `UsageError`."""
    if certificate is None:
        return find_seal_entry(home, seal.certificate)
    entry = find_target(home, certificate)
    with home.database.reading() as connection:
        earlier = [one.certificate for one in earlier_certificates(connection, seal.seal_id)]
    if entry.certificate not in (seal.certificate, *earlier):
        raise UsageError(
            f"这张证书不属于印章“{seal.seal_id}”。",
            f"That certificate is not one of the seal “{seal.seal_id}”.",
        )
    return entry


def _instant(home: Home, since: str | None) -> datetime:
    if since is None:
        raise UsageError(
            "请用 --since 写明密钥何时起可能落入他人之手；不能确定的，写证书的起始时间。",
            "Say with --since from when the key may have been in other hands; if that is not "
            "known, the beginning of its certificate.",
        )
    return parse_instant(since, home.zone)


def _basis(basis: str | None) -> str:
    if basis is None:
        raise UsageError("请用 --basis 写明依据。", "State the ground with --basis.")
    return basis


def _unfinished(desk: Compromises, seal: Seal) -> Case:
    case = desk.unfinished(seal.seal_id)
    if case is None:
        raise UsageError(
            f"印章“{seal.seal_id}”没有未办完的泄露处置。",
            f"There is no unfinished case of the seal “{seal.seal_id}”.",
        )
    return case


def _fingerprint(entry: LedgerEntry) -> str:
    return hashlib.sha256(entry.certificate or b"").hexdigest()


COMPROMISE_COMMANDS = (compromised, reseal_)
