"""Uses of a store as they are counted, and its reach."""

import os
import signal
from pathlib import Path

import pytest

from core.metrics import exposition
from registry.objects.files import FileStore
from registry.objects.measured import MeasuredStore, StoreMetrics, StoreReach
from registry.objects.opening import open_bucket
from registry.objects.store import MissingObjectError, StoreUnreachableError, sha256_of
from tests.object_store.service import StoreService


def test_uses_are_counted_by_operation_and_outcome(tmp_path: Path) -> None:
    metrics = StoreMetrics()
    store = MeasuredStore(FileStore(tmp_path), metrics)
    first = store.put(b"one")
    store.put_all([b"two", b"three"])
    assert store.get(first) == b"one"
    store.erase(first)
    with pytest.raises(MissingObjectError):
        store.get(first)
    assert store.list_objects() == sorted([sha256_of(b"two"), sha256_of(b"three")])
    lines = exposition(metrics.all).splitlines()
    requests = sorted(line for line in lines if line.startswith("xinyin_store_requests_total"))
    assert requests == [
        'xinyin_store_requests_total{operation="erase",outcome="done"} 1',
        'xinyin_store_requests_total{operation="get",outcome="done"} 1',
        'xinyin_store_requests_total{operation="get",outcome="failed"} 1',
        'xinyin_store_requests_total{operation="put",outcome="done"} 2',
    ]
    assert 'xinyin_store_seconds_count{route="put"} 2' in lines


def test_a_bucket_out_of_reach_is_seen_within_ten_seconds(store_service: StoreService) -> None:
    settings, _ = store_service.bucket()
    quick = settings.model_copy(update={"timeout_seconds": 1, "attempts": 1})
    now, metrics = [100.0], StoreMetrics()
    bucket = open_bucket(quick, Path("/nonexistent-home"), {})
    reach = StoreReach(lambda: bucket, lambda: now[0])
    assert reach.is_there()
    os.kill(store_service.process.pid, signal.SIGSTOP)
    try:
        now[0] += 9.9
        assert reach.is_there(), "the answer stands for a while"
        now[0] += 0.2
        assert not reach.is_there()
        with pytest.raises(StoreUnreachableError):
            MeasuredStore(bucket, metrics).put(b"lost")
    finally:
        os.kill(store_service.process.pid, signal.SIGCONT)
    assert "xinyin_store_reachable 0" in exposition([reach.gauge()])
    assert 'operation="put",outcome="unreachable"} 1' in exposition(metrics.all)
    now[0] += 10
    assert reach.is_there()
