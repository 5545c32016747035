"""Checks of the register: its database, what was left half done, its audit and journal."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

from sqlalchemy import func, select

from core.text import Text
from registry.audit.chain import NOTHING_BEFORE, ChainEnd, read_end
from registry.audit.findings import PROVEN, AuditFinding, Fault
from registry.audit.signing import newest_head
from registry.audit.walk import walk
from registry.db.schema import knows_schema, newest_schema, revision_of
from registry.db.strangers import strangers
from registry.db.tables import audit_events, licences
from registry.facts.loss import UnacceptedLossError, check_loss
from registry.facts.register_id import find_registry_id
from registry.health.health import HealthFinding, HealthSubject, fail, ok, unknown, warn
from registry.journal.journal import Journal
from registry.ledger.certificates import list_intended
from registry.model import LicenceState
from registry.reconcile.outcome import AuditReport
from registry.reconcile.verification import NO_HEAD

_BIG_WAL_BYTES = 256 * 1024 * 1024
_TOLD = 5
"""Findings of the audit that are shown of each kind."""
_OF_EVENTS = frozenset(
    {
        Fault.ALTERED,
        Fault.INSERTED,
        Fault.MISSING,
        Fault.CUT,
        Fault.END,
        Fault.REWRITTEN,
        Fault.SIGNATURE,
        Fault.UNKNOWN_KEY,
    }
)
"""Faults of events and heads; the others are of records."""
_PENDING_AFTER = timedelta(hours=1)
_INTENDED_AFTER = timedelta(minutes=1)
_MAX_UNSIGNED = 100_000
"""Events that are walked at most; more wait for `xinyin audit verify`."""


def check_database(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that the database is reached, whole, and of this version's schema."""
    with subject.database.reading() as connection:
        found = revision_of(connection)
        yield from _judge_schema(found)
        for kind, table, name in strangers(connection):
            yield _not_ours(kind, table, name)
        if connection.dialect.name != "sqlite":
            return
        said = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
    if said != "ok":
        yield fail(
            Text("数据库文件已损坏。", "The database file is damaged."),
            Text("停止服务，从备份恢复。", "Stop the service and restore a backup."),
        )
    wal = subject.directory / "registry.db-wal"
    if wal.exists() and wal.stat().st_size > _BIG_WAL_BYTES:
        yield warn(
            Text("数据库的 WAL 文件过大。", "The database's WAL has grown large."),
            Text(
                "有进程长期未结束读取；请重启服务。",
                "Some process keeps reading an old state; restart the service.",
            ),
        )


def check_pending(subject: HealthSubject) -> Iterator[HealthFinding]:
    """Look for grants that were cut short."""
    before = subject.clock.now() - _PENDING_AFTER
    query = select(func.count()).where(
        licences.c.state == LicenceState.PENDING, licences.c.created_at < before
    )
    with subject.database.reading() as connection:
        count = int(connection.execute(query).scalar_one())
    if count:
        yield warn(
            Text(
                f"{count} 份颁发中断超过一小时。",
                f"{count} grants were cut short over an hour ago.",
            ),
            Text(
                "运行 xinyin licence resume 续办，或 licence void 作废。",
                "Finish them with xinyin licence resume, or close them with licence void.",
            ),
        )


def check_intents(subject: HealthSubject) -> Iterator[HealthFinding]:
    """Look for certificates that may have been signed and were never recorded."""
    with subject.database.reading() as connection:
        lost = list_intended(connection, subject.clock.now() - _INTENDED_AFTER)
    for entry in lost:
        name = f"{entry.intent.issuer}/{entry.intent.serial:x}"
        yield warn(
            Text(
                f"证书 {name} 有签发登记，无签发结果。",
                f"The certificate {name} was intended, and nothing more is known of it.",
            ),
            Text(
                f"若签名可能已流出，请撤销：xinyin ca revoke {entry.intent.serial:x} --reason …",
                "Where its signature may have escaped, revoke it: "
                f"xinyin ca revoke {entry.intent.serial:x} --reason …",
            ),
        )


def check_audit(subject: HealthSubject) -> Iterator[HealthFinding]:
    """Walk the audit from its newest signed head to its end; with `full`, all of it, and every
    head's signature, here and outside.
    """
    if subject.full:
        yield from _verified(subject)
        return
    with subject.database.snapshot() as connection:
        head = newest_head(connection)
        start = ChainEnd(0, NOTHING_BEFORE)
        if head is not None:
            start = ChainEnd(head.sequence, head.hash)
        end = recorded = read_end(connection)
        if recorded is not None and recorded.sequence - start.sequence <= _MAX_UNSIGNED:
            end = start
            with closing(walk(connection, start)) as steps:
                for step in steps:
                    end = step.end
                    if step.finding is not None:
                        yield _altered(step.finding.text)
                        return
        known = connection.execute(select(func.max(audit_events.c.sequence))).scalar_one()
    if recorded is None and known:
        yield _altered(Text("缺少审计链末端的记录。", "The record of the chain's end is missing."))
    elif end != recorded:
        yield _altered(Text("审计链的末端与记录不符。", "The chain does not end where it should."))
    if head is None and known:
        yield _never_signed()


