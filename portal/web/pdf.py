"""From a page to paper: HTML made into a PDF by WeasyPrint, which needs libraries and a Chinese font of the machine
(setup/pdf.sh sees to both).
"""

from __future__ import annotations

import ctypes
import threading
from functools import cache, lru_cache

from portal.config import ROOT

STYLES = ROOT / "static" / "css"
MOST_KEPT = 40
INSTALL = "apt-get install --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk"
_places = threading.BoundedSemaphore(2)
"""One sheet is being made, one request waits: each takes half a second of the processor, and pages come first."""
_one_at_a_time = threading.Lock()


class CannotPrint(RuntimeError):
    """No PDF can be made here and now; the message says why, to whoever runs the machine."""


def of(html: str, style: str) -> bytes:
    """The PDF of a whole page, dressed by our style sheet `style`; the same page gives the same bytes.

    Nothing is fetched: pictures must be written into the page (data:). Raises CannotPrint where a library or a font is
    missing, or too many are wanted at once.
    """
    if not _places.acquire(blocking=False):
        raise CannotPrint("too many sheets are wanted at once")
    try:
        with _one_at_a_time:
            return _made(html, style)
    finally:
        _places.release()


@lru_cache(maxsize=MOST_KEPT)
def _made(html: str, style: str) -> bytes:
    try:
        # here, for it takes seconds, and most processes never make a sheet
        import weasyprint  # type: ignore[import-untyped]
        from weasyprint.urls import URLFetcher  # type: ignore[import-untyped]
    except (ImportError, OSError) as missing:
        raise CannotPrint(f"a library is missing ({missing}): {INSTALL}") from missing
    if not _chinese_fonts():
        raise CannotPrint(f"no Chinese font is installed: {INSTALL}")
    inside = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    sheet = weasyprint.CSS(filename=STYLES / style, url_fetcher=inside)
    made = weasyprint.HTML(string=html, url_fetcher=inside).write_pdf(stylesheets=[sheet], pdf_variant="pdf/ua-1")
    assert made is not None  # it is only written to a file where one is named
    return made


@cache
def _chinese_fonts() -> int:
    """How many fonts of this machine can write Chinese.

    Asked beforehand: without any font the library does not fail but ends the whole process.
    """
    try:
        fonts = ctypes.CDLL("libfontconfig.so.1")
    except OSError:  # a system that names it otherwise; those come with fonts
        return 1
    for name in ("FcNameParse", "FcObjectSetCreate"):
        getattr(fonts, name).restype = ctypes.c_void_p
    fonts.FcFontList.restype = ctypes.POINTER(ctypes.c_int)
    fonts.FcFontList.argtypes = [ctypes.c_void_p] * 3
    found = fonts.FcFontList(None, fonts.FcNameParse(b":lang=zh-cn"), fonts.FcObjectSetCreate())
    return found[0] if found else 0  # the first field of what is found is its number


if __name__ == "__main__":  # setup/pdf.sh asks whether a sheet can be made here
    of('<!doctype html><html lang="zh-CN"><title>公示</title><p>公示的</p></html>', "poster.css")
