"""Explorers in a notebook: the widgets that are made, and what stands in their place where no kernel runs."""

import re
from html import unescape

import nbformat
import pytest
from convlab.explore import show as module
from convlab.explore.show import show
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output

from autograder.stills import EXPLORERS

VIEW = "application/vnd.jupyter.widget-view+json"
BUILT = {name: explorer for lesson in EXPLORERS.values() for name, explorer in lesson.items()}


@pytest.fixture
def shown(monkeypatch):
    """What an explorer displays in a notebook."""
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setattr(module, "notebook", lambda: object())
    displayed = []
    monkeypatch.setattr("IPython.display.display", lambda data, **how: displayed.append((data, how)))

    def display(explorer):
        show(explorer)
        (data, how) = displayed.pop()
        assert how == {"raw": True}
        return data

    return display


def widgets(data):
    from ipywidgets import Widget

    box = Widget.widgets[data[VIEW]["model_id"]] if hasattr(Widget, "widgets") else None
    if box is None:
        from ipywidgets.widgets.widget import _instances

        box = _instances[data[VIEW]["model_id"]]
    above, *stack, grid = box.children
    assert len(stack) <= 1
    return above.children, grid


@pytest.mark.parametrize("name", BUILT)
def test_a_control_changes_the_scene(shown, name):
    controls, grid = widgets(shown(BUILT[name]))
    assert [one.description for one in controls] == [one.name for one in BUILT[name].controls]
    for control in controls:
        before = grid.scene
        control.value = control.options[1] if hasattr(control, "options") else control.min
        after = control.value
        begins = BUILT[name].settings()[control.description]
        assert grid.scene != before or after == begins
        control.value = begins


@pytest.mark.parametrize("name", BUILT)
def test_a_move_in_the_browser_is_answered_by_the_scene_alone(shown, monkeypatch, name):
    controls, grid = widgets(shown(BUILT[name]))
    sent = []
    for widget in (*controls, grid):
        monkeypatch.setattr(
            widget, "_send", lambda message, buffers=None, widget=widget: sent.append((widget, message))
        )
    for control in controls:
        listed = hasattr(control, "options")
        begins = {"index": 0} if listed else {"value": control.value}
        control.set_state({"index": 1} if listed else {"value": control.value % control.max + 1})
        assert [(*message["state"],) for one, message in sent if one is grid] == [("scene",)]
        assert "echo_update" not in [message["method"] for _, message in sent]
        control.set_state(begins)  # a setting that has no picture would hide what the next control does
        sent.clear()


@pytest.mark.parametrize("name", BUILT)
def test_where_no_kernel_runs_still_and_sentence_stand_in_its_place(shown, name):
    data = shown(BUILT[name])
    assert data["text/plain"].endswith(".")
    output = new_output("display_data", dict(data))
    page = new_notebook(cells=[new_code_cell("explore", outputs=[output])])
    nbformat.validate(page)
    html, _ = HTMLExporter(template_name="classic").from_notebook_node(page)
    assert data["text/html"].split("base64,")[1].removesuffix('">') in html
    assert re.search(f"""alt=["']{re.escape(data["text/plain"])}["']""", unescape(html))


def test_a_message_has_no_still(shown):
    from convlab import explore

    def zero_pad(X, pad):
        raise NotImplementedError

    data = shown(explore._padding(zero_pad))
    assert "text/html" not in data
    assert data["text/plain"] == "zero_pad is not written yet: this picture appears when it is."


def test_a_network_stands_above_its_scene_and_follows_the_controls(shown):
    from ipywidgets.widgets.widget import _instances

    above, stack, grid = _instances[shown(BUILT["network"])[VIEW]["model_id"]].children
    control = {one.description: one for one in above.children}
    assert stack.height == BUILT["network"].stack
    assert [row[1] for row in stack.network["rows"]][3:] == ["conv 16, 3×3", "flatten", "dense 10", "total"]
    control["filters"].value = 8
    assert stack.network["rows"][3][1:] == ["conv 8, 3×3", "(5, 5, 8)", "584"]
    control["layer 4"].value = "dense 10"
    assert stack.network["rows"][-1] == ["4", "dense 10", "impossible", ""]
    assert grid.scene["message"].startswith("Layer 4 is dense")
