"""Findings on the audit, with their wording."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.text import Text
from registry.audit.heads import SignedHead, UnreadableLine
from registry.audit.kinds import Kind
from registry.audit.record_words import listed, standing


class Fault(StrEnum):
    """Kind of fault in the audit."""

    ALTERED = "altered"
    """An event is not what was recorded under its number: edited, replaced or moved there."""
    INSERTED = "inserted"
    """An event, a record or an end of the chain that nothing of ours has put there."""
    MISSING = "missing"
    CUT = "cut"
    """Events at the end are gone."""
    END = "end"
    """The record of where the chain ends does not fit the events."""
    REWRITTEN = "rewritten"
    """The chain is whole, but not the one whose end was signed."""
    SIGNATURE = "signature"
    """A head's signature does not hold."""
    UNKNOWN_KEY = "unknown_key"
    """A head is signed by a key that is none of the audit's."""
    UNREGISTERED = "unregistered"
    """A registered document that no event bears out."""
    UNRECORDED = "unrecorded"
    """A document that an event registered is not in the table as the event says."""
    EDITED = "edited"
    """A record says otherwise than its events."""
    ERASED = "erased"
    """A record that events tell of is gone."""
    UNBORNE = "unborne"
    """A record that no event tells of."""
    CONTRADICTED = "contradicted"
    """A record whose like the journal would have, and has not."""
    DISAGREES = "disagrees"
    """A record that does not say the journal's last word of it. A change that was cut off at its
    commit does that, and so does an edit of the table together with its events: no proof of either.
    """
    VANISHED = "vanished"
    """What the journal speaks of is gone."""


PROVEN = frozenset(Fault) - {Fault.DISAGREES}
"""Faults that only an alteration brings about."""


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """One thing that does not hold."""

    fault: Fault
    first: int
    """Number of the event, or of the first of several."""
    last: int
    text: Text


def finding(fault: Fault, text: Text, *, event: int = 0, last: int | None = None) -> AuditFinding:
    """Return a finding on one event, on those up to `last`, or on none."""
    return AuditFinding(fault, event, event if last is None else last, text)


def altered(sequence: int) -> AuditFinding:
    """An event that does not follow from the one before it."""
    return finding(
        Fault.ALTERED,
        Text(
            f"第 {sequence} 条不是当时的记录：被修改、替换，或从别处移来。",
            f"Event {sequence} is not what was recorded: it was edited, replaced or moved here.",
        ),
        event=sequence,
    )


def unnumbered(sequence: int) -> AuditFinding:
    """An event under a number that is none of the chain's."""
    return finding(
        Fault.INSERTED,
        Text(
            f"第 {sequence} 条不在审计链中：编号从 1 开始，它是被插入的。",
            f"Event {sequence} is not of the chain, whose numbers begin at 1: it was inserted.",
        ),
        event=sequence,
    )


def other_ends(count: int) -> AuditFinding:
    """Rows beside the one that says where the chain ends."""
    return finding(
        Fault.INSERTED,
        Text(
            f"审计链的末端记录之外另有 {count} 行，是被插入的。",
            f"Beside the record of where the chain ends there are {count} more rows: they were "
            "inserted.",
        ),
    )


def missing(first: int, last: int) -> AuditFinding:
    """Events that are not there, while later ones are."""
    which_zh = f"第 {first} 条" if first == last else f"第 {first} 至 {last} 条"
    which_en = f"Event {first} is" if first == last else f"Events {first} to {last} are"
    return AuditFinding(
        Fault.MISSING, first, last, Text(f"{which_zh}缺失。", f"{which_en} missing.")
    )


def unreadable(where: str, line: UnreadableLine) -> Text:
    """A line in a place of heads that is none."""
    return Text(
        f"“{where}”第 {line.number} 行无法读取。",
        f"Line {line.number} of “{where}” cannot be read.",
    )


def lost(where: str, restored_at: datetime, first: int, last: int) -> Text:
    """Events that a restoration on record went back behind."""
    at = f"{restored_at:%Y-%m-%d %H:%M:%S}Z"
    return Text(
        f"{at} 从备份恢复时丢失了当时的第 {first} 至 {last} 条（{where}）。",
        f"The restoration from a backup at {at} lost what were events {first} to "
        f"{last} until then ({where}).",
    )


def cut(end: int, last: int, where: str) -> AuditFinding:
    """Events at the end that are not there."""
    return finding(
        Fault.CUT,
        Text(
            f"末尾被截去：{where} 表明有第 {last} 条，而记录止于第 {end} 条。",
            f"The tail was cut off: {where} knows of event {last}, the events end at {end}.",
        ),
        event=end + 1,
        last=last,
    )


def end(sequence: int) -> AuditFinding:
    """The chain's own record of its end, which does not fit."""
    return finding(
        Fault.END,
        Text(
            f"审计链的末端记录与第 {sequence} 条不符，或已缺失。",
            f"The record of where the chain ends does not fit event {sequence}, or is missing.",
        ),
        event=sequence,
    )


