"""Nothing that students wrote, showed, raised or called themselves runs in a marker's browser."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from attacks.submissions import LESSON, NOTEBOOK, SHOWING, in_gradebook
from attacks.whole_class import WHO, Outcome, graded_class
from nbgrader.api import Gradebook
from playwright.sync_api import Page

from browser.lab import Browser, Server, jupyterlab

NAMES = [student.name for student in SHOWING]
IN_GRADEBOOK = [student.name for student in SHOWING if in_gradebook(student)]
#: Those whose scripts are to be read on their pages, as text.
READ = ["writes scripts", "raises scripts", "answers with scripts", "raises scripts in answers"]
LISTS = [
    f"gradebook/{LESSON}/{NOTEBOOK.removesuffix('.ipynb')}",
    f"manage_submissions/{LESSON}",
    "manage_students",
    *(f"manage_students/{quote(name, safe='')}" for name in IN_GRADEBOOK if "'" in name),
]


@pytest.fixture(scope="module")
def shown() -> Iterator[Outcome]:
    """The work of those who show, write and raise scripts, graded, with its report."""
    with graded_class(SHOWING, "autograder", WHO[0]) as outcome:
        yield outcome


@pytest.fixture(scope="module")
def formgrader(shown: Outcome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """nbgrader's screens on that class."""
    with jupyterlab(shown.root, tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that tells of every dialog that opens."""
    page = browser.context.new_page()
    page.on("dialog", lambda dialog: (dialog.dismiss(), pytest.fail(f"a dialog: {dialog.message}")))
    yield page
    page.close()


def demand_quiet(page: Page) -> str:
    """The text of a page on which no script of a student's has run, also not once the pointer moves over all of it."""
    page.wait_for_load_state("networkidle")
    for element in page.locator("b, img[onerror], svg[onload], [onmouseover]").all()[:20]:
        element.dispatch_event("mouseover")
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("[...document.querySelectorAll('*')].filter(e => e.getAttribute('onerror') "
                         "|| (e.getAttribute('href') || '').startsWith('javascript:top')).length") == 0  # fmt: skip
    return page.locator("body").inner_text()


@pytest.mark.parametrize("name", NAMES)
def test_feedback_runs_nothing(shown: Outcome, page: Page, name: str) -> None:
    (path,) = (shown.root / "feedback" / name / LESSON).glob("*.html")
    page.goto(path.as_uri())
    text = demand_quiet(page)
    assert ("top.pwned" in text) or name not in READ


@pytest.mark.parametrize("name", IN_GRADEBOOK)
def test_an_autograded_notebook_in_the_formgrader_runs_nothing(
    shown: Outcome, formgrader: Server, page: Page, name: str
) -> None:
    with Gradebook(f"sqlite:///{shown.root / 'gradebook.db'}") as book:
        found = book.find_submission_notebook(NOTEBOOK.removesuffix(".ipynb"), LESSON, name).id
    page.goto(f"{formgrader.url}/formgrader/submissions/{found}?token={formgrader.token}")
    text = demand_quiet(page)
    assert "conv_single_step" in text
    assert ("top.pwned" in text) or name not in READ


@pytest.mark.parametrize("place", LISTS)
def test_lists_of_the_formgrader_run_nothing(formgrader: Server, page: Page, place: str) -> None:
    page.goto(f"{formgrader.url}/formgrader/{place}?token={formgrader.token}")
    page.wait_for_function("document.querySelectorAll('tbody tr').length >= 1")
    demand_quiet(page)


def test_the_report_runs_nothing(shown: Outcome, page: Page) -> None:
    page.goto((shown.root / "report" / "index.html").as_uri())
    assert "onerror" in demand_quiet(page)  # a name, letter for letter
