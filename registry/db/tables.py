"""The SQL schema (SQLAlchemy Core). Changed only together with a migration."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; SQLite, which knows no zones, keeps it as naive UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive instants; hand SQLite UTC without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a naive datetime cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give every instant its zone back."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
HOLDER_NAME = 128
"""Characters of a holder's name that a licence can be looked for by."""
_identity = BigInteger().with_variant(Integer, "sqlite")


def _octets(length: int) -> String:
    """Return a text that sorts by its octets, as SQLite's do, whatever PostgreSQL's locale."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


authorities = Table(
    "authorities",
    metadata,
    Column("authority_id", String(64), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("uscc", String(18), nullable=False, unique=True),
    Column("level", String(32), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("parent", String(64)),
    Column("successor", String(64)),  # who administers what it granted, once it is no more
    Column("valid_from", Date),
    Column("valid_until", Date),  # its last day
)

seals = Table(
    "seals",
    metadata,
    Column("seal_id", String(64), primary_key=True),
    Column("authority_id", ForeignKey(authorities.c.authority_id), nullable=False),
    Column("name", String(64), nullable=False),
    Column("key_id", String(64), nullable=False, unique=True),
    Column("certificate", LargeBinary, nullable=False),
    Column("certificate_sha256", String(64), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
)

seal_certificates = Table(
    # Certificates that a seal had before its present one: what they sealed stays ours.
    "seal_certificates",
    metadata,
    Column("certificate_sha256", String(64), primary_key=True),
    Column("seal_id", ForeignKey(seals.c.seal_id), nullable=False, index=True),
    Column("key_id", String(64), nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    Column("replaced_at", Instant, nullable=False),
)

licence_types = Table(
    "licence_types",
    metadata,
    Column("code", String(21), primary_key=True),
    Column("slug", String(64), nullable=False, unique=True),
    Column("name_zh", String(128), nullable=False),
    Column("name_en", String(128), nullable=False),
    Column("source", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

licence_type_versions = Table(
    # Every definition that a type has had: a licence keeps the one it was granted under.
    "licence_type_versions",
    metadata,
    Column("type_code", ForeignKey(licence_types.c.code), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("source", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
)

matters = Table(
    # What an authority's services ask for, and which licences will do for it.
    "matters",
    metadata,
    Column("code", String(64), primary_key=True),
    Column("authority_id", ForeignKey(authorities.c.authority_id), nullable=False, index=True),
    Column("name_zh", String(200), nullable=False),
    Column("name_en", String(200), nullable=False),
    Column("materials", JSON, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

mandates = Table(
    # Which authority may grant which type, and under which of its seals.
    "mandates",
    metadata,
    Column("type_code", ForeignKey(licence_types.c.code), primary_key=True),
    Column("authority_id", ForeignKey(authorities.c.authority_id), primary_key=True),
    Column("seal_id", ForeignKey(seals.c.seal_id), nullable=False),
)

register_facts = Table(
    # What is known of the register as a whole.
    "register_facts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("scope", String(128), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

series = Table(
    # All versions of one licence. `open` while a version is pending, in force or suspended.
    "series",
    metadata,
    Column("series_id", String(96), primary_key=True),
    Column("type_code", ForeignKey(licence_types.c.code), nullable=False),
    Column("number", String(64), nullable=False),
    Column("open", Boolean, nullable=False),
    Index(
        "uq_series_open_number",
        "type_code",
        "number",
        unique=True,
        sqlite_where=text("open = 1"),
        postgresql_where=text("open"),
    ),
)

licences = Table(
    "licences",
    metadata,
    Column("identifier", String(128), primary_key=True),
    Column("series_id", ForeignKey(series.c.series_id), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("type_code", ForeignKey(licence_types.c.code), nullable=False),
    Column("authority_id", ForeignKey(authorities.c.authority_id), nullable=False),
    Column("seal_id", ForeignKey(seals.c.seal_id), nullable=False),
    Column("number", String(64), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("reason", String(32)),
    Column("basis", Text),
    Column("document_number", String(100)),  # of the document of record, beside the basis
    Column("suspended_until", Date, index=True),  # last day of a suspension that ends by itself
    Column("holders", JSON, nullable=False),
    Column("holder_code", String(64)),  # token of the first one's code, to look for
    Column("holder_name", String(HOLDER_NAME)),  # its beginning, likewise
    Column("data", JSON, nullable=False),
    Column("photo_sha256", String(64)),
    Column("granted_on", Date, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Column("link_token", String(64), nullable=False, unique=True),
    Column("replaces", ForeignKey("licences.identifier")),
    Column("replaced_by", ForeignKey("licences.identifier")),
    Column("from_paper", String(64)),  # the licence on paper whose place it took (accessions)
    Column("sample", Boolean, nullable=False),
    Column("level", String(8), nullable=False),
    Column("request_key", String(64), unique=True),  # with its authority (find_by_request)
    Column("request_digest", String(64)),  # of what was asked for under that key
    Column("signer", String(128)),  # officer who is to sign in person before the seal, as an actor
    Column("claim", String(64)),
    Column("salt", String(64)),  # of the face's digest in the audit (registry/revisions/faces.py)
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("secret", Text),  # what the columns above lack, sealed (registry/licences/hiding.py)
    Column("hold", Text),  # why it must not be erased, while there is a reason
    Column("erased_at", Instant),  # what it said is gone since (registry/erasure/)
    Column("erased_by", String(16)),  # by which kind of rule
    Column("erased_objects", JSON(none_as_null=True)),  # digests of what is still to be removed
    UniqueConstraint("series_id", "version"),
    Index("ix_licences_state", "state", "identifier"),
    Index("ix_licences_holder", "holder_code", "type_code"),
    Index("ix_licences_term", "valid_until", "identifier", "state"),
    Index(
        "ix_licences_from_paper",
        "from_paper",
        sqlite_where=text("from_paper IS NOT NULL"),
        postgresql_where=text("from_paper IS NOT NULL"),
    ),
    Index("ix_licences_seal", "seal_id", "state", "created_at"),
    Index(
        "ix_licences_erasing",
        "erased_at",
        sqlite_where=text("erased_objects IS NOT NULL"),
        postgresql_where=text("erased_objects IS NOT NULL"),
    ),
    Index(
        "ix_licences_unsealed",
        "identifier",
        sqlite_where=text("secret IS NULL AND erased_at IS NULL"),
        postgresql_where=text("secret IS NULL AND erased_at IS NULL"),
    ),
    Index("ix_licences_seal_uses", "seal_id", "created_at", "identifier"),
    Index(
        # All that statistics ask for (registry/licences/statistics.py).
        "ix_licences_counted",
        "authority_id",
        "type_code",
        "granted_on",
        "state",
        "valid_from",
        "valid_until",
    ),
)

revisions = Table(
    # Every length at which a licence's document is ours; sequence 0 is the sealed one.
    "revisions",
    metadata,
    Column("identifier", ForeignKey(licences.c.identifier), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("length", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("registered_at", Instant, nullable=False),
    Column("event", BigInteger),  # number of the audit event that registered it
    Column("signed_digest", String(128), index=True),  # messageDigest of the seal
    Column(
        "judgement", JSON
    ),  # what was found of its signatures (registry/revisions/judgements.py)
    Column("judged_at", Instant),
    Column("policy", String(64)),
    Index("ix_revisions_event", "event"),
)

countersignatures = Table(
    # Who was to seal a document after its issuer, and did or began to, or refused.
    "countersignatures",
    metadata,
    Column("identifier", ForeignKey(licences.c.identifier), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("authority_id", ForeignKey(authorities.c.authority_id), nullable=False),
    Column("seal_id", ForeignKey(seals.c.seal_id)),  # NULL: it refused
    Column("certificate_sha256", String(64)),  # of the signer's, once it is registered
    Column("sequence", Integer),  # of the revision that it ends
    Column("claim", String(64)),
    Column("begun_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Index("ix_countersignatures_seal", "seal_id"),
    Index("ix_countersignatures_authority", "authority_id", "settled_at"),
)

awaited_seals = Table(
    # Whose seals documents wait for: an index of their terms, kept while they wait.
    "awaited_seals",
    metadata,
    Column("identifier", ForeignKey(licences.c.identifier), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("authority_id", ForeignKey(authorities.c.authority_id), nullable=False),
    Column("request_id", String(32)),  # by which the seal was asked for last
    Index("ix_awaited_seals_authority", "authority_id", "identifier"),
)

round_days = Table(
    # Last days of rounds of seals that their issuers moved.
    "round_days",
    metadata,
    Column("identifier", ForeignKey(licences.c.identifier), primary_key=True),
    Column("deadline", Date, nullable=False),
    Column("moved_at", Instant, nullable=False),
)

protections = Table(
    # What the proof of each archived document rests on, hence when it must be renewed.
    "protections",
    metadata,
    Column("identifier", ForeignKey(licences.c.identifier), primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("certificate_until", Instant, nullable=False),
    Column("suite", String(32), nullable=False),
    Column("claim", String(32)),
    Column("claimed_at", Instant),
    Index("ix_protections_certificate_until", "certificate_until", "identifier"),
    Index("ix_protections_suite", "suite"),
)

audit_events = Table(
    # A chain: `hash` is over the event and the hash before it (registry/audit/chain.py).
    "audit_events",
    metadata,
    Column("sequence", _identity, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False, index=True),
    Column("actor", String(128), nullable=False),
    Column("authority_id", String(64)),
    Column("action", String(64), nullable=False),
    Column("subject", String(160), nullable=False, index=True),
    Column("basis", Text),
    Column("before", JSON),
    Column("after", JSON),
    Column("hash", String(64), nullable=False),
)

audit_chain = Table(
    # One row: where the chain ends. Its lock puts those who record in order.
    "audit_chain",
    metadata,
    Column("chain", Integer, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)

audit_heads = Table(
    # Where the chain ended, signed by the audit's own key (registry/audit/heads.py).
    "audit_heads",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
    Column("signed_at", Instant, nullable=False),
    Column("key_id", String(64), nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

issuers = Table(
    # Our CAs. `chain`: certificates above one that somebody else certified, DER in base64.
    "issuers",
    metadata,
    Column("issuer", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("parent", String(64)),
    Column("key_id", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("certificate", LargeBinary),
    Column("chain", JSON, nullable=False),
    Column("crl_shards", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
)

key_records = Table(
    # Every key that was ever meant to be made; a private key itself is never here.
    "keys",
    metadata,
    Column("key_id", String(64), primary_key=True),
    Column("domain", String(16), nullable=False),
    Column("location", String(160), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("algorithm", String(16), nullable=False),
    Column("size", Integer, nullable=False),
    Column("spki_sha256", String(64), index=True),
    Column("owner", String(64)),
    Column("state", String(16), nullable=False),
    Column("intended_at", Instant, nullable=False),
    Column("generated_at", Instant),
    Column("activated_at", Instant),
    Column("retired_at", Instant),
    Column("destroyed_at", Instant),
)

outside_cas = Table(
    # CAs that are not ours and certified what we rely on; DER in base64, the anchor last.
    "outside_cas",
    metadata,
    Column("ca_id", String(64), primary_key=True),
    Column("path", JSON, nullable=False),
    Column("tsa_url", String(512)),
    Column("tsa_policy", String(128)),
    Column("tsa_ca", String(64)),
    Column("created_at", Instant, nullable=False),
)

certificates = Table(
    "certificates",
    metadata,
    Column("issuer", String(64), primary_key=True),
    Column("serial", String(40), primary_key=True),  # hexadecimal, at most 20 octets
    Column("profile", String(32), nullable=False),
    Column("subject", Text, nullable=False),
    Column("spki_sha256", String(64), nullable=False, index=True),
    Column("tbs_sha256", String(64), nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("not_after", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("certificate", LargeBinary),
    Column("intended_at", Instant, nullable=False),
    Column("issued_at", Instant),
    Column("revoked_at", Instant),
    Column("reason", String(32)),
    Column("invalidity_at", Instant),
    Column("shard", Integer, nullable=False, server_default="0"),
    Column("sha256", String(64), index=True),  # of the certificate, once there is one
    Index("ix_certificates_serial", "serial"),
    Index("ix_certificates_not_after", "not_after"),
    Index("ix_certificates_profile", "profile", "state"),
    Index("ix_certificates_state", "issuer", "shard", "state", "serial"),
)

crls = Table(
    "crls",
    metadata,
    Column("issuer", String(64), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("crl", LargeBinary, nullable=False),
    Column("signed_at", Instant, nullable=False),
    Column("shard", Integer, nullable=False, server_default="0"),
    Column("changes", BigInteger, nullable=False, server_default="0"),
)

accessions = Table(
    # Licences taken over: by a package from another register, or from paper. None was granted here.
    "accessions",
    metadata,
    Column("accession_id", String(64), primary_key=True),
    Column("origin", String(8), nullable=False),
    Column("grade", String(1), nullable=False),
    Column("identifier", String(128), index=True),
    Column("type_code", String(21), nullable=False),
    Column("type_name_zh", String(128), nullable=False),
    Column("type_name_en", String(128), nullable=False),
    Column("authority_name", String(128), nullable=False),
    Column("authority_uscc", String(18), nullable=False),
    Column("number", String(64), nullable=False, index=True),
    Column("personal", Boolean, nullable=False),  # the number holds its holder's code
    Column("state", String(16), nullable=False),
    Column("reason", String(32)),
    Column("holders", JSON, nullable=False),
    Column("data", JSON, nullable=False),
    Column("granted_on", Date, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Column("file_sha256", String(64), nullable=False),  # of the package, or the scan, as stored
    Column("document_sha256", String(64), nullable=False, index=True),  # of the PDF, or the scan
    Column("handed_out_sha256", String(64), nullable=False, index=True),  # of the holder's copy
    Column("source", String(64), nullable=False),  # id of the register that packed it
    Column("stated_sha256", String(64), nullable=False),  # of what was said: package or row
    Column("basis", Text),
    Column("salt", String(64), nullable=False),  # of the record's digest in the audit
    Column("taken_at", Instant, nullable=False),
    Column("secret", Text),  # what the columns above lack, sealed (registry/accession/hiding.py)
    Column("hold", Text),  # why it must not be erased, while there is a reason
    Column("erased_at", Instant),
    Column("erased_by", String(16)),
    Column("erased_objects", JSON(none_as_null=True)),
)

compromises = Table(
    # A seal's key fell into other hands: what was asked for, and how far it has been carried out.
    "compromises",
    metadata,
    Column("compromise_id", _identity, primary_key=True, autoincrement=True),
    Column("seal_id", ForeignKey(seals.c.seal_id), nullable=False, index=True),
    Column("certificate_sha256", String(64), nullable=False),
    Column("since", Instant, nullable=False),
    Column("basis", Text, nullable=False),
    Column("reseal", Boolean, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("judged_at", Instant),
    Column("finished_at", Instant),
    Index(
        "uq_compromises_unfinished",
        "seal_id",
        unique=True,
        sqlite_where=text("finished_at IS NULL"),
        postgresql_where=text("finished_at IS NULL"),
    ),
)

compromised_licences = Table(
    # What was found of each licence under such a seal.
    "compromised_licences",
    metadata,
    Column("compromise_id", ForeignKey(compromises.c.compromise_id), primary_key=True),
    Column("identifier", ForeignKey(licences.c.identifier), primary_key=True),
    Column("finding", String(16), nullable=False),
    Column("proven_at", Instant),
    Column("judged_at", Instant, nullable=False),
    Index("ix_compromised_licences_identifier", "identifier"),
)

certificate_requests = Table(
    # What services ask the CA to certify; the id is the SHA-256 of the public key.
    "certificate_requests",
    metadata,
    Column("request_id", String(64), primary_key=True),
    Column("issuer", String(64), nullable=False),
    Column("profile", String(32), nullable=False),
    Column("key_id", String(64), nullable=False),
    Column("csr", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("requested_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("detail", String(64)),
)

identities = Table(
    # People and systems that an identity provider vouched for (registry/officers/identities.py).
    "identities",
    metadata,
    Column("identity_id", String(32), primary_key=True),
    Column("iss", String(255), nullable=False),
    Column("sub", String(255), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("name", String(128), nullable=False),
    Column("state", String(16), nullable=False),
    Column("merged_into", ForeignKey("identities.identity_id")),
    Column("owner", ForeignKey("identities.identity_id"), index=True),
    Column("salt", String(64), nullable=False),  # of the digest in the audit
    Column("created_at", Instant, nullable=False),
    Column("last_seen_at", Instant),
    UniqueConstraint("iss", "sub"),
    Index("ix_identities_merged_into", "merged_into"),
)

role_assignments = Table(
    # Who has which role where; a row that ended stays.
    "role_assignments",
    metadata,
    Column("assignment_id", String(32), primary_key=True),
    Column("identity_id", ForeignKey(identities.c.identity_id), nullable=False, index=True),
    Column("role", String(16), nullable=False),
    Column("authority_id", ForeignKey(authorities.c.authority_id)),  # NULL: in all
    Column("valid_from", Instant),
    Column("valid_until", Instant),
    Column("given_by", String(128), nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("ended_by", String(128)),
    Column("ended_at", Instant),
    Column("why", Text),
    Index("ix_role_assignments_authority_id", "authority_id"),
)

grant_requests = Table(
    # What somebody asks for and somebody else decides (registry/officers/requests.py).
    "grant_requests",
    metadata,
    Column("request_id", String(32), primary_key=True),
    Column("action", String(32), nullable=False),
    Column("authority_id", ForeignKey(authorities.c.authority_id)),
    Column("type_code", ForeignKey(licence_types.c.code)),
    Column("digest", String(64), nullable=False),
    Column("request_key", String(64), unique=True),  # with its authority
    Column("requested_by", String(128), nullable=False, index=True),
    Column("requested_at", Instant, nullable=False),
    Column("lapses_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("decided_by", String(128)),
    Column("decided_at", Instant),
    Column("reason", Text),
    Column("changed_at", Instant, nullable=False),
    Column("type_sha256", String(64)),  # of the type's definition when it was asked for
    Column("rows", Integer),  # of a batch
    Column("document", String(160)),  # of another authority, on which a seal is asked for
    Column("vouched", JSON),  # of who decided, as their sign-in said
    Index("ix_grant_requests_authority_id", "authority_id", "state"),
    Index("ix_grant_requests_state", "state", "lapses_at"),
    Index("ix_grant_requests_requested_at", "requested_at", "request_id"),
)

officer_certificates = Table(
    # Whose a certificate of an officer is: it ends with them.
    "officer_certificates",
    metadata,
    Column("issuer", String(64), primary_key=True),
    Column("serial", String(40), primary_key=True),
    Column("identity_id", ForeignKey(identities.c.identity_id), nullable=False, index=True),
    Column("authority_id", ForeignKey(authorities.c.authority_id)),  # that its subject names
    Column("bound_at", Instant, nullable=False),
    Column("ended_at", Instant),  # it is to be revoked since
    Column("why", Text),
)

person_signatures = Table(
    # Signatures of officers over pending licences, until these are sealed.
    "person_signatures",
    metadata,
    Column("identifier", ForeignKey(licences.c.identifier), primary_key=True),
    Column("certificate", LargeBinary, nullable=False),
    Column("room", Integer, nullable=False),  # octets that the signature may take
    Column("page_sha256", String(64), nullable=False),  # of the page as it was handed out
    Column("prepared_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("cms", LargeBinary),  # of the signature with its timestamp
    Column("signed_at", Instant),
)

request_contents = Table(
    # What a request asks for, kept until it is carried out or ends (registry/desk/contents.py).
    "request_contents",
    metadata,
    Column("request_id", ForeignKey(grant_requests.c.request_id), primary_key=True),
    Column("content", JSON, nullable=False),
    Column("photo", LargeBinary),
)

batch_rows = Table(
    # Rows of a batch that is asked for, and what became of each (registry/desk/batch_rows.py).
    "batch_rows",
    metadata,
    Column("request_id", ForeignKey(grant_requests.c.request_id), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64)),  # of record and photo; none of the three is kept at the end
    Column("record", JSON(none_as_null=True)),
    Column("photo", LargeBinary),
    Column("state", String(16), nullable=False),
    Column("identifier", String(128)),
    Column("code", String(64)),
    Column("detail", JSON(none_as_null=True)),
)

jobs = Table(
    # Batches that are being carried out (registry/officers/jobs.py).
    "jobs",
    metadata,
    Column("job_id", String(32), primary_key=True),
    Column("request_id", ForeignKey(grant_requests.c.request_id), nullable=False, unique=True),
    Column("authority_id", ForeignKey(authorities.c.authority_id), nullable=False),
    Column("state", String(16), nullable=False),
    Column("why", String(64)),
    Column("carried_by", String(128), nullable=False, index=True),
    Column("vouched", JSON, nullable=False),  # for whom, as their sign-in said
    Column("asked_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Index("ix_jobs_state", "state", "asked_at"),
)

sessions = Table(
    # Sessions of people who signed in; the key is the SHA-256 of what the browser holds.
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("iss", String(255), nullable=False),
    Column("sub", String(255), nullable=False),
    Column("alias", String(40), nullable=False),
    Column("provider_session", String(255)),
    Column("auth_time", Instant, nullable=False),
    Column("acr", String(255)),
    Column("groups", JSON, nullable=False),
    Column("name", String(128), nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False, index=True),
    Column("form_token", String(64), nullable=False),
    Column("id_token", Text),
    Column("until", Instant),
    Index("ix_sessions_iss", "iss", "sub"),
)

begun_sign_ins = Table(
    # Sign-ins that a browser has begun and not finished.
    "begun_sign_ins",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("pending", JSON, nullable=False),
    Column("back_to", Text, nullable=False),
    Column("begun_at", Instant, nullable=False, index=True),
)

used_tokens = Table(
    # Digests of ids of tokens that serve once, until they would not be accepted any more.
    "used_tokens",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("until", Instant, nullable=False, index=True),
)

sign_outs = Table(
    # Whose access tokens that were issued before an instant are taken no more.
    "sign_outs",
    metadata,
    Column("iss", String(255), primary_key=True),
    Column("sub", String(255), primary_key=True),
    Column("before", Instant, nullable=False),  # by the issuer's clock
    Column("until", Instant, nullable=False, index=True),  # no such token lives longer
)

security_events = Table(
    # Events that providers told of, kept before they are acknowledged
    # (registry/desk/providers/inbox.py).
    "security_events",
    metadata,
    Column("digest", String(64), primary_key=True),  # of issuer and id
    Column("told", JSON),  # until it is carried out
    Column("received_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("tried_at", Instant),  # and failed
    Column("until", Instant, nullable=False, index=True),  # it could not be accepted any more
    Index("ix_security_events_done_at", "done_at", "received_at"),
)

provisioned = Table(
    # People whom a provider recorded by SCIM, under the names that it knows them by.
    "provisioned",
    metadata,
    Column("identity_id", ForeignKey(identities.c.identity_id), primary_key=True),
    Column("iss", String(255), nullable=False),
    Column("user_name", String(255), nullable=False),
    Column("user_key", String(255), nullable=False),  # casefolded: it is unique whatever its case
    Column("external_id", String(255)),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("iss", "user_key"),
    Index("ix_provisioned_external_id", "iss", "external_id"),
)

local_accounts = Table(
    # Accounts of this machine (registry/desk/sign_in/account_store.py); the name is shown, the
    # rest secret.
    "local_accounts",
    metadata,
    Column("sub", String(64), primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", String(128), nullable=False),
    Column("password_hash", String(255)),
    Column("browser_secret", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("password_at", Instant),
    Column("code_digest", String(64)),  # of an enrolment code
    Column("code_until", Instant),
)

passkeys = Table(
    # Public halves of passkeys of local accounts; the key is the SHA-256 of the credential's id.
    "passkeys",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("passkey_id", String(32), nullable=False, unique=True),
    Column("sub", ForeignKey(local_accounts.c.sub), nullable=False, index=True),
    Column("credential_id", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("label", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant),
    Column("suspect", Boolean, nullable=False),
)

challenges = Table(
    # What browsers were asked to sign and have not answered (identity/accounts/sign_in.py).
    "challenges",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("purpose", String(16), primary_key=True),
    Column("challenge", LargeBinary, nullable=False),
    Column("detail", Text, nullable=False),
    Column("made_at", Instant, nullable=False, index=True),
)

sign_in_tries = Table(
    # Failed sign-ins, by digests of accounts, networks, browsers (identity/accounts/throttle.py).
    "sign_in_tries",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False, index=True),
    Column("not_before", Instant, nullable=False),
)

break_glass = Table(
    # Credentials for an emergency, and what became of them (registry/desk/sign_in/break_glass.py).
    "break_glass",
    metadata,
    Column("use_id", String(32), primary_key=True),
    Column("secret_hash", String(255), nullable=False),
    Column("prepared_by", String(128), nullable=False),
    Column("prepared_at", Instant, nullable=False),
    Column("replaced_at", Instant),
    Column("used_at", Instant),
    Column("reason", Text),
    Column("acknowledged_by", String(128)),
    Column("acknowledged_at", Instant),
    Column("ended_at", Instant),  # by an operator: its session with it
)

enrolments = Table(
    # Challenges, and what officers asked for with them; its evidence stays until it is decided
    # (registry/desk/enrolment/rows.py).
    "enrolments",
    metadata,
    Column("challenge_sha256", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("expires_at", Instant, nullable=False),  # the challenge; the row is kept for longer
    Column("identity_id", ForeignKey(identities.c.identity_id)),
    Column("authority_id", ForeignKey(authorities.c.authority_id)),
    Column("profile", String(32)),
    Column("spki_sha256", String(64)),
    Column("evidence", JSON(none_as_null=True)),
    Column("request_id", ForeignKey(grant_requests.c.request_id)),  # that somebody approves first
    Column("requested_at", Instant),
    Column("claimed_at", Instant),
    Column("issuer", String(64)),
    Column("serial", String(40)),  # being issued, or issued
    Column("settled_at", Instant),
    Column("detail", String(64)),  # code of why it was refused
    Index("ix_enrolments_state", "state", "expires_at"),
    Index(
        "uq_enrolments_key",
        "spki_sha256",
        unique=True,
        sqlite_where=text("state = 'REQUESTED'"),
        postgresql_where=text("state = 'REQUESTED'"),
    ),
)

search_entries = Table(
    # What people look for a licence by (registry/licences/search_index.py): made from its row.
    "search_entries",
    metadata,
    Column("entry", Integer, primary_key=True, autoincrement=True),
    Column("identifier", ForeignKey(licences.c.identifier), nullable=False, unique=True),
    Column("authority_id", String(64), nullable=False),
    Column("type_code", String(21), nullable=False),
    Column("granted_on", Date, nullable=False),
    Column("words", Text, nullable=False),  # folded: a holder or title a line
    # In the order of their octets, on PostgreSQL too: what begins so is a range.
    Column("number", _octets(64), nullable=False, index=True),
    Column("number_backwards", _octets(64), nullable=False, index=True),
    Index("ix_search_entries_granted", "granted_on", "entry"),
)

search_grams = Table(
    # Two characters, and an entry that has them; no foreign key, which would double the writing.
    "search_grams",
    metadata,
    Column("gram", Integer, primary_key=True, autoincrement=False),
    Column("entry", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

document_drafts = Table(
    # Files that somebody hands in to have them sealed, and how (registry/desk/documents/).
    "document_drafts",
    metadata,
    Column("draft_id", String(32), primary_key=True),
    Column("authority_id", ForeignKey(authorities.c.authority_id), nullable=False),
    Column("type_code", String(21), nullable=False),
    Column("made_by", String(128), nullable=False, index=True),
    Column("made_at", Instant, nullable=False),
    Column("lapses_at", Instant, nullable=False),
    Column("wishes", JSON, nullable=False),
    Column("request_id", ForeignKey(grant_requests.c.request_id), unique=True),  # once asked for
)

document_files = Table(
    # Their bytes as they came, which nobody is handed: deleted once sealed, or with the draft.
    "document_files",
    metadata,
    Column("draft_id", ForeignKey(document_drafts.c.draft_id), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", String(200), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("clean", Boolean, nullable=False),
    Column("found", JSON, nullable=False),  # what the intake said of it
    Column("data", LargeBinary),
)

corrections = Table(
    # Requests to correct what a licence says (registry/licences/corrections/rows.py).
    "corrections",
    metadata,
    Column("correction_id", String(32), primary_key=True),
    Column("identifier", ForeignKey(licences.c.identifier), nullable=False, index=True),
    Column("authority_id", String(64), nullable=False),  # that granted it
    Column("source", String(16), nullable=False),
    Column("field", String(100)),  # this and the three that follow: until they are forgotten
    Column("wanted", Text),
    Column("reason", Text),
    Column("contact", String(200)),
    Column("files", Integer, nullable=False),
    Column("asked_by", String(128), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("extended", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("receipt_sha256", String(64), nullable=False, unique=True),
    Column("request_key", String(64), unique=True),
    Column("decided_by", String(128)),
    Column("decided_at", Instant),
    Column("answer", Text),
    Column("corrected_by", ForeignKey(licences.c.identifier)),
    Column("changed_at", Instant, nullable=False),
    Index("ix_corrections_state", "state", "due_on"),
    Index("ix_corrections_asked", "asked_at", "correction_id"),
)

correction_files = Table(
    # Their evidence; in no backup, since it is to be forgotten.
    "correction_files",
    metadata,
    Column("correction_id", ForeignKey(corrections.c.correction_id), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(8), nullable=False),
    Column("content", LargeBinary, nullable=False),
)

exports = Table(
    # Exports that a server writes for somebody (registry/desk/exports/).
    "exports",
    metadata,
    Column("export_id", String(32), primary_key=True),
    Column("asked_by", String(128), nullable=False, index=True),
    Column("request_key", String(64), nullable=False, unique=True),
    Column("vouched", JSON, nullable=False),  # for whom, as their sign-in said
    Column("sought", JSON, nullable=False),  # sealed; nothing once it is over
    Column("form", String(8), nullable=False),
    Column("language", String(2), nullable=False),
    Column("personal", Boolean, nullable=False),
    Column("bodies", JSON(none_as_null=True)),  # whose licences it may name; null: all
    Column("state", String(16), nullable=False),
    Column("why", String(64)),
    Column("asked_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),  # its file is deleted then
    Column("taken_at", Instant),  # the moment whose licences it has
    Column("lease_until", Instant),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("rows", Integer, nullable=False, server_default="0"),
    Column("size", BigInteger, nullable=False, server_default="0"),
    Column("sha256", String(64)),
    Index("ix_exports_state", "state", "asked_at"),
)

export_parts = Table(
    # Their files, in pieces that are packed and sealed.
    "export_parts",
    metadata,
    Column("export_id", ForeignKey(exports.c.export_id), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", Text, nullable=False),
)

PASSING = frozenset(
    one.name
    for one in (
        sessions,
        begun_sign_ins,
        used_tokens,
        request_contents,
        person_signatures,
        batch_rows,
        jobs,
        enrolments,
        sign_outs,
        security_events,
        local_accounts,
        passkeys,
        challenges,
        sign_in_tries,
        break_glass,
        search_entries,
        search_grams,
        document_drafts,
        document_files,
        correction_files,
        exports,
        export_parts,
    )
)
"""Tables that are in no backup: whoever restores one signs in anew, open requests lapse, what a
batch left is asked for again (rows that were granted are recognised), passwords, passkeys and
emergency credentials that were taken back do not return with it, the index of the search is made
anew, and exports are asked for again."""