def _verified(subject: HealthSubject) -> Iterator[HealthFinding]:
    """Report the audit's findings on events and heads; `check_record` does so of records."""
    report = subject.audit_report
    yield from _told(report, [one for one in report.findings if one.fault in _OF_EVENTS])
    for said in report.unchecked:
        yield _never_signed() if said == NO_HEAD else unknown(said)
    for lost in report.lost:
        yield ok(lost.zh, lost.en)


def check_record(subject: HealthSubject) -> Iterator[HealthFinding]:
    """Reconcile the tables with events and journal. With `full` only: it reads all of each."""
    if not subject.full:
        yield ok("仅在 --full 时核对。", "compared with --full only.")
        return
    report = subject.audit_report
    yield from _told(report, [one for one in report.findings if one.fault not in _OF_EVENTS])
    if report.journal_entries is None:
        yield unknown(
            Text("未与恢复日志比对，见“审计”。", "not compared with the journal: see “audit”.")
        )


def _told(report: AuditReport, found: list[AuditFinding]) -> Iterator[HealthFinding]:
    """Tell the first of them. What is proven comes first: it must not be lost among what a crash
    has left.
    """
    found.sort(key=lambda one: one.fault not in PROVEN)
    for one in found[:_TOLD]:
        yield _altered(one.text)
    if len(found) > _TOLD or (found and report.untold):
        yield _altered(Text("另有更多不符。", "More does not agree."))


def check_journal(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that the journal is there, whole, and this register's."""
    registry_id = find_registry_id(subject.database)
    if registry_id is None:
        yield warn(
            Text("登记库还没有恢复日志。", "The register has no journal yet."),
            Text("下一条写入的命令会建立它。", "The next command that writes will begin one."),
        )
        return
    directory = subject.settings.journal_directory(subject.directory)
    journal = Journal(directory, subject.clock)
    if journal.registry_id != registry_id:
        yield fail(
            Text("恢复日志属于另一个登记库。", "The journal is another register's."),
            Text("检查 [journal] directory。", "Check [journal] directory."),
        )
    with subject.database.reading() as connection:
        try:
            check_loss(connection)
        except UnacceptedLossError as error:
            yield fail(
                error.text,
                Text(
                    "用原恢复日志重新恢复，或执行 xinyin journal accept-loss。",
                    "Restore again with the journal, or run xinyin journal accept-loss.",
                ),
            )
    for _ in journal.read():  # raises where a line does not follow from the one before
        pass


def _not_ours(kind: str, table: str, name: str) -> HealthFinding:
    return fail(
        Text(
            f"表 {table} 上有不属于本系统的对象“{name}”（{kind}）：它能自行改动或隐瞒登记内容。",
            f"There is a {kind} “{name}” on the table {table}, which is not of our making: it can "
            "change or hide records by itself.",
        ),
        Text(
            "查明由谁建立，保存其定义后删除，再运行 xinyin audit verify。",
            "Find out who made it, keep its definition, drop it, and run xinyin audit verify.",
        ),
    )


def _judge_schema(found: str | None) -> Iterator[HealthFinding]:
    if found == newest_schema():
        return
    if found is not None and knows_schema(found):
        yield fail(
            Text(f"数据库结构较旧（{found}）。", f"The database has an older schema ({found})."),
            Text(
                "请停止服务、备份，然后运行 xinyin database migrate。",
                "Stop the services, back up, then run xinyin database migrate.",
            ),
        )
        return
    yield fail(
        Text(
            f"数据库结构（{found}）不属于本版本。", f"The schema ({found}) is not this version's."
        ),
        Text("请使用更新的信印版本。", "Use the newer Xinyin that made it."),
    )


def _never_signed() -> HealthFinding:
    return warn(
        Text("审计链尾签名从未签署。", "No head of the audit was ever signed."),
        Text("运行 xinyin audit sign。", "Run xinyin audit sign, or let the service run."),
    )


def _altered(said: Text) -> HealthFinding:
    return fail(said, Text("运行 xinyin audit verify 查明。", "Run xinyin audit verify."))