def rewritten(where: str, first: int, head: SignedHead) -> AuditFinding:
    """Events whose hashes hold among themselves, but not against a head."""
    at = f"{head.signed_at:%Y-%m-%d %H:%M:%S}Z"
    return finding(
        Fault.REWRITTEN,
        Text(
            f"第 {first} 至 {head.sequence} 条被改写：与 {at} 签署的链尾不符（{where}）。",
            f"Events {first} to {head.sequence} were rewritten: they contradict the head signed "
            f"at {at} ({where}).",
        ),
        event=first,
        last=head.sequence,
    )


def unregistered(event: int, identifier: str, sequence: int) -> AuditFinding:
    """A revision in the table that no event registered as it stands there."""
    return finding(
        Fault.UNREGISTERED,
        Text(
            f"证照 {identifier} 的文件版本 {sequence} 没有相符的登记事件：登记表被改动。",
            f"Revision {sequence} of {identifier} is borne out by no event that registered it: "
            "the table was edited.",
        ),
        event=event,
    )


def unrecorded(event: int, identifier: str, entry: str) -> AuditFinding:
    """A revision that an event registered and the table does not have."""
    return finding(
        Fault.UNRECORDED,
        Text(
            f"第 {event} 条登记的 {identifier} 的文件（{entry[:24]}…）与登记表不符，或已缺失。",
            f"What event {event} registered of {identifier} ({entry[:24]}…) is not in the table.",
        ),
        event=event,
    )


def edited(kind: Kind, name: str, event: int, wrong: Sequence[str]) -> AuditFinding:
    """A record that says otherwise than its events; `event` is the last of them."""
    columns, said = listed(wrong), kind.value
    return finding(
        Fault.EDITED,
        Text(
            f"{said.zh} {name} 与其审计事件不符（{columns.zh}）：登记表被改动。",
            f"The {said.en} {name} is not as its events say ({columns.en}): the table was edited.",
        ),
        event=event,
    )


def impossible(kind: Kind, name: str, event: int, before: object, after: object) -> AuditFinding:
    """An event of a change that nothing here makes."""
    said, was, is_now = kind.value, standing(kind, before), standing(kind, after)
    return finding(
        Fault.INSERTED,
        Text(
            f"第 {event} 条把{said.zh} {name} 由“{was.zh}”改为“{is_now.zh}”：本系统不会作此更改，"
            "它是被插入的。",
            f"Event {event} brings the {said.en} {name} from {was.en} to {is_now.en}, which "
            "nothing here does: it was inserted.",
        ),
        event=event,
    )


def doubled(number: str, first: str, second: str) -> AuditFinding:
    """Two licences that hold one number."""
    return finding(
        Fault.EDITED,
        Text(
            f"证照 {first} 与 {second} 同时占用编号 {number}：登记表被改动。",
            f"The licences {first} and {second} both hold the number {number}: a table was edited.",
        ),
    )


def set_back(counter: str, value: int, given: int) -> AuditFinding:
    """A counter that would give a number again."""
    return finding(
        Fault.EDITED,
        Text(
            f"计数器 {counter} 为 {value}，而已用到 {given}：被改小，会重复发号。",
            f"The counter {counter} is at {value}, while {given} was given: it was set back and "
            "would give numbers twice.",
        ),
    )


def foreign_key(certificate: str, profile: str) -> AuditFinding:
    """A certificate of a service whose key nobody here has made."""
    return finding(
        Fault.UNBORNE,
        Text(
            f"证书 {certificate}（{profile}）的公钥不在密钥登记中：该密钥不是本系统生成的。"
            "请查明是谁签发的；不是本单位的，立即撤销（xinyin ca revoke）。",
            f"The certificate {certificate} ({profile}) is for a key that is not in the register "
            "of keys: nobody here has made it. Find out who had it issued; unless it is yours, "
            "revoke it now (xinyin ca revoke).",
        ),
    )


def erased(kind: Kind, name: str, event: int) -> AuditFinding:
    """A record that is gone."""
    return finding(
        Fault.ERASED,
        Text(
            f"第 {event} 条登记的{kind.value.zh} {name} 已不在登记表中：被删除。",
            f"The {kind.value.en} {name}, which event {event} tells of, is gone: it was deleted.",
        ),
        event=event,
    )


def unborne(kind: Kind, name: str) -> AuditFinding:
    """A record without any event."""
    return finding(
        Fault.UNBORNE,
        Text(
            f"{kind.value.zh} {name} 没有任何审计事件：是被插入登记表的。",
            f"No event tells of the {kind.value.en} {name}: it was inserted into the table.",
        ),
    )


def bad_head(fault: Fault, where: str, head: SignedHead) -> AuditFinding:
    """A head that proves nothing."""
    said = {
        Fault.SIGNATURE: Text(
            f"第 {head.sequence} 条的链尾签名无效（{where}）。",
            f"The signature on the head at event {head.sequence} does not hold ({where}).",
        ),
        Fault.UNKNOWN_KEY: Text(
            f"第 {head.sequence} 条的链尾所用密钥“{head.key_id}”不是审计密钥（{where}）。",
            f"The head at event {head.sequence} is signed by “{head.key_id}”, which is none of "
            f"the audit's keys ({where}).",
        ),
    }
    return AuditFinding(fault, head.sequence, head.sequence, said[fault])
