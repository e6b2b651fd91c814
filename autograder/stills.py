"""The still pictures of a lesson's explorers, for readers where no kernel runs: made by the trusted functions."""

from __future__ import annotations

from convlab.explore.conv_gradients import conv_gradients
from convlab.explore.convolution import convolution
from convlab.explore.network import network
from convlab.explore.padding import padding
from convlab.explore.pool_gradients import pool_gradients
from convlab.explore.pooling import pooling
from convlab.explore.same_padding import same_padding
from convlab.explore.scene import Explorer
from convlab.explore.still import svg
from convlab.explore.window import window

from autograder import solution

#: For each lesson the name of its still and the explorer that it shows.
EXPLORERS: dict[str, tuple[str, Explorer]] = {
    "01-images-and-padding": ("padding", padding(solution.zero_pad)),
    "02-one-step": ("window", window(solution.conv_single_step)),
    "03-conv-forward": ("convolution", convolution(solution.conv_forward)),
    "04-pool-forward": ("pooling", pooling(solution.pool_forward)),
    "05-conv-backward": ("conv_gradients", conv_gradients(solution.conv_backward, solution.conv_forward)),
    "06-pool-backward": (
        "pool_gradients",
        pool_gradients(solution.pool_backward, solution.create_mask_from_window, solution.distribute_value),
    ),
    "07-read-a-network": ("network", network(solution.layer_table)),
    "08-frameworks": ("same_padding", same_padding(solution.same_padding)),
}


def stills(lesson: str) -> dict[str, str]:
    """The text of each still of a lesson, by its path in the course."""
    if lesson not in EXPLORERS:
        return {}
    name, explorer = EXPLORERS[lesson]
    text = svg(explorer.draw(**explorer.settings()))
    return {f"{folder}/{lesson}/{name}.svg": text for folder in ("source", "release")}
