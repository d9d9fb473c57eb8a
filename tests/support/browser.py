"""A real Chromium, and the watch kept over what a page does in it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

INSTALL = "no browser works here; as root: apt-get install --no-install-recommends chromium fonts-noto-cjk libatomic1"
# The browser itself stays silent too: nothing but the page under test asks the network for anything.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# None if the page is no wider than the screen, else what sticks out: the innermost elements, and not what lies in a box
# that scrolls by itself.
STICKING_OUT = """screen => {
  const root = document.documentElement, edge = Math.min(root.clientWidth, screen);
  if (root.scrollWidth <= edge) return null;
  const reach = (each) => Math.round(each.getBoundingClientRect().right);
  const boxed = (each) => each !== document.body && (getComputedStyle(each).overflowX !== "visible" || inBox(each));
  const inBox = (each) => boxed(each.parentElement);
  const out = [...document.body.querySelectorAll("*")].filter((each) => reach(each) > edge && !inBox(each));
  const innermost = out.filter((each) => !out.some((other) => other !== each && each.contains(other)));
  const tag = (each) => each.cloneNode(false).outerHTML.slice(0, 150);
  return innermost.slice(0, 10).map((each) => `${tag(each)} to ${reach(each)} of ${edge} pixels`);
}"""


@contextmanager
def launched() -> Iterator[Browser]:
    """The system's Chromium, else Playwright's own. Raises RuntimeError with the command that installs one."""
    system = next(filter(None, map(_working, ("chromium", "chromium-browser", "google-chrome"))), None)
    try:
        playwright = sync_playwright().start()
    except Exception as missing:  # its driver is a program too, and may lack a library of the system
        raise RuntimeError(INSTALL) from missing
    try:
        browser = playwright.chromium.launch(executable_path=system, args=FLAGS)
    except PlaywrightError as missing:
        playwright.stop()
        raise RuntimeError(INSTALL) from missing
    yield browser
    browser.close()
    playwright.stop()


def _working(name: str) -> str | None:
    """The path of the program `name`, unless it is one of Ubuntu's stubs, which only say where the real one is."""
    path = shutil.which(name)
    if path and subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0:
        return path
    return None


class Watch:
    """Keeps what the pages of a browser context asked for and what went wrong in them."""

    def __init__(self, context: BrowserContext) -> None:
        self.requests: list[str] = []
        self.errors: list[str] = []
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        context.on("console", lambda message: self._console(message.text))

    def _console(self, message: str) -> None:
        if "Content Security Policy" in message:
            self.errors.append(message)

    def assert_no_outside_requests(self, base_url: str) -> None:
        """Fail if a page asked anybody but the server at `base_url` for anything."""
        ours = urlsplit(base_url).netloc
        outside = [url for url in self.requests if urlsplit(url).netloc not in {ours, ""}]
        assert not outside, f"the pages asked others for: {outside}"

    def assert_no_errors(self) -> None:
        """Fail if a script failed or the content security policy blocked something."""
        assert not self.errors, f"errors in the browser: {self.errors}"


@contextmanager
def visit(
    browser: Browser, base_url: str, *, width: int, height: int, phone: bool = False, javascript: bool = True
) -> Iterator[Page]:
    """A page of a new visitor (no cookies) with relative addresses read from `base_url`; watched until it is closed."""
    context = browser.new_context(
        base_url=base_url,
        viewport={"width": width, "height": height},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        has_touch=phone,
        is_mobile=phone,
        java_script_enabled=javascript,
    )
    patience = float(os.environ.get("TEST_BROWSER_TIMEOUT_MS", "10000"))
    context.set_default_timeout(patience)
    expect.set_options(timeout=patience)  # it has a default of its own, which is less
    watch = Watch(context)
    try:
        yield context.new_page()
    finally:
        context.close()
    watch.assert_no_outside_requests(base_url)
    watch.assert_no_errors()


@contextmanager
def visit_by(visitor: tuple[int, bool], browser: Browser, base_url: str) -> Iterator[Page]:
    """`visit` by a visitor of some width, on a phone if that is small, with JavaScript or without."""
    width, script = visitor
    with visit(browser, base_url, width=width, height=812, phone=width < 500, javascript=script) as page:
        yield page


def name_of(visitor: tuple[int, bool]) -> str:
    """How a test names that visitor."""
    return f"{visitor[0]}{'' if visitor[1] else '-without-javascript'}"


def press(page: Page, name: str) -> None:
    """Press the button with this name. The page it leads to is not there yet: wait for its words before reading it."""
    page.get_by_role("button", name=name, exact=True).click()


def usable(page: Page, showing: str) -> None:
    """Wait for the page that shows these words, and fail if it is wider than the screen or axe finds anything wrong.

    showing: words that stand on this page and not on the one before; else the one before might be looked at.
    """
    expect(page.get_by_text(showing).filter(visible=True).first).to_be_visible()
    page.wait_for_load_state()
    screen = page.viewport_size
    assert screen
    outside = page.evaluate(STICKING_OUT, screen["width"])
    assert outside is None, f"{page.url} is wider than the screen: {outside}"
    if page.evaluate("!matchMedia('(scripting: none)').matches"):  # axe is a script
        found = Axe().run(page)
        assert found.violations_count == 0, f"{page.url}: {found.generate_report()}"


def press_to(page: Page, name: str, showing: str) -> None:
    """Press the button with this name; the page it leads to shows these words and is `usable`."""
    press(page, name)
    usable(page, showing)


if __name__ == "__main__":  # `make test` asks beforehand whether there is a browser
    with launched():
        pass
