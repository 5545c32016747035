"""Certification paths, bounded in what is tried (RFC 5280 6.1; RFC 4158 5.2).

pyHanko tries every order of certificates that bear fitting names: sixty of one name kept it busy
for eleven seconds. Here only issuers count whose key is not known to be another than the one that
signed, only ways that end at an anchor are walked, and few of them, the shortest first. As in
`names`, the library is changed in this one place.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from asn1crypto import x509
from pyhanko_certvalidator.authority import AuthorityWithCert, TrustAnchor
from pyhanko_certvalidator.errors import PathBuildingError
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.registry import PathBuilder
from pyhanko_certvalidator.util import CancelableAsyncIterator

from signing.inspection.identity import issued

_MOST_PATHS = 8
"""Paths handed out for one certificate; cross-certified CAs have two or three."""
_MOST_LENGTH = 10
"""Certificates below the anchor; public PKIs have up to four."""
_MOST_CERTIFICATES = 48
"""Certificates looked at on the way to the anchors."""
_MOST_ISSUERS = 256
"""Pairs of certificate and possible issuer that are looked at."""
_MOST_STEPS = 512
"""Beginnings of paths that are kept."""

_reached: ContextVar[set[str] | None] = ContextVar("reached", default=None)


@contextmanager
def bounded_paths() -> Iterator[set[str]]:
    """Build paths within the bounds; yields the codes of bounds that were reached."""
    _install()
    found: set[str] = set()
    token = _reached.set(found)
    try:
        yield found
    finally:
        _reached.reset(token)


class _Paths(CancelableAsyncIterator[ValidationPath]):
    """Paths of one certificate, as pyHanko's iterator gives them."""

    def __init__(self, paths: list[ValidationPath]) -> None:
        self._paths = iter(paths)
        self._none = not paths

    async def cancel(self) -> None:
        """Nothing is under way."""

    def __aiter__(self) -> "_Paths":
        return self

    async def __anext__(self) -> ValidationPath:
        if self._none:
            raise PathBuildingError("no way to an anchor")
        for path in self._paths:
            return path
        raise StopAsyncIteration


class _Search:
    """The certificates above one certificate, and the ways from it to anchors."""

    def __init__(self, builder: PathBuilder) -> None:
        self._builder = builder
        self._issuers: dict[bytes, list[x509.Certificate]] = {}
        self._anchors: dict[bytes, list[TrustAnchor]] = {}
        self._pairs = 0

    def paths(self, certificate: x509.Certificate) -> list[ValidationPath]:
        """Return ways to anchors, the shortest first."""
        if certificate.issuer.hashable not in self._names_below_anchors():
            return []
        self._explore(certificate)
        leading = self._leading()
        found: list[ValidationPath] = []
        waiting: deque[tuple[x509.Certificate, ...]] = deque()
        if certificate.dump() in leading:
            waiting.append((certificate,))
        steps = 0
        while waiting:
            way = waiting.popleft()
            top = way[-1].dump()
            for anchor in self._anchors.get(top, ()):
                if len(found) == _MOST_PATHS:
                    _note()
                    return found
                found.append(ValidationPath(anchor, list(reversed(way[1:])), way[0]))
            for issuer in self._issuers.get(top, ()):
                above = issuer.dump()
                if above not in leading or any(above == one.dump() for one in way):
                    continue
                steps += 1
                if len(way) == _MOST_LENGTH or steps > _MOST_STEPS:
                    _note()
                    continue
                waiting.append((*way, issuer))
        return found

    def _names_below_anchors(self) -> set[str]:
        """Return the names that the anchors bear, and those of certificates below them."""
        manager: Any = self._builder.trust_manager
        names = {anchor.subject.hashable for anchor in manager.iter_certs()}
        left = [(one.issuer.hashable, one.subject.hashable) for one in self._builder.registry]
        found = True
        while found:
            found = False
            for issuer, subject in left:
                if issuer in names and subject not in names:
                    names.add(subject)
                    found = True
        return names

    def _explore(self, certificate: x509.Certificate) -> None:
        """Find what may stand above a certificate, breadth first."""
        waiting, seen = deque([certificate]), {certificate.dump()}
        while waiting:
            current = waiting.popleft()
            own = current.dump()
            candidates: Any = self._builder.registry.find_potential_issuers(
                current, self._builder.trust_manager
            )
            for issuer in candidates:
                self._pairs += 1
                if self._pairs > _MOST_ISSUERS:
                    _note()
                    return
                if isinstance(issuer, TrustAnchor):
                    self._anchors.setdefault(own, []).append(issuer)
                    continue
                if issued(current, issuer) is False:
                    continue
                self._issuers.setdefault(own, []).append(issuer)
                if issuer.dump() in seen:
                    continue
                if len(seen) == _MOST_CERTIFICATES:
                    _note()
                    continue
                seen.add(issuer.dump())
                waiting.append(issuer)

    def _leading(self) -> set[bytes]:
        """Return the certificates from which an anchor can be reached."""
        below: dict[bytes, list[bytes]] = {}
        for own, issuers in self._issuers.items():
            for issuer in issuers:
                below.setdefault(issuer.dump(), []).append(own)
        leading = set(self._anchors)
        waiting = list(leading)
        while waiting:
            for lower in below.get(waiting.pop(), ()):
                if lower not in leading:
                    leading.add(lower)
                    waiting.append(lower)
        return leading


def _note() -> None:
    reached = _reached.get()
    if reached is not None:
        reached.add("limit_path")


def _build(builder: PathBuilder, certificate: x509.Certificate) -> _Paths:
    """Stand in for `PathBuilder.async_build_paths_lazy`."""
    anchor = builder.trust_manager.as_trust_anchor(AuthorityWithCert(certificate))
    if anchor is not None:
        return _Paths([ValidationPath(anchor, [], None)])
    return _Paths(_Search(builder).paths(certificate))


@cache
def _install() -> None:
    changed: Any = PathBuilder
    changed.async_build_paths_lazy = _build
