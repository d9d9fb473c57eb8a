#!/usr/bin/env bash
# Write locks/*.txt anew from pyproject.toml: newest allowed versions, with hashes, for every platform, without addresses.
# shellcheck source=setup/common.sh
. "$(dirname -- "$0")/common.sh"

compile() {
    local output=$1
    shift
    say "Locking $output"
    rm -f "$output"
    "$tools/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-emit-index-url --no-emit-find-links --output-file "$output" "$@"
}

mkdir -p locks
compile locks/dev.txt pyproject.toml --group dev
compile locks/production.txt pyproject.toml --constraints locks/dev.txt
compile locks/setup.txt --group setup
compile locks/node.txt --group node
npm install --package-lock-only --ignore-scripts --silent </dev/null
if grep -nE 'https?://' locks/*.txt || grep -n '"resolved"' package-lock.json; then
    fail "a lock file names the address of a registry"
fi
