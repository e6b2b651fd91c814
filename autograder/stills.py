"""The still pictures of a lesson's explorers, for readers where no kernel runs: made by the trusted functions."""

from __future__ import annotations

import numpy as np
from convlab.explore.conv_gradients import conv_gradients
from convlab.explore.convolution import convolution
from convlab.explore.feature_maps import feature_maps
from convlab.explore.im2col import im2col
from convlab.explore.images import FILTERS, filter_of
from convlab.explore.network import network
from convlab.explore.padding import padding
from convlab.explore.pool_gradients import pool_gradients
from convlab.explore.pooling import pooling
from convlab.explore.same_padding import same_padding
from convlab.explore.scene import Explorer
from convlab.explore.still import svg
from convlab.explore.window import window

from autograder import solution

#: A network that looks for what everyone knows, in place of one that has learned: well-known filters, and nothing more.
KNOWN = {
    "W1": np.stack([filter_of(name, 3) for name in FILTERS], axis=2)[:, :, np.newaxis],
    "b1": np.zeros((1, 1, 1, len(FILTERS))),
    "W2": np.zeros((9 * len(FILTERS), 10)),
    "b2": np.zeros((1, 10)),
}

#: For each lesson the names of its stills and the explorers that they show.
EXPLORERS: dict[str, dict[str, Explorer]] = {
    "01-images-and-padding": {"padding": padding(solution.zero_pad)},
    "02-one-step": {"window": window(solution.conv_single_step)},
    "03-conv-forward": {"convolution": convolution(solution.conv_forward)},
    "04-pool-forward": {"pooling": pooling(solution.pool_forward)},
    "05-conv-backward": {"conv_gradients": conv_gradients(solution.conv_backward, solution.conv_forward)},
    "06-pool-backward": {
        "pool_gradients": pool_gradients(
            solution.pool_backward, solution.create_mask_from_window, solution.distribute_value
        ),
    },
    "07-read-a-network": {"network": network(solution.layer_table)},
    "08-frameworks": {"same_padding": same_padding(solution.same_padding)},
    "09-train-a-network": {
        "im2col": im2col(solution.conv_forward_fast),
        "feature_maps": feature_maps(solution.network_forward, KNOWN),
    },
}


def stills(lesson: str) -> dict[str, str]:
    """The text of each still of a lesson, by its path in the course."""
    return {
        f"{folder}/{lesson}/{name}.svg": svg(explorer.draw(**explorer.settings()))
        for name, explorer in EXPLORERS.get(lesson, {}).items()
        for folder in ("source", "release")
    }
