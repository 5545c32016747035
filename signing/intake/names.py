"""Names of resources that a content uses: each must stand in its own dictionary.

Where one does not, some readers take what the page has under that name, or the form around it;
others take nothing, or a font of their own. What is signed would not be what is shown (ISO
32000-2 7.8.3). Property lists are left out: what hides something by them, a layer, is refused
wherever it stands.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from signing.intake.looking import entry, is_dictionary
from signing.intake.writing import OddFileError, read_name

_KINDS = {
    b"Do": "/XObject",
    b"gs": "/ExtGState",
    b"Tf": "/Font",
    b"sh": "/Shading",
    b"cs": "/ColorSpace",
    b"CS": "/ColorSpace",
    b"sc": "/Pattern",
    b"SC": "/Pattern",
    b"scn": "/Pattern",
    b"SCN": "/Pattern",
}
"""Of the last two pairs: some readers take a pattern's name with `sc` as well."""
_DEVICES = frozenset({b"/DeviceGray", b"/DeviceRGB", b"/DeviceCMYK", b"/Pattern"})
_INLINE = _DEVICES | {b"/G", b"/RGB", b"/CMYK", b"/I", b"/Indexed"}
_NAME = re.compile(rb"/[^\x00\t\n\f\r ()<>\[\]{}/%]*")
_OPERATOR = re.compile(rb"[A-Za-z]+")
_MOST_OPERANDS = 32
_MOST_NAMES = 20_000


@dataclass(slots=True)
class UsedNames:
    """Names that a content uses, by the kind of resource."""

    used: dict[tuple[str, str], None] = field(default_factory=dict)
    _waiting: list[bytes] = field(default_factory=list)
    """Operands of an operator to come."""

    def meet(self, name: bytes, *, within: bool = False) -> None:
        """Note a name, unless it is within an array or a dictionary. Raises `OddFileError`."""
        if within:
            return
        self._waiting.append(name)
        if len(self._waiting) > _MOST_OPERANDS:
            raise OddFileError("content")

    def operate(self, run: bytes) -> None:
        """Note the first operator of a run: it takes all names that wait."""
        if not self._waiting:
            return
        found = _OPERATOR.search(run)
        if found is None and not run.strip(b"'\""):
            self._waiting.clear()
        if found is None:
            return
        kind = _KINDS.get(found[0])
        for name in self._waiting if kind else ():
            if kind != "/ColorSpace" or name not in _DEVICES:
                self._use(str(kind), name)
        self._waiting.clear()

    def colour(self, value: bytes) -> None:
        """Note the colour space of an inline image."""
        for name in _NAME.findall(value):
            if name not in _INLINE:
                self._use("/ColorSpace", name)

    def _use(self, kind: str, name: bytes) -> None:
        self.used[kind, str(read_name(name[1:]))] = None
        if len(self.used) > _MOST_NAMES:
            raise OddFileError("content")

    def missing(self, resources: Any) -> list[tuple[str, str]]:
        """Return those that a dictionary of resources does not have."""
        held = resources if is_dictionary(resources) else None
        return [(kind, name) for kind, name in self.used if entry(entry(held, kind), name) is None]
