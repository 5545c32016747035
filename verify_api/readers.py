"""The page of what readers show, and the trust kit beside it."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from core.text import Text
from core.web.request_errors import AddressNotFoundError
from core.web.routing import add_page
from signing.trust.anchors import Anchor, AnchorKind
from signing.trust.kit import ACROBAT, RootFacts, facts_of, in_lines, root_files
from signing.trust.state import ListReading, ListState
from verify_api import messages
from verify_api.reader_texts import READERS, WORDS

PATH = "/readers"
_MOST_LISTED = 50
_TYPES = {
    ".pem": "application/x-pem-file",
    ".cer": "application/pkix-cert",
    ".p7c": "application/pkcs7-mime",
    ".txt": "text/plain; charset=utf-8",
    ".acrobatsecuritysettings": "application/vnd.adobe.acrobat-security-settings",
}
_LABELS = {
    "root.pem": WORDS["file_pem"],
    "root.p7c": WORDS["file_p7c"],
    ACROBAT: WORDS["file_acrobat"],
    "fingerprints.txt": WORDS["file_fingerprints"],
}
_NO_LIST = ListReading(ListState.ABSENT)
_A_SHORT_WHILE = "public, max-age=300"


@dataclass(frozen=True, slots=True)
class ReaderTrust:
    """Sources of trust that the page shows; both may block, and raise `core.errors.XinyinError`."""

    own_roots: Callable[[], tuple[bytes, ...]]
    trust_list: Callable[[], ListReading]


@dataclass(frozen=True, slots=True)
class KitFile:
    """A file to be downloaded."""

    name: str
    label: Text


@dataclass(frozen=True, slots=True)
class ReadersPage:
    """Data for the template."""

    roots: list[RootFacts]
    files: list[KitFile]
    listed: list[Anchor]
    """Some of them; each certificate once."""
    unlisted: int
    """How many more there are."""
    reading: ListReading


class Readers:
    """Serves the page and the kit."""

    def __init__(
        self,
        trust: ReaderTrust | None,
        public_url: str,
        render: Callable[..., Response],
    ) -> None:
        """`trust` is None where no roots are known; `render` makes a page of a template."""
        self._trust = trust
        self._url = f"{public_url}{PATH}"
        self._render = render

    def add_to(self, router: APIRouter) -> None:
        """Add the routes."""
        add_page(router, PATH, self.page)
        add_page(router, f"{PATH}/{{name}}", self.file)

    async def page(self, request: Request) -> Response:
        """Show what readers show, and why."""
        facts = await run_in_threadpool(self._page)
        return self._render(
            request,
            "readers.html",
            facts=facts,
            readers=READERS,
            words=WORDS,
            in_lines=in_lines,
            test=AnchorKind.TEST,
        )

    async def file(self, request: Request) -> Response:
        """Hand out a file of the kit."""
        files = await run_in_threadpool(self._files)
        name = request.path_params["name"]
        if name not in files:
            raise AddressNotFoundError(messages.FILE_NOT_FOUND)
        return Response(
            files[name],
            headers={
                "Content-Type": _TYPES[f".{name.rpartition('.')[2]}"],
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": _A_SHORT_WHILE,
            },
        )

    def _files(self) -> dict[str, bytes]:
        roots = () if self._trust is None else self._trust.own_roots()
        return root_files(roots, self._url) if roots else {}

    def _page(self) -> ReadersPage:
        files = [KitFile(name, _LABELS.get(name, WORDS["file_cer"])) for name in self._files()]
        roots = () if self._trust is None else self._trust.own_roots()
        reading = _NO_LIST if self._trust is None else self._trust.trust_list()
        entries = () if reading.trusted is None else reading.trusted.entries
        listed = list({one.certificate: one for one in entries}.values())
        return ReadersPage(
            roots=facts_of(roots),
            files=files,
            listed=listed[:_MOST_LISTED],
            unlisted=max(0, len(listed) - _MOST_LISTED),
            reading=reading,
        )
