"""A browser, where this machine has one."""

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Any Chromium: the system's, or Playwright's own; tests that need one are skipped where there is none."""
    api = pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install playwright")
    system = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"))), None
    )
    flags = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with api.sync_playwright() as play:
        try:
            found = play.chromium.launch(executable_path=system, args=flags)
        except api.Error as reason:
            pytest.skip(
                f"no Chromium: install Debian's chromium, or run `playwright install chromium` ({str(reason).splitlines()[0]})"
            )
        yield found
        found.close()
