#!/bin/sh
# What the tests need beside Python: Chromium, a Chinese font, the libraries that set text in PDF files, PostgreSQL's
# server programs, nginx and openssl.
# On Debian, as root, whatever is missing is installed; elsewhere it is named, and this ends with status 1.
set -eu

have_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
have_font() { command -v fc-list && fc-list :lang=zh family | grep -q .; }
have_libraries() {
    for one in libpango-1.0.so.0 libpangoft2-1.0.so.0 libharfbuzz-subset.so.0; do
        PATH="$PATH:/sbin:/usr/sbin" ldconfig -p | grep -q "$one" || return 1
    done
}
have_postgresql() { command -v initdb && command -v postgres || ls /usr/lib/postgresql/*/bin/initdb; }
have_openssl() { command -v openssl; }
have_nginx() { PATH="$PATH:/sbin:/usr/sbin" command -v nginx; }

missing=""
have_chromium >/dev/null 2>&1 || missing="$missing chromium"
have_font >/dev/null 2>&1 || missing="$missing fonts-noto-cjk fontconfig"
have_libraries >/dev/null 2>&1 || missing="$missing libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
have_postgresql >/dev/null 2>&1 || missing="$missing postgresql"
have_nginx >/dev/null 2>&1 || missing="$missing nginx"
have_openssl >/dev/null 2>&1 || missing="$missing openssl"
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests need these, by the names of Debian's packages:$missing" >&2
    echo "Please install them with your system's package manager, so that chromium, initdb, postgres, nginx and openssl are on the PATH." >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "The tests need more packages. Please run: sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
fi

# Somebody else may be installing: apt-get waits for dpkg's lock by itself, for its own locks we do.
patient() {
    tries=0
    until said=$(LC_ALL=C DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" 2>&1); do
        tries=$((tries + 1))
        case "$said" in
            *"ould not get lock"*|*"nable to lock"*) [ "$tries" -lt 30 ] && sleep 10 && continue ;;
        esac
        echo "$said" >&2
        return 1
    done
}

echo "installing:$missing"
patient update
# shellcheck disable=SC2086  # a list of words
patient install --yes --no-install-recommends $missing
case "$missing" in
    *nginx*) # the tests start their own; Debian's would begin to serve this machine's port 80
        if [ -d /run/systemd/system ]; then systemctl --quiet disable --now nginx; fi ;;
esac
