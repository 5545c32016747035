"""`make dss-table`: the corpora judged by EU DSS and by us, and each difference explained.

Writes docs/witness-dss.md and its Chinese edition. Ends with 1 where a difference is unexplained.
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

from core.text import Text
from signing.sandbox import Sandbox
from tests.corpus.cases import CASES
from tests.corpus.model import Case, Papers, Said
from tests.corpus.stage import ask, grant_papers
from tests.dss_document import NOT_EXPLAINED, Comparison, Difference, names, write
from tests.dss_witness import Dss, Judgement, Trust, Verdict
from tests.world import World, build_template, copy_world


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

EXPLANATIONS: tuple[tuple[Text, Callable[[Row], bool]], ...] = (
    (
        Text(
            "本平台的证照按摘要值认定。其他带有其标识或其签章的文件都是被改动的；DSS 不知"
            "道登记库，只看签名所覆盖的内容",
            "A licence of ours is known by its digest. Whatever else bears its identifier or its "
            "seal is altered, where DSS, which knows no register, sees only what a signature "
            "covers",
        ),
        lambda row: row.ours.integrity == "failed" and row.case.base == "ours",
    ),
    (
        Text(
            "登记过的证照在文件开头，完好无损；追加的内容没有登记。DSS 不知道登记库",
            "The registered licence stands at the beginning and holds; what was added is not "
            "registered. DSS knows no register",
        ),
        lambda row: row.ours.code == "unregistered_addition",
    ),
    (
        Text(
            "DSS 看到它的规则都不能解释的改动，给出警告：其默认策略不因此判为不通过。本平"
            "台认为这是证据",
            "DSS sees changes that no rule of its own explains, and warns: its default policy "
            "fails none of them. We call them proof",
        ),
        lambda row: row.pair == ("failed", "warned"),
    ),
    (
        Text(
            "DSS 把追加的内容分为填写、批注、扩展，三类都放行；本平台把它与签名的内容、认"
            "证签名所允许的范围比对",
            "DSS sorts what was added under filling in, annotating or extending, and lets all "
            "three pass; we compare it with what was signed and with what the certification "
            "permits",
        ),
        lambda row: (
            row.pair == ("failed", "sound")
            and row.changes("extension", "signature_or_form", "annotation")
        ),
    ),
    (
        Text(
            "DSS 比较的是从页面和表单可以到达的对象；这里改动的在别处，或者阅读器会被引向"
            "另一个对象",
            "DSS compares objects that it reaches from the pages and the form; what was changed "
            "here lies elsewhere, or a reader is led to another object",
        ),
        lambda row: row.pair == ("failed", "sound"),
    ),
    (
        Text(
            "DSS 没有找到它能读取的签名，对文件不作说明；本平台看到签名的痕迹",
            "DSS finds no signature that it can read and says nothing of the file; we see the "
            "traces of one",
        ),
        lambda row: row.theirs == "none" and row.ours.integrity in {"failed", "error"},
    ),
    (
        Text(
            "DSS 完全无法读取文件（其解析器发生异常）",
            "DSS could not read the file at all (an exception of its parser)",
        ),
        lambda row: row.theirs == "unreadable",
    ),
    (
        Text(
            "DSS 止于找不到或无法读取的签名证书；本平台有不符的摘要",
            "DSS ends at a signing certificate that it cannot find or read; we have a digest that "
            "does not match",
        ),
        lambda row: row.pair == ("failed", "undecided"),
    ),
    (
        Text(
            "超过本平台的某个限度；限度约束他人的文件可以耗费多少。DSS 没有限度",
            "Beyond one of our limits, which bound what a stranger's file may cost. DSS has none",
        ),
        lambda row: row.ours.code.startswith("limit"),
    ),
    (
        Text(
            "在允许范围内填写或批注的内容，应由人来判断，所以本平台不说“未被改动”；DSS "
            "给出警告，或者不作说明",
            "What was filled in or noted as permitted is for people to weigh, so that we do not "
            "say “unchanged”; DSS warns, or says nothing",
        ),
        lambda row: row.ours.code in {"filled_after_signing", "annotated_after_signing"},
    ),
    (
        Text(
            "本平台不作判断的算法或签名形式；DSS 作判断，或者把它不认识的判为不通过。不认"
            "识不是证据",
            "An algorithm or a form of signature that we do not judge; DSS judges it, or calls "
            "what it does not know failed. Not to be known is no proof",
        ),
        lambda row: (
            row.ours.integrity == "error"
            and row.ours.code.startswith(("unsupported", "sm2", "malformed", "cms", "not_judged"))
        ),
    ),
    (
        Text(
            "更新部分无法严格解析，两种阅读器可能有不同的理解；DSS 以它自己的阅读器为准",
            "The update cannot be read strictly, so that two readers may differ about it; DSS "
            "takes its own reader's word",
        ),
        lambda row: row.ours.code == "structure_unclear",
    ),
    (
        Text("本平台自己的故障或限度，如实说明", "Our own failure or limit, said as such"),
        lambda row: row.ours.integrity == "error",
    ),
    (
        Text(
            "需要密码，或者在本平台查看的范围内不是 PDF；一律用同样的话拒绝",
            "Needs a password, or is no PDF as far as we look; we refuse it, always in the same "
            "words",
        ),
        lambda row: row.ours.integrity == "refused",
    ),
    (
        Text(
            "预留的签名域或使用权限：DSS 把它们算作签名，ISO 32000 不算",
            "A prepared field or usage rights: DSS counts them as a signature, ISO 32000 does not",
        ),
        lambda row: row.ours.integrity == "skipped",
    ),
    (
        Text(
            "DSS 把其他软件能读取、且完好的一种签名形式判为不通过：所签的内容就在那里，签"
            "名值也成立",
            "DSS calls a form of signature failed that others read and that is intact: what was "
            "signed stands there, and the signature value holds",
        ),
        lambda row: row.pair in {("passed", "failed"), ("passed", "undecided")},
    ),
    (
        Text(
            "DSS 不读取这种子过滤器或外框，所以没有找到签名；签名完好",
            "DSS finds no signature where it does not read this subfilter or frame; it is intact",
        ),
        lambda row: row.pair == ("passed", "none"),
    ),
    (
        Text(
            "DSS 对某个更新给出警告，而本平台逐个对象作出了解释（元数据、验证数据、后续签"
            "名的域、原样重写的对象）",
            "DSS warns of an update that we explain object by object (metadata, validation data, "
            "fields of further signatures, objects written again as they were)",
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


def explanation(row: Row) -> Text | None:
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


def comparison(judged: list[Row]) -> Comparison:
    """Count what both said, and gather the differences by their reason."""
    groups: dict[tuple[Text, tuple[str, str]], list[Row]] = defaultdict(list)
    for row in judged:
        if row.pair not in AGREED:
            groups[explanation(row) or NOT_EXPLAINED, row.pair].append(row)
    return Comparison(
        dict(Counter(row.pair for row in judged)),
        sum(row.pair in AGREED for row in judged),
        tuple(
            Difference(names([row.case for row in found]), len(found), ours, theirs, why)
            for (why, (ours, theirs)), found in sorted(groups.items(), key=lambda g: -len(g[1]))
        ),
    )


def main() -> int:
    """Judge, write the document; 1 where a difference is not explained."""
    with tempfile.TemporaryDirectory(prefix="xy-dss-") as directory, Dss() as dss:
        judged = list(rows(dss, Path(directory)))
    write(comparison(judged))
    unexplained = [r.case.name for r in judged if r.pair not in AGREED and explanation(r) is None]
    sys.stderr.write("".join(f"not explained: {name}\n" for name in unexplained))
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
