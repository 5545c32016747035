"""Loads whatever judging could load later, before a worker gives up the right to open files.

A codec or a module that is first needed for some certificate's BMPString would otherwise fail with
"too many open files", and that failure would look like the document's.
"""

import encodings
import importlib
import pkgutil
import sys
import warnings
from typing import Any

_PACKAGES = (
    "encodings",
    "asn1crypto",
    "cryptography.hazmat.primitives",
    "cryptography.hazmat.primitives.asymmetric",
    "cryptography.hazmat.primitives.ciphers",
    "cryptography.x509",
    "lxml",
    "pyhanko.pdf_utils",
    "pyhanko.pdf_utils.crypt",
    "pyhanko.pdf_utils.metadata",
    "pyhanko.sign.ades",
    "pyhanko.sign.diff_analysis",
    "pyhanko.sign.diff_analysis.rules",
    "pyhanko.sign.validation",
    "pyhanko_certvalidator",
    "pyhanko_certvalidator.ltv",
    "pyhanko_certvalidator.revinfo",
    "signing.inspection",
)
_MODULES = (
    "_strptime",  # datetime.strptime loads it at its first call
    "decimal",
    "fractions",
    "html.entities",
    "ipaddress",
    "linecache",
    "locale",
    "stringprep",
    "tokenize",
    "traceback",
    "unicodedata",
    "zlib",
    "zoneinfo",
)
_NOT_OURS = frozenset(
    {
        "encodings.mbcs",
        "encodings.oem",  # Windows'
        "lxml.ElementInclude",
        "lxml.cssselect",
        "lxml.html",
        "lxml.isoschematron",
        "lxml.usedoctest",
    }
)
"""Never used in judging, and not to be loaded everywhere."""
_XML_ENCODINGS = ("utf-16", "utf-32", "gb18030", "gbk", "big5", "shift_jis", "euc-jp", "euc-kr")
"""What XMP may declare; the C library loads its converters when they are first asked for."""


def preload() -> None:
    """Import every module and codec that judging may need."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated modules are loaded with the others
        for name in (*_MODULES, *_PACKAGES):
            _load(name)
        for name in _PACKAGES:
            package = sys.modules.get(name)
            for found in pkgutil.iter_modules(getattr(package, "__path__", ()), name + "."):
                if found.name not in _NOT_OURS:
                    _load(found.name)
    for name in sorted(set(encodings.aliases.aliases.values())):
        _look_up(name)
    etree: Any = importlib.import_module("lxml.etree")
    for name in _XML_ENCODINGS:
        text = f'<?xml version="1.0" encoding="{name}"?><a>证</a>'
        etree.fromstring(text.encode(name, "xmlcharrefreplace"))


def _load(name: str) -> None:
    """Import a module; one whose own needs are not installed is barred from being tried again."""
    try:
        importlib.import_module(name)
    except ImportError:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # documented in `import`


def _look_up(name: str) -> None:
    """Have a codec remembered by the interpreter."""
    try:
        "".encode(name)
    except (LookupError, UnicodeError):
        return  # not one of text
