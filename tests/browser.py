"""Headless Chromium through chromedriver, by the few words of WebDriver that tests need.

The page must need no network, so the browser gets none: every host name is unknown to it.
"""

from __future__ import annotations

import base64
import http.client
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND"),
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None,
    reason="chromium and chromedriver are not installed (Debian: chromium, chromium-driver)",
)


class Browser:
    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self.downloads = folder / "downloads"
        self.downloads.mkdir()
        options = {
            "binary": CHROMIUM,
            "args": [*FLAGS, f"--user-data-dir={folder / 'profile'}", "--window-size=1500,1300"],
            "prefs": {"download.default_directory": str(self.downloads)},
        }
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        made = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.session = f"/session/{made['sessionId']}"

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"})
            value = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(value, dict) and value.get("error"):
            raise AssertionError(f"{value['error']}: {value['message']}")
        return value

    def open(self, page: Path) -> None:
        self._ask("POST", f"{self.session}/url", {"url": page.resolve().as_uri()})

    def run(self, script: str, *args: Any) -> Any:
        """What a script returns."""
        return self._ask(
            "POST", f"{self.session}/execute/sync", {"script": script, "args": list(args)}
        )

    def pointer(self, *steps: dict[str, Any]) -> None:
        """Mouse actions in the window, in its coordinates."""
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}}
        self._ask(
            "POST", f"{self.session}/actions", {"actions": [{**mouse, "actions": list(steps)}]}
        )

    def click_at(self, x: float, y: float) -> None:
        self.pointer(moved(x, y), DOWN, UP)

    def drag(self, corners: list[tuple[float, float]]) -> None:
        first, *rest = corners
        self.pointer(moved(*first), DOWN, *(moved(*corner) for corner in rest), UP)

    def console(self) -> list[dict[str, Any]]:
        """What the console got since it was last asked."""
        told: list[dict[str, Any]] = self._ask(
            "POST", f"{self.session}/se/log", {"type": "browser"}
        )
        return told

    def screenshot(self, file: Path) -> None:
        file.write_bytes(base64.b64decode(self._ask("GET", f"{self.session}/screenshot")))

    def close(self) -> None:
        self._ask("DELETE", self.session)


DOWN = {"type": "pointerDown", "button": 0}
UP = {"type": "pointerUp", "button": 0}


def moved(x: float, y: float) -> dict[str, Any]:
    return {"type": "pointerMove", "duration": 20, "x": round(x), "y": round(y)}


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser with an empty profile in `folder`; it ends with the block."""
    driver = subprocess.Popen(
        [str(DRIVER), "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert driver.stdout is not None
        port = next(
            int(found[1])
            for line in driver.stdout
            if (found := re.search(r"started successfully on port (\d+)", line))
        )
        opened = Browser(port, folder)
        try:
            yield opened
        finally:
            opened.close()
    finally:
        driver.terminate()
        driver.wait(timeout=30)
        driver.stdout.close()
