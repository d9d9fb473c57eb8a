#!/usr/bin/env bash
# Find or install a Chromium for the browser tests. Where none can be had this says what to type and goes on:
# the browser tests then fail with the same words, they are never skipped.
# shellcheck source=setup/common.sh
. "$(dirname -- "$0")/common.sh"

has_browser() {
    local name
    for name in chromium chromium-browser google-chrome; do
        # Ubuntu's `chromium-browser` may be a stub that only says where the real one went.
        if command -v "$name" >/dev/null && "$name" --version >/dev/null 2>&1; then
            return 0
        fi
    done
    playwright_browser_works
}
playwright_browser_works() {
    .venv/bin/python - <<'CHECK' >/dev/null 2>&1
from playwright.sync_api import sync_playwright
with sync_playwright() as play:
    play.chromium.launch().close()
CHECK
}

have=$(key locks/dev.txt setup/browser.sh)
if done_already browser "$have" && has_browser; then
    exit 0
fi
if has_browser; then
    mark_done browser "$have"
    exit 0
fi
! can_apt || apt_install chromium fonts-noto-cjk || say "apt-get has no chromium here"
if ! has_browser; then
    say "Fetching Playwright's own Chromium"
    .venv/bin/playwright install chromium </dev/null >.cache/browser.log 2>&1 || true
    ! can_apt || has_browser || .venv/bin/playwright install-deps chromium </dev/null >>.cache/browser.log 2>&1 || true
fi
if has_browser; then
    mark_done browser "$have"
else
    say "No browser: the browser tests will fail. As root: apt-get install --no-install-recommends chromium fonts-noto-cjk"
fi
