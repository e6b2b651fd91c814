"""Lesson 09 in JupyterLab: it trains (for one epoch here), shows what was learned, and reads what is drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect
from training import my_layers

from browser.lab import ARTEFACTS, errors, explorers, open_notebook, run_all
from browser.test_lessons import SETTLED, close, run_each, seen, wait_for_change

LESSON = "09-train-a-network"
#: One epoch in place of the lesson's ten, at the learning rate of the first ones.
ONE_EPOCH = """() => {
    for (const cell of window.jupyterapp.shell.currentWidget.content.widgets) {
        const source = cell.model.sharedModel.getSource();
        if (source.includes("else 10 ")) cell.model.sharedModel.setSource(
            source.replace("else 10 ", "else 1 ").replace("if epoch < epochs - 3 else 0.005", ""));
    }
}"""


@pytest.fixture(scope="module")
def trained(browser, server) -> Iterator[Page]:
    """The solved lesson, run from top to bottom with functions kept from the lessons before it."""
    (server.root / "source" / "my_layers.py").write_text(my_layers(), encoding="utf-8")
    page = open_notebook(browser, server, server.notebook("source", LESSON))
    page.evaluate(ONE_EPOCH)
    run_all(page, timeout=300)
    yield page
    close(page)


@pytest.fixture
def drawing(trained) -> Locator:
    """The field to draw on, empty."""
    trained.bring_to_front()
    found = trained.locator(".convlab-drawing")
    found.scroll_into_view_if_needed()
    found.get_by_role("button", name="Clear").click()
    expect(found.locator(".sentence")).to_have_text("Nothing is drawn yet.")
    return found


def numbers(drawing: Locator) -> list[int]:
    return [int(text) for text in drawing.locator("td").all_inner_texts()]


def shares(drawing: Locator) -> list[int]:
    return [int(text.split()[0]) for text in drawing.locator(".value").all_inner_texts()]


def read_in(drawing: Locator) -> None:
    expect(drawing.locator(".sentence")).to_have_text(re.compile(r"Your network reads a \d \(\d+%\), then a \d"))


def test_the_lesson_runs_and_its_curves_are_drawn_in_one_place(trained):
    assert errors(trained) == []
    cell = trained.locator(".jp-CodeCell", has=trained.get_by_text(re.compile("After 1 of 1 epochs: cost")))
    picture = cell.locator(".jp-OutputArea img")
    expect(picture).to_have_count(1)
    box = picture.bounding_box()
    assert (box["width"], box["height"]) == pytest.approx((720, 245), abs=1)
    assert re.search(r"After 1 of 1 epochs: cost [\d.]+, accuracy [\d.]+%", cell.inner_text())
    assert "epochs: 100%" in cell.inner_text()
    cell.screenshot(path=ARTEFACTS / f"{LESSON}-curves.png")


def test_both_explorers_follow_their_controls_by_keyboard(trained):
    trained.bring_to_front()
    expect(explorers(trained)).to_have_count(2)
    for place, explorer in enumerate(explorers(trained).all()):
        explorer.scroll_into_view_if_needed()
        height = explorer.bounding_box()["height"]
        for control in explorer.locator("[role=slider]").all():
            at_end = control.get_attribute("aria-valuenow") == control.get_attribute("aria-valuemax")
            before = seen(explorer)
            control.focus()
            control.press("ArrowLeft" if at_end else "ArrowRight")
            wait_for_change(explorer, before)
            assert explorer.bounding_box()["height"] == height
        figure, line = explorer.locator(".figure"), explorer.locator(".figure .line").last
        assert line.bounding_box()["y"] + line.bounding_box()["height"] <= (
            figure.bounding_box()["y"] + figure.bounding_box()["height"]
        )
        explorer.screenshot(path=ARTEFACTS / f"{LESSON}-explorer-{place}.png")


def test_a_digit_drawn_with_the_mouse_is_read(trained, drawing):
    box = drawing.locator("canvas").bounding_box()
    for number, (x, y) in enumerate(((0.3, 0.2), (0.7, 0.2), (0.45, 0.85))):
        trained.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=8)
        if number == 0:
            trained.mouse.down()
    trained.mouse.up()
    read_in(drawing)
    preview = numbers(drawing)
    assert len(preview) == 64
    assert max(preview) == 16
    assert any(preview[:8])  # it was brought to the full height
    assert any(preview[-8:])
    assert abs(sum(shares(drawing)) - 100) <= 5
    best = drawing.locator("li.best")
    said = re.search(r"reads a (\d) \((\d+)%\)", drawing.locator(".sentence").inner_text())
    assert best.locator(".digit").inner_text() == said[1]
    assert max(shares(drawing)) == int(said[2])
    drawing.screenshot(path=ARTEFACTS / f"{LESSON}-drawn.png")


def test_a_digit_drawn_with_the_keyboard_is_read_and_can_be_cleared(trained, drawing):
    canvas = drawing.locator("canvas")
    canvas.focus()
    canvas.press("ArrowDown")
    expect(drawing.locator(".state")).to_have_text("pen up, row 5, column 16")
    assert not any(numbers(drawing))
    canvas.press("Space")
    for _ in range(20):
        canvas.press("ArrowDown")
    expect(drawing.locator(".state")).to_have_text("pen down, row 25, column 16")
    canvas.press("Space")
    canvas.press("ArrowRight")
    read_in(drawing)
    trained.evaluate(SETTLED)
    middle = numbers(drawing)
    assert all(middle[8 * row + 3] or middle[8 * row + 4] for row in range(8))
    assert not any(middle[8 * row] or middle[8 * row + 7] for row in range(8))
    drawing.screenshot(path=ARTEFACTS / f"{LESSON}-keyboard.png")
    canvas.press("Delete")
    expect(drawing.locator(".sentence")).to_have_text("Nothing is drawn yet.")
    assert not any(numbers(drawing))
    assert set(drawing.locator(".value").all_inner_texts()) == {"–"}


def test_everything_to_draw_with_has_a_name(drawing):
    canvas = drawing.locator("canvas")
    assert canvas.get_attribute("aria-label") == "Field to draw a digit on"
    described = drawing.locator(f"[id='{canvas.get_attribute('aria-describedby')}']")
    assert "arrow keys move the pen, Space lowers or lifts it, Delete clears" in described.inner_text()
    assert drawing.locator("table").get_attribute("aria-label")
    assert drawing.get_by_role("list", name="Probability of each digit").locator("li").count() == 10
    for live in (".sentence", ".state"):
        assert drawing.locator(live).get_attribute("aria-live") == "polite"


def test_an_untouched_lesson_says_what_is_not_written_yet(trained, browser, server):
    (server.root / "release" / "my_layers.py").write_text(my_layers(), encoding="utf-8")
    page = open_notebook(browser, server, server.notebook("release", LESSON))
    page.evaluate(ONE_EPOCH)
    run_each(page)
    for explorer in explorers(page).all():
        expect(explorer.locator(".message")).to_contain_text("is not written yet: this picture appears when it is.")
    field = page.locator(".convlab-drawing")
    field.scroll_into_view_if_needed()
    field.locator("canvas").press("Space")
    expect(field.locator(".sentence")).to_contain_text("network_forward is not written yet")
    field.screenshot(path=ARTEFACTS / f"{LESSON}-untouched.png")
    close(page)
