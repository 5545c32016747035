"""Examples of what finds and counts: searches, statistics, seals."""

from typing import Any, Final

_AT = "2026-11-30T01:00:00Z"
_STANDING: Final = {
    "granted": 5,
    "in_force": 3,
    "waiting": 0,
    "suspended": 1,
    "expired": 0,
    "cancelled": 1,
    "replaced": 0,
}
_SEAL: Final = {
    "seal": "market-food",
    "authority": "qinglan-market",
    "authority_name": "青岚市市场监督管理局",
    "uscc": "11990100MB00990250",
    "level": "city_or_county",
    "kind": "special",
    "name": "食品经营许可专用章",
    "diameter_mm": 45.0,
    "image_sha256": "5e" * 32,
    "made_at": _AT,
    "status": "GOOD",
    "types": [{"zh": "食品经营许可证", "en": "Food Operation Licence"}],
    "count": 379,
    "last_used_at": _AT,
    "certificates": [
        {
            "serial": "18e2daaabd2f212c",
            "issuer": "CN=Issuing CA 1,O=Sample,C=CN",
            "subject": "CN=Seal 1,O=Sample authority,C=CN",
            "certificate_sha256": "3c" * 32,
            "algorithm": "EC secp256r1",
            "valid_from": _AT,
            "valid_until": "2029-11-30T01:00:00Z",
            "used_from": _AT,
            "used_until": None,
        }
    ],
}


_EXPORT: Final = {
    "id": "6b1f0c2d9e8a7b3c4d5e",
    "state": "DONE",
    "why": None,
    "format": "csv",
    "personal": False,
    "rows": 412345,
    "size": 80123456,
    "sha256": "4d" * 32,
    "taken_at": _AT,
    "asked_at": _AT,
    "changed_at": _AT,
    "ends_at": "2026-12-03T01:00:00Z",
}


def found_examples(record: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the examples by the name of their shape; `record` is a licence's."""
    return {
        "FoundLicencesWire": {
            "licences": [record],
            "count": 1,
            "more": False,
            "next": None,
        },
        "ExportBody": {"type": "food-operation", "state": "IN_FORCE", "format": "csv"},
        "ExportWire": _EXPORT,
        "ExportsWire": {"exports": [_EXPORT]},
        "StatisticsWire": {
            "on": "2026-11-30",
            "rows": [
                {
                    "authority": "qinglan-market",
                    "type": "11990000999000101N001",
                    "month": "2026-11",
                    "counts": _STANDING,
                }
            ],
            "total": _STANDING,
        },
        "SealOnRecordWire": _SEAL,
        "SealsWire": {"seals": [_SEAL], "next": None},
        "SealUsesWire": {
            "uses": [
                {
                    "at": _AT,
                    "by": "id:0f7c2a6b9d3e4f5a6b7c",
                    "number": "JY19901210000017",
                    "identifier": record["identifier"],
                    "type": "11990000999000101N001",
                    "sha256": "8f" * 32,
                    "event": 1042,
                }
            ],
            "next": None,
        },
        "SealStatusWire": {
            "seal": "market-food",
            "at": "2026-03-01T01:00:00Z",
            "status": "GOOD",
            "was_good": True,
            "serial": "18e2daaabd2f212c",
            "certificate_sha256": "3c" * 32,
            "status_now": "REVOKED",
            "revoked_at": "2026-05-04T02:00:00Z",
            "invalidity_at": "2026-05-01T00:00:00Z",
        },
    }
