"""How fast an explorer answers in JupyterLab: from key press to changed picture, in headless Chromium.

    python benchmarks/slider_latency.py

For each explorer, and for the usual ``@interact`` that draws a new Matplotlib figure, it measures 30 moves one by one
and counts how many of 20 keys, 30 ms apart, are drawn.  It prints a table and writes artefacts/slider_latency.json.
The functions explored are the plain loops of the lessons' solutions.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from browser.lab import chromium, errors, jupyterlab, open_notebook, run_all  # noqa: E402

MOVES, KEYS, APART = 30, 20, 30
#: How long a move is given before the next one, in ms.
SETTLES = 400
EXPLORERS = {
    "padding": "explore.padding(zero_pad)",
    "window": "explore.window(conv_single_step)",
    "convolution": "explore.convolution(conv_forward)",
    "pooling": "explore.pooling(pool_forward)",
    "conv gradients": "explore.conv_gradients(conv_backward, conv_forward)",
    "pool gradients": "explore.pool_gradients(pool_backward, create_mask_from_window, distribute_value)",
    "network": "explore.network(layer_table)",
}
INTERACT = """
import matplotlib.pyplot as plt
from ipywidgets import interact
from convlab.figures.convolution import IMAGE, SOBEL_X

@interact(stride=(1, 3), pad=(0, 2))
def show(stride=2, pad=0):
    Z, _ = conv_forward(IMAGE.reshape(1, 7, 7, 1), SOBEL_X.reshape(3, 3, 1, 1), np.zeros((1, 1, 1, 1)),
                        {"stride": stride, "pad": pad})
    figure, axes = plt.subplots(1, 3, figsize=(10, 3.5))
    for ax, matrix in zip(axes, (np.pad(IMAGE, pad), SOBEL_X, Z[0, :, :, 0])):
        ax.imshow(matrix, cmap="cividis")
        for (row, column), value in np.ndenumerate(matrix):
            ax.text(column, row, f"{value:g}", ha="center", va="center")
    plt.show()
"""
#: In the page: when a key goes down, and when a picture that has changed is on the screen.
WATCH = """figure => {
    if (window.watching) window.watching.disconnect();
    else document.addEventListener("keydown", event => window.keys.push(event.timeStamp), true);
    window.keys = []; window.changes = [];
    let waiting = false;
    const painted = () => {
        if (waiting) return;
        waiting = true;
        requestAnimationFrame(() => {
            const channel = new MessageChannel();
            channel.port1.onmessage = () => { window.changes.push(performance.now()); waiting = false; };
            channel.port2.postMessage(0);
        });
    };
    window.watching = new MutationObserver(painted);
    window.watching.observe(figure, {childList: true, subtree: true, attributes: true, characterData: true});
}"""


def course(folder: Path) -> None:
    """A notebook with the lessons' functions, all explorers and the usual way."""
    cells = ["import numpy as np\nfrom convlab import explore"]
    for path in sorted((ROOT / "source").glob("0[1-7]-*/*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        cells += [cell.source for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    cells += [*EXPLORERS.values(), INTERACT]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(metadata=kernel, cells=[new_code_cell(cell) for cell in cells]), folder / "bench.ipynb")


def measure(page: Page, sliders: Locator, figure: Locator, photo: bool) -> dict[str, Any]:
    """Latencies in ms of moves one by one, and how many of a quick row of keys are drawn."""
    figure.scroll_into_view_if_needed()
    if photo:
        figure.locator("xpath=ancestor::*[contains(@class, 'convlab-explorer')]").get_by_label("image").select_option(
            "photo"
        )
        page.wait_for_timeout(1000)
    figure.evaluate(WATCH)
    latencies: list[float] = []
    for slider, key in walk(sliders):
        slider.focus()
        page.evaluate("() => { window.keys = []; window.changes = []; }")
        page.keyboard.press(key)
        page.wait_for_timeout(SETTLES)  # an honest move starts when the last one has ended
        # A setting may look like the last one, such as a stride too long for a second place: no picture to wait for.
        latencies += page.evaluate("() => window.changes.slice(0, 1).map(drawn => drawn - window.keys[0])")
        if len(latencies) == MOVES:
            break
    widest, keys = longest(sliders)
    widest.focus()
    page.evaluate("() => { window.keys = []; window.changes = []; }")
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(APART)
    page.wait_for_timeout(1500)
    drawn, lag, spent = page.evaluate(
        "() => [window.changes.length, window.changes.at(-1) - window.keys.at(-1), window.keys.at(-1) - window.keys[0]]"
    )
    return {
        "median": round(statistics.median(latencies)),
        "p95": round(statistics.quantiles(latencies, n=20)[-1]),
        "drawn": drawn,
        "lag": round(lag),
        "between_keys": round(spent / (KEYS - 1)),
        "moves": [round(one, 1) for one in latencies],
    }


def walk(sliders: Locator) -> Iterator[tuple[Locator, str]]:
    """A slider and a key for each move: every slider in turn, up while it can and then down."""
    paths = [(one, bounce(*limits(one))) for one in sliders.all()]
    while True:
        for slider, keys in paths:
            yield slider, next(keys)


def longest(sliders: Locator) -> tuple[Locator, list[str]]:
    """The slider with the longest way, and the quick row of keys for it."""
    widest = max(sliders.all(), key=lambda one: limits(one)[2] - limits(one)[1])
    keys = bounce(*limits(widest))
    return widest, [next(keys) for _ in range(KEYS)]


def limits(slider: Locator) -> tuple[float, float, float]:
    """Value, least and most of a slider."""
    now, least, most = (float(slider.get_attribute(f"aria-value{name}") or 0) for name in ("now", "min", "max"))
    return now, least, most


def bounce(now: float, least: float, most: float) -> Iterator[str]:
    """Keys that go up to the end, down to the other end, and so on."""
    step = 1 if now < most else -1
    while True:
        yield "ArrowRight" if step > 0 else "ArrowLeft"
        now += step
        if now in (least, most):
            step = 1 if now == least else -1


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("only", nargs="*", help="some of the explorers")
    only = arguments.parse_args().only
    results: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        root, home = Path(folder, "course"), Path(folder, "home")
        root.mkdir()
        home.mkdir()
        course(root)
        with jupyterlab(root, home) as server, sync_playwright() as playwright, chromium(playwright) as browser:
            page = open_notebook(browser, server, "bench.ipynb")
            run_all(page)
            if problems := errors(page):
                raise SystemExit("\n".join(problems))
            page.wait_for_timeout(1000)
            for place, name in enumerate(EXPLORERS):
                for photo in (False, True):
                    title = f"{name}, photo" if photo else name
                    explorer = page.locator(".convlab-explorer").nth(place)
                    has_photo = explorer.locator("option", has_text="photo").count()
                    if (only and title not in only) or (photo and not has_photo):
                        continue
                    results[title] = measure(
                        page, explorer.locator("[role=slider]"), explorer.locator(".figure"), photo
                    )
            usual = page.locator(".widget-interact")
            results["@interact, a new figure"] = measure(
                page, usual.locator("[role=slider]"), usual.locator(".widget-output"), False
            )
    print(f"{'':26}{'median':>8}{'p95':>8}{'drawn of ' + str(KEYS):>14}{'lag':>8}")
    for name, one in results.items():
        print(f"{name:26}{one['median']:>5} ms{one['p95']:>5} ms{one['drawn']:>14}{one['lag']:>5} ms")
    artefacts = ROOT / "artefacts"
    artefacts.mkdir(exist_ok=True)
    (artefacts / "slider_latency.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
