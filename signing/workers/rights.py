"""Watch over attempts of a confined process to open or import what it can no longer have."""

import sys

_FORBIDDEN = frozenset({"open", "import", "os.listdir", "os.scandir", "ctypes.dlopen"})
_MOST_TOLD = 4
"""Attempts that are told; one already makes the judgement ours."""


def watch_rights() -> list[str]:
    """Return a list that names each attempt to open or import from now on.

    Such an attempt fails here, and whoever made it may take that for a fault of the document.
    """
    touched: list[str] = []

    def watch(event: str, _: tuple[object, ...]) -> None:
        if event in _FORBIDDEN and len(touched) < _MOST_TOLD:
            touched.append(event)

    sys.addaudithook(watch)
    return touched
