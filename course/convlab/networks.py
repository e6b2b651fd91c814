"""The networks of lesson 07, as dicts that `layer_table` reads: small ones that are often asked about."""

from __future__ import annotations

from typing import Any

Layer = dict[str, Any]
Shape = tuple[int, ...]


def conv(filters: int, f: int, stride: int = 1, padding: str = "valid", bias: bool = True) -> Layer:
    """A convolution layer as a dict: so many filters of f×f, with a bias for each or without."""
    return {"type": "conv", "filters": filters, "f": f, "stride": stride, "padding": padding, "bias": bias}


def max_pool(f: int, stride: int | None = None, padding: str = "valid") -> Layer:
    """A max pooling layer as a dict; windows lie side by side unless a stride is given."""
    return {"type": "max_pool", "f": f, "stride": stride or f, "padding": padding}


def average_pool(f: int, stride: int | None = None, padding: str = "valid") -> Layer:
    """An average pooling layer as a dict; windows lie side by side unless a stride is given."""
    return {**max_pool(f, stride, padding), "type": "average_pool"}


def flatten() -> Layer:
    """A layer that makes a vector of a volume, as a dict."""
    return {"type": "flatten"}


def dense(units: int, bias: bool = True) -> Layer:
    """A dense layer as a dict: so many units, each with a bias or without."""
    return {"type": "dense", "units": units, "bias": bias}


#: Input shape and layers of each network, by its letter.
NETWORKS: dict[str, tuple[Shape, list[Layer]]] = {
    "A": (
        (32, 32, 3),
        [conv(32, 3), max_pool(2), conv(64, 3), max_pool(2), conv(64, 3), flatten(), dense(64), dense(10)],
    ),
    "B": (
        (28, 28, 1),
        [
            conv(32, 3, padding="same"),
            max_pool(2),
            conv(64, 3, padding="same"),
            max_pool(2),
            flatten(),
            dense(128),
            dense(10),
        ],
    ),
    "C": ((28, 28, 1), [conv(32, 3), conv(64, 3)]),
    "D": ((28, 28, 3), [conv(32, 5, bias=False), conv(64, 5, bias=False)]),
    "E": (
        (28, 28, 1),
        [
            conv(32, 3, padding="same"),
            conv(64, 3, padding="same"),
            conv(128, 3, padding="same"),
            flatten(),
            dense(256),
            dense(10),
        ],
    ),
}


def described(layer: Layer) -> str:
    """A layer in a few words: "conv 32, 3×3, stride 2, same"."""
    kind = layer["type"].replace("_", " ")
    words = [f"{kind} {layer['filters']}" if "filters" in layer else f"{kind} {layer.get('units', '')}".strip()]
    if "f" in layer:
        words.append(f"{layer['f']}×{layer['f']}")
        usual = 1 if layer["type"] == "conv" else layer["f"]
        words += [f"stride {layer['stride']}"] * (layer["stride"] != usual) + ["same"] * (layer["padding"] == "same")
    return ", ".join(words + ["no bias"] * (not layer.get("bias", True)))
