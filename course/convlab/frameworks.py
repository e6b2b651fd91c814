"""Deep-learning frameworks, which the course can do without: what they are called, and how a missing one gets here."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable

#: The packages by the name they are imported under, and what they are called.
FRAMEWORKS = {"torch": "PyTorch", "keras": "Keras", "tensorflow": "TensorFlow"}


def missing(packages: Iterable[str]) -> list[str]:
    """Those of the packages that cannot be imported here."""
    return [package for package in packages if importlib.util.find_spec(package) is None]


def named_in(error: BaseException) -> str | None:
    """The framework that was to be imported when ``error`` was raised and is not here, or None."""
    package = (getattr(error, "name", None) or "").partition(".")[0]
    return package if isinstance(error, ModuleNotFoundError) and package in FRAMEWORKS else None


def how_to_install(package: str) -> str:
    """What a student without a framework reads."""
    name = FRAMEWORKS[package]
    return (
        f"{name} is not installed here. To install it, run  %pip install {package}  in a new cell, then restart the "
        "kernel (Kernel → Restart Kernel…). What does not need it works without."
    )
