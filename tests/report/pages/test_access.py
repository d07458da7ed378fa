"""A report for readers with a keyboard or a screen reader: axe finds nothing, and every stop of the keyboard is one."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

import sample
from pages import opened, unfold
from views import view, whole


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> str:
    comparison = view(sample.collection(failing={"prefix": (42,)}), tmp_path_factory.mktemp("records"))
    return whole(comparison, tmp_path_factory.mktemp("report"), formats=("html",))[0].as_uri()


def use_everything(page) -> None:
    """Unfold the page and leave its controls in use: methods, columns, limits, texts, another threshold."""
    unfold(page)
    page.get_by_label("show: tfidf", exact=True).uncheck()
    page.get_by_label("highlight: lora", exact=True).check()
    page.get_by_label("name: full", exact=True).fill("All of it")
    page.get_by_label("Held against").select_option("lora")
    page.locator(".limits input").first.press("ArrowLeft")
    page.locator(".columns > div label").nth(2).click()
    page.locator("[data-texts]").get_by_label("second method", exact=True).select_option("mamba")
    page.locator("[data-threshold]").get_by_role("slider").press("PageUp")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("used", [False, True], ids=["as opened", "in use"])
def test_axe_finds_nothing(browser, written, scheme: str, used: bool) -> None:
    with opened(browser, written, scheme=scheme) as page:
        if used:
            use_everything(page)
        found = Axe().run(page).response["violations"]
        told = [(one["id"], one["impact"], [node["target"] for node in one["nodes"]][:5]) for one in found]
        assert told == []
