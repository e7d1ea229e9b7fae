"""A conversation with an app in a real browser: typed, sent, read, and its requests."""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING, Final

from playwright.sync_api import TimeoutError, sync_playwright

from tests.real.browser.calls import Sent, Visited, calls, paths
from tests.real.browser.pointing import BOX, place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from playwright.sync_api import Browser, Locator, Page, Request

    from tests.real.browser.subjects import Subject

__all__ = ["NotQuietError", "NothingSentError", "Visit", "browser"]

#: Nothing leaves this machine: fonts and scripts of other hosts would be waited for.
_OPTIONS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
_WATCH: Final = """
window.changed = performance.now();
new MutationObserver(() => { window.changed = performance.now(); }).observe(
    document, {subtree: true, childList: true, characterData: true, attributes: true});
"""
_PRIMARY: Final = "button:is(.primary, [class*=ant-btn-primary]):enabled"
_SEND: Final = "button:text-matches('send|submit|ask|chat|run|generate|go|发 ?送|➤', 'i'):enabled"
_STILL: Final = "performance.now() - window.changed > 400"
_MARK: Final = "box => box.dataset.asked = ''"
_MARKED: Final = "[data-asked]"  # its placeholder may change
_PATIENCE: Final = 20_000  # milliseconds
_NO_CALL: Final = 5_000  # milliseconds after which a key has started nothing
_ROUNDS: Final = 100


class NothingSentError(RuntimeError):
    """The question stayed in its box."""


class NotQuietError(RuntimeError):
    """The page goes on changing."""


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """Start Chromium, without a screen."""
    path = shutil.which("chromium")
    if path is None:
        raise RuntimeError("there is no chromium on PATH: install Debian's package")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=_OPTIONS)
        try:
            yield chromium
        finally:
            chromium.close()


class Visit:
    """One visitor's page of an app, in a profile of its own.

    Args:
        chromium: The browser.
        subject: The app.
    """

    def __init__(self, chromium: Browser, subject: Subject) -> None:
        self._chromium = chromium
        self._subject = subject
        self._pending: set[Request] = set()
        self._sent: list[list[Sent]] = [[]]
        self._answers: list[str] = []

    def talk(self, questions: Sequence[str]) -> Visited:
        """Ask the questions one after another."""
        context = self._chromium.new_context()
        context.set_default_timeout(_PATIENCE)
        try:
            if self._subject.auth is not None:
                username, password = self._subject.auth
                context.request.post(
                    f"{self._subject.url}/login",
                    form={"username": username, "password": password},
                )
            self._open(context.new_page())
            for question in questions:
                self._sent.append([])
                self._ask(question)
        finally:
            context.close()
        opening, *turns = calls(self._subject.url, self._sent)
        return Visited(opening, turns, self._answers, paths(self._subject.url, self._sent))

    def _open(self, page: Page) -> None:
        self._page = page
        page.add_init_script(_WATCH)
        page.on("request", self._on_request)
        page.on("requestfinished", self._on_end)
        page.on("requestfailed", self._on_end)
        pointed_out = place(self._subject)
        page.goto(f"{self._subject.url}/{pointed_out.page}", wait_until="domcontentloaded")
        page.locator(f"{BOX}, button[role=tab]").first.wait_for(state="attached")
        self._settle()
        wanted = self._subject.box or pointed_out.box or BOX
        self._box = wanted if self._opens_tab_of(wanted) else BOX
        box = self._first(self._box)
        box.wait_for()
        box.evaluate(_MARK)

    def _opens_tab_of(self, box: str) -> bool:
        """Open tabs until a box is seen, and tell whether it is."""
        found = self._page.locator(box).locator("visible=true")
        for tab in self._page.locator("button[role=tab]").locator("visible=true").all():
            if found.count():
                break
            tab.click()
            self._settle()
        return bool(found.count())

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith(self._subject.url):
            return
        is_page = request.is_navigation_request()
        url = f"{self._subject.url}/" if is_page else request.url  # whichever of its pages it is
        self._sent[-1].append(Sent(request.method, url, request.post_data or ""))
        if "/heartbeat/" not in request.url:  # it ends with the page
            self._pending.add(request)

    def _on_end(self, request: Request) -> None:
        self._pending.discard(request)

    def _first(self, selector: str) -> Locator:
        return self._page.locator(selector).locator("visible=true").first

    def _ask(self, question: str) -> None:
        before = self._page.locator(self._subject.bubble).count()
        marked = self._page.locator(_MARKED)
        self._send(marked if marked.count() else self._first(self._box), question)
        self._settle()
        self._answers.append(self._newest(before))

    def _send(self, box: Locator, question: str) -> None:
        """Type and send as the subject says; else by a key or a button, whichever is for it."""
        ways: list[Callable[[], None]] = [
            lambda: box.press("Enter"),
            lambda: box.press("Shift+Enter"),
            lambda: self._first(_PRIMARY).click(timeout=_NO_CALL),
            lambda: self._first(_SEND).click(timeout=_NO_CALL),
        ]
        if self._subject.send:
            ways = [lambda: self._first(self._subject.send).click()]
        for way in ways:
            _type(box, question)  # anew: enter may be a new line
            if self._subject.send:
                self._settle()  # A person takes longer from the last key to the button.
            if self._starts_call(way):
                return
        raise NothingSentError("neither a key nor a button sends the question")

    def _starts_call(self, way: Callable[[], None]) -> bool:
        try:
            with self._page.expect_request(_is_call, timeout=_NO_CALL):
                way()
        except TimeoutError:
            return False
        return True

    def _settle(self) -> None:
        """Wait until nothing is on its way, and the page stands still."""
        for _ in range(_ROUNDS):
            known = sum(map(len, self._sent))
            self._page.wait_for_function(_STILL)
            if not self._pending and known == sum(map(len, self._sent)):
                return
            self._page.wait_for_timeout(50)  # lets the browser's events in
        raise NotQuietError(f"waits for {sorted(request.url for request in self._pending)}")

    def _newest(self, before: int) -> str:
        """Return the text of the bubbles since a question; of one that was there: its new one.

        A page without any has its answer somewhere else: then it is the text of the whole page.
        """
        found = self._page.locator(self._subject.bubble).all()
        if not found:
            boxes = self._page.locator("textarea").locator("visible=true").all()
            found = [self._page.locator("body"), *boxes]
            before = 0
        return "\n".join(_read(each) for each in (found[before:] or found[-1:]))


def _type(box: Locator, text: str) -> None:
    """Put a text in the place of what is in a box: by keys where a page listens to those only."""
    box.fill(text)
    if box.evaluate("box => box.isContentEditable"):
        box.fill("")
        box.press_sequentially(text)


def _is_call(request: Request) -> bool:
    return str(request.method) == "POST"


def _read(element: Locator) -> str:
    if element.evaluate("each => 'value' in each && each.tagName != 'BUTTON'"):
        return str(element.input_value())
    return str(element.inner_text())
