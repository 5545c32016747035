"""Reasons for which a token is refused, and the one error that says so."""

from enum import StrEnum
from typing import Self

from core.text import Text
from identity.errors import IdentityError
from identity.tokens import messages


class Refusal(StrEnum):
    """Reason for refusing a token: stable, for logs and tests, with a clause for people."""

    clause: Text

    def __new__(cls, value: str, clause: Text) -> Self:
        """Make a member that is its value and carries the clause."""
        made = str.__new__(cls, value)
        made._value_ = value
        made.clause = clause
        return made

    # Its form (RFC 7515 3.1, RFC 8259).
    TOO_LONG = "too_long", messages.TOO_LONG
    NOT_COMPACT = "not_compact", messages.NOT_COMPACT
    NOT_BASE64URL = "not_base64url", messages.NOT_BASE64URL
    NOT_CANONICAL_BASE64URL = "not_canonical_base64url", messages.NOT_CANONICAL_BASE64URL
    NOT_JSON = "not_json", messages.NOT_JSON
    NOT_AN_OBJECT = "not_an_object", messages.NOT_AN_OBJECT
    DUPLICATE_MEMBER = "duplicate_member", messages.DUPLICATE_MEMBER
    TOO_DEEP = "too_deep", messages.TOO_DEEP
    BAD_NUMBER = "bad_number", messages.BAD_NUMBER
    BAD_TEXT = "bad_text", messages.BAD_TEXT
    # Its header (RFC 7515 4.1).
    NO_ALGORITHM = "no_algorithm", messages.NO_ALGORITHM
    WRONG_ALGORITHM = "wrong_algorithm", messages.WRONG_ALGORITHM
    WRONG_TYPE = "wrong_type", messages.WRONG_TYPE
    CRITICAL_HEADER = "critical_header", messages.CRITICAL_HEADER
    UNENCODED_PAYLOAD = "unencoded_payload", messages.UNENCODED_PAYLOAD
    KEY_ADDRESS = "key_address", messages.KEY_ADDRESS
    KEY_IN_HEADER = "key_in_header", messages.KEY_IN_HEADER
    CERTIFICATE_ADDRESS = "certificate_address", messages.CERTIFICATE_ADDRESS
    CERTIFICATE_IN_HEADER = "certificate_in_header", messages.CERTIFICATE_IN_HEADER
    COMPRESSED = "compressed", messages.COMPRESSED
    ENCRYPTED = "encrypted", messages.ENCRYPTED
    NO_KEY_ID = "no_key_id", messages.NO_KEY_ID
    # Its key (RFC 7517, RFC 7518 6).
    NO_KEY = "no_key", messages.NO_KEY
    UNKNOWN_KEY = "unknown_key", messages.UNKNOWN_KEY
    BAD_KEY = "bad_key", messages.BAD_KEY
    PRIVATE_KEY = "private_key", messages.PRIVATE_KEY
    WEAK_KEY = "weak_key", messages.WEAK_KEY
    WRONG_KEY_TYPE = "wrong_key_type", messages.WRONG_KEY_TYPE
    WRONG_KEY_USE = "wrong_key_use", messages.WRONG_KEY_USE
    WRONG_KEY_ALGORITHM = "wrong_key_algorithm", messages.WRONG_KEY_ALGORITHM
    BAD_SIGNATURE = "bad_signature", messages.BAD_SIGNATURE
    # Its claims (RFC 7519 4.1 and the document of each profile).
    WRONG_ISSUER = "wrong_issuer", messages.WRONG_ISSUER
    NO_AUDIENCE = "no_audience", messages.NO_AUDIENCE
    WRONG_AUDIENCE = "wrong_audience", messages.WRONG_AUDIENCE
    FOREIGN_AUDIENCE = "foreign_audience", messages.FOREIGN_AUDIENCE
    NO_AUTHORIZED_PARTY = "no_authorized_party", messages.NO_AUTHORIZED_PARTY
    WRONG_AUTHORIZED_PARTY = "wrong_authorized_party", messages.WRONG_AUTHORIZED_PARTY
    NO_SUBJECT = "no_subject", messages.NO_SUBJECT
    BAD_SUBJECT = "bad_subject", messages.BAD_SUBJECT
    BAD_TIME = "bad_time", messages.BAD_TIME
    NO_EXPIRY = "no_expiry", messages.NO_EXPIRY
    EXPIRED = "expired", messages.EXPIRED
    EXPIRY_GIVEN = "expiry_given", messages.EXPIRY_GIVEN
    NO_ISSUED_AT = "no_issued_at", messages.NO_ISSUED_AT
    ISSUED_IN_FUTURE = "issued_in_future", messages.ISSUED_IN_FUTURE
    EXPIRES_BEFORE_ISSUED = "expires_before_issued", messages.EXPIRES_BEFORE_ISSUED
    LIVES_TOO_LONG = "lives_too_long", messages.LIVES_TOO_LONG
    TOO_OLD = "too_old", messages.TOO_OLD
    NOT_YET_VALID = "not_yet_valid", messages.NOT_YET_VALID
    NO_NONCE = "no_nonce", messages.NO_NONCE
    WRONG_NONCE = "wrong_nonce", messages.WRONG_NONCE
    NONCE_GIVEN = "nonce_given", messages.NONCE_GIVEN
    NO_AUTH_TIME = "no_auth_time", messages.NO_AUTH_TIME
    AUTH_IN_FUTURE = "auth_in_future", messages.AUTH_IN_FUTURE
    AUTH_TOO_OLD = "auth_too_old", messages.AUTH_TOO_OLD
    WRONG_ACR = "wrong_acr", messages.WRONG_ACR
    WRONG_TOKEN_HASH = "wrong_token_hash", messages.WRONG_TOKEN_HASH
    NO_TOKEN_ID = "no_token_id", messages.NO_TOKEN_ID
    REPLAYED = "replayed", messages.REPLAYED
    REPLAY_MEMORY_FULL = "replay_memory_full", messages.REPLAY_MEMORY_FULL
    NO_EVENTS = "no_events", messages.NO_EVENTS
    BAD_EVENTS = "bad_events", messages.BAD_EVENTS
    EVENTS_GIVEN = "events_given", messages.EVENTS_GIVEN
    NO_SUBJECT_OR_SESSION = "no_subject_or_session", messages.NO_SUBJECT_OR_SESSION
    NO_CLIENT = "no_client", messages.NO_CLIENT
    WRONG_CLIENT = "wrong_client", messages.WRONG_CLIENT
    BAD_CONFIRMATION = "bad_confirmation", messages.BAD_CONFIRMATION
    WRONG_METHOD = "wrong_method", messages.WRONG_METHOD
    WRONG_ADDRESS = "wrong_address", messages.WRONG_ADDRESS
    NO_CERTIFICATE = "no_certificate", messages.NO_CERTIFICATE
    WRONG_CERTIFICATE = "wrong_certificate", messages.WRONG_CERTIFICATE
    WRONG_PROOF_KEY = "wrong_proof_key", messages.WRONG_PROOF_KEY
    BAD_CLAIM = "bad_claim", messages.BAD_CLAIM
    SIGNED_OUT = "signed_out", messages.SIGNED_OUT


class TokenRefusedError(IdentityError):
    """A token that is not accepted. Nothing of its claims is told, only the reason."""

    code = "token_refused"

    def __init__(self, reason: Refusal) -> None:
        super().__init__(messages.refused(reason.clause), reason=reason.value)
        self.reason = reason
