"""A real browser with a virtual authenticator adds a passkey and signs in by it, under the policy of our pages."""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.words.tlp import TLP
from kouprey.node.assemble import open_node
from kouprey.people.model import Role
from kouprey.people.service import People

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Browser:
    """Chromium, spoken to over a pipe (`--remote-debugging-pipe`: JSON messages that end with a zero byte)."""

    def __init__(self, folder: Path) -> None:
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        # Out of the way of 3 and 4, where the browser looks for them.
        far = [fcntl.fcntl(each, fcntl.F_DUPFD, 10) for each in (theirs_in, theirs_out)]

        def place() -> None:
            os.dup2(far[0], 3)
            os.dup2(far[1], 4)

        words = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-sync"
        self.process = subprocess.Popen(
            [str(CHROMIUM), *words.split(), f"--user-data-dir={folder}", "--remote-debugging-pipe", "about:blank"],
            preexec_fn=place,
            pass_fds=(3, 4),
            stderr=subprocess.DEVNULL,
        )
        for each in (theirs_in, theirs_out, *far):
            os.close(each)
        self._in, self._out, self._rest, self._numbers = ours_in, ours_out, b"", itertools.count(1)
        self._session = ""
        target = self("Target.createTarget", url="about:blank")["targetId"]
        self._session = self("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def __call__(self, method: str, **params: Any) -> Any:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == number:
                assert "error" not in answer, (method, answer)
                return answer["result"]

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            got = os.read(self._in, 65536)
            assert got, "the browser went away"
            self._rest += got
        line, _, self._rest = self._rest.partition(b"\0")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def run(self, script: str) -> Any:
        """The value of a script on the page."""
        return self("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def until(self, script: str) -> None:
        """Wait until a script on the page holds."""
        end = time.monotonic() + 60
        while not self.run(script):
            assert time.monotonic() < end, (script, self.run("document.body.innerText"))
            time.sleep(0.05)

    def open(self, url: str) -> None:
        self("Page.navigate", url=url)
        self.until(f"document.readyState === 'complete' && location.href === {json.dumps(url)}")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._in)
        os.close(self._out)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    made = Browser(tmp_path / "profile")
    yield made
    made.close()


def test_a_passkey_is_added_and_signs_in(browser: Browser, folder: Path, port: int, start: Callable[..., Any]) -> None:
    node = open_node(folder)
    people = node.services.get(People)
    person = people.save_person("Dara", (Role.ANALYST,), TLP.GREEN, by="test")
    secret = people.make_sign_in_link(person, by="test")
    node.close()
    origin = f"http://node.localhost:{port}"
    assert start("--listen", f"127.0.0.1:{port}", "--url", origin).first_line()
    browser("WebAuthn.enable")
    browser(
        "WebAuthn.addVirtualAuthenticator",
        options={
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        },
    )
    browser.open(f"{origin}/sign-in/{secret}")
    browser.run("document.querySelector('main form button').click()")
    browser.until("document.readyState === 'complete' && location.pathname === '/'")
    browser.open(f"{origin}/me")
    browser.run("document.getElementById('f-called').value = 'Test key'")
    browser.run("document.querySelector('form[data-passkey] button').click()")
    browser.until("document.readyState === 'complete' && document.body.innerText.includes('The passkey was added')")
    assert browser.run("document.body.innerText.includes('Test key')")
    browser("Network.clearBrowserCookies")
    browser.open(f"{origin}/sign-in")
    assert browser.run("!document.querySelector('form[data-passkey]').hidden")
    assert browser.run("document.querySelector('[data-failed]').offsetParent === null"), "no failure is told before one"
    browser.run("document.querySelector('form[data-passkey] button').click()")
    browser.until("document.readyState === 'complete' && location.pathname === '/'")
    browser.open(f"{origin}/me")
    assert browser.run("document.body.innerText.includes('by a passkey')")
