#!/usr/bin/env bash
# Make .venv with the packages of locks/production.txt, or with those of locks/dev.txt: setup/python.sh production|dev
# shellcheck source=setup/common.sh
. "$(dirname -- "$0")/common.sh"
group=${1:?production or dev}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
find_python() {
    local name
    for name in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null && new_enough "$name"; then
            command -v "$name"
            return
        fi
    done
    return 1
}

if ! python=$(find_python); then
    ! can_apt || apt_install python3 python3-venv || true
    python=$(find_python) || fail "Python 3.11 or newer is needed. As root: apt-get install python3 python3-venv"
fi

have=$(key locks/production.txt locks/dev.txt locks/setup.txt setup/python.sh)
tools_have=$(key locks/setup.txt)
venv_have=$(key /dev/null)
if [ -x .venv/bin/portal ] && { done_already python-dev "$have" || done_already "python-$group" "$have"; }; then
    exit 0
fi

make_tools() { rm -rf "$tools" && "$python" -m venv "$tools" >.cache/venv.log 2>&1; }
if ! "$tools/bin/python" -m pip --version >/dev/null 2>&1 || ! done_already tools "$tools_have"; then
    say "Making a virtual environment for the installers ($python)"
    if ! make_tools; then
        venv_package="python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
        ! can_apt || apt_install "$venv_package" || apt_install python3-venv || true
        make_tools || fail "Python cannot make virtual environments. As root: apt-get install $venv_package" \
            "$(tail -n 3 .cache/venv.log)"
    fi
    "$tools/bin/python" -m pip install --quiet --require-hashes --only-binary :all: -r locks/setup.txt ||
        fail "The installer uv could not be fetched. Is the package registry reachable (PIP_INDEX_URL for a mirror)?"
    mark_done tools "$tools_have"
fi

say "Installing the Python packages of locks/$group.txt into .venv"
if ! .venv/bin/python -c '' 2>/dev/null || ! done_already venv "$venv_have"; then
    "$tools/bin/uv" venv --quiet --clear --python "$python" .venv
    mark_done venv "$venv_have"
fi
"$tools/bin/uv" pip sync --quiet --python .venv/bin/python --require-hashes "locks/$group.txt" ||
    fail "The Python packages could not be installed. Is the package registry reachable (UV_DEFAULT_INDEX for a mirror)?"

# The project itself is not packaged: the command and the import path are two small files.
"$root/.venv/bin/python" -c 'import sys, sysconfig; print(sysconfig.get_path("purelib"))' | while read -r packages; do
    printf '%s\n' "$root" >"$packages/portal.pth"
done
cat >.venv/bin/portal <<'COMMAND'
#!/bin/sh
exec "$(dirname -- "$(readlink -f -- "$0")")/python" -c \
    'import sys; sys.argv[0] = "portal"; from portal.cli import main; sys.exit(main())' "$@"
COMMAND
chmod +x .venv/bin/portal

rm -f .cache/done/python-*
mark_done "python-$group" "$have"
