"""Each lesson in JupyterLab: it runs, its explorer answers to every control, and waits for what is not written."""

from __future__ import annotations

import re
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from browser.lab import ARTEFACTS, LESSONS, errors, explorers, open_notebook

#: What is to be seen of an explorer's figure, and what is said below it.
PICTURE = """explorer => {
    const parts = explorer.querySelectorAll(".figure :is(td.cell, .frame, figcaption, canvas), .convlab-stack");
    const seen = one => one.classList.contains("convlab-stack") ? one.innerHTML
        : one.tagName === "CANVAS" ? one.toDataURL() : one.textContent + one.style.cssText + one.hidden;
    return [...parts].map(seen).join("|");
}"""
SENTENCE = """explorer =>
    [...explorer.querySelectorAll(".formula, .sentence, .message")].map(one => one.textContent).join("|")"""
#: Resolves when the screen has been drawn anew with all that has arrived.
SETTLED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(params=LESSONS)
def lesson(request):
    return request.param


@pytest.fixture(autouse=True)
def on_this_machine_and_without_complaint(browser, server):
    """No test asks anything of another machine or leaves an error in the browser's console."""
    browser.errors.clear()
    yield
    assert browser.outside == []
    assert server.looked_outside() == []
    assert browser.errors == []


def explorer_of(page: Page) -> Locator:
    explorer = explorers(page)
    expect(explorer).to_have_count(1)
    explorer.scroll_into_view_if_needed()
    expect(explorer.locator(".convlab-grid")).to_be_visible()
    return explorer


def seen(explorer: Locator) -> tuple[str, str]:
    return explorer.evaluate(PICTURE), explorer.evaluate(SENTENCE)


def wait_for_change(explorer: Locator, before: tuple[str, str]) -> None:
    """Wait until picture and sentence are both others than before."""
    for what, old in zip((PICTURE, SENTENCE), before, strict=True):
        explorer.page.wait_for_function(
            f"([explorer, old]) => ({what})(explorer) !== old", arg=[explorer.element_handle(), old], timeout=10_000
        )


def test_the_solved_lesson_runs_from_top_to_bottom(solved, lesson):
    page = solved(lesson)
    assert errors(page) == []
    explorer = explorer_of(page)
    expect(explorer.locator(".figure")).to_be_visible()
    explorer.screenshot(path=ARTEFACTS / f"{lesson}.png")


def test_every_control_moves_picture_and_sentence_by_keyboard(solved, lesson):
    explorer = explorer_of(solved(lesson))
    height = explorer.bounding_box()["height"]
    controls = explorer.locator(".convlab-controls :is([role=slider], select)")
    assert controls.count() >= 3
    for place in range(controls.count()):
        control = controls.nth(place)
        there, back = "ArrowDown", "ArrowUp"
        if control.get_attribute("role") == "slider":
            at_end = control.get_attribute("aria-valuenow") == control.get_attribute("aria-valuemax")
            there, back = ("ArrowLeft", "ArrowRight") if at_end else ("ArrowRight", "ArrowLeft")
        control.focus()
        for key in (there, back):
            before = seen(explorer)
            control.press(key)
            wait_for_change(explorer, before)
            assert explorer.bounding_box()["height"] == height
            if key == there:
                explorer.screenshot(path=ARTEFACTS / f"{lesson}-moved-{place}.png")


def test_arrow_keys_and_the_mouse_step_over_the_output_without_the_kernel(solved, lesson):
    page = solved(lesson)
    explorer = explorer_of(page)
    page.evaluate(
        """() => {
            window.asked = 0;
            window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.anyMessage.connect(
                (_, message) => { if (message.direction === "send") window.asked++; });
        }"""
    )
    stepped = explorer.locator(".stepped > [tabindex='0']")
    stepped.focus()
    for key in ("Home", "End"):  # wherever it was, one of these moves it, unless there is a single column
        stepped.press(key)
    first = seen(explorer)
    stepped.press("ArrowLeft")
    wait_for_change(explorer, first)
    assert stepped.evaluate("element => element === document.activeElement")
    second = seen(explorer)
    box = explorer.locator(".stepped").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    if seen(explorer) == second:
        page.mouse.move(box["x"] + box["width"] - 8, box["y"] + box["height"] - 12)
    wait_for_change(explorer, second)
    page.mouse.move(0, 0)
    page.evaluate(SETTLED)
    assert page.evaluate("() => window.asked") == 0


