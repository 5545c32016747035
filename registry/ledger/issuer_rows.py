"""Rows of our CAs: from and to records, and as facts of the audit."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from sqlalchemy import Row

from ca.issuers import IssuerRecord, IssuerRole, IssuerState
from core.ids import IssuerId, KeyId
from registry.ledger.outside_rows import list_sha256


def issuer_facts(values: Mapping[str, Any]) -> dict[str, str | int | None]:
    """Return the audit's facts of one of our CAs, by the columns of its row."""
    certificate, created_at = values["certificate"], values["created_at"]
    return {
        "state": values["state"],
        "parent": values["parent"],
        "key": values["key_id"],
        "sha256": None if certificate is None else hashlib.sha256(certificate).hexdigest(),
        "role": values["role"],
        "chain_sha256": list_sha256(values["chain"]),
        "shards": values["crl_shards"],
        "created_at": created_at.astimezone(UTC).isoformat(),
    }


def issuer_values(record: IssuerRecord) -> dict[str, object]:
    """Return the columns of the row of one of our CAs."""
    return {
        "issuer": record.issuer,
        "role": record.role,
        "parent": record.parent,
        "key_id": record.key_id,
        "state": record.state,
        "certificate": record.certificate,
        "chain": [base64.b64encode(one).decode() for one in record.chain],
        "crl_shards": record.crl_shards,
        "created_at": record.created_at,
    }


def issuer_of(row: Row[tuple[object, ...]]) -> IssuerRecord:
    """Return the CA in a whole row of `issuers`."""
    column = row._mapping  # noqa: SLF001  # SQLAlchemy's public accessor, in spite of its name
    return IssuerRecord(
        issuer=IssuerId(column["issuer"]),
        role=IssuerRole(column["role"]),
        parent=None if column["parent"] is None else IssuerId(column["parent"]),
        key_id=KeyId(column["key_id"]),
        state=IssuerState(column["state"]),
        created_at=column["created_at"],
        certificate=column["certificate"],
        chain=tuple(base64.b64decode(one) for one in column["chain"]),
        crl_shards=column["crl_shards"],
    )
