"""Report of signed documents: a line for each file."""

from pathlib import Path

from cli.licences import messages
from cli.licences.document_round import find_round
from cli.shell.output import Output
from cli.shell.tally import Words
from core.errors import XinyinError
from core.text import Text
from home.wiring import Home
from registry.granting.document_orders import RefusedFileError, SignedDocument, told
from registry.licences.links import link_of
from registry.objects.store import sha256_of
from signing.intake.messages import REMEDIES
from signing.intake.report import IntakeFinding

COUNTED = Words(
    things=Text("份", "files"),
    done=Text("已签发", "signed"),
    go_on=Text(
        "再执行一次同样的命令即可接着签发，已签发的不会重复签发。",
        "Run the same command again: it goes on from here and signs nothing twice.",
    ),
    mend=Text(
        "更正以上各份后再执行一次，已签发的不会重复签发。",
        "Mend the files named above and run it again: nothing is signed twice.",
    ),
)
"""Words for counts of a folder's files."""


def report_signed(
    output: Output, home: Home, source: Path, signed: SignedDocument, path: Path
) -> None:
    """Say what became of a file that is signed."""
    licence = signed.granted.licence
    if output.as_json:
        output.data(
            {
                "source": str(source),
                "source_sha256": signed.source,
                "outcome": "signed_before" if signed.granted.repeated else "signed",
                "identifier": licence.identifier,
                "number": licence.number,
                "state": licence.effective_state(home.today()),
                "link": link_of(home.settings.service.public_url, licence),
                "path": str(path),
                "sha256": sha256_of(signed.granted.pdf),
                "cleaned": [_as_json(one) for one in signed.cleaned],
                "fonts_not_embedded": list(signed.unembedded),
            }
        )
        return
    output.text(str(path))
    output.say(messages.document_reference(number=licence.number, identifier=licence.identifier))
    progress = find_round(home, licence)
    if progress is not None and progress.open:
        output.say(messages.round_begins([one.signer.name for one in progress.missing]))
    for one in signed.cleaned:
        output.say(messages.taken_out(told(one)))
    if signed.unembedded:
        output.say(messages.fonts_not_embedded(", ".join(signed.unembedded)))


def fail(output: Output, source: Path, error: XinyinError) -> None:
    """Say why a file is not signed."""
    if not output.as_json:
        output.say(Text(f"{source}：{error.text.zh}", f"{source}: {error.text.en}"))
        return
    refused = isinstance(error, RefusedFileError)
    found = error.findings if isinstance(error, RefusedFileError) else ()
    output.data(
        {
            "source": str(source),
            "outcome": "refused" if refused else "failed",
            "code": error.code,
            "message": error.text.as_json(),
            "findings": [_as_json(one) for one in found],
        }
    )


def _as_json(finding: IntakeFinding) -> dict[str, object]:
    return {
        "code": finding.hazard,
        "page": finding.page or None,
        "detail": finding.detail,
        "message": told(finding).as_json(),
        "remedy": REMEDIES[finding.hazard].as_json(),
    }
