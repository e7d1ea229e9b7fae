"""Builds the site of `docs/`, and looks at it in Chromium: `python -m tests.real.browser.site`.

No page may be wider than a phone, nor ask another host for anything; the search has to find what
people look for; a button has to change between light and dark. `--pictures FOLDER` keeps pictures
of the pages for a person to look at.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import itertools
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tests.docs.blocks import ROOT
from tests.docs.searches import SEARCHES, address
from tests.real.browser.visit import browser

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import Browser, Page, ViewportSize

SITE = ROOT / ".cache" / "site"
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 900}
SCREENS = {"phone": PHONE, "desk": DESK}
SCHEMES: Sequence[Literal["light", "dark"]] = ("light", "dark")

FIRST = 3
"""How many of what a search finds a person looks at."""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextlib.contextmanager
def served() -> Iterator[str]:
    """Serve the site, and return its address."""
    handler = functools.partial(_Quiet, directory=str(SITE))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def pages() -> list[str]:
    """Return the addresses of all pages, relative to the site's."""
    return sorted(
        path.relative_to(SITE).as_posix().removesuffix("index.html")
        for path in SITE.rglob("*.html")
    )


def wide_pages(chromium: Browser, url: str) -> Iterator[str]:
    """Yield what is wrong with each page on a phone."""
    with chromium.new_context(viewport=PHONE) as context:
        page = context.new_page()
        elsewhere: list[str] = []
        page.on("request", lambda request: elsewhere.append(request.url))
        for name in pages():
            page.goto(url + name)
            width = page.evaluate("document.scrollingElement.scrollWidth")
            if width > PHONE["width"]:
                yield f"{name} is {width} pixels wide"
        yield from (f"the site asks for {each}" for each in elsewhere if not each.startswith(url))


def missed_searches(chromium: Browser, url: str) -> Iterator[str]:
    """Yield the searches that don't find what they should."""
    with chromium.new_context(viewport=DESK) as context:
        for words, section in SEARCHES.items():
            page = context.new_page()
            page.goto(url)
            found = search(page, words)
            if not any(each.endswith(address(*section)) for each in found[:FIRST]):
                yield f"{words!r} finds {found[:FIRST]}, not {section}"


def search(page: Page, words: str) -> list[str]:
    """Return the addresses that a search finds, the best first."""
    page.locator(".md-search__button").click()
    page.get_by_role("combobox", name="Search").fill(words)
    found = page.get_by_role("listbox", name="Search results").get_by_role("option")
    found.first.wait_for()
    return [str(each.get_attribute("href")) for each in found.all()]


def stuck_button(chromium: Browser, url: str) -> Iterator[str]:
    """Yield what is wrong with the button that changes between light and dark."""
    for system in SCHEMES:
        with chromium.new_context(viewport=DESK, color_scheme=system) as context:
            page = context.new_page()
            page.goto(url)
            shown = []
            for _ in range(3):
                shown.append(page.evaluate("getComputedStyle(document.body).colorScheme"))
                page.locator("label[for^=__palette]:visible").click()
            if shown != [system, *SCHEMES]:
                yield f"on a {system} system, the button shows {shown}"


def take_pictures(chromium: Browser, url: str, folder: Path) -> None:
    """Keep pictures of the beginning of each page, in light and dark, on a phone and a desk."""
    folder.mkdir(exist_ok=True)
    for scheme, (screen, size) in itertools.product(SCHEMES, SCREENS.items()):
        with chromium.new_context(viewport=size, color_scheme=scheme) as context:
            page = context.new_page()
            for name in pages():
                page.goto(url + name)
                title = name.strip("/").replace("/", "-") or "home"
                page.screenshot(path=folder / f"{title}-{scheme}-{screen}.png")


def main() -> int:
    """Return 1 if something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="keep pictures there")
    given = parser.parse_args()
    build = ["zensical", "build", "--clean", "--strict"]
    subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    with served() as url, browser() as chromium:
        checks = (wide_pages, missed_searches, stuck_button)
        wrong = [each for check in checks for each in check(chromium, url)]
        if given.pictures is not None:
            take_pictures(chromium, url, given.pictures)
    print("\n".join(wrong) or f"{len(pages())} pages are fine")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
