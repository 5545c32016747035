"""OpenStack Swift with its S3 API in one process: `python swift_server.py DIRECTORY [HOST]`.

Its four servers are greenlets of this process, so that it is up in one or two seconds. TLS where
the directory has `server.pem`. Prints its address; ends when its stdin does. It runs in Swift's own
environment, hence imports nothing of ours.
"""

import logging
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")  # eventlet warns of itself

import eventlet  # noqa: E402

eventlet.monkey_patch()

import eventlet.wsgi  # noqa: E402
from swift.common import utils  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.storage_policy import reload_storage_policies  # noqa: E402
from swift.common.wsgi import loadapp  # noqa: E402

_PARTS = ("account", "container", "object")
_SWIFT = """
[swift-hash]
swift_hash_path_prefix = tests
swift_hash_path_suffix = tests
[storage-policy:0]
name = only
default = yes
"""
_PART = """
[DEFAULT]
swift_dir = {etc}
devices = {devices}
mount_check = false
bind_port = {port}
fallocate_reserve = 0
log_level = ERROR
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
"""
_FILTERS = "catch_errors cache listing_formats bulk s3api tempauth slo versioned_writes symlink"
_PROXY = """
[DEFAULT]
swift_dir = {etc}
bind_port = {port}
log_level = ERROR
[pipeline:main]
pipeline = {filters} proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
[filter:symlink]
use = egg:swift#symlink
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_object_versioning = true
[filter:s3api]
use = egg:swift#s3api
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
"""


def main(directory: Path, host: str) -> None:
    """Serve until stdin ends."""
    etc, devices = directory / "etc", directory / "devices"
    etc.mkdir()
    (devices / "d1").mkdir(parents=True)
    (etc / "swift.conf").write_text(_SWIFT)
    utils.set_swift_dir(str(etc))
    utils.validate_hash_conf()
    reload_storage_policies()
    sockets = {name: eventlet.listen(("127.0.0.1", 0)) for name in _PARTS}
    sockets["proxy"] = eventlet.listen((host, 0))
    for name in _PARTS:
        port = sockets[name].getsockname()[1]
        device = {"region": 1, "zone": 1, "ip": "127.0.0.1", "device": "d1", "weight": 1.0}
        builder = RingBuilder(1, 1, 1)
        builder.add_dev({**device, "port": port})
        builder.rebalance()
        builder.get_ring().save(str(etc / f"{name}.ring.gz"))
        text = _PART.format(etc=etc, devices=devices, port=port, name=name)
        (etc / f"{name}.conf").write_text(text)
    port = sockets["proxy"].getsockname()[1]
    (etc / "proxy.conf").write_text(_PROXY.format(etc=etc, port=port, filters=_FILTERS))
    if (directory / "server.pem").exists():
        pem = str(directory / "server.pem")
        sockets["proxy"] = eventlet.wrap_ssl(sockets["proxy"], pem, pem, server_side=True)
    quiet = logging.getLogger("quiet")
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    for name, one in sockets.items():
        app = loadapp(str(etc / f"{name}.conf"))
        eventlet.spawn(eventlet.wsgi.server, one, app, quiet, log_output=False)
    scheme = "https" if (directory / "server.pem").exists() else "http"
    print(f"{scheme}://{host}:{port}", flush=True)  # noqa: T201
    eventlet.tpool.execute(sys.stdin.read)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1")
