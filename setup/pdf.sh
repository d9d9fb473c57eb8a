#!/usr/bin/env bash
# Find or install what WeasyPrint needs to make a PDF with Chinese text. Where it cannot be had this says what to type and goes
# on: the portal then leads to the page that any browser prints, and the tests of the PDF fail with the same words.
# shellcheck source=setup/common.sh
. "$(dirname -- "$0")/common.sh"

libraries=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)
pdf_works() { .venv/bin/python -m portal.web.pdf >.cache/pdf.log 2>&1; }

have=$(key portal/web/pdf.py setup/pdf.sh locks/production.txt)
if done_already pdf "$have"; then
    exit 0
fi
if ! pdf_works && can_apt; then
    apt_install "${libraries[@]}" fonts-noto-cjk || apt_install "${libraries[@]}" fonts-wqy-microhei ||
        say "apt-get could not install the PDF libraries"
fi
if pdf_works; then
    mark_done pdf "$have"
else
    say "No PDF can be made here. As root: apt-get install --no-install-recommends ${libraries[*]} fonts-noto-cjk"
    say "The rest works without it. The reason: $(tail -n 1 .cache/pdf.log)"
fi
