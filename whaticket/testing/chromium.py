"""Finds a Chromium for the browser tests, or installs one where that is possible."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

MISSING = "no Chromium here, and none could be installed"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MACOS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def find() -> str | None:
    """Path of a Chromium: ``CHROMIUM``, one of the system, or Playwright's own."""
    given = os.environ.get("CHROMIUM")
    if given:
        return given if os.access(given, os.X_OK) else None
    for name in NAMES:
        if path := shutil.which(name):
            return path
    for path in MACOS:
        if os.access(path, os.X_OK):
            return path
    return _playwright_own()


def install() -> str | None:
    """Try to install one: Debian's package as root, else Playwright's build. The path, or None."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (
            ["update", "-qq"],
            [
                "install",
                "-y",
                "-qq",
                "--no-install-recommends",
                "chromium",
                "fonts-noto-color-emoji",
            ],
        ):
            subprocess.run(["apt-get", *arguments], env=environment, stdout=sys.stderr, check=False)
    if find() is None:
        subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium"],
            stdout=sys.stderr,
            check=False,
        )
    return find()


def launch_options() -> dict[str, Any]:
    """Arguments for Playwright's ``chromium.launch()``. Raises RuntimeError where there is none."""
    path = find()
    if path is None:
        raise RuntimeError(MISSING)
    arguments = ["--disable-dev-shm-usage"]
    if os.geteuid() == 0:
        # Chromium's sandbox refuses root, and the pages under test are our own.
        arguments.append("--no-sandbox")
    return {"executable_path": path, "args": arguments}


def _playwright_own() -> str | None:
    # Asked in a process of its own: Playwright's synchronous interface refuses to start where an
    # event loop runs, and a test may well have one.
    code = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    path = finished.stdout.strip()
    return path if path and Path(path).exists() else None
