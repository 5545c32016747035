"""A desk of requests in memory, with the laws of the real one."""

from dataclasses import replace
from datetime import datetime

from ca.hierarchy.requests import CertificateRequest, RequestState


class MemoryRequestDesk:
    def __init__(self) -> None:
        self.requests: dict[str, CertificateRequest] = {}

    def submit(self, request: CertificateRequest) -> None:
        known = self.requests.get(request.request_id)
        if known is None or known.state is RequestState.REFUSED:
            self.requests[request.request_id] = request

    def list_open(self) -> list[CertificateRequest]:
        found = [one for one in self.requests.values() if one.state is RequestState.REQUESTED]
        return sorted(found, key=lambda one: (one.requested_at, one.request_id))

    def settle(self, request_id: str, state: RequestState, detail: str, at: datetime) -> None:
        request = self.requests.get(request_id)
        if request is not None and request.state is RequestState.REQUESTED:
            self.requests[request_id] = replace(request, state=state, detail=detail, settled_at=at)
