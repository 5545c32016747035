"""`xinyin verify`: what a document, link, identifier or number is worth."""

from pathlib import Path

import click

from cli.options import command_options
from cli.output import Output
from cli.reading import MAX_DOCUMENT_BYTES, read_file
from cli.wiring import Home
from core.text import Text
from registry.answers import CheckResult, Outcome, VerificationAnswer
from registry.model import LicenceState
from verify_api.sanitize import shown
from verify_api.wire import answer_wire

_MARKS = {
    CheckResult.PASSED: "✓",
    CheckResult.FAILED: "✗",
    CheckResult.SKIPPED: "–",
    CheckResult.ERROR: "?",
}
_QUESTIONS = {
    "integrity": Text("内容完整吗", "Unaltered"),
    "issuer": Text("谁颁发的", "Issuer"),
    "status": Text("现在有效吗", "In force"),
}


@click.command("verify")
@click.argument("target")
@command_options
def verify(home: Home, output: Output, target: str) -> int:
    """Say what TARGET is worth. 核验文件、标识、链接或摘要。

    TARGET is a PDF file, - for stdin, a licence identifier or number, a link or QR payload, or
    sha256:… of a file. Only a document itself can give exit code 0.

    \b
    Examples:
      xinyin verify licence.pdf
      xinyin verify --json - < licence.pdf
    """
    if _names_file(target):
        answer = home.verifier.by_file(read_file(Path(target), MAX_DOCUMENT_BYTES))
    else:
        answer = home.verifier.by_code(target)
    if output.as_json:
        output.data(answer_wire(answer, output.language).model_dump(mode="json"))
    else:
        _show(output, answer)
    return exit_code(answer)


def _names_file(target: str) -> bool:
    """Tell a file from a code; a mistyped path must not be answered as “not issued here”."""
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
            return 0 if answer.by_document else 16
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
    language = output.language
    output.text(answer.summary.to(language))
    for name, check in (
        ("integrity", answer.integrity),
        ("issuer", answer.issuer),
        ("status", answer.status),
    ):
        question = _QUESTIONS[name].to(language)
        output.text(f"  {_MARKS[check.result]} {question}: {check.message.to(language)}")
    if answer.licence is not None:
        licence = answer.licence
        output.text(f"  {licence.type_name.to(language)} · {licence.number}")
        output.text(f"  {licence.identifier}")
        output.text(f"  {licence.authority}")
    for signature in answer.signatures:
        sub = f" ({signature.sub_indication})" if signature.sub_indication else ""
        output.text(
            f"  {signature.kind}: {shown(signature.signer)}, {signature.level or '-'}, "
            f"{signature.indication}{sub}"
        )


COMMANDS = (verify,)
