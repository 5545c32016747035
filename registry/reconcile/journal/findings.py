"""Findings where the journal and the tables disagree, with their wording."""

from collections.abc import Sequence
from datetime import datetime

from core.text import Text
from registry.audit.findings import AuditFinding, Fault, finding
from registry.audit.kinds import Kind
from registry.audit.record_words import listed, standing

_FORGED = Text(
    "凡记录都先写入恢复日志再生效。请保全现场，停止服务，"
    "用该恢复日志从备份恢复（xinyin restore --journal）。",
    "The journal is written before a record takes effect. Keep everything as it is, stop the "
    "service, and restore a backup with this journal (xinyin restore --journal).",
)
_CUT_OFF = Text(
    "若是更改中途被中断，请重新办理一次（已生效的，先撤回再办理）；否则登记库已被改动："
    "请保全现场，停止服务，用该恢复日志从备份恢复（xinyin restore --journal）。",
    "Where the change was cut off, make it again (where it stands, undo it first); else the "
    "database was edited: keep everything as it is, stop the service, and restore a backup with "
    "this journal (xinyin restore --journal).",
)


def not_journalled(event: int, identifier: str, sequence: int) -> AuditFinding:
    """A revision that the journal does not name."""
    return finding(
        Fault.CONTRADICTED,
        Text(
            f"证照 {identifier} 的文件版本 {sequence} 不在恢复日志中，"
            f"不是本系统登记的。{_FORGED.zh}",
            f"Revision {sequence} of {identifier} is not in the journal: it was not registered "
            f"here. {_FORGED.en}",
        ),
        event=event,
    )


def other_face(identifier: str) -> AuditFinding:
    """A licence whose face is another than the one whose document was journalled."""
    return finding(
        Fault.CONTRADICTED,
        Text(
            f"证照 {identifier} 的内容与恢复日志中颁发时的摘要不符：登记库被改动。{_FORGED.zh}",
            f"The licence {identifier} does not say what it said when it was granted, by the "
            f"journal: the database was edited. {_FORGED.en}",
        ),
    )


def not_reserved(identifier: str) -> AuditFinding:
    """A licence that is pending, or was granted, and was not reserved here as it is."""
    return finding(
        Fault.CONTRADICTED,
        Text(
            f"证照 {identifier} 在恢复日志中没有这样的预留：不是本系统预留的，或内容被改动。"
            "待发的不会签章，查明后用 xinyin licence void 作废；已颁发的，请停用该证照。"
            f"{_FORGED.zh}",
            f"The journal knows of no reservation of the licence {identifier} as it stands: it was "
            "not reserved here, or was changed. While it is pending it is not sealed: close it "
            "with xinyin licence void once this is looked into; one that was granted must be "
            f"suspended. {_FORGED.en}",
        ),
    )


def disagrees(
    kind: Kind,
    name: str,
    at: datetime,
    *,
    said: object,
    found: object,
    wrong: Sequence[str],
    proven: bool,
) -> AuditFinding:
    """A record that says otherwise than the journal's last word of it."""
    columns, what, remedy = listed(wrong), kind.value, _FORGED if proven else _CUT_OFF
    told, there = standing(kind, said), standing(kind, found)
    return finding(
        Fault.CONTRADICTED if proven else Fault.DISAGREES,
        Text(
            f"{what.zh} {name}：恢复日志于 {at:%Y-%m-%d %H:%M:%S}Z 记为“{told.zh}”，"
            f"登记库为“{there.zh}”（不符：{columns.zh}）。{remedy.zh}",
            f"The {what.en} {name}: the journal has it as {told.en} since {at:%Y-%m-%d %H:%M:%S}Z, "
            f"the database as {there.en} (not the same: {columns.en}). {remedy.en}",
        ),
    )


def unsaid(kind: Kind, name: str, event: int) -> AuditFinding:
    """A record that left force without the journal's saying so."""
    what = kind.value
    return finding(
        Fault.CONTRADICTED,
        Text(
            f"{what.zh} {name} 已不在有效状态，而恢复日志没有这一更改。{_FORGED.zh}",
            f"The {what.en} {name} is out of force, and the journal knows of no such change. "
            f"{_FORGED.en}",
        ),
        event=event,
    )


def head_not_journalled(first: int, last: int) -> AuditFinding:
    """Heads that the database has and the journal lacks, which had them first."""
    return finding(
        Fault.CONTRADICTED,
        Text(
            f"数据库中第 {first} 至 {last} 条间有链尾签名不在恢复日志中：恢复日志的条目被删去，"
            "或换成了旧的副本。请保全现场，停止服务，接上原恢复日志，或从其副本恢复。",
            f"Heads between events {first} and {last} are in the database and not in the journal: "
            "entries were taken out of it, or an old copy lies in its place. Keep everything as it "
            "is, stop the service, and attach the journal itself or restore it from a copy.",
        ),
        event=first,
        last=last,
    )


def loss_not_journalled(event: int) -> AuditFinding:
    """An event that accepts a loss, of which the journal knows nothing."""
    return finding(
        Fault.CONTRADICTED,
        Text(
            f"第 {event} 条确认了数据缺失，而恢复日志没有这一确认：不是本系统记录的。{_FORGED.zh}",
            f"Event {event} accepts a loss of data, and the journal knows of no such acceptance: "
            f"it was not recorded here. {_FORGED.en}",
        ),
        event=event,
    )


def vanished(kind: Kind, name: str, at: datetime) -> AuditFinding:
    """Return the finding that the database lacks what the journal speaks of."""
    what = kind.value
    return finding(
        Fault.VANISHED,
        Text(
            f"恢复日志于 {at:%Y-%m-%d %H:%M:%S}Z 记有{what.zh} {name}，登记库中没有：被删除。"
            f"{_FORGED.zh}",
            f"The journal speaks of the {what.en} {name} at {at:%Y-%m-%d %H:%M:%S}Z, and the "
            f"database does not have it: it was deleted. {_FORGED.en}",
        ),
    )
