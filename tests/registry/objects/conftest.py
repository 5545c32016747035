"""The real object store of a worker."""

from collections.abc import Iterator

import pytest

from tests.object_store.service import StoreService, have_store, running_store


@pytest.fixture(scope="session")
def store_service() -> Iterator[StoreService]:
    """OpenStack Swift with its S3 API."""
    if not have_store():
        pytest.skip("the object store is not installed: sh deploy/swift-parts.sh")
    with running_store() as service:
        yield service
