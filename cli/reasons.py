"""Reasons as options: by their code or by the name that the law gives them."""

from collections.abc import Iterable
from typing import Any

import click

from cli.output import spoken
from core.text import Text
from registry.model import Reason
from registry.reason_words import OTHER_NAMES, REASON_NAMES


class ReasonType(click.ParamType[Reason]):
    """A reason among those that fit: `CHANGED`, `changed` or 变更."""

    name = "reason"

    def __init__(self, reasons: Iterable[Reason]) -> None:
        self.reasons = sorted(reasons)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """List the codes with their names."""
        del param, ctx
        return f"[{'|'.join(_named(one) for one in self.reasons)}]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Reason:
        """Return the reason that was written."""
        known = {
            name: one
            for one in self.reasons
            for name in (one.value, one.value.lower(), REASON_NAMES[one].zh)
        } | {name: one for name, one in OTHER_NAMES.items() if one in self.reasons}
        found = known.get(str(value).strip())
        if found is None:
            listed = ", ".join(_named(one) for one in self.reasons)
            unfit = Text(
                f"“{value}”不是此处可用的事由；可用：{listed}。",
                f"“{value}” is not a reason that fits here; there are: {listed}.",
            )
            self.fail(spoken(unfit), param, ctx)
        return found


def _named(reason: Reason) -> str:
    return f"{reason} {REASON_NAMES[reason].zh}"
