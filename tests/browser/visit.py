"""A visitor: one browser window, which notes whatever goes wrong in it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from deployed.app import ROOT
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Response,
)

from browser.site import ADMIN_EMAIL, Site

#: Where screenshots go, one folder for each storage.
SCREENSHOTS = ROOT / "build" / "screenshots"

Scheme = Literal["light", "dark"]


def new_context(
    chromium: Browser, size: dict[str, int], *, script: bool = True, site: Site | None = None
) -> BrowserContext:
    """Open a browser of somebody's own.

    :param size: of its window, in pixels.
    :param script: whether JavaScript is on.
    :param site: whose password to send by HTTP's Basic authentication, to that site alone: a store
        refuses a request that is signed in two ways.
    """
    credentials: Any = site and {
        "username": "admin",
        "password": site.password,
        "origin": site.url.rstrip("/"),
        "send": "always",
    }
    context = chromium.new_context(
        viewport=size,  # type: ignore[arg-type]
        java_script_enabled=script,
        reduced_motion="reduce",  # colors do not fade while they are looked at
        http_credentials=credentials,
    )
    context.set_default_timeout(60_000)  # milliseconds
    return context


class Visit:
    """One window at the site.

    :ivar faults: errors of the console, of scripts and of requests.
    """

    def __init__(self, site: Site, page: Page) -> None:
        self.site = site
        self.page = page
        self.faults: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("response", self._see)

    def open(self, path: str = "") -> None:
        self.page.goto(self.site.url + path)

    def sign_in(self) -> None:
        """Sign in as the admin that the first start has made."""
        self.open("login")
        self.page.get_by_label("Email").fill(ADMIN_EMAIL)
        self.page.get_by_label("Password", exact=True).fill(self.site.password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/admin/**")

    def tab_to(self, target: Locator) -> None:
        """Press the tabulator until something has the focus."""
        for _ in range(60):
            self.page.keyboard.press("Tab")
            if target.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"the tabulator does not lead to {target}")

    def choose_by_keyboard(self, target: Locator, *paths: Path) -> None:
        """Choose files for an input that the tabulator leads to."""
        # Chromium takes a moment until it reports choosers: ask it before loading the page.
        with self.page.expect_file_chooser() as chooser:
            self.tab_to(target)
            self.page.keyboard.press("Enter")
        chooser.value.set_files(list(paths))

    def forgive(self, *words: str) -> None:
        """Forget faults that a test has made on purpose."""
        self.faults = [fault for fault in self.faults if not any(word in fault for word in words)]

    def bytes_of(self, url: str) -> bytes:
        """Load a URL as the browser would, and return the content."""
        answer = self.page.request.get(url)
        assert answer.ok, f"{answer.status} {url}"
        return answer.body()

    def is_gone(self, url: str) -> bool:
        return self.page.request.get(url).status in (403, 404)

    def violations(self) -> list[str]:
        """Return what axe-core finds wrong, in light and in dark."""
        self.page.evaluate(Path(os.environ["AXE_CORE"]).read_text())
        violations = []
        for scheme in self.schemes():
            found: Any = self.page.evaluate("axe.run({preload: false})")
            violations += [
                f"{scheme}: {rule['id']}: {rule['help']}: "
                f"{json.dumps(node['target'])} {node['html'][:200]}"
                for rule in found["violations"]
                for node in rule["nodes"]
            ]
        return violations

    def schemes(self) -> Iterator[Scheme]:
        """Show the page in dark, then in light as before."""
        schemes: tuple[Scheme, ...] = ("dark", "light")
        for scheme in schemes:
            self.page.emulate_media(color_scheme=scheme)
            if self.page.locator("html[data-bs-theme]").count():  # script hears of it later
                themed = self.page.locator(f"html[data-bs-theme={scheme}]")
                themed.wait_for(state="attached")
            yield scheme

    def overflow(self) -> float:
        """Return by how many pixels the page is wider than the window."""
        width: float = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return width

    def screenshot(self, name: str) -> None:
        """Keep how the window looks, in light and in dark."""
        folder = SCREENSHOTS / self.site.name
        folder.mkdir(parents=True, exist_ok=True)
        for scheme in self.schemes():
            path = folder / f"{name}{'-dark' * (scheme == 'dark')}.png"
            self.page.screenshot(path=path, animations="disabled")

    def wait_for_pictures(self) -> None:
        """Wait until each picture in the window is loaded and can be seen."""
        self.page.evaluate(
            "Promise.all([...document.images]"
            ".filter((image) => image.loading !== 'lazy' && !image.complete)"
            ".map((image) => new Promise((done) => { image.onload = image.onerror = done; })))"
        )
        broken: Any = self.page.evaluate(
            "[...document.images].filter((i) => i.src && i.complete && !i.naturalWidth)"
            ".map((i) => i.src)"
        )
        assert broken == [], f"{broken}, {self.faults}"

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"console: {message.text} {message.location['url']}")

    def _see(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status} {response.url}")
