#!/usr/bin/env bash
# Installs what building Cairn needs and is not there yet: a C compiler, OpenSSL's headers, Python, strace
# for the tests of power cuts, and the Rust toolchain that rust-toolchain.toml names. `install.sh android` adds
# what the app's build and tests need: a JDK, Maven, the tools that pack and sign, and one that sets clocks wrong.
# Asks nothing, and says nothing when nothing is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$HOME/.cargo/bin:$PATH"

has() { command -v "$1" >/dev/null 2>&1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_install() {
    has apt-get && { [ "$(id -u)" = 0 ] || { has sudo && sudo -n true 2>/dev/null; }; }
}

missing=()
{ has cc && has make; } || missing+=(build-essential)
has pkg-config || missing+=(pkg-config)
{ has pkg-config && pkg-config --exists openssl; } || missing+=(libssl-dev)
has python3 || missing+=(python3)
has strace || missing+=(strace)
if ! has cargo; then
    has curl || missing+=(curl ca-certificates)
fi
if [ "${1:-}" = android ]; then
    { has javac && has keytool; } || missing+=(default-jdk-headless)
    has mvn || missing+=(maven)
    has aapt2 || missing+=(aapt)
    has zipalign || missing+=(zipalign)
    has apksigner || missing+=(apksigner)
    has faketime || missing+=(faketime)
fi

if [ "${#missing[@]}" -gt 0 ]; then
    if ! can_install; then
        echo "Please install first: ${missing[*]} (these are Debian's names)." >&2
        exit 1
    fi
    echo "Installing ${missing[*]}."
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

if ! has cargo; then
    echo "Installing rustup into $HOME/.cargo."
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
        sh -s -- -y -q --no-modify-path --profile minimal --default-toolchain none
fi

# A cargo without rustup is used as it is; Cargo.toml says which version it must be at least.
channel=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
if has rustup; then
    case "$(rustup toolchain list)" in
    *"$channel"*) ;;
    *)
        echo "Installing Rust $channel."
        rustup toolchain install "$channel" --profile minimal --component clippy --component rustfmt
        ;;
    esac
fi
