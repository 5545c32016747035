"""Reasons as options: by their code, or by the Chinese name that people know."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

import click

from ca.ledger import RevocationReason
from cli.shell import messages
from cli.shell.output import spoken
from registry.licences.reason_words import DOCUMENT_REASON_NAMES, OTHER_NAMES, REASON_NAMES
from registry.model import Reason

R = TypeVar("R", bound=str)
_OWN_CODE: Final = re.compile(r"[0-9A-Z]{1,8}")
"""Form of a branch's own code (registry/types/licence_type.py)."""
_FINAL: Final = {
    RevocationReason.AFFILIATION_CHANGED: "隶属关系变更",
    RevocationReason.CA_COMPROMISE: "CA密钥泄露",
    RevocationReason.CESSATION_OF_OPERATION: "停止使用",
    RevocationReason.KEY_COMPROMISE: "密钥泄露",
    RevocationReason.PRIVILEGE_WITHDRAWN: "权限收回",
    RevocationReason.SUPERSEDED: "证书被取代",
    RevocationReason.UNSPECIFIED: "未说明",
}
"""Why certificates are revoked for good (RFC 5280 5.3.1)."""


class NamedType(click.ParamType[R]):
    """A reason among those that fit: `CHANGED`, `changed` or 变更."""

    name = "reason"

    def __init__(self, names: Mapping[R, str], others: Mapping[str, R]) -> None:
        self._names = dict(sorted(names.items()))
        self._others = others

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """List the codes with their names."""
        del param, ctx
        return f"[{'|'.join(self._listed())}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> R:
        """Return the reason that was written."""
        known = {
            written.lower(): one
            for one, name in self._names.items()
            for written in (str(one), name)
        } | {name: one for name, one in self._others.items() if one in self._names}
        found = known.get(str(value).strip().lower())
        if found is None:
            listed = ", ".join(self._listed())
            unfit = messages.reason_not_applicable(typed=value, choices=listed)
            self.fail(spoken(unfit), param, ctx)
        return found

    def _listed(self) -> list[str]:
        return [f"{one} {name}" for one, name in self._names.items()]


class NamedReasonType(NamedType[Reason | str]):
    """A reason of the law's, or a code of the branch's own, which the licence's type knows."""

    def __init__(self, reasons: Iterable[Reason]) -> None:
        super().__init__({one: REASON_NAMES[one].zh for one in reasons}, OTHER_NAMES)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Reason | str:
        """Return the law's reason, or the code as it was written."""
        typed = str(value).strip()
        return typed if _OWN_CODE.fullmatch(typed) else super().convert(value, param, ctx)


class DocumentReasonType(NamedType[Reason]):
    """A reason why an official document ended (党政机关公文处理工作条例)."""

    def __init__(self) -> None:
        super().__init__({one: name.zh for one, name in DOCUMENT_REASON_NAMES.items()}, {})


class RevocationReasonType(NamedType[RevocationReason]):
    """A reason why a certificate is revoked for good."""

    def __init__(self) -> None:
        super().__init__(_FINAL, {})
