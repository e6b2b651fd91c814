"""The controls of an explorer, of ipywidgets."""

from __future__ import annotations

from typing import Any

from ipywidgets import Dropdown, IntSlider, Layout
from traitlets import CInt, Int

from convlab.explore.scene import Choice, Slider


# A value that the browser sends is echoed by default, for other browsers that show the same notebook: a message more
# in each move, before the one with the picture.
class QuietSlider(IntSlider):  # type: ignore[misc]
    """A slider whose moves are not echoed."""

    value = CInt(0).tag(sync=True, echo_update=False)


class QuietDropdown(Dropdown):  # type: ignore[misc]
    """A list whose choices are not echoed."""

    index = Int(None, allow_none=True).tag(sync=True, echo_update=False)


def control(one: Slider | Choice) -> Any:
    """The widget for a control, which it describes."""
    wide = 172 + 9 * max(len(one.name) - 6, 0)  # a long name leaves the slider its room
    layout = Layout(width="max-content" if isinstance(one, Choice) else f"{wide}px", margin="2px 16px 2px 0")
    style = {"description_width": "initial"}
    if isinstance(one, Choice):
        return QuietDropdown(options=one.options, description=one.name, layout=layout, style=style)
    return QuietSlider(one.value, one.least, one.most, description=one.name, layout=layout, style=style)
