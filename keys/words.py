"""Words for keys' purposes and states, as operators read them."""

from typing import Final

from core.text import Text
from keys.life import KeyState
from keys.model import KeyPurpose

PURPOSES: Final = {
    KeyPurpose.ROOT_CA: Text("根CA", "root CA"),
    KeyPurpose.ISSUING_CA: Text("签发CA", "issuing CA"),
    KeyPurpose.SEAL: Text("电子印章", "seal"),
    KeyPurpose.OFFICER: Text("签署人", "officer"),
    KeyPurpose.OCSP: Text("OCSP", "OCSP"),
    KeyPurpose.TSA: Text("时间戳", "time-stamping"),
    KeyPurpose.RECEIPT: Text("核验回执", "receipts"),
    KeyPurpose.AUDIT: Text("审计链尾签名", "audit heads"),
    KeyPurpose.TRUST_LIST: Text("信任列表", "trust list"),
    KeyPurpose.CLIENT: Text("身份服务客户端", "client of an identity provider"),
    KeyPurpose.ARCHIVE: Text("归档包", "archive packages"),
}

STATES: Final = {
    KeyState.INTENDED: Text("待生成", "intended"),
    KeyState.GENERATED: Text("已生成", "generated"),
    KeyState.ACTIVE: Text("在用", "active"),
    KeyState.RETIRED: Text("已停用", "retired"),
    KeyState.DESTROYED: Text("已销毁", "destroyed"),
}
