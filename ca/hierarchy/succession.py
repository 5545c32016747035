"""Roll-over of issuing CAs: prepared, certified, furnished, put to use, retired."""

from collections.abc import Callable
from itertools import count

from ca.errors import NotFoundedError
from ca.hierarchy import messages
from ca.hierarchy.founding import HierarchyNames
from ca.hierarchy.steps import CaSteps, NewCa
from ca.issuers import IssuerRecord, IssuerRole, IssuerState, issuing_id
from ca.issuing.parts import CaParts
from ca.profiles.profiles import ProfileKind
from core.ids import IssuerId
from core.permits import Permit


def names_of(organization: str, uscc: str, number: int) -> HierarchyNames:
    """Return the names of an issuing CA, its responder and its time-stamping unit, by number."""
    return HierarchyNames(
        organization=organization,
        uscc=uscc,
        issuing=f"电子证照签发CA {number}",
        ocsp=f"电子证照OCSP服务 {number}",
        tsa=f"电子证照时间戳服务 {number}",
    )


class Succession:
    """The issuing CAs of one home. Every step can be repeated."""

    def __init__(
        self, parts: CaParts, steps: CaSteps, names: Callable[[int], HierarchyNames]
    ) -> None:
        """`names`: of the issuing CA of that number."""
        self._parts = parts
        self._steps = steps
        self._names = names

    def next_issuer(self) -> IssuerId:
        """Return the issuing CA that is to follow: one that is prepared, or a new one's id."""
        known = {one.issuer: one for one in self._issuing()}
        for number in count(1):
            record = known.get(issuing_id(number))
            if record is None or record.state is IssuerState.PREPARED:
                return issuing_id(number)
        raise AssertionError

    def new_ca(self, issuer: IssuerId, parent: IssuerId | None, crl_shards: int = 1) -> NewCa:
        """Return the parameters of a new issuing CA. Raises `BadSubjectError`."""
        names = self._names(number_of(issuer))
        profile = self._parts.profiles[ProfileKind.ISSUING]
        subject = names.subject(names.issuing)
        return NewCa(issuer, subject, profile, profile.algorithm, parent, crl_shards)

    def furnish(self, permit: Permit) -> list[IssuerId]:
        """Give each certified CA what it needs; where none is in use yet, put the first to use.

        Opens the key of a CA that lacks something. Returns the CAs that are prepared or new.
        """
        ready = [
            one.issuer
            for one in self._issuing()
            if one.state is IssuerState.PREPARED and one.certificate is not None
        ]
        for issuer in ready:
            names = self._names(number_of(issuer))
            ocsp, tsa = names.subject(names.ocsp), names.subject(names.tsa)
            self._steps.furnish(issuer, ocsp, tsa, permit)
        in_use = any(one.state is IssuerState.ACTIVE for one in self._issuing())
        if ready and not in_use:
            self._steps.set_state(ready[0], IssuerState.ACTIVE, permit)
        return ready

    def switch(self, to: IssuerId, permit: Permit) -> list[IssuerId]:
        """Put a furnished CA to use and retire the others; return these.

        Cut off in between, both are active and the newer issues; `settle` finishes it.
        """
        record = self._steps.get(to)
        if record.certificate is None:
            raise NotFoundedError(messages.ca_not_certified_yet(to))
        self.furnish(permit)
        self._steps.set_state(to, IssuerState.ACTIVE, permit)
        return self.settle(permit)

    def settle(self, permit: Permit) -> list[IssuerId]:
        """Retire every CA in use but the newest; return those that this retired."""
        active = [one.issuer for one in self._issuing() if one.state is IssuerState.ACTIVE]
        for issuer in active[:-1]:
            self._steps.set_state(issuer, IssuerState.RETIRED, permit)
        return active[:-1]

    def _issuing(self) -> list[IssuerRecord]:
        records = self._parts.ledger.list_issuers()
        return [one for one in records if one.role is IssuerRole.ISSUING]


def number_of(issuer: IssuerId) -> int:
    """Return the number of an issuing CA."""
    return int(issuer.rpartition("-")[2])
