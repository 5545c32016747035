#!/bin/sh
# Makes the root of an image with Debian 12 and Xinyin in it: sh image.sh DIST TARGET, where DIST is
# the folder that `make dist` made and TARGET a directory, .tar or .squashfs for mmdebstrap. For
# systemd (RootDirectory=, RootImage=, systemd-nspawn) or `podman import`. Needs mmdebstrap.
set -eu

dist=$(cd "${1:?"usage: sh image.sh DIST TARGET"}" && pwd)
target=${2:?"usage: sh image.sh DIST TARGET"}

# What the environment needs lies in DIST/wheels, so that the image is made without an index.
[ -d "$dist/wheels" ] ||
    "${PYTHON:-python3}" -m pip --disable-pip-version-check --quiet download \
        --dest "$dist/wheels" --require-hashes --requirement "$dist/run.txt"

mmdebstrap --variant=minbase --include=python3,python3-venv,ca-certificates \
    --customize-hook="copy-in $dist /tmp" \
    --customize-hook="chroot \"\$1\" sh /tmp/$(basename "$dist")/install.sh /opt/xinyin" \
    --customize-hook="chroot \"\$1\" useradd --system --uid 990 --home-dir /var/lib/xinyin --create-home xinyin" \
    --customize-hook="chmod 0700 \"\$1\"/var/lib/xinyin" \
    --customize-hook="rm -rf \"\$1\"/tmp/*" \
    bookworm "$target"
