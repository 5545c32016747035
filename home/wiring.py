"""The one place where the parts of a home are put together, each when it is first needed."""

import secrets
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Self

from ca.profiles.profiles import (
    ProfileKind,
)
from core.errors import UnreachableError
from home.ca import CaHome
from registry.answers.verification import RegisterVerifier
from registry.ledger.trust import TrustReader
from registry.objects.measured import MeasuredStore, StoreMetrics, StoreReach
from registry.objects.opening import open_store
from registry.types.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

    from registry.accession.packing import Packer
    from registry.accession.taking_in import PackageIntake
    from registry.archive.renewal import ArchiveRenewal
    from registry.bodies.seal_making import SealMaker
    from registry.compromise.compromise import Compromises
    from registry.compromise.resealing import Resealing
    from registry.granting.countersigning import Countersigning
    from registry.granting.documents import DocumentSigning
    from registry.granting.granting import Granting
    from registry.granting.groups.granting import GroupGranting
    from registry.granting.groups.sealers import Sealers
    from registry.granting.recognising import Recogniser
    from registry.granting.reservation import Reservations
    from registry.granting.taking_in import TakingIn
    from registry.officers.leaving import Leaving
    from registry.types.row_problems import BadValueError
    from signing.intake.sharing import SharedIntake
    from signing.pictures.reader import PictureReader
    from signing.render.renderer import LicenceRenderer
    from signing.trust.anchors import TrustMaterial
    from verify_api.wiring import VerifyRole


