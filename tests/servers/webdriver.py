"""A browser by W3C WebDriver, which is plain HTTP and JSON; chromedriver speaks it."""

import json
import shutil
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

TAB, ENTER = "\ue004", "\ue007"
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver's name for a reference to one
_SNAPSHOT = "return document.documentElement.outerHTML + JSON.stringify(window.errors)"


class Browser:
    """One Chromium."""

    def __init__(self, driver: str, profile: Path) -> None:
        self._driver = driver
        arguments = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", f"--user-data-dir={profile}",
        ]  # fmt: skip
        options = {"args": arguments, "binary": shutil.which("chromium")}
        capabilities = {"alwaysMatch": {"goog:chromeOptions": options}}
        session = self._call("POST", "/session", capabilities=capabilities)
        self._session = f"/session/{session['sessionId']}"

    def close(self) -> None:
        self._call("DELETE", self._session)

    def open(self, url: str) -> None:
        self._post("/url", url=url)

    def run(self, script: str, *args: object) -> Any:
        return self._post("/execute/sync", script=script, args=args)

    def until(self, condition: str) -> Any:
        """Ask until an expression is true, on whichever page is shown then; return its value."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if found := self.run(f"return {condition}"):
                return found
        raise AssertionError(f"never came true: {condition}\n{self.run(_SNAPSHOT)}")

    def find(self, selector: str) -> Any:
        return self._post("/element", using="css selector", value=selector)

    def type(self, selector: str, text: str) -> None:
        reference = self.find(selector)[_ELEMENT]
        self._post(f"/element/{reference}/value", text=text)

    def click(self, selector: str) -> None:
        reference = self.find(selector)[_ELEMENT]
        self._post(f"/element/{reference}/click")

    def press(self, *keys: str) -> None:
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._post("/actions", actions=[{"type": "key", "id": "keys", "actions": actions}])

    def tell(self, command: str, **values: object) -> Any:
        """Send a command of Chromium's own protocol, for what WebDriver has no word for."""
        return self._post("/goog/cdp/execute", cmd=command, params=values)

    def _post(self, path: str, **body: object) -> Any:
        return self._call("POST", self._session + path, **body)

    def _call(self, method: str, path: str, **body: object) -> Any:
        data = json.dumps(body).encode() if method == "POST" else None
        call = Request(self._driver + path, data, {"Content-Type": "application/json"})
        call.get_method = lambda: method  # type: ignore[method-assign]
        try:
            with urlopen(call) as answer:
                return json.load(answer)["value"]
        except HTTPError as error:
            with error:
                raise AssertionError(json.load(error)["value"]["message"]) from None
