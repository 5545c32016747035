"""The register of seals as it is told and filed (备案): each seal with its certificates and use.

《电子印章管理办法》(国办发〔2025〕33号) wants seals filed and each use recorded; which fields
a filing has is for the place where it is filed. So all that the register knows of a seal is
exported, a row for each of its certificates: whose it is, what it looks like, what proves it, since
when, and for what it may be used.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from core.text import Text
from registry.bodies.seal_records import SealCertificate, SealRecord
from registry.bodies.seal_register import SealAt, UseOfSeal

Facts = dict[str, Any]
COLUMNS: Final = {
    "authority_name": Text("印章所有者", "owner"),
    "uscc": Text("统一社会信用代码", "unified social credit code"),
    "level": Text("级别", "level"),
    "seal": Text("印章编码", "seal"),
    "kind": Text("印章类型", "kind"),
    "name": Text("专用章名称", "special seal"),
    "diameter_mm": Text("直径（毫米）", "diameter (mm)"),
    "image_sha256": Text("印模摘要值（SHA-256）", "digest of the appearance (SHA-256)"),
    "made_at": Text("制作时间", "made at"),
    "status": Text("当前状态", "status now"),
    "types": Text("用于的证照类型", "for licence types"),
    "count": Text("使用次数", "uses"),
    "last_used_at": Text("最近使用时间", "last used at"),
    "serial": Text("证书序列号", "certificate serial"),
    "issuer": Text("证书签发者", "certificate issuer"),
    "subject": Text("证书主体", "certificate subject"),
    "certificate_sha256": Text("证书摘要值（SHA-256）", "digest of the certificate (SHA-256)"),
    "algorithm": Text("密钥算法", "key algorithm"),
    "valid_from": Text("证书有效期起", "certificate valid from"),
    "valid_until": Text("证书有效期至", "certificate valid until"),
    "used_from": Text("证书启用时间", "certificate used from"),
    "used_until": Text("证书更换时间", "certificate replaced at"),
}
"""Fields of the filing, in order."""


def seal_facts(record: SealRecord) -> Facts:
    """Return all that the register knows of a seal."""
    return {
        "seal": record.seal.seal_id,
        "authority": record.seal.authority_id,
        "authority_name": record.owner.name,
        "uscc": record.owner.uscc,
        "level": str(record.owner.level),
        "kind": "special" if record.is_special else "own",
        "name": record.seal.name,
        "diameter_mm": record.diameter_mm,
        "image_sha256": record.image_sha256(),
        "made_at": _at(record.seal.created_at),
        "status": str(record.status),
        "types": [{"zh": one.zh, "en": one.en} for one in record.types],
        "count": record.uses,
        "last_used_at": _at(record.last_used_at),
        "certificates": [certificate_facts(one) for one in record.certificates],
    }


def certificate_facts(one: SealCertificate) -> Facts:
    """Return the facts of a seal's certificate."""
    its = one.certificate
    return {
        "serial": one.serial,
        "issuer": its.issuer.rfc4514_string(),
        "subject": its.subject.rfc4514_string(),
        "certificate_sha256": one.sha256,
        "algorithm": _algorithm(one),
        "valid_from": _at(its.not_valid_before_utc),
        "valid_until": _at(its.not_valid_after_utc),
        "used_from": _at(one.used_from),
        "used_until": _at(one.used_until),
    }


def use_facts(one: UseOfSeal) -> Facts:
    """Return the facts of a use."""
    return {
        "at": _at(one.at),
        "by": one.by,
        "number": one.number,
        "identifier": one.identifier,
        "type": one.type_code,
        "sha256": one.sha256,
        "event": one.event,
    }


def status_facts(one: SealAt) -> Facts:
    """Return the facts of how a seal stood and stands."""
    return {
        "seal": one.seal_id,
        "at": _at(one.at),
        "status": str(one.status),
        "was_good": one.was_good,
        "serial": None if one.certificate is None else one.certificate.serial,
        "certificate_sha256": None if one.certificate is None else one.certificate.sha256,
        "status_now": str(one.now),
        "revoked_at": _at(one.revoked_at),
        "invalidity_at": _at(one.invalidity_at),
    }


def filing_rows(seals: Iterator[Mapping[str, Any]], language: str) -> Iterator[Facts]:
    """Yield the rows of a filing: one for each certificate of each seal (`seal_facts`)."""
    for seal in seals:
        types = "、".join(one[language] for one in seal["types"])
        for certificate in seal["certificates"]:
            row = {**seal, **certificate, "types": types}
            yield {name: row[name] for name in COLUMNS}


def _at(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def _algorithm(one: SealCertificate) -> str:
    key = one.certificate.public_key()
    if isinstance(key, RSAPublicKey):
        return f"RSA-{key.key_size}"
    if isinstance(key, EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    return type(key).__name__.removesuffix("PublicKey")
