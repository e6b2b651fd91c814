"""Explorers: a layer's input, operation and output together, made by the student's own function as sliders move.

    explore.convolution(conv_forward)

Each shows its figure with controls above it, and a sentence about it below.  Widgets are imported when an explorer is
shown, and not before; in a graded run nothing is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from convlab.explore.conv_gradients import conv_gradients as _conv_gradients
from convlab.explore.convolution import convolution as _convolution
from convlab.explore.feature_maps import feature_maps as _feature_maps
from convlab.explore.im2col import im2col as _im2col
from convlab.explore.network import network as _network
from convlab.explore.padding import padding as _padding
from convlab.explore.pool_gradients import pool_gradients as _pool_gradients
from convlab.explore.pooling import pooling as _pooling
from convlab.explore.same_padding import same_padding as _same_padding
from convlab.explore.show import show as _show
from convlab.explore.window import window as _window
from convlab.run import graded_run, notebook


def padding(zero_pad: Callable[..., Any]) -> None:
    """Explore padding: the frame of zeros, and how often a window sees each pixel."""
    _show(_padding(zero_pad))


def window(conv_single_step: Callable[..., Any]) -> None:
    """Explore one step of a convolution: slice, filter, products and sum at every place of the window."""
    _show(_window(conv_single_step))


def convolution(conv_forward: Callable[..., Any]) -> None:
    """Explore a convolution layer: filter, stride and padding, and the window that each output comes from."""
    _show(_convolution(conv_forward))


def pooling(pool_forward: Callable[..., Any]) -> None:
    """Explore a pooling layer: window, stride and mode, and which outputs change when the image moves."""
    _show(_pooling(pool_forward))


def conv_gradients(conv_backward: Callable[..., Any], conv_forward: Callable[..., Any]) -> None:
    """Explore the gradients of a convolution layer: who receives that of one output, and the gradient check."""
    _show(_conv_gradients(conv_backward, conv_forward))


def pool_gradients(
    pool_backward: Callable[..., Any],
    create_mask_from_window: Callable[..., Any],
    distribute_value: Callable[..., Any],
) -> None:
    """Explore the gradients of a pooling layer: mask against even shares, and windows that overlap."""
    _show(_pool_gradients(pool_backward, create_mask_from_window, distribute_value))


def network(layer_table: Callable[..., Any]) -> None:
    """Explore a network: volumes, parameters, and what one output of a chosen layer sees and uses."""
    _show(_network(layer_table))


def same_padding(same_padding: Callable[..., Any]) -> None:
    """Explore "same" padding: where each framework puts its zeros, and which windows come of that."""
    _show(_same_padding(same_padding))


def im2col(conv_forward_fast: Callable[..., Any]) -> None:
    """Explore a convolution as a matrix product: each window as a row of the matrix."""
    _show(_im2col(conv_forward_fast))


def feature_maps(network_forward: Callable[..., Any], parameters: Mapping[str, Any]) -> None:
    """Explore what the layers of a network make of a digit, one filter at a time."""
    _show(_feature_maps(network_forward, parameters))


def drawing(network_forward: Callable[..., Any], parameters: Mapping[str, Any]) -> None:
    """Draw a digit, and see what a network with these parameters makes of it."""
    if graded_run():
        return
    if notebook() is None:
        print("Here is no notebook to draw in.")
        return
    from IPython.display import display

    from convlab.explore.drawing import canvas

    display(canvas(network_forward, parameters))
