"""The other tests of this directory run where Chromium is installed."""

import os

import pytest
from tests.browser.conftest import CHROMIUM

MISSING = "Chromium is missing: install it with `apt-get install chromium` to run tests/browser"


def test_chromium_is_installed() -> None:
    if CHROMIUM is None:
        if os.environ.get("GERANCE_TEST_BROWSER") == "required":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
