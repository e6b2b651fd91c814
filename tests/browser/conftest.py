"""One JupyterLab and one browser for all tests here, in a course folder of their own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright

from browser.lab import ARTEFACTS, LESSONS, ROOT, Browser, Server, chromium, jupyterlab, open_notebook, run_all


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All that drives the browser runs in one process, in order: a lesson builds on those before it."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab on a copy of the lessons, with nothing kept yet."""
    course = tmp_path_factory.mktemp("course")
    for folder in ("source", "release"):
        shutil.copytree(ROOT / folder, course / folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copy(ROOT / "nbgrader_config.py", course)
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    with jupyterlab(course, tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Headless Chromium."""
    with chromium(playwright) as running:
        yield running


@pytest.fixture(scope="session")
def solved(server: Server, browser: Browser) -> Callable[[str], Page]:
    """Gives a lesson's instructor notebook, run from top to bottom, after those of the lessons before it."""
    pages: dict[str, Page] = {}

    def page_of(lesson: str) -> Page:
        for name in LESSONS[: LESSONS.index(lesson) + 1]:
            if name not in pages:
                pages[name] = open_notebook(browser, server, server.notebook("source", name))
                run_all(pages[name], timeout=300)  # frameworks take a while to import
        pages[lesson].bring_to_front()
        return pages[lesson]

    return page_of
