"""What a page weighs and how soon it shows on a poor phone: `python -m benchmarks.weight`.

The phone is the one of common page tests: 375 pixels wide, a processor four times slower than this one, 1.6 Mbit/s
down, 0.75 Mbit/s up, 150 ms there and back, nothing kept from before.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from playwright.sync_api import Browser

from benchmarks import questions
from benchmarks.databases import FOLDER, Databases, application
from benchmarks.pages import KEPT_SECONDS
from benchmarks.servers import serve
from tests.support import browser as real_browser

ROWS = 10_000
ROUNDS = 5
WEIGHT = 150_000
"""Most bytes of a page with style sheets and scripts, without pictures, as they come over the line."""
LINE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
SLOWER = 4
_LARGEST = """() => new Promise(resolve => {
  new PerformanceObserver(list => resolve(list.getEntries().at(-1).startTime))
    .observe({type: "largest-contentful-paint", buffered: true});
  setTimeout(() => resolve(null), 5000);
})"""


@dataclass(frozen=True, slots=True)
class Seen:
    """One page as it came to the phone."""

    requests: int
    weight: int
    """Bytes over the line, heads included, pictures not."""
    pictures: int
    largest_paint: float
    """Milliseconds until the largest text or picture stood on the screen."""


def see(browser: Browser, url: str) -> Seen:
    """Open `url` once on the phone, in a browser that knows nothing of it."""
    context = browser.new_context(
        viewport={"width": 375, "height": 812}, device_scale_factor=2, is_mobile=True, has_touch=True, locale="zh-CN"
    )
    try:
        page = context.new_page()
        wire = context.new_cdp_session(page)
        kinds: dict[str, str] = {}
        sizes: dict[str, int] = {}
        wire.on("Network.responseReceived", lambda said: kinds.update({said["requestId"]: said["type"]}))
        wire.on("Network.loadingFinished", lambda said: sizes.update({said["requestId"]: said["encodedDataLength"]}))
        wire.send("Network.enable")
        wire.send("Network.emulateNetworkConditions", LINE)
        wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(url, wait_until="networkidle")
        largest = page.evaluate(_LARGEST)
    finally:
        context.close()
    if largest is None:
        raise RuntimeError(f"nothing was painted at {url}")
    pictures = sum(size for key, size in sizes.items() if kinds.get(key) == "Image")
    return Seen(len(sizes), int(sum(sizes.values()) - pictures), int(pictures), largest)


def main() -> None:
    """Print a line for each page; the median of the rounds."""
    databases = Databases()
    try:
        url = databases.url("sqlite", ROWS)
        with application(url):
            notice = questions.draw().many["notice"][0]
        pages = {"home": "/", "list": "/notices", "notice": notice, "search": "/notices?q=长沙"}
        with serve("portal:create_app", FOLDER, url, KEPT_SECONDS) as server, real_browser.launched() as browser:
            print("page      requests      kB   pictures kB   largest paint ms")
            for name, path in pages.items():
                seen = [see(browser, f"http://127.0.0.1:{server.port}{path}") for _ in range(ROUNDS)]
                paint = statistics.median(one.largest_paint for one in seen)
                last = seen[-1]
                print(
                    f"{name:<10}{last.requests:>8}{last.weight / 1000:>8.1f}{last.pictures / 1000:>14.1f}{paint:>19.0f}"
                )
    finally:
        databases.close()


if __name__ == "__main__":
    main()
