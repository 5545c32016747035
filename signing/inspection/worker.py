"""The inside of a sandboxed worker: warm up, then a fork for each document.

The first byte of a frame says what it is. To the worker: `T` trust material (JSON, base64). To a
fork: 8 bytes of microseconds since 1970, then the PDF. From a fork: `F` the type of an unforeseen
exception, then `A` an answer (JSON).
"""

import json
import logging
import os
import struct
import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from signing.inspection.engine.knowledge import load_trust
from signing.inspection.preload import preload
from signing.inspection.wire import EPOCH, MICROSECOND, decode_trust, encode_report
from signing.limits import Limits
from signing.report import Structure, ValidationReport
from signing.trust.anchors import TrustMaterial
from signing.validation import validate_and_tell
from signing.workers import forks
from signing.workers.rights import watch_rights

_SAMPLE_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def serve(limits: Limits) -> None:
    """Answer for documents until the parent is gone."""
    logging.disable(logging.CRITICAL)  # what hostile bytes make pyHanko say goes nowhere
    warnings.simplefilter("ignore")  # showing one would open its source
    sample, trust = warm_up(limits)
    given = [TrustMaterial(anchors=())]

    def hear(frame: bytes) -> None:
        given[0] = decode_trust(frame[1:])
        load_trust(given[0])  # once, not in each fork

    def answer(body: bytes) -> Iterator[bytes]:
        touched = watch_rights()
        (microseconds,) = struct.unpack_from(">q", body)
        at = EPOCH + microseconds * MICROSECOND
        report, failures = _judge(body[8:], given[0], at, limits, touched)
        for failure in failures:
            yield b"F" + failure.encode("ascii", "replace")
        yield b"A" + encode_report(report)

    def rehearse() -> None:
        touched = watch_rights()
        report, failures = _judge(sample, trust, _SAMPLE_AT, limits, touched)
        if failures or not report.signatures:
            raise RuntimeError("the sample is not judged as it should be")

    forks.serve(limits, answer, rehearse, hear)


def _judge(
    data: bytes, trust: TrustMaterial, at: datetime, limits: Limits, touched: list[str]
) -> tuple[ValidationReport, tuple[str, ...]]:
    """Judge a document; what was missing in this process is no finding on it."""
    report, failures = validate_and_tell(data, trust, at, limits)
    if touched:
        report = replace(report, structure=Structure.FAILED, signatures=(), notes=("exception",))
        return report, (*failures, *touched)
    return report, failures


def warm_up(limits: Limits) -> tuple[bytes, TrustMaterial]:
    """Load what could be needed, and judge a sealed sample, so that nothing is left to open;
    return it, with its anchor.
    """
    preload()
    sample = Path(__file__).with_name("sample.pdf").read_bytes()
    anchor = Path(__file__).with_name("sample.cer").read_bytes()
    trust = TrustMaterial(anchors=(anchor,))
    for data in (sample, sample[:-100], sample + b"x"):
        validate_and_tell(data, trust, _SAMPLE_AT, limits)
    return sample, trust


def main(arguments: list[str]) -> None:
    """Serve with the limits given as one JSON argument."""
    serve(Limits(**json.loads(arguments[0])))
    os._exit(0)  # nothing to clean up, and no descriptor to do it with
