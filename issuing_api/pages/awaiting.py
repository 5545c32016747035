"""Requests that await who signed in: those that they may decide or carry out, and their count."""

from collections.abc import Callable, Mapping

from core.ids import TypeCode
from issuing_api.pages.kinds import kind_of, may_carry_out, may_decide
from issuing_api.pages.visits import PageUse, Visit
from registry.officers.model import DeskRequest, DeskRequestState
from registry.types.licence_type import LicenceType

_Judge = Callable[[PageUse, Visit, DeskRequest, LicenceType | None], bool]
MOST_COUNTED = 99
"""Above it the navigation says that there are more."""


def count_awaiting(use: PageUse, visit: Visit) -> int:
    """Return how many requests await who signed in; nothing awaits who only reads.

    Requests that are judged alike are counted together: one query, however many there are.
    """
    if visit.known is None or visit.standing.reach.supervises:
        return 0
    groups = use.sight(visit).open_requests_alike()
    codes = {one.example.type_code for one in groups} - {None}
    judged = JudgedRequests(
        use, visit, {code: use.abilities.type_of(code) for code in codes if code}
    )
    return sum(
        one.count
        if judged.may_carry_out(one.example)
        else one.of_others
        if judged.may_decide_now(one.example)
        else 0
        for one in groups
    )


def count_seals(use: PageUse, visit: Visit) -> int:
    """Return how many documents of others await that who signed in asks for their authority's
    seal.
    """
    if visit.known is None or visit.standing.reach.supervises or use.desk.papers is None:
        return 0
    return use.desk.documents.rounds.count_to_do(visit.standing, MOST_COUNTED + 1)


class JudgedRequests:
    """Abilities of one person, looked up once for each authority, type and kind."""

    def __init__(self, use: PageUse, visit: Visit, types: Mapping[TypeCode, LicenceType]) -> None:
        self._use = use
        self._visit = visit
        self._types = types
        self._found: dict[tuple[object, ...], bool] = {}

    @property
    def may_do_anything(self) -> bool:
        """True unless they only read."""
        return not self._visit.standing.reach.supervises

    def may_decide(self, request: DeskRequest) -> bool:
        """Tell whether they may decide on a request."""
        return self._may(may_decide, request)

    def may_decide_now(self, request: DeskRequest) -> bool:
        """Tell the same of one that waits."""
        return request.state is DeskRequestState.WAITING and self.may_decide(request)

    def may_carry_out(self, request: DeskRequest) -> bool:
        """Tell whether they may carry a request out."""
        return self._may(may_carry_out, request)

    def _may(self, judge: _Judge, request: DeskRequest) -> bool:
        kind = kind_of(request)
        key = judge, kind, request.state, request.authority_id, request.type_code
        if key not in self._found:
            known = None if request.type_code is None else self._types.get(request.type_code)
            self._found[key] = judge(self._use, self._visit, request, known)
        return self._found[key]
