"""A person with a browser window: what it shows has to be right, whatever they do."""

from typing import Any, NamedTuple

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from gerance.console.texts import translate
from gerance.kernel.errors import Language

TIMEOUT_MS = 120_000
"""Milliseconds until something that does not come is a failure, on a busy machine too."""

expect.set_options(timeout=TIMEOUT_MS)

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
_AXE = """async (tags) => (await axe.run(document, {runOnly: tags})).violations.map(each =>
    `${each.id}: ${each.help}: ${each.nodes.map(node => node.html).slice(0, 3).join(" | ")}`)"""
_TOO_WIDE = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.body.querySelectorAll("*")]
        .filter(each => each.getBoundingClientRect().right > width + 0.5)
        .map(each => each.outerHTML.slice(0, 120));
}"""


class View(NamedTuple):
    """How wide a window is, and the language of its owner."""

    width: int
    locale: str

    @property
    def language(self) -> Language:
        return "fr" if self.locale.startswith("fr") else "en"

    def __str__(self) -> str:
        return f"{self.language}-{self.width}"


class Visitor:
    """A window. `faults`: what its console, its pages and its requests complained about."""

    def __init__(self, context: BrowserContext, view: View, axe: str, *, is_dark: bool) -> None:
        self.context = context
        self.is_dark = is_dark
        self.view = view
        self.page: Page = context.new_page()
        self.faults: list[str] = []
        self._axe = axe
        self._expected: list[int] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        self.page.on("requestfailed", self._failed)

    def words(self, name: str, *values: object) -> str:
        """A text of the console in the language of the window."""
        return translate(name, self.view.language, *values)

    def button(self, name: str, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("button", name=self.words(name), exact=True)

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=self.words(name), exact=True)

    def field(self, name: str, *values: object) -> Locator:
        return self.page.get_by_label(self.words(name, *values), exact=True)

    def heading(self, text: str) -> Locator:
        return self.page.get_by_role("heading", level=1, name=text)

    def sees(self, name: str, *values: object) -> None:
        """The heading of the page is this one."""
        expect(self.heading(self.words(name, *values))).to_be_visible()

    def log_in(self, login: str, password: str, path: str = "/console/login") -> None:
        self.page.goto(path)
        self.field("login").fill(login)
        self.field("password").fill(password)
        self.button("log in").click()

    def open_details(self) -> None:
        """Show everything that the page has folded away."""
        self.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")

    def tab_to(self, wanted: Locator) -> None:
        """Move the focus with the keyboard alone; it has to be visible on the way."""
        for _ in range(40):
            self.page.keyboard.press("Tab")
            if wanted.and_(self.page.locator(":focus")).count():
                expect(wanted).to_have_css("outline-style", "solid")
                return
        raise AssertionError(f"the keyboard does not reach {wanted}")

    def expects(self, status: int) -> None:
        """The next page comes with this status, which Chromium reports in its console."""
        self._expected.append(status)

    def check(self) -> None:
        """The page is accessible, fits the window, and says in which language it is."""
        expect(self.page.locator("html")).to_have_attribute("lang", self.view.language)
        assert not self.faults, self.faults
        assert self.page.evaluate(_TOO_WIDE) == [], f"{self.page.url} is too wide"
        self.page.evaluate(self._axe)
        violations: list[Any] = self.page.evaluate(_AXE, list(WCAG))
        assert violations == [], f"{self.page.url}: {violations}"

    def close(self) -> None:
        self.context.close()
        assert not self.faults, self.faults
        assert not self._expected, self._expected

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        for status in self._expected:
            if f"status of {status}" in message.text:
                self._expected.remove(status)
                return
        self.faults.append(f"console: {message.text} ({message.location})")

    def _failed(self, request: Request) -> None:
        if request.failure == "net::ERR_ABORTED":  # the visitor has moved on meanwhile
            return
        self.faults.append(f"failed: {request.method} {request.url} {request.failure}")
