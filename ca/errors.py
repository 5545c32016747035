"""Errors of this package."""

from typing import ClassVar

from core.errors import XinyinError


class CaError(XinyinError):
    """Base of this package's errors."""

    code: ClassVar[str] = "ca"


class BadProfileError(CaError):
    """A certificate profile, as written in the configuration, cannot hold."""

    code = "bad_profile"


class BadSubjectError(CaError):
    """A name cannot stand in a certificate."""

    code = "bad_subject"


class WeakKeyError(CaError):
    """A public key that the profile does not allow."""

    code = "weak_key"


class BadRequestError(CaError):
    """A certification request that cannot be read, or proves nothing."""

    code = "bad_request"


class UsedKeyError(CaError):
    """A public key whose past forbids this certificate."""

    code = "used_key"


class LintError(CaError):
    """Violation of a profile's rule by something that was, or was to be, signed."""

    code = "lint"


class IssuanceError(CaError):
    """A certificate cannot be issued: token spent or stale, or the issuer at its end."""

    code = "issuance"


class NotFoundedError(CaError):
    """The hierarchy is not, or not wholly, founded."""

    code = "not_founded"


class ForeignCertificateError(CaError):
    """A certificate that is not of this issuer."""

    code = "foreign_certificate"


class SealRevokedError(CaError):
    """A seal's certificate is not good at the moment of sealing."""

    code = "seal_revoked"


class SignerRefusedError(CaError):
    """A person's certificate may not sign at this moment."""

    code = "signer_refused"


class LedgerError(CaError):
    """The ledger does not hold what the request presumes."""

    code = "ledger"


class RevocationRefusedError(CaError):
    """A certificate cannot be revoked, held or released in this way."""

    code = "revocation_refused"


class RequestRefusedError(CaError):
    """A timestamp was asked for in a way that cannot be answered."""

    code = "timestamp_refused"


class StaleValidationDataError(CaError):
    """A CRL or a responder's certificate has ended, so that nothing fresh can be had."""

    code = "stale_validation_data"


class BadCeremonyError(CaError):
    """A ceremony's file cannot be carried out as it is written."""

    code = "bad_ceremony"


class CeremonyChangedError(CaError):
    """A ceremony was begun with another file, or its record does not fit."""

    code = "ceremony_changed"


class TranscriptError(CaError):
    """A ceremony's transcript is damaged, or does not describe the files beside it."""

    code = "bad_transcript"


class ExchangeError(CaError):
    """Rejection of a file from the other side, an offline root or an outside CA."""

    code = "bad_exchange"


class ClockUntrustedError(CaError):
    """The machine's clock cannot be right, or cannot be shown to be: nothing is stamped."""

    code = "clock_untrusted"
