"""An explorer in the notebook: controls, figure and sentence, and a still picture for where no kernel runs."""

from __future__ import annotations

from typing import Any

from convlab.explore.scene import Explorer, Impossible, Scene
from convlab.figures.student import in_place_of_picture
from convlab.run import graded_run, notebook


def show(explorer: Explorer) -> None:
    """Show an explorer in the notebook; where there is none print what it says. In a graded run nothing happens."""
    if graded_run():
        return
    settings = explorer.settings()
    scene = scene_of(explorer, settings)
    if notebook() is None:
        print(scene.told())
        return
    _display(explorer, scene, settings)


def scene_of(explorer: Explorer, settings: dict[str, Any]) -> Scene:
    """What the explorer shows with these settings; where there is no picture, a message that says why."""
    try:
        return explorer.draw(**settings)
    except Impossible as why:
        return Scene(message=str(why))
    except Exception as error:
        return Scene(message=in_place_of_picture(error, list(explorer.functions)))


def _display(explorer: Explorer, scene: Scene, settings: dict[str, Any]) -> None:
    from IPython.display import display
    from ipywidgets import HBox, Layout, VBox

    from convlab.explore.controls import control
    from convlab.explore.grid import Grid
    from convlab.explore.stack import Stack
    from convlab.explore.still import html

    grid = Grid(scene=scene.packed(), height=explorer.height, title=explorer.title)
    stack = [Stack(network=scene.stacked(), height=explorer.stack)] if explorer.stack else []
    controls = {one.name: control(one) for one in explorer.controls}

    def move(change: Any) -> None:
        settings[change["owner"].description] = change["new"]
        now = scene_of(explorer, settings)
        grid.scene = now.packed()
        for one in stack:
            one.network = now.stacked()

    for one in controls.values():
        one.observe(move, "value")
    above = HBox(list(controls.values()), layout=Layout(flex_flow="row wrap", overflow="visible"))
    above.add_class("convlab-controls")
    whole = VBox([above, *stack, grid])
    whole.add_class("convlab-explorer")
    data = {**whole._repr_mimebundle_(), "text/plain": scene.told()}
    if scene.rows:
        data["text/html"] = html(scene)
    display(data, raw=True)
