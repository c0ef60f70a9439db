"""A real Chromium without a window, driven through its DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

PROGRAM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), "")
KEYS = {"enter": ("Enter", "Enter", 13, "\r")}


class Tab:
    """One page; remembers every request that it made, and the text that it was sent to draw."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.requests: list[str] = []
        self.drawn = ""
        self._task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async for message in self._socket:
            told = json.loads(message.data)
            if "id" in told:
                self._answers.pop(told["id"]).set_result(told)
            elif told["method"] == "Network.requestWillBeSent":
                self.requests.append(told["params"]["request"]["url"])
            elif told["method"] == "Network.webSocketCreated":
                self.requests.append(told["params"]["url"])
            elif told["method"] == "Network.webSocketFrameReceived":
                frame = told["params"]["response"]
                data = base64.b64decode(frame["payloadData"]) if frame["opcode"] == 2 else b""
                self.drawn += data.decode("utf-8", "replace")

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        self._answers[self._number] = answer = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        return dict((await asyncio.wait_for(answer, 30)).get("result", {}))

    async def press(self, *keys: str) -> None:
        for key in keys:
            name, code, number, text = KEYS.get(key) or (key, f"Key{key.upper()}", ord(key.upper()), key)
            event = {"key": name, "code": code, "windowsVirtualKeyCode": number}
            await self.ask("Input.dispatchKeyEvent", type="keyDown", text=text, **event)
            await self.ask("Input.dispatchKeyEvent", type="keyUp", **event)

    async def click(self, x: int, y: int) -> None:
        for kind in ("mousePressed", "mouseReleased"):
            await self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def picture(self, path: Path) -> None:
        shot = await self.ask("Page.captureScreenshot")
        path.write_bytes(base64.b64decode(shot["data"]))

    def words(self) -> str:
        """What was drawn, without colours, places and blanks."""
        return " ".join(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", " ", self.drawn).split())

    async def until(self, holds: Callable[[str], bool], within_s: float = 30.0) -> str:
        """What was drawn since the page opened, once it is as wanted."""
        deadline = asyncio.get_running_loop().time() + within_s
        while not holds(self.drawn):
            assert asyncio.get_running_loop().time() < deadline, f"never drawn; the end is {self.words()[-3000:]}"
            await asyncio.sleep(0.05)
        return self.drawn


@asynccontextmanager
async def tab(url: str, profile: Path) -> AsyncIterator[Tab]:
    """A page with that address in a browser of its own."""
    words = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
    words += [f"--user-data-dir={profile}"]
    words += ["--no-first-run", "--disable-background-networking", "--window-size=1200,800", "about:blank"]
    browser = subprocess.Popen([PROGRAM, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        port = await _port(profile / "DevToolsActivePort")
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json") as answer:
                pages = [page for page in await answer.json() if page["type"] == "page"]
            async with session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                page = Tab(socket)
                for domain in ("Network", "Page"):
                    await page.ask(f"{domain}.enable")
                await page.ask("Page.navigate", url=url)
                yield page
    finally:
        browser.terminate()
        browser.wait(20)


async def _port(file: Path) -> int:
    for _ in range(600):
        if file.exists() and (lines := file.read_text().splitlines()):
            return int(lines[0])
        await asyncio.sleep(0.05)
    raise AssertionError("Chromium did not start")
