"""`xinyin verify`: what a document, link, identifier or number is worth."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from cli.licences import messages
from cli.shell.delivery import refuse_unwritable, write_output
from cli.shell.options import command_options
from cli.shell.output import Output
from cli.shell.reading import MAX_DOCUMENT_BYTES, MAX_TEXT_BYTES, read_file
from core.clock import SystemClock
from core.errors import UnreadableInputError, UsageError
from core.text import Text
from home.wiring import Home
from registry.answers.answers import CheckResult, Outcome, VerificationAnswer
from registry.answers.offline import OfflineVerifier
from registry.answers.signature_words import signer_in_words, sub_indication_in_words
from registry.model import LicenceState, TypeKind
from registry.state_words import words_of
from signing.report import Indication, SignatureReport
from signing.sandbox import Sandbox
from signing.workers.confinement import Confinement
from verify_api.texts import INDICATIONS, KINDS
from verify_api.wire import answer_wire

_ZONE = ZoneInfo("Asia/Shanghai")
"""Of civil dates where there is no home to say so."""
_TODAY = Text(
    "--at 只用于其他机构的签名；这份证照的状态是今天的状态。",
    "--at is for the signatures of others; the state of this licence is today's.",
)
_MARKS = {
    CheckResult.PASSED: "✓",
    CheckResult.FAILED: "✗",
    CheckResult.SKIPPED: "–",
    CheckResult.ERROR: "?",
}
_INTEGRITY = Text("内容完整吗？", "Unaltered: ")
_ISSUER = Text("谁颁发的？", "Issuer: ")
_SIGNED_BY = Text("谁签发的？", "Issuer: ")
_STATUS = Text("现在有效吗？", "In force: ")


@click.command("verify")
@click.argument("target")
@click.option(
    "--root",
    "roots",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Root certificate (DER or PEM) to judge a file under, without a home.",
)
@click.option(
    "--extract",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="Write the registered part of the file, where something was added to it.",
)
@click.option("--force", is_flag=True, help="Overwrite OUT.")
@click.option("--at", metavar="DATE", help="Judge foreign signatures as of the end of that day.")
@command_options
def verify(  # options of a command
    home: Home,
    output: Output,
    *,
    target: str,
    roots: tuple[Path, ...],
    extract: Path | None,
    force: bool,
    at: str | None,
) -> int:
    """Say what TARGET is worth. 核验文件、标识、编号、链接或摘要值。

    TARGET is a PDF file, - for stdin, a licence identifier or number, a link or QR payload, or
    sha256:… of a file. Only a document itself can give exit code 0.

    With --root no home is needed: signatures, chain and the validation data in the file are judged;
    whether the licence is in force stays unknown, so the best exit code is 15.

    \b
    Examples:
      xinyin verify licence.pdf
      xinyin verify --json - < licence.pdf
      xinyin verify "JY1 990121 000001 7"
      xinyin verify licence.pdf --root root.cer
      xinyin verify archived.pdf --extract registered.pdf
      xinyin verify contract.pdf --at 2026-06-30

    \b
    Exit codes:
      0 in force and unaltered · 10 no signature · 11 altered · 12 not registered here or not
      trusted · 13 genuine, not in force · 14 genuine, expired · 15 could not check · 16 a record
      is in force, no document was looked at · 3 the input cannot be read
    """
    if not target.strip():
        raise UsageError(messages.NOTHING_TO_VERIFY)
    if not _names_file(target):
        if roots or extract is not None or at is not None:
            raise UsageError(messages.OPTIONS_NEED_FILE)
        answer = home.verifier.by_code(target)
    else:
        if extract is not None:
            refuse_unwritable(extract, force=force)
        data = read_file(Path(target), MAX_DOCUMENT_BYTES)
        answer = _judge(home, data, roots, None if at is None else _end_of_day(at))
        if at is not None and answer.licence is not None:
            output.say(_TODAY)
        if extract is not None:
            _extract(output, answer, data, extract)
    if output.as_json:
        output.data(answer_wire(answer, output.language).model_dump(mode="json"))
    else:
        _show(output, answer)
    if not roots and (why := home.verifier.outage) is not None:
        output.say(why)
    return exit_code(answer)


def _judge(
    home: Home, data: bytes, roots: Sequence[Path], at: datetime | None
) -> VerificationAnswer:
    if not roots:
        return home.verifier.by_file(data, at=at)
    anchors = [_certificate(path) for path in roots]
    with Sandbox(workers=1, confinement=Confinement.PREFER) as sandbox:  # their own machine
        return OfflineVerifier(sandbox, anchors, SystemClock(), _ZONE).by_file(data, at=at)


def _certificate(path: Path) -> bytes:
    data = read_file(path, MAX_TEXT_BYTES)
    try:
        if b"-----BEGIN" in data:
            return x509.load_pem_x509_certificate(data).public_bytes(Encoding.DER)
        return x509.load_der_x509_certificate(data).public_bytes(Encoding.DER)
    except ValueError as error:
        raise UnreadableInputError(messages.file_not_certificate(path)) from error


def _end_of_day(text: str) -> datetime:
    """Return the last instant of a civil date, but not one that is still to come."""
    try:
        day = date.fromisoformat(text)
        end = datetime.combine(day + timedelta(days=1), time.min, _ZONE)
    except (ValueError, OverflowError) as error:
        raise UsageError(messages.date_malformed(text)) from error
    return min((end - timedelta(seconds=1)).astimezone(UTC), SystemClock().now())


def _extract(output: Output, answer: VerificationAnswer, data: bytes, out: Path) -> None:
    """Write the registered licence that the file is, or begins with."""
    whole = answer.integrity.code == "registered_document"
    length = len(data) if whole else answer.registered_length
    if length is None:
        output.say(messages.NO_REGISTERED_PART)
        return
    write_output(out, data[:length])
    output.say(messages.registered_part_written(out))


def _names_file(target: str) -> bool:
    """Tell a file from a code; a mistyped path must not be answered as “not registered here”."""
    path = Path(target)
    looks_so = path.suffix.lower() == ".pdf" or target.startswith(("/", "./", "../"))
    return target == "-" or looks_so or _exists(path)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # no path at all: a long QR payload, a NUL
        return False


def exit_code(answer: VerificationAnswer) -> int:
    """Return the exit code that CONTRACT gives an answer."""
    match answer.outcome:
        case Outcome.IN_FORCE:
            return 0 if answer.document_checked else 16
        case Outcome.ALTERED:
            return 11
        case Outcome.NOT_ISSUED_HERE:
            return 10 if answer.issuer.code == "no_signature" else 12
        case Outcome.COULD_NOT_CHECK:
            return 15
        case Outcome.NOT_IN_FORCE:
            expired = answer.licence is not None and answer.licence.state is LicenceState.EXPIRED
            return 14 if expired else 13


def _show(output: Output, answer: VerificationAnswer) -> None:
    language, colon = output.language, Text("：", ": ")
    output.text(answer.summary.to(language))
    of_document = answer.licence is not None and answer.licence.kind is TypeKind.DOCUMENT
    for question, check in (
        (_INTEGRITY, answer.integrity),
        (_SIGNED_BY if of_document else _ISSUER, answer.issuer),
        (_STATUS, answer.status),
    ):
        said = question.to(language) + check.message.to(language)
        output.text(f"  {_MARKS[check.result]} {said}")
    if answer.licence is not None:
        licence = answer.licence
        if answer.outcome is Outcome.ALTERED:
            output.text(f"  {messages.REGISTERED_PART_IS.to(language)}")
        state = words_of(licence.state, licence.reason, licence.kind).word.to(language)
        output.text(f"  {licence.type_name.to(language)} · {licence.number} · {state}")
        if of_document:
            for field in answer.public_fields:
                output.text(f"  {field.label.to(language)}{colon.to(language)}{field.value}")
        output.text(f"  {licence.identifier}")
        output.text(f"  {licence.authority}")
    for signature in answer.signatures:
        claims = answer.only_claims(signature)
        output.text(f"  {_signature(signature, only_claims=claims).to(language)}")


def _signature(signature: SignatureReport, *, only_claims: bool) -> Text:
    """Return a signature's line: kind, who, worth; codes of the standard stand in brackets."""
    kind, worth = KINDS[signature.kind], INDICATIONS[signature.indication]
    if only_claims and signature.indication is Indication.TOTAL_PASSED:
        worth = messages.PASSED_FOR_WHAT_WAS_SIGNED
    who = signer_in_words(signature, only_claims=only_claims)
    names = (signature.indication, signature.sub_indication, signature.level, *signature.notes)
    codes = ", ".join(str(one) for one in names if one)
    why = sub_indication_in_words(signature.sub_indication) or Text("", "")
    return Text(
        f"{kind.zh}：{who.zh}；{worth.zh}（{codes}）{why.zh and f'：{why.zh}'}",
        f"{kind.en}: {who.en}; {worth.en.lower()} ({codes}){why.en and f': {why.en}'}",
    )


COMMANDS = (verify,)