def test_everything_has_a_name(solved, lesson):
    explorer = explorer_of(solved(lesson))
    for handle in explorer.locator("[role=slider]").all():
        assert handle.get_attribute("aria-label")
    for select in explorer.locator("select").all():
        name = select.evaluate("element => [...element.labels].map(label => label.textContent).join()")
        assert name.strip()
    for matrix in explorer.locator(".figure :is(table, canvas)").all():
        assert re.search(r"\d+ rows, \d+ columns", matrix.get_attribute("aria-label"))
        assert matrix.get_attribute("role") or matrix.evaluate("element => element.tagName") == "TABLE"
    stepped = explorer.locator(".stepped > [tabindex='0']")
    assert "arrow keys" in stepped.get_attribute("aria-label")
    expect(explorer.locator(".sentence")).to_have_attribute("aria-live", "polite")


def test_axe_finds_nothing_to_complain_of(solved, lesson):
    found = Axe().run(explorer_of(solved(lesson)).page, context=".convlab-explorer")
    assert len(found.response["passes"]) > 10
    assert found.response["violations"] == []
    assert "duplicate-id-aria" not in [one["id"] for one in found.response["incomplete"]]


def test_no_two_explorers_give_a_cell_the_same_name(solved):
    names = [
        explorer_of(solved(lesson)).locator("td.cell").evaluate_all("cells => cells.map(cell => cell.id)")
        for lesson in LESSONS
    ]
    assert all(names)
    together = [name for some in names for name in some]
    assert len(set(together)) == len(together)


def test_a_move_makes_only_the_matrices_anew_that_change_their_size(solved):
    explorer = explorer_of(solved("03-conv-forward"))
    explorer.get_by_label("image").select_option("numbers 7×7")
    matrices = explorer.locator(".figure .matrix")

    def kept(control: Locator, key: str) -> list[bool]:
        """For each matrix: whether it is still the same element after a key."""
        explorer.page.evaluate(SETTLED)
        matrices.evaluate_all("all => all.forEach(one => { one.known = true; })")
        before = seen(explorer)
        control.press(key)
        wait_for_change(explorer, before)
        return matrices.evaluate_all("all => all.map(one => one.known === true)")

    pad, stride = (explorer.get_by_role("slider", name=name, exact=True) for name in ("pad", "stride"))
    stride.press("Home")
    pad.press("Home")
    expect(explorer.locator(".formula")).to_contain_text("(7 − 3 + 2·0)/1")
    assert kept(pad, "ArrowRight") == [False, True, True, False]  # A_prev, W, products, Z
    assert kept(explorer.get_by_label("filter"), "ArrowDown") == [True, True, True, True]
    assert kept(stride, "ArrowRight") == [True, True, True, False]


#: How a lesson says which output is stepped on, where that is not by its two indices.
SAYS_PLACE = {"02": "row {row} and column {column}", "08": "[{column}]"}


def test_in_a_narrow_window_all_is_seen_and_found_by_the_mouse(solved, lesson):
    explorer = explorer_of(solved(lesson))
    page = explorer.page
    usual = page.viewport_size
    figure, step, cell = (explorer.locator(what) for what in (".figure", ".step", ".stepped td.cell"))
    if explorer.locator("option", has_text="photo").count():
        explorer.get_by_label("image").select_option(index=0)
    expect(explorer.locator(".stepped canvas")).to_have_count(0)
    try:
        for width, place in ((900, -1), (640, 0)):
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate(SETTLED)
            assert figure.evaluate("figure => figure.scrollWidth <= figure.clientWidth")
            explorer.screenshot(path=ARTEFACTS / f"{lesson}-{width}.png")
            cell.nth(place).hover()
            row, column = cell.nth(place).evaluate("cell => [cell.parentElement.rowIndex - 1, cell.cellIndex - 1]")
            expect(step).to_contain_text(SAYS_PLACE.get(lesson[:2], "[{row}, {column}]").format(row=row, column=column))
    finally:
        page.mouse.move(0, 0)
        page.set_viewport_size(usual)


def test_a_photo_is_shown_where_there_is_one(solved, lesson):
    explorer = explorer_of(solved(lesson))
    if not explorer.locator("option", has_text="photo").count():
        assert lesson[:2] in ("02", "05", "06", "07", "08")
        return
    explorer.get_by_label("image").select_option("photo")
    expect(explorer.locator("figcaption").first).to_contain_text("(1, 33,")
    expect(explorer.locator("canvas").first).to_be_visible()
    explorer.page.evaluate(SETTLED)
    explorer.screenshot(path=ARTEFACTS / f"{lesson}-photo.png")


