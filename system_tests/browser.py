# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A real browser, driven over the DevTools protocol: what a person would see."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

import requests
import websocket
from sandbox import chromium

from .server import INTERFACE, end_with_parent

START_SECONDS = 30
ANSWER_SECONDS = 60
#: Between two looks at a page.
LOOK_SECONDS = 0.2
OPTIONS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
    *("--no-first-run", "--disable-extensions", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--remote-debugging-port=0"),
    # A page may be fetched from this machine only.
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {INTERFACE}",
)
#: No request under way that the web client shows, and nothing about to come.
IS_QUIET = "!document.querySelector('.o_loading_indicator, .o_blockUI')"


class Browser:
    """One window. Use it in a ``with``, which ends it.

    :raises RuntimeError: there is no browser on this machine.
    """

    def __init__(self, width: int = 1280, height: int = 800) -> None:
        program = chromium.program()
        if not program:
            raise RuntimeError("no browser: scripts/test installs one")
        self._folder = Path(tempfile.mkdtemp(prefix="uw_browser_"))
        self._process = subprocess.Popen(
            [program, *OPTIONS, f"--user-data-dir={self._folder}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=end_with_parent,
        )
        self._numbers = itertools.count(1)
        self._socket = self._connect()
        for domain in ("Page", "Runtime", "Network"):
            self.send(f"{domain}.enable")
        self.resize(width, height)

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError, websocket.WebSocketException):
            self._socket.close()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _connect(self) -> websocket.WebSocket:
        """:raises RuntimeError: it does not come up."""
        said = self._folder / "DevToolsActivePort"
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError, IndexError, requests.RequestException):
                port = said.read_text().split()[0]
                pages = requests.get(f"http://{INTERFACE}:{port}/json", timeout=5)
                page = next(each for each in pages.json() if each["type"] == "page")
                return websocket.create_connection(
                    page["webSocketDebuggerUrl"],
                    timeout=ANSWER_SECONDS,
                    suppress_origin=True,
                )
            time.sleep(LOOK_SECONDS)
        raise RuntimeError("the browser does not start")

    def send(self, method: str, **params: object) -> dict:
        """Send one command and return its answer; events are passed over.

        :raises RuntimeError: the browser refuses it.
        """
        number = next(self._numbers)
        text = json.dumps({"id": number, "method": method, "params": params})
        self._socket.send(text)
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def resize(self, width: int, height: int) -> None:
        """Set what the page may cover, in CSS pixels."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def log_in(self, url: str, database: str, login: str, password: str) -> None:
        """Give the window the session of a user."""
        params = {"db": database, "login": login, "password": password}
        session = requests.Session()
        answer = session.post(
            f"{url}/web/session/authenticate", json={"params": params}, timeout=60
        ).json()
        if not answer.get("result", {}).get("uid"):
            raise RuntimeError(f"{login} may not log in: {answer}")
        self.send("Network.clearBrowserCookies")
        cookie = session.cookies["session_id"]
        self.send("Network.setCookie", url=url, name="session_id", value=cookie)

    def open(self, url: str, ready: str) -> None:
        """Go to a page and wait until it is all there.

        :param ready: a CSS selector of what the page is about.
        """
        self.send("Page.navigate", url="about:blank")
        self.send("Page.navigate", url=url)
        self.wait_for(f"document.querySelector({json.dumps(ready)}) && {IS_QUIET}", url)
        self.wait_for_rest()

    def wait_for(self, condition: str, what: str = "") -> None:
        """Wait until a JavaScript condition is true.

        :raises RuntimeError: it does not become so; with what the page shows.
        """
        deadline = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(RuntimeError):  # between two pages
                if self.evaluate(f"Boolean({condition})"):
                    return
            time.sleep(LOOK_SECONDS)
        shown = self.evaluate("document.body.innerText.slice(0, 2000)")
        raise RuntimeError(f"{what or condition} does not come. There is:\n{shown}")

    def wait_for_rest(self) -> None:
        """Wait until the page shows the same twice."""
        before = None
        while before != (now := self.evaluate("document.body.innerHTML.length")):
            before = now
            time.sleep(2 * LOOK_SECONDS)

    def evaluate(self, script: str) -> object:
        """Return the value of a JavaScript expression, a promise's too.

        :raises RuntimeError: it throws.
        """
        answer = self.send(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:2000])
        return answer["result"].get("value")

    def take_picture(self, height: int | None = None) -> bytes:
        """Return the window, or as much of it as is asked for, as PNG."""
        size = self.evaluate("[innerWidth, innerHeight]")
        clip = {"x": 0, "y": 0, "width": size[0], "height": height or size[1]}
        answer = self.send(
            "Page.captureScreenshot", format="png", clip={**clip, "scale": 1}
        )
        return base64.b64decode(answer["data"])
