# Shared by the set-up scripts: where things go, what to say, and what is already done. Sourced, not run.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
root=$PWD
tools=.cache/tools # a virtual environment for the installers themselves: uv, and node where the machine has none

say() { printf '▸ %s\n' "$*"; }
fail() {
    printf '✗ %s\n' "$@" >&2
    exit 1
}

mkdir -p .cache/done
# Shared download caches are welcome; without a home to keep them in they live in the project.
if [ -z "${HOME:-}" ] || [ ! -d "$HOME" ] || [ ! -w "$HOME" ]; then
    export HOME="$root/.cache/home"
    mkdir -p "$HOME"
fi
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore PIP_DEFAULT_TIMEOUT="${PIP_DEFAULT_TIMEOUT:-120}"
export UV_PYTHON_DOWNLOADS=never UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-120}"
# Trust whom the machine trusts: behind a proxy that has a certificate authority of its own, the installers' lists do not do.
authorities=/etc/ssl/certs/ca-certificates.crt
if [ -r "$authorities" ]; then
    export UV_SYSTEM_CERTS=true PIP_CERT="${PIP_CERT:-$authorities}" NODE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS:-$authorities}"
fi
export DEBIAN_FRONTEND=noninteractive
# One setting is enough for those who install through a mirror.
if [ -n "${PIP_INDEX_URL:-}" ] && [ -z "${UV_DEFAULT_INDEX:-}" ]; then
    export UV_DEFAULT_INDEX="$PIP_INDEX_URL"
fi

# key FILE... -> a line that changes when the files, the folder or the Python in use change
key() { printf '%s\n' "$root" "${python:-}" "$(cat -- "$@")" | sha256sum | cut -d ' ' -f 1; }
# done_already STEP KEY / mark_done STEP KEY: a step is done while the key it was done with still holds
done_already() { [ "$(cat ".cache/done/$1" 2>/dev/null)" = "$2" ]; }
mark_done() { printf '%s\n' "$2" >".cache/done/$1"; }

is_root() { [ "$(id -u)" = 0 ]; }
can_apt() { is_root && command -v apt-get >/dev/null; }
apt_install() {
    say "Installing system packages: $*"
    if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"; } </dev/null >.cache/apt.log 2>&1; then
        tail -n 5 .cache/apt.log >&2
        return 1
    fi
}