class Home(CaHome):
    """A home directory and all that runs on it; closes what it opened."""

    @cached_property
    def catalogue(self) -> Catalogue:
        """The licence types."""
        return Catalogue()

    @cached_property
    def store(self) -> MeasuredStore:
        """Documents and photos; its uses are counted."""
        store = open_store(self.settings.objects, self.directory, self.environment)
        return MeasuredStore(store, self.store_metrics)

    @cached_property
    def store_metrics(self) -> StoreMetrics:
        """Counts of this process's uses of the store."""
        return StoreMetrics()

    @cached_property
    def store_reach(self) -> StoreReach:
        """Reach of the store; asked for by a client of its own, which is not counted."""
        return StoreReach(
            lambda: open_store(self.settings.objects, self.directory, self.environment),
            time.monotonic,
        )

    @cached_property
    def seal_maker(self) -> "SealMaker":
        """Makes seals."""
        from registry.bodies.seal_making import SealMaker  # noqa: PLC0415  # as granting

        return SealMaker(
            database=self.database,
            keys=self.keys,
            authority=lambda: self.hierarchy.authority,
            ledger=self.ledger,
            profile=self.profiles[ProfileKind.SEAL],
            clock=self.clock,
        )

    @cached_property
    def reservations(self) -> "Reservations":
        """Takes numbers."""
        from registry.granting.reservation import Reservations  # noqa: PLC0415  # as granting

        return Reservations(
            catalogue=self.catalogue,
            clock=self.clock,
            zone=self.zone,
            random=secrets.token_bytes,
            sample=self.settings.service.demo,
        )

    @cached_property
    def granting(self) -> "Granting":
        """Grants licences."""
        from home.issuing import open_granting  # noqa: PLC0415  # see there

        self.service_renewal.renew_before_use()
        return open_granting(
            database=self.database,
            keys=self.keys,
            hierarchy=self.hierarchy,
            recorder=self.audit.sealing_recorder,
            store=self.store,
            catalogue=self.catalogue,
            reservations=self.reservations,
            roots=self.root_files,
            clock=self.clock,
            public_url=self.settings.service.public_url,
            on_step=self.on_step,
            renderer=self.renderer,
        )

    def open_groups(self, sealers: "Sealers | None" = None) -> "GroupGranting":
        """Return the granter of groups of licences, sealed by `sealers`, or by this process."""
        from home.issuing import open_groups  # noqa: PLC0415  # see there

        return open_groups(
            database=self.database,
            store=self.store,
            catalogue=self.catalogue,
            reservations=self.reservations,
            granting=self.granting,
            roots=self.root_files,
            clock=self.clock,
            on_step=self.on_step,
            sealers=sealers,
        )

    @cached_property
    def intake(self) -> "SharedIntake":
        """Takes in files that are to be signed, in confined processes."""
        from signing.intake.intake import Intake  # noqa: PLC0415  # few commands need it
        from signing.intake.sharing import SharedIntake  # noqa: PLC0415  # as above
        from signing.workers.confinement import Confinement  # noqa: PLC0415  # as the next

        confinement = Confinement(self.settings.sandbox.confinement)
        return SharedIntake(lambda: Intake(confinement=confinement))

    @cached_property
    def pictures(self) -> "PictureReader":
        """Reads pictures of strangers, in confined processes."""
        from signing.pictures.reader import PictureReader  # noqa: PLC0415  # as intake
        from signing.workers.confinement import Confinement  # noqa: PLC0415  # as intake

        return PictureReader(Confinement(self.settings.sandbox.confinement))

    def read_photo(self, data: bytes) -> bytes:
        """Return a photo made anew. Raises as `registry.types.photos.read_photo`."""
        from registry.types.photos import read_photo  # noqa: PLC0415  # loads Pillow

        return read_photo(data, self.pictures)

    def read_photos(self, photos: "Sequence[bytes]") -> "list[bytes | BadValueError]":
        """Return several photos made anew, or what is wrong with each."""
        from registry.types.photos import read_photos  # noqa: PLC0415  # loads Pillow

        return read_photos(photos, self.pictures)

    @cached_property
    def document_signing(self) -> "DocumentSigning":
        """Signs official documents."""
        from registry.granting.documents import DocumentSigning  # noqa: PLC0415  # as granting

        return DocumentSigning(
            database=self.database,
            catalogue=self.catalogue,
            granting=lambda: self.granting,
            intake=lambda: self.intake,
            clock=self.clock,
            zone=self.zone,
            sample=self.settings.service.demo,
        )

    @cached_property
    def countersigning(self) -> "Countersigning":
        """Puts further seals on documents."""
        from registry.granting.countersigning import Countersigning  # noqa: PLC0415  # as granting

        return Countersigning(
            database=self.database,
            store=self.store,
            granting=lambda: self.granting,
            clock=self.clock,
            zone=self.zone,
            random=secrets.token_bytes,
            roots=self.root_files,
            on_step=self.on_step,
        )

    @cached_property
    def taking_in(self) -> "TakingIn":
        """Takes in documents that a countersigner signed with software of its own."""
        from registry.granting.taking_in import TakingIn  # noqa: PLC0415  # as granting

        return TakingIn(
            countersigning=self.countersigning,
            validator=self.sandbox,
            trust=self.verify_role.trust,
            roots=self.root_files,
        )

    @cached_property
    def renderer(self) -> "LicenceRenderer":
        """Renders pages."""
        from signing.render.renderer import LicenceRenderer  # noqa: PLC0415  # loads fonts
        from signing.render.type.typefaces import FontPin  # noqa: PLC0415  # as above

        fonts = self.settings.fonts(self.directory)
        return LicenceRenderer(tuple(FontPin(*font) for font in fonts))

    @cached_property
    def recogniser(self) -> "Recogniser":
        """Recogniser of rows of a sheet that speak of what was granted before."""
        from registry.granting.recognising import Recogniser  # noqa: PLC0415  # as granting

        return Recogniser(self.database, self.catalogue, self.clock, self.zone)

    @cached_property
    def leaving(self) -> "Leaving":
        """Ends officers and systems that leave."""
        from registry.desk.sign_in.session_ending import SessionEnding  # noqa: PLC0415  # few need it
        from registry.officers.leaving import Leaving  # noqa: PLC0415

        return Leaving(
            database=self.database,
            ledger=self.ledger,
            status_changes=lambda: self.status_changes,
            clock=self.clock,
            elsewhere=(SessionEnding(self.database, self.clock),),
        )

    @cached_property
    def compromises(self) -> "Compromises":
        """Carries out cases of compromised seals."""
        from registry.compromise.compromise import Compromises  # noqa: PLC0415  # as granting

        return Compromises(
            database=self.database,
            store=self.store,
            validator=self.sandbox,
            trust=TrustReader(self.ledger, self.clock),
            workers=self.settings.verify.workers,
            clock=self.clock,
            zone=self.zone,
            random=secrets.token_bytes,
            ledger=self.ledger,
            open_crls=self.open_crls,
        )

    @cached_property
    def resealing(self) -> "Resealing":
        """Seals anew what left force with a compromised seal."""
        from registry.compromise.resealing import Resealing  # noqa: PLC0415  # as granting

        return Resealing(
            database=self.database,
            store=self.store,
            granting=lambda: self.granting,
            seal_maker=self.seal_maker,
            ledger=self.ledger,
        )

    def open_archive_renewal(self) -> "ArchiveRenewal":
        """Return the renewer of archived documents; opens the TSA and OCSP keys of now."""
        from home.archiving import open_archive_renewal  # noqa: PLC0415  # as granting

        self.service_renewal.renew_before_use()
        return open_archive_renewal(
            database=self.database,
            hierarchy=self.hierarchy,
            recorder=self.audit.sealing_recorder,
            ledger=self.ledger,
            store=self.store,
            clock=self.clock,
            within=timedelta(days=self.settings.archive.due_within_days),
        )

    def open_packer(self) -> "Packer":
        """Return the packer of licences for an electronic archive."""
        from registry.accession.package_key import PackageSigner  # noqa: PLC0415  # few need it
        from registry.accession.packing import Packer  # noqa: PLC0415
        from signing.proof_files import proof_files  # noqa: PLC0415  # pyHanko

        return Packer(
            database=self.database,
            store=self.store,
            catalogue=self.catalogue,
            signer=PackageSigner(self.keys),
            proofs=proof_files,
            clock=self.clock,
        )

    def open_package_intake(
        self, signers: "tuple[PublicKeyTypes, ...]", roots: tuple[bytes, ...]
    ) -> "PackageIntake":
        """Return the intake of other registers' packages; `roots` are trusted besides ours."""
        from registry.accession.taking_in import PackageIntake  # noqa: PLC0415  # few need it

        def trust() -> "TrustMaterial":
            known = self.verify_role.trust()
            return replace(known, anchors=(*known.anchors, *roots))

        return PackageIntake(
            database=self.database,
            store=self.store,
            validator=self.sandbox,
            attachments=self.intake,
            trust=trust,
            signers=signers,
            clock=self.clock,
            random=secrets.token_bytes,
        )

    @cached_property
    def verify_role(self) -> "VerifyRole":
        """Answers what things are worth; on a database that it cannot write."""
        from verify_api.wiring import VerifyRole  # noqa: PLC0415  # FastAPI takes a while to load

        with suppress(UnreachableError):  # the verifier answers "could not check" itself
            self.database  # noqa: B018  # identified first
        return VerifyRole(
            self.settings,
            self.directory,
            sandbox=self.sandbox,
            clock=self.clock,
            environment=self.environment,
        )

    @property
    def verifier(self) -> RegisterVerifier:
        """Answers what things are worth."""
        return self.verify_role.verifier

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Record the OCSP answers that were signed, and close what was opened."""
        if self.jobs is not None:
            self.jobs.close()
            self.jobs = None
        if "audit" in self.__dict__:
            self.audit.record_answers()
        parts = (
            "verify_role",
            "sandbox",
            "intake",
            "pictures",
            "journal_line",
            "database_as_it_is",
        )
        for name in parts:
            opened = self.__dict__.pop(name, None)
            if opened is not None:
                opened.close()
