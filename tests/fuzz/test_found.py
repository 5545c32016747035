"""Files that fuzzing found to end in an exception that nobody had foreseen, each made anew.

Such a file is "could not check", and costs a worker; so whatever is malformed must be foreseen.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signing.report import Structure
from signing.validation import validate_pdf
from tests.signing.material import NOW, How, blank, pki, sealed, sign


def broken_reference_stream() -> bytes:
    """A cross-reference stream that is no zlib data (`zlib.error`)."""
    data = sign(blank(stream_xrefs=True), pki(), How(level="B-T"))
    start = int(data[data.rindex(b"startxref") + 9 :].split()[0])
    at = data.index(b"stream", start) + 7
    return data[:at] + b"\0\0\0\0" + data[at + 4 :]


def _with_version_eight(number: int) -> bytes:
    """Change the version of a certificate in the CMS (RFC 5280 4.1.2.1)."""
    data = sealed("B-LT")
    at = [match.start() for match in re.finditer(b"(?i)a003020102", data)][number]
    return data[:at] + b"a003020107" + data[at + 10 :]


def certificate_of_an_unknown_version() -> bytes:
    """`cryptography` raises InvalidVersion, which is no ValueError."""
    return _with_version_eight(0)


def another_certificate_of_an_unknown_version() -> bytes:
    return _with_version_eight(1)


def store_with_a_key_on_an_unknown_curve() -> bytes:
    """An update replaces OCSP answers by ones whose responder's key `cryptography` cannot load."""
    writer = IncrementalPdfFileWriter(BytesIO(sealed("B-LT")))
    prime256v1 = bytes.fromhex("06082a8648ce3d030107")
    answers = writer.root["/DSS"]["/OCSPs"]
    for index in range(len(answers)):
        answer = answers.raw_get(index)
        data = answer.get_object().data
        assert prime256v1 in data
        data = data.replace(prime256v1, prime256v1[:-1] + b"\x7f")
        writer.objects[answer.generation, answer.idnum] = StreamObject(stream_data=data)
    out = BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


@pytest.mark.parametrize(
    "build",
    [
        broken_reference_stream,
        certificate_of_an_unknown_version,
        another_certificate_of_an_unknown_version,
        store_with_a_key_on_an_unknown_curve,
    ],
)
def test_what_is_malformed_is_foreseen(build: Callable[[], bytes]) -> None:
    report = validate_pdf(build(), pki().bare_trust(), NOW + timedelta(minutes=1))
    assert report.structure is not Structure.FAILED
    assert "exception" not in report.notes
    assert all("exception" not in one.notes for one in report.signatures)
