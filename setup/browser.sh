#!/usr/bin/env bash
# Find or install a Chromium for the browser tests. Where none can be had this says what to type and goes on:
# the browser tests then fail with the same words, they are never skipped.
# shellcheck source=setup/common.sh
. "$(dirname -- "$0")/common.sh"

browser_works() { .venv/bin/python -m tests.support.browser >.cache/browser.log 2>&1; }

browser_works && exit 0
if can_apt; then
    apt_install chromium fonts-noto-cjk libatomic1 || say "apt-get could not install chromium"
    browser_works && exit 0
fi
say "Fetching Playwright's own Chromium"
.venv/bin/playwright install chromium </dev/null >.cache/playwright.log 2>&1 || say "That failed; .cache/playwright.log says why"
browser_works || say "The browser tests will fail: $(tail -n 1 .cache/browser.log)"
