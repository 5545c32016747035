"""Chinese words for what findings about records name: states, changes and columns.

English keeps the identifiers, which are English; in Chinese a reader would have to guess at them.
"""

from collections.abc import Iterable
from typing import Final

from ca.issuers import IssuerState
from ca.ledger import CertificateState
from core.text import Text
from keys.life import KeyState
from keys.words import STATES as KEY_STATES
from registry.audit.kinds import Kind
from registry.model import LicenceState
from registry.state_words import standing_of

_STATES: Final[dict[Kind, dict[str, str]]] = {
    Kind.LICENCE: {state: standing_of(state, None).zh for state in LicenceState},
    Kind.CERTIFICATE: {
        CertificateState.INTENDED: "待签发",
        CertificateState.ISSUED: "已签发",
        CertificateState.REVOKED: "已撤销或暂停",
        "certificate.intended": "待签发",
        "certificate.issued": "已签发",
        "certificate.held": "已暂停",
        "certificate.released": "已解除暂停",
        "certificate.revoked": "已撤销",
        "certificate.restored": "已从备份恢复",
    },
    Kind.KEY: {
        **{state: KEY_STATES[state].zh for state in KeyState},
        "key.generated": "已生成",
        "key.found": "已补登",
        "key.activated": "在用",
        "key.retired": "已停用",
        "key.destroyed": "已销毁",
    },
    **{
        kind: {"added": "已登记", f"{kind.name.lower()}.added": "再次登记"}
        for kind in (Kind.AUTHORITY, Kind.SEAL, Kind.TYPE, Kind.MANDATE, Kind.MATTER)
    },
    Kind.TYPE_VERSION: {"added": "已登记", "type.added": "再次登记"},
    Kind.IDENTITY: {"added": "已登记", "identity.added": "再次登记"},
    Kind.ROLE: {
        "added": "已分配",
        "ended": "已结束",
        "role.added": "再次分配",
        "role.ended": "再次结束",
    },
    Kind.OFFICER_CERTIFICATE: {"added": "已登记", "officer.added": "再次登记"},
    Kind.DESK_REQUEST: {
        "": "未提出",
        "added": "已提出",
        "request.added": "已提出",
        "request.approved": "已批准",
        "request.reopened": "待重新批准",
        "request.rejected": "已驳回",
        "request.withdrawn": "已撤销申请",
        "request.lapsed": "已过期",
        "request.done": "已办结",
    },
    Kind.ACCESSION: {"added": "已登记", "accession.added": "再次登记"},
    Kind.CORRECTION: {
        "added": "已提出",
        "correction.added": "再次提出",
    },
    Kind.ISSUER: {
        IssuerState.PREPARED: "待启用",
        IssuerState.ACTIVE: "在用",
        IssuerState.RETIRED: "已停用",
    },
}
COLUMNS: Final = {
    "action": "办理事项",
    "algorithm": "算法",
    "authority": "颁发机构",
    "authority_id": "颁发机构",
    "basis": "依据",
    "bound_at": "登记时间",
    "by": "办理人",
    "certificate": "证书",
    "certificate_sha256": "证书的摘要值",
    "chain_sha256": "证书链的摘要值",
    "changed_at": "变更时间",
    "changes": "变更次数",
    "created_at": "建立时间",
    "csr": "申请内容",
    "decided_at": "审批时间",
    "decided_by": "审批人",
    "due_on": "办理期限",
    "extended": "是否延期",
    "source": "提出方",
    "suspended_until": "暂停截止日",
    "derived": "密钥域和长度",
    "detail": "结果",
    "digest": "内容的摘要值",
    "document_number": "文号",
    "ended": "停用时间",
    "ended_at": "结束时间",
    "ended_by": "结束人",
    "face": "证照内容",
    "finished": "办结",
    "given_at": "分配时间",
    "holder_code": "持证主体代码",
    "holder_name": "持证主体名称",
    "identifier": "证照标识",
    "identity": "身份",
    "intended_at": "登记时间",
    "invalidity_at": "密钥可疑起始时间",
    "issued_at": "签发时间",
    "issuer": "签发CA",
    "key": "密钥",
    "key_id": "密钥",
    "kind": "类别",
    "lapses_at": "过期时间",
    "level": "级别",
    "link_token": "核验链接",
    "merged_into": "并入的身份",
    "name": "名称",
    "names": "名称",
    "origin": "来源",
    "grade": "可信等级",
    "taken_at": "接收时间",
    "not_after": "有效期至",
    "not_before": "有效期起",
    "number": "证照编号",
    "of": "申请对象",
    "owner": "归属",
    "parent": "上级",
    "path_sha256": "证书链的摘要值",
    "person": "身份信息",
    "policy": "时间戳策略",
    "profile": "证书模板",
    "protections": "存档保护",
    "protections.certificate_until": "存档保护期限",
    "protections.sequence": "存档保护的版本",
    "protections.suite": "存档保护的算法",
    "purpose": "用途",
    "reason": "事由",
    "refused": "拒绝",
    "replaced_at": "更换时间",
    "replaced_by": "换发的新证",
    "replaces": "原证照",
    "request": "请求号",
    "requested_at": "申请时间",
    "reseal": "重新盖章",
    "revisions.judgement": "文件的核验结论",
    "revisions.registered_at": "文件的登记时间",
    "revisions.signed_digest": "签章的摘要值",
    "revoked_at": "撤销时间",
    "role": "角色",
    "rows": "行数",
    "seal": "印章",
    "seal_id": "印章",
    "serial": "序列号",
    "series": "编号归属",
    "series.open": "编号占用",
    "sha256": "摘要值",
    "version": "版本",
    "shard": "撤销列表分片",
    "shards": "撤销列表分片数",
    "signed_at": "签发时间",
    "since": "可疑起始时间",
    "slug": "短名",
    "spki_sha256": "公钥的摘要值",
    "state": "状态",
    "state known": "状态",
    "subject": "证书主体",
    "successor": "承继机构",
    "tbs_sha256": "签发内容的摘要值",
    "tsa": "时间戳服务",
    "tsa_ca": "时间戳服务的CA",
    "type": "证照类型",
    "type_code": "证照类型",
    "type_sha256": "证照类型定义的摘要值",
    "updated_at": "更新时间",
    "uscc": "统一社会信用代码",
    "valid_from": "有效期起",
    "valid_until": "有效期至",
    "value": "值",
    "where": "存放位置",
    "why": "原因",
}


def standing(kind: Kind, code: object) -> Text:
    """Return a state of a record, or a change of it, as findings say it."""
    return Text(_STATES.get(kind, {}).get(str(code), str(code)), str(code))


def listed(columns: Iterable[str]) -> Text:
    """Return the names of columns as findings say them."""
    names = list(columns)
    zh = dict.fromkeys(COLUMNS.get(name, name) for name in names)
    return Text("、".join(zh), ", ".join(names))
