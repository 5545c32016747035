"""Errors of this package's own doing; rendering has its own in `signing.render.errors`."""

from core.errors import XinyinError


class SigningError(XinyinError):
    """Base of this package's errors."""

    code = "signing"


class SealTooLargeError(SigningError):
    """The signature does not fit into the space that was reserved for it in the file."""

    code = "seal_too_large"


class UnsuitablePageError(SigningError):
    """A page that is not built the way that sealing needs it."""

    code = "unsuitable_page"


class UnsuitableTextError(SigningError):
    """A text that cannot stand in a document's properties."""

    code = "unsuitable_text"


class WrongSealKeyError(SigningError):
    """The key is not for sealing, or not the one of the seal's certificate."""

    code = "wrong_seal_key"


class UnprotectedFileError(SigningError):
    """An archived file without a signature or timestamp that could be renewed."""

    code = "unprotected_file"


class UnsuitableLevelError(SigningError):
    """A person's signature would be of a level that does not last."""

    code = "unsuitable_level"


class PersonSignatureError(SigningError):
    """The value is not this person's signature over this page."""

    code = "person_signature"


class NoPersonError(SigningError):
    """The certificate is no person's, for signatures."""

    code = "not_a_person"
