"""Records as they were before holders' codes were sealed."""

from sqlalchemy import Connection, select, update

from registry.accession import hiding as accession_hiding
from registry.db.tables import accessions, licences, search_entries, series
from registry.licences.hiding import reveal
from registry.privacy.codes import privacy_of


def put_in_the_clear(connection: Connection) -> int:
    """Write all licences as the version before did; return how many."""
    rows = connection.execute(select(licences).where(licences.c.secret.is_not(None))).mappings()
    count = 0
    for row in rows.all():
        values = {**reveal(connection, row), "secret": None}
        this = licences.c.identifier == row["identifier"]
        connection.execute(update(licences).where(this).values(values))
        if row["number"] != values["number"]:
            number = values["number"]
            of_it = series.c.series_id == row["series_id"], series.c.number == row["number"]
            connection.execute(update(series).where(*of_it).values(number=number))
            entry = search_entries.c.identifier == row["identifier"]
            found = {"number": number, "number_backwards": number[::-1]}
            connection.execute(update(search_entries).where(entry).values(found))
        count += 1
    taken = connection.execute(select(accessions).where(accessions.c.secret.is_not(None)))
    for row in taken.mappings().all():
        values = accession_hiding.revealed_row(privacy_of(connection), row) | {"secret": None}
        this = accessions.c.accession_id == row["accession_id"]
        connection.execute(update(accessions).where(this).values(values))
        count += 1
    return count
