#!/bin/sh
# Installs what the tests use from Debian: independent witnesses and a browser.
# Where it may not install, it says what is missing; in CI the tests then fail rather than skip.
set -eu

missing=""
need() { # COMMAND PACKAGE
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
need openssl openssl
need ocsptool gnutls-bin
need pdfsig poppler-utils
need qpdf qpdf
need chromium chromium
need softhsm2-util softhsm2
need pkcs11-tool opensc
need promtool prometheus
need node nodejs
need npm npm
need /usr/sbin/nginx nginx-light
need systemd-analyze systemd
need javac default-jdk-headless
need mvn maven

[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing from Debian:$missing" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >&2
    # shellcheck disable=SC2086  # a list of packages
    apt-get install -y -qq --no-install-recommends $missing >&2
else
    echo "Tests need these Debian packages, which this account may not install:$missing" >&2
    echo "Run: sudo apt-get install$missing" >&2
    [ "${CI:-}" != true ] || exit 1
fi
