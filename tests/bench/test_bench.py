"""The benchmark's figures mean what they say."""

import json
from functools import cache
from io import BytesIO

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader

from bench import report
from bench.floor import sealing_floor, verifying_floor
from bench.home import BenchHome
from bench.measure import Baseline, Latency, Row, Sample, Split, measure
from bench.pdfsigner_stock import LEVELS, pdfsigner_process
from bench.shares import Shares
from bench.stock import OurTimeStamper, Stock, dummy_timestamper
from bench.verifying import ours, stock_process
from signing.levels import PadesLevel
from signing.trust.anchors import TrustMaterial
from signing.validation import validate_pdf

KEYS = ["name", "value", "unit", "baseline", "baseline_value", "ratio"]


@cache
def home() -> BenchHome:
    return BenchHome()


def spin(steps: int) -> None:
    sum(range(steps))


def test_ratio_above_one_means_that_ours_is_better(capsys: pytest.CaptureFixture[str]) -> None:
    slow = Baseline("slow", lambda: spin(200_000))
    row = Row("quick", lambda: spin(10_000), (slow,), tail=True)
    report.write(measure(row))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["name"] for line in lines] == ["quick", "quick.slowest"]
    assert all(list(line) == KEYS for line in lines)
    assert lines[0]["ratio"] > 2
    expected = lines[0]["baseline_value"] / lines[0]["value"]
    assert lines[0]["ratio"] == pytest.approx(expected, rel=0.02)


def test_a_row_without_baseline_has_none(capsys: pytest.CaptureFixture[str]) -> None:
    report.write(measure(Row("alone", lambda: spin(100), calls=1)))
    (line,) = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (line["baseline"], line["baseline_value"], line["ratio"]) == (None, None, None)


class Piece:
    def work(self) -> None:
        spin(300_000)


def test_a_split_tells_each_part_and_the_rest_for_one(capsys: pytest.CaptureFixture[str]) -> None:
    def two_at_once() -> None:
        for _ in range(2):
            Piece().work()
            spin(900_000)

    shares = Shares({"piece": ((Piece, "work"),)})
    report.write_split(Split("thing", two_at_once, calls=3, batch=2), shares)
    told = capsys.readouterr()
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert [line["name"] for line in lines] == ["thing.piece", "thing.rest"]
    assert all(list(line) == KEYS for line in lines)
    piece, rest = (line["value"] for line in lines)
    assert rest / piece == pytest.approx(3, rel=0.3)
    assert "1.0" in told.err


@pytest.mark.parametrize("level", LEVELS)
def test_pdfsignerpy_seals_what_it_is_timed_for(level: PadesLevel) -> None:
    """With a timestamp, answers and lists; what it leaves out, the operator's guide says."""
    with pdfsigner_process() as process:
        pdf = process.seal(level)
    dss = PdfFileReader(BytesIO(pdf)).root["/DSS"]
    assert len(dss["/OCSPs"]) == len(dss["/CRLs"]) == 2
    assert pdf.count(b"/ETSI.RFC3161") == (1 if level is PadesLevel.B_LTA else 0)


def test_the_figures_of_a_sample() -> None:
    sample = Sample([float(n) for n in range(1, 101)])
    assert (sample.mean, sample.median, sample.p90, sample.slowest) == (50.5, 50.5, 91.0, 100.0)


def test_a_latency_is_told_by_its_median_and_its_tail(capsys: pytest.CaptureFixture[str]) -> None:
    under, at_rest = [float(n) for n in range(1, 101)], [25.0] * 100
    report.write_latency(Latency("under_load", "at-rest", lambda: (Sample(under), Sample(at_rest))))
    told = capsys.readouterr()
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert [list(line.values()) for line in lines] == [
        ["under_load", 50.5, "ms", "at-rest", 25.0, 0.495],
        ["under_load.p99", 100.0, "ms", "at-rest", 25.0, 0.25],
    ]
    assert "50.5 ms" in told.err


@pytest.mark.parametrize("level", list(PadesLevel))
@pytest.mark.parametrize("timestamper", [dummy_timestamper, OurTimeStamper])
def test_stock_pyhanko_reaches_the_level_that_it_is_timed_for(
    level: PadesLevel, timestamper: type[OurTimeStamper]
) -> None:
    pdf = Stock(home(), timestamper(home())).seal(level)
    hierarchy = home().hierarchy
    known = hierarchy.validation.for_seal(home().certificate)
    trust = TrustMaterial(
        anchors=(hierarchy.root.public_bytes(Encoding.DER),),
        certificates=known.certificates,
        crls=(*known.crls, hierarchy.crls.current()),
        ocsps=known.ocsps,
    )
    judged = validate_pdf(pdf, trust, home().clock.now())
    assert judged.signatures[0].level == level
    assert judged.signatures[0].intact


@pytest.mark.parametrize("level", list(PadesLevel))
def test_what_is_timed_succeeds(level: PadesLevel) -> None:
    """Each raises unless what it validates passes."""
    pdf = home().seal(level).pdf
    known = home().hierarchy.validation.for_seal(home().certificate)
    ours(home(), known, [pdf])()
    with stock_process(home(), known, [pdf]) as stock:
        stock.work()
    sealing_floor(home(), level)()
    verifying_floor(home(), level, pdf)()
