"""Output of the result of verifying the audit."""

from cli.keeping import messages
from cli.shell.output import Output
from registry.audit.findings import PROVEN
from registry.reconcile.outcome import AuditReport


def tell(output: Output, report: AuditReport) -> None:
    """Say what came of it."""
    if output.as_json:
        output.data(_report(output, report))
        return
    language = output.language
    for finding in report.findings:
        mark = "✗" if finding.fault in PROVEN else "?"
        output.text(f"{mark} {finding.text.to(language)}")
    if report.untold:
        more = messages.more_findings(report.untold)
        output.text(more.to(language))
    for told in report.unchecked:
        output.text(f"? {told.to(language)}")
    for told in report.lost:
        output.text(f"! {told.to(language)}")
    if not report.findings and not report.unchecked:
        whole = messages.AUDIT_INTACT
        told = messages.audit_holds_since(report.since) if report.since else whole
        output.text(told.to(language))
    heads = ", ".join(f"{where} {count}" for where, count in report.heads.items())
    summary = messages.audit_summary(
        events=report.events, unsigned_events=report.unsigned_events, heads=heads
    )
    output.text(summary.to(language))


def _report(output: Output, report: AuditReport) -> dict[str, object]:
    newest = report.newest_head
    return {
        "result": report.result,
        "since": report.since,
        "events": report.events,
        "unsigned_events": report.unsigned_events,
        "newest_head": None if newest is None else newest.to_json(),
        "heads": report.heads,
        "journal_entries": report.journal_entries,
        "findings": [
            {
                "fault": one.fault,
                "first": one.first,
                "last": one.last,
                "message": one.text.to(output.language),
            }
            for one in report.findings
        ],
        "more_findings": report.untold,
        "lost": [told.to(output.language) for told in report.lost],
        "unchecked": [told.to(output.language) for told in report.unchecked],
    }
