"""Fixtures for the report's tests: a browser, hostile texts, and a small stitched report."""

from __future__ import annotations

import copy
import os

import pytest

from chromium import FLAGS, find


@pytest.fixture(autouse=True)
def _same_draws(request, monkeypatch):
    """Start a module's RNG anew: what a test draws does not hang on which tests ran before it."""
    if hasattr(request.module, "RNG"):
        monkeypatch.setattr(request.module, "RNG", copy.deepcopy(request.module.RNG))


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium with a fresh profile."""
    found = find()
    if found is None:
        hint = "no chromium found: install it (apt install chromium) to see the report rendered"
        pytest.fail(hint) if os.environ.get("CI") else pytest.skip(hint)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def hostile() -> str:
    """What a text in a data set may hold, in every language a report is written in."""
    return (
        '<script>document.title="pwned"</script><img src=x onerror=alert(1)> &amp; </td></table> '
        '#panic("x") $x^2$ *b* _i_ `c` @ref <label> [l](javascript:alert) \\ ~ "q" \'s\' {{7*7}} {% x %} '
        "| pipe // comment /* c */ ]] -- ... = h + l"
    )
