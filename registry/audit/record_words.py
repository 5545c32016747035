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

_STATES: Final[dict[Kind, dict[str, str]]] = {
    Kind.LICENCE: {
        LicenceState.PENDING: "办理中",
        LicenceState.IN_FORCE: "有效",
        LicenceState.SUSPENDED: "暂停使用",
        LicenceState.CANCELLED: "已注销",
        LicenceState.EXPIRED: "已过期",
        LicenceState.REPLACED: "已换发新证",
        LicenceState.VOID: "已作废",
    },
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
    Kind.ISSUER: {
        IssuerState.PREPARED: "待启用",
        IssuerState.ACTIVE: "在用",
        IssuerState.RETIRED: "已停用",
    },
}
COLUMNS: Final = {
    "algorithm": "算法",
    "authority": "颁发机构",
    "authority_id": "颁发机构",
    "basis": "依据",
    "certificate": "证书",
    "certificate_sha256": "证书的摘要值",
    "changed_at": "变更时间",
    "face": "证照内容",
    "identifier": "证照标识",
    "invalidity_at": "密钥可疑起始时间",
    "issuer": "签发CA",
    "key": "密钥",
    "level": "级别",
    "link_token": "核验链接",
    "name": "名称",
    "not_after": "有效期至",
    "not_before": "有效期起",
    "number": "证照编号",
    "parent": "上级CA",
    "path_sha256": "证书链的摘要值",
    "profile": "证书模板",
    "purpose": "用途",
    "reason": "事由",
    "replaced_by": "换发的新证",
    "replaces": "原证照",
    "revoked_at": "撤销时间",
    "seal": "印章",
    "seal_id": "印章",
    "series": "编号归属",
    "series.open": "编号占用",
    "sha256": "摘要值",
    "serial": "序列号",
    "shard": "撤销列表分片",
    "slug": "短名",
    "spki_sha256": "公钥的摘要值",
    "state": "状态",
    "tbs_sha256": "签发内容的摘要值",
    "tsa": "时间戳服务",
    "tsa_ca": "时间戳服务的CA",
    "type_code": "证照类型",
    "uscc": "统一社会信用代码",
}


def standing(kind: Kind, code: object) -> Text:
    """Return a state of a record, or a change of it, as findings say it."""
    return Text(_STATES.get(kind, {}).get(str(code), str(code)), str(code))


def listed(columns: Iterable[str]) -> Text:
    """Return the names of columns as findings say them."""
    names = list(columns)
    zh = dict.fromkeys(COLUMNS.get(name, name) for name in names)
    return Text("、".join(zh), ", ".join(names))
