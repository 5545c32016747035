"""Packages of licences for an electronic archive, handed to who may have them."""

from collections.abc import Callable
from threading import Lock

from core.permits import Action
from registry.accession.packing import PackageContents, Packer
from registry.desk.rights import CallerStanding, Rights


class Packages:
    """Packs licences for whoever asks, one at a time; one per process."""

    def __init__(self, rights: Rights, packer: Callable[[], Packer]) -> None:
        self._rights = rights
        self._open = packer
        self._packer: Packer | None = None
        self._turn = Lock()

    def pack(self, standing: CallerStanding, identifier: str) -> tuple[PackageContents, bytes]:
        """Return the contents of a licence's package, and the package: recorded and signed.

        Raises `NoSuchLicenceError`, also for one out of reach, `NotAllowedError`,
        `StepUpRequiredError`, `NotPackableError`.
        """
        licence = self._rights.sight(standing).licence(identifier, what="archive package")
        permit = self._rights.permit(standing, Action.EXPORT_ARCHIVE, licence.authority_id)
        with self._turn:  # a package is held in memory whole
            if self._packer is None:
                self._packer = self._open()
            contents = self._packer.gather(licence.identifier, permit)
            return contents, self._packer.close(contents, permit)
