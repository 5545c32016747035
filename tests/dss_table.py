"""`make dss-table`: the corpora judged by EU DSS and by us, and each difference explained.

Writes docs/witness-dss.md. Ends with 1 where a difference has no explanation.
"""

import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
from cryptography import x509

from signing.sandbox import Sandbox
from tests.corpus.cases import CASES
from tests.corpus.model import Case, Papers, Said
from tests.corpus.stage import ask, grant_papers
from tests.dss_witness import Dss, Judgement, Trust, Verdict
from tests.world import World, build_template, copy_world

DOCUMENT = Path(__file__).parents[1] / "docs" / "witness-dss.md"
TITLES = {
    "failed": "altered",
    "passed": "sound",
    "error": "not judged",
    "skipped": "no signature",
    "refused": "refused",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A case and both answers."""

    case: Case
    ours: Said
    theirs: str
    """`failed`, `warned`, `sound`, `undecided`, `timestamp`, `none` or `unreadable`."""
    detail: Judgement

    @property
    def pair(self) -> tuple[str, str]:
        """What we say of the bytes, and what DSS does."""
        return self.ours.integrity, self.theirs

    def changes(self, *kinds: str) -> bool:
        """Tell whether DSS lists changes of these kinds."""
        found = (one.detail["changes"] for one in self.detail.signatures)
        return any(changes[kind] for changes in found for kind in kinds)


AGREED = {
    ("failed", "failed"), ("passed", "sound"), ("passed", "timestamp"), ("skipped", "none"),
    ("refused", "none"), ("refused", "unreadable"), ("error", "undecided"), ("error", "unreadable"),
}  # fmt: skip

EXPLANATIONS: tuple[tuple[str, Callable[[Row], bool]], ...] = (
    (
        (
            "A licence of ours is known by its digest. Whatever else bears its "
            "identifier or its seal is altered, where DSS, which knows no register, "
            "sees only what a signature covers"
        ),
        lambda row: row.ours.integrity == "failed" and row.case.base == "ours",
    ),
    (
        (
            "The registered licence stands at the beginning and holds; what was added is not "
            "registered. DSS knows no register"
        ),
        lambda row: row.ours.code == "unregistered_addition",
    ),
    (
        (
            "DSS sees changes that no rule of its own explains, and warns: its "
            "default policy fails none of them. We call them proof"
        ),
        lambda row: row.pair == ("failed", "warned"),
    ),
    (
        (
            "DSS sorts what was added under filling in, annotating or extending, and "
            "lets all three pass; we compare it with what was signed and with what "
            "the certification permits"
        ),
        lambda row: (
            row.pair == ("failed", "sound")
            and row.changes("extension", "signature_or_form", "annotation")
        ),
    ),
    (
        (
            "DSS compares objects that it reaches from the pages and the form; what "
            "was changed here lies elsewhere, or a reader is led to another object"
        ),
        lambda row: row.pair == ("failed", "sound"),
    ),
    (
        (
            "DSS finds no signature that it can read and says nothing of the file; we "
            "see the traces of one"
        ),
        lambda row: row.theirs == "none" and row.ours.integrity in {"failed", "error"},
    ),
    (
        "DSS could not read the file at all (an exception of its parser)",
        lambda row: row.theirs == "unreadable",
    ),
    (
        (
            "DSS ends at a signing certificate that it cannot find or read; we have a "
            "digest that does not match"
        ),
        lambda row: row.pair == ("failed", "undecided"),
    ),
    (
        "Beyond one of our limits, which bound what a stranger's file may cost. DSS has none",
        lambda row: row.ours.code.startswith("limit"),
    ),
    (
        (
            "What was filled in or noted as permitted is for people to weigh, so that "
            "we do not say “unchanged”; DSS warns, or says nothing"
        ),
        lambda row: row.ours.code in {"filled_after_signing", "annotated_after_signing"},
    ),
    (
        (
            "An algorithm or a form of signature that we do not judge; DSS judges it, "
            "or calls what it does not know failed. Not to be known is no proof"
        ),
        lambda row: (
            row.ours.integrity == "error"
            and row.ours.code.startswith(("unsupported", "sm2", "malformed", "cms", "not_judged"))
        ),
    ),
    (
        (
            "The update cannot be read strictly, so that two readers may differ about "
            "it; DSS takes its own reader's word"
        ),
        lambda row: row.ours.code == "structure_unclear",
    ),
    (
        "Our own failure or limit, said as such",
        lambda row: row.ours.integrity == "error",
    ),
    (
        "Needs a password, or is no PDF as far as we look; we refuse it, always in the same words",
        lambda row: row.ours.integrity == "refused",
    ),
    (
        "A prepared field or usage rights: DSS counts them as a signature, ISO 32000 does not",
        lambda row: row.ours.integrity == "skipped",
    ),
    (
        (
            "DSS calls a form of signature failed that others read and that is intact: what was "
            "signed stands there, and the signature value holds"
        ),
        lambda row: row.pair in {("passed", "failed"), ("passed", "undecided")},
    ),
    (
        "DSS finds no signature where it does not read this subfilter or frame; it is intact",
        lambda row: row.pair == ("passed", "none"),
    ),
    (
        (
            "DSS warns of an update that we explain object by object (metadata, validation data, "
            "fields of further signatures, objects written again as they were)"
        ),
        lambda row: row.pair == ("passed", "warned"),
    ),
)


def theirs(told: Judgement) -> str:
    """Return DSS's verdict on the bytes in one word; whom it trusts is another matter."""
    if told.error is not None:
        return "unreadable"
    if not told.signatures:
        return "timestamp" if told.detached_timestamps else "none"
    if any(one.indication == "TOTAL_FAILED" for one in told.signatures):
        return "failed"
    if any(_is_warned(one) for one in told.signatures):
        return "warned"
    held = all(one.detail["intact"] and one.detail["valid"] for one in told.signatures)
    return "sound" if held else "undecided"


def _is_warned(verdict: Verdict) -> bool:
    changes = verdict.detail["changes"]
    return any(changes[kind] for kind in ("undefined", "overlapping_pages", "different_pages"))


def explanation(row: Row) -> str | None:
    """Return why the two differ; None where nobody has said it, or where we are wrong."""
    if not row.ours.fits(row.case.required):
        return None
    return next((text for text, fits in EXPLANATIONS if fits(row)), None)


@contextmanager
def _set_up(directory: Path) -> Iterator[tuple[World, Papers]]:
    (directory / "template").mkdir()
    build_template(directory / "template", None)
    with (
        Sandbox(workers=1) as sandbox,
        copy_world(directory / "template", directory / "copy", sandbox=sandbox) as world,
    ):
        yield world, grant_papers(world)


def _root(papers: Papers) -> x509.Certificate:
    """The root of our licences, out of the store of one."""
    with pikepdf.open(BytesIO(papers.licence)) as opened:
        found = [
            x509.load_der_x509_certificate(bytes(c.read_bytes())) for c in opened.Root.DSS.Certs
        ]
    return next(one for one in found if one.subject == one.issuer)


def rows(dss: Dss, directory: Path) -> Iterator[Row]:
    """Judge every case by both."""
    with _set_up(directory) as (world, papers):
        trust = Trust.make(directory / "trust", _root(papers))
        at = datetime.now(UTC) + timedelta(minutes=1)
        for case in CASES.values():
            data = case.build(papers)
            pdf = directory / "case.pdf"
            pdf.write_bytes(data)
            told = dss.judge(pdf, trust, at, counted=True)
            yield Row(case, ask(world.home.verifier, data), theirs(told), told)


def _names(found: list[Row]) -> str:
    """Name honest cases, and few attacks; of many, how many of each family."""
    named = [f"`{row.case.name}`" for row in found if row.case.kind == "honest" or len(found) <= 12]
    if len(found) <= 12:
        return ", ".join(named)
    families = Counter(row.case.family for row in found if row.case.kind == "attack")
    return ", ".join([*named, *(f"{name} ({count})" for name, count in families.most_common())])


def document(judged: list[Row]) -> str:
    """Return the table as Markdown."""
    pairs = Counter(row.pair for row in judged)
    columns = sorted({theirs for _, theirs in pairs})
    lines = [
        "# EU DSS beside us · 与 EU DSS 的对照",
        "",
        (
            "> 简述：同一批文件由欧盟 DSS 与本平台分别判断。下表列出两者的结论；"
            "凡有差异，逐类说明原因。"
            "由 `make dss-table` 生成，请勿手改。"
        ),
        "",
        (
            f"Made by `make dss-table` from the {len(judged)} files of `tests/corpus`. "
            "DSS 6.3 with its default policy, our root as its only trust anchor, no "
            "network, and a document security store counted for a signature that "
            "covers it (`tests/witness/dss/src/StoreBeforeSeal.java`). Compared is "
            "what each says of the bytes: whom DSS trusts is another matter, so that "
            "INDETERMINATE for want of a path counts as sound."
        ),
        "",
        "| we say \\ DSS says | " + " | ".join(columns) + " |",
        "|" + "---|" * (len(columns) + 1),
    ]
    for integrity, title in TITLES.items():
        if any((integrity, column) in pairs for column in columns):
            counts = [str(pairs.get((integrity, column), "")) for column in columns]
            lines.append(f"| {title} | " + " | ".join(counts) + " |")
    agreed = [row for row in judged if row.pair in AGREED]
    lines += [
        "",
        (
            "*failed*: TOTAL_FAILED. *warned*: changes that DSS does not explain. "
            "*undecided*: not judged to the end. *none*: no signature found. "
            "*timestamp*: a document timestamp alone."
        ),
        "",
        f"Agreed on {len(agreed)} of {len(judged)}. The others:",
        "",
        "| files | we say, DSS says | why |",
        "|---|---|---|",
    ]
    groups: dict[tuple[str, tuple[str, str]], list[Row]] = defaultdict(list)
    for row in judged:
        if row.pair not in AGREED:
            groups[explanation(row) or "**NOT EXPLAINED**", row.pair].append(row)
    for (why, (integrity, column)), found in sorted(groups.items(), key=lambda g: -len(g[1])):
        said = f"{len(found)} × {TITLES[integrity]}, {column}"
        lines.append(f"| {_names(found)} | {said} | {why}. |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Judge, write the document; 1 where a difference is not explained."""
    with tempfile.TemporaryDirectory(prefix="xy-dss-") as directory, Dss() as dss:
        judged = list(rows(dss, Path(directory)))
    DOCUMENT.write_text(document(judged), "utf-8")
    unexplained = [r.case.name for r in judged if r.pair not in AGREED and explanation(r) is None]
    sys.stderr.write("".join(f"not explained: {name}\n" for name in unexplained))
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
