# shellcheck shell=sh
# Sourced by scaffold/quickstart and tests/run: installs what they need, skips
# what is there, says what it does.
#
#   need PACKAGE PROBE...   PACKAGE is wanted unless each PROBE is found: a
#                           command, with a leading `pc:` a pkg-config module,
#                           with a leading `/` a file
#   install_needed          installs the wanted packages with apt-get

needed=

found() {
    case $1 in
    pc:*) pkg-config --exists "${1#pc:}" 2>/dev/null ;;
    /*) [ -e "$1" ] ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

need() {
    package=$1
    shift
    for probe; do
        found "$probe" || {
            needed="$needed $package"
            return
        }
    done
}

need_build_packages() {
    need gcc gcc
    need cmake cmake
    need ninja-build ninja
    need pkg-config pkg-config
    need libjson-c-dev pc:json-c
    need libpcre2-dev pc:libpcre2-8
    need libicu-dev pc:icu-i18n pc:icu-uc
    need libmicrohttpd-dev pc:libmicrohttpd
    need libsqlite3-dev pc:sqlite3
    need zlib1g-dev pc:zlib
    need libcrypt-dev pc:libcrypt
    need libsodium-dev pc:libsodium
    need libbrotli-dev pc:libbrotlienc
    need libgnutls28-dev pc:gnutls
}

need_test_packages() {
    need g++ g++
    need clang clang
    need libcmocka-dev pc:cmocka
    need nodejs node
    need npm npm
    need valgrind valgrind
    need curl curl
    need openssl openssl
    need slowhttptest slowhttptest
    need tcc tcc
    need libtcc-dev /usr/include/libtcc.h
    need git git
    need chromium chromium
    need chromium-driver chromedriver
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

install_needed() {
    if [ -z "$needed" ]; then
        echo "packages: all there"
        return
    fi
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "packages: please install what these Debian packages hold:$needed" >&2
        return 1
    fi
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null 2>&1; then
        echo "packages: neither root nor sudo; please install:$needed" >&2
        return 1
    fi
    echo "packages: installing$needed"
    as_root apt-get update -qq
    # shellcheck disable=SC2086 # one word a package
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends $needed
    needed=
}
