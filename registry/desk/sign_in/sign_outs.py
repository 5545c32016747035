"""Access tokens that were issued before their person was signed out: taken no more, anywhere.

A token says until when it lives, and no provider can take it back; so it is refused here, by what
its issuer said last. A session is simply ended (`registry.desk.sign_in.session_store`).
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from identity.people.model import Identity, Pin
from identity.tokens.refusals import Refusal, TokenRefusedError
from registry.db.conflicts import insert_unless_there
from registry.db.database import Database
from registry.db.tables import sign_outs

KEPT = timedelta(hours=2)
"""An access token lives for an hour at most (`identity.tokens.access_token`), and clocks differ."""


def note_sign_out(connection: Connection, pin: Pin, before: datetime) -> None:
    """Note that tokens issued before an instant, by the issuer's clock, are taken no more.

    An earlier instant than the one noted undoes nothing.
    """
    noted = {"before": before, "until": before + KEPT}
    if not insert_unless_there(connection, sign_outs, {"iss": pin.iss, "sub": pin.sub, **noted}):
        this = (sign_outs.c.iss == pin.iss, sign_outs.c.sub == pin.sub)
        earlier = sign_outs.c.before < before
        connection.execute(update(sign_outs).where(*this, earlier).values(noted))


def refuse_signed_out(connection: Connection, identity: Identity) -> None:
    """Raise `TokenRefusedError` for an access token of before a sign-out."""
    if identity.issued_at is None:
        return
    this = (sign_outs.c.iss == identity.pin.iss, sign_outs.c.sub == identity.pin.sub)
    before = connection.execute(select(sign_outs.c.before).where(*this)).scalar_one_or_none()
    if before is not None and identity.issued_at <= before:
        raise TokenRefusedError(Refusal.SIGNED_OUT)


def forget_sign_outs(database: Database, now: datetime) -> None:
    """Forget those of which no token can be left."""
    with database.writing() as connection:
        connection.execute(delete(sign_outs).where(sign_outs.c.until < now))