def test_a_filter_that_does_not_fit_is_told_in_words_and_gone_when_it_fits(solved):
    explorer = explorer_of(solved("03-conv-forward"))
    height = explorer.bounding_box()["height"]
    explorer.get_by_label("image").select_option("numbers 4×5")
    pad, f = (explorer.get_by_role("slider", name=name, exact=True) for name in ("pad", "f"))
    pad.press("Home")
    f.press("End")
    message = explorer.locator(".message")
    expect(message).to_contain_text("The filter does not fit: f = 5, but n_H_prev + 2·pad = 4 + 2·0 = 4.")
    expect(explorer.locator(".figure")).to_be_hidden()
    assert explorer.bounding_box()["height"] == height
    explorer.screenshot(path=ARTEFACTS / "03-conv-forward-does-not-fit.png")
    pad.press("ArrowRight")
    expect(message).to_be_hidden()
    expect(explorer.locator(".figure")).to_be_visible()


def test_an_impossible_stack_is_told_in_words_and_gone_when_it_is_possible(solved):
    explorer = explorer_of(solved("07-read-a-network"))
    height = explorer.bounding_box()["height"]
    table = explorer.locator(".convlab-stack table")
    expect(table.locator("tbody tr")).to_have_count(7)
    expect(table.locator("[aria-current]")).to_contain_text("conv 16, 3×3")
    explorer.get_by_label("layer 4").select_option("dense 10")
    message = explorer.locator(".message")
    expect(message).to_contain_text("Layer 4 is dense and takes a vector, and is given a volume of 5×5×16.")
    expect(message).to_contain_text("Put a flatten before it.")
    expect(table.locator("tbody tr")).to_have_count(5)  # up to the layer that cannot follow
    expect(table.locator("tbody tr").last).to_contain_text("impossible")
    assert explorer.bounding_box()["height"] == height
    explorer.screenshot(path=ARTEFACTS / "07-read-a-network-impossible.png")
    explorer.get_by_label("layer 4").select_option("flatten")
    expect(message).to_be_hidden()
    expect(table.locator("tbody tr")).to_have_count(7)
    assert explorer.bounding_box()["height"] == height


def close(page: Page) -> None:
    """Close a page and end its kernel."""
    page.evaluate("() => window.jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")
    page.close()


def run_each(page: Page) -> None:
    """Run every code cell, whatever comes of those before it."""
    page.evaluate(
        """async () => {
            const app = window.jupyterapp, notebook = app.shell.currentWidget.content;
            for (const [place, cell] of notebook.widgets.entries()) {
                if (cell.model.type !== "code") continue;
                notebook.deselectAll();
                notebook.activeCellIndex = place;
                await app.commands.execute("notebook:run-cell");
            }
        }"""
    )


def test_an_untouched_lesson_says_what_is_not_written_yet(solved, browser, server, lesson):
    solved(lesson)
    shutil.copy(server.root / "source" / "my_layers.py", server.root / "release")  # earlier functions are kept
    page = open_notebook(browser, server, server.notebook("release", lesson))
    run_each(page)
    explorer = explorer_of(page)
    expect(explorer.locator(".message")).to_contain_text("is not written yet: this picture appears when it is.")
    expect(explorer.locator(".figure")).to_be_hidden()
    output = page.locator(".jp-Cell", has=page.locator(".convlab-explorer")).locator(".jp-Cell-outputArea")
    assert "Traceback" not in output.inner_text()
    still = page.locator("details img[alt^='The explorer']").first
    still.evaluate("image => { image.closest('details').open = true; image.scrollIntoView({block: 'center'}); }")
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=still.element_handle())
    page.screenshot(path=ARTEFACTS / f"{lesson}-untouched.png")
    close(page)


def test_an_explorer_recovers_when_the_function_is_there(solved, browser, server):
    solved("01-images-and-padding")
    page = open_notebook(browser, server, server.notebook("release", "01-images-and-padding"))
    run_each(page)
    expect(explorer_of(page).locator(".message")).to_contain_text("zero_pad is not written yet")
    page.evaluate(
        """async () => {
            const app = window.jupyterapp, notebook = app.shell.currentWidget.content;
            const at = text => notebook.widgets.findIndex(cell => cell.model.sharedModel.getSource().startsWith(text));
            notebook.activeCellIndex = at("def zero_pad");
            notebook.activeCell.model.sharedModel.setSource(
                "def zero_pad(X, pad):\\n    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))");
            await app.commands.execute("notebook:run-cell");
            notebook.activeCellIndex = at("explore.");
            await app.commands.execute("notebook:run-cell");
        }"""
    )
    expect(explorer_of(page).locator(".figure")).to_be_visible()
    close(page)
