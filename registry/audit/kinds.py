"""Kinds of records that the audit bears out."""

from enum import Enum

from core.text import Text


class Kind(Enum):
    """Kind of record, with its name in messages."""

    LICENCE = Text("证照", "licence")
    CERTIFICATE = Text("证书", "certificate")
    AUTHORITY = Text("颁发机构", "authority")
    SEAL = Text("印章", "seal")
    TYPE = Text("证照类型", "licence type")
    TYPE_VERSION = Text("证照类型的定义", "definition of a licence type")
    MATTER = Text("事项", "matter")
    MANDATE = Text("颁发授权", "mandate")
    ISSUER = Text("签发CA", "CA")
    OUTSIDE_CA = Text("外部签发CA", "outside CA")
    KEY = Text("密钥", "key")
    CRL = Text("证书撤销列表", "CRL")
    COMPROMISE = Text("印章私钥泄露的处置", "case of a compromised seal")
    REQUEST = Text("证书申请", "certificate request")
    FACT = Text("登记库的属性", "fact of the register")
    IDENTITY = Text("身份", "identity")
    ROLE = Text("角色分配", "role")
    DESK_REQUEST = Text("待批申请", "request for approval")
    ACCESSION = Text("接收入库的证照", "licence taken over")
    CORRECTION = Text("更正申请", "request for a correction")
    OFFICER_CERTIFICATE = Text("人员证书的归属", "owner of an officer's certificate")
