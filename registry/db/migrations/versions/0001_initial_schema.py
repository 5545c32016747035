"""Initial schema"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column(
            "event_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("authority_id", sa.String(length=64), nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_audit_events")),
    )
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_events_subject"), ["subject"], unique=False)

    op.create_table(
        "authorities",
        sa.Column("authority_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("authority_id", name=op.f("pk_authorities")),
        sa.UniqueConstraint("uscc", name=op.f("uq_authorities_uscc")),
    )
    op.create_table(
        "certificates",
        sa.Column("issuer", sa.String(length=64), nullable=False),
        sa.Column("serial", sa.String(length=40), nullable=False),
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("spki_sha256", sa.String(length=64), nullable=False),
        sa.Column("tbs_sha256", sa.String(length=64), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=True),
        sa.Column("intended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("issuer", "serial", name=op.f("pk_certificates")),
    )
    with op.batch_alter_table("certificates", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certificates_spki_sha256"), ["spki_sha256"], unique=False
        )

    op.create_table(
        "counters",
        sa.Column("scope", sa.String(length=128), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_counters")),
    )
    op.create_table(
        "crls",
        sa.Column("issuer", sa.String(length=64), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("crl", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "number", name=op.f("pk_crls")),
    )
    op.create_table(
        "licence_types",
        sa.Column("code", sa.String(length=21), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(length=128), nullable=False),
        sa.Column("name_en", sa.String(length=128), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_licence_types")),
        sa.UniqueConstraint("slug", name=op.f("uq_licence_types_slug")),
    )
    op.create_table(
        "seals",
        sa.Column("seal_id", sa.String(length=64), nullable=False),
        sa.Column("authority_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("certificate_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authorities.authority_id"], name=op.f("fk_seals_authority_id")
        ),
        sa.PrimaryKeyConstraint("seal_id", name=op.f("pk_seals")),
        sa.UniqueConstraint("certificate_sha256", name=op.f("uq_seals_certificate_sha256")),
        sa.UniqueConstraint("key_id", name=op.f("uq_seals_key_id")),
    )
    op.create_table(
        "series",
        sa.Column("series_id", sa.String(length=96), nullable=False),
        sa.Column("type_code", sa.String(length=21), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["type_code"], ["licence_types.code"], name=op.f("fk_series_type_code")
        ),
        sa.PrimaryKeyConstraint("series_id", name=op.f("pk_series")),
    )
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.create_index(
            "uq_series_open_number",
            ["type_code", "number"],
            unique=True,
            sqlite_where=sa.text("open = 1"),
            postgresql_where=sa.text("open"),
        )

    op.create_table(
        "licences",
        sa.Column("identifier", sa.String(length=128), nullable=False),
        sa.Column("series_id", sa.String(length=96), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type_code", sa.String(length=21), nullable=False),
        sa.Column("authority_id", sa.String(length=64), nullable=False),
        sa.Column("seal_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("holders", sa.JSON(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("photo_sha256", sa.String(length=64), nullable=True),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("link_token", sa.String(length=64), nullable=False),
        sa.Column("replaces", sa.String(length=128), nullable=True),
        sa.Column("replaced_by", sa.String(length=128), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=True),
        sa.Column("claim", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authorities.authority_id"], name=op.f("fk_licences_authority_id")
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by"], ["licences.identifier"], name=op.f("fk_licences_replaced_by")
        ),
        sa.ForeignKeyConstraint(
            ["replaces"], ["licences.identifier"], name=op.f("fk_licences_replaces")
        ),
        sa.ForeignKeyConstraint(["seal_id"], ["seals.seal_id"], name=op.f("fk_licences_seal_id")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.series_id"], name=op.f("fk_licences_series_id")
        ),
        sa.ForeignKeyConstraint(
            ["type_code"], ["licence_types.code"], name=op.f("fk_licences_type_code")
        ),
        sa.PrimaryKeyConstraint("identifier", name=op.f("pk_licences")),
        sa.UniqueConstraint("link_token", name=op.f("uq_licences_link_token")),
        sa.UniqueConstraint("request_key", name=op.f("uq_licences_request_key")),
        sa.UniqueConstraint("series_id", "version", name=op.f("uq_licences_series_id")),
    )
    with op.batch_alter_table("licences", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_licences_number"), ["number"], unique=False)
        batch_op.create_index(batch_op.f("ix_licences_series_id"), ["series_id"], unique=False)
        batch_op.create_index("ix_licences_state", ["state"], unique=False)

    op.create_table(
        "mandates",
        sa.Column("type_code", sa.String(length=21), nullable=False),
        sa.Column("authority_id", sa.String(length=64), nullable=False),
        sa.Column("seal_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authorities.authority_id"], name=op.f("fk_mandates_authority_id")
        ),
        sa.ForeignKeyConstraint(["seal_id"], ["seals.seal_id"], name=op.f("fk_mandates_seal_id")),
        sa.ForeignKeyConstraint(
            ["type_code"], ["licence_types.code"], name=op.f("fk_mandates_type_code")
        ),
        sa.PrimaryKeyConstraint("type_code", "authority_id", name=op.f("pk_mandates")),
    )
    op.create_table(
        "revisions",
        sa.Column("identifier", sa.String(length=128), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["identifier"], ["licences.identifier"], name=op.f("fk_revisions_identifier")
        ),
        sa.PrimaryKeyConstraint("identifier", "sequence", name=op.f("pk_revisions")),
        sa.UniqueConstraint("sha256", name=op.f("uq_revisions_sha256")),
    )


def downgrade() -> None:
    op.drop_table("revisions")
    op.drop_table("mandates")
    with op.batch_alter_table("licences", schema=None) as batch_op:
        batch_op.drop_index("ix_licences_state")
        batch_op.drop_index(batch_op.f("ix_licences_series_id"))
        batch_op.drop_index(batch_op.f("ix_licences_number"))

    op.drop_table("licences")
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_series_open_number",
            sqlite_where=sa.text("open = 1"),
            postgresql_where=sa.text("open"),
        )

    op.drop_table("series")
    op.drop_table("seals")
    op.drop_table("licence_types")
    op.drop_table("crls")
    op.drop_table("counters")
    with op.batch_alter_table("certificates", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificates_spki_sha256"))

    op.drop_table("certificates")
    op.drop_table("authorities")
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_events_subject"))

    op.drop_table("audit_events")
