"""Pictures of lesson 09: digits, how fast a layer is, curves while a network learns, and what it has learned."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlab.figures.student import student_picture
from convlab.network import softmax
from convlab.run import graded_run, notebook

#: What the speed of a layer is measured on, as in grading.
SHAPE_OF_A_PREV, SHAPE_OF_W = (4, 48, 48, 1), (3, 3, 1, 8)
#: Wrongly classified digits that are shown.
SHOWN = 12

Numbers = NDArray[Any]


def show_digits(images: Numbers, labels: Numbers) -> None:
    """Show the first twenty of the digits."""
    if graded_run():
        return
    from convlab.figures.grid import show

    figure = _small_images(images[:20], [str(label) for label in labels[:20]], columns=10)
    show(figure, f"Twenty of the digits, 8×8 pixels each: {', '.join(map(str, labels[:20]))}.")


def _small_images(images: Numbers, titles: list[str], columns: int) -> Any:
    from matplotlib.figure import Figure

    rows = -(-len(images) // columns)
    figure = Figure(figsize=(10, (1.25 if columns > 6 else 2.1) * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    for ax, image, title in zip(axes.flat, images, titles, strict=False):
        ax.imshow(image[:, :, 0], cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
        ax.set_title(title, fontsize=9)
    return figure


@student_picture
def compare_speed(conv_forward: Callable[..., Any], conv_forward_fast: Callable[..., Any]) -> None:
    """Print how long both take for the same images, and how far their results are apart."""
    rng = np.random.default_rng(0)
    A_prev, W, b = (rng.standard_normal(shape) for shape in (SHAPE_OF_A_PREV, SHAPE_OF_W, (1, 1, 1, SHAPE_OF_W[-1])))
    hparameters = {"stride": 1, "pad": 1}

    def timed(forward: Callable[..., Any], times: int) -> tuple[float, Any]:
        taken = []
        for _ in range(times):
            began = time.perf_counter()
            Z, _ = forward(A_prev, W, b, hparameters)
            taken.append(time.perf_counter() - began)
        return min(taken), Z

    fast, Z_fast = timed(conv_forward_fast, 5)
    slow, Z_slow = timed(conv_forward, 1)
    off = np.abs(np.asarray(Z_fast) - np.asarray(Z_slow)).max()
    print(f"A_prev {A_prev.shape}, W {W.shape}, stride 1, pad 1: {np.size(Z_slow):,} numbers in Z")
    print(f"    your conv_forward:      {slow * 1000:8.1f} ms")
    print(f"    your conv_forward_fast: {fast * 1000:8.1f} ms, {slow / fast:.0f} times as fast")
    print(f"    largest difference of the two results: {off:.0e}")


@student_picture
def show_relu(relu: Callable[..., Any], relu_backward: Callable[..., Any]) -> None:
    """Show ReLU and the gradient that passes it where 1 arrives."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import show

    Z = np.linspace(-3, 3, 62)  # none of them is 0
    A, cache = relu(Z)
    dZ = relu_backward(np.ones(Z.shape), cache)
    figure = Figure(figsize=(9, 3), layout="constrained")
    for ax, values, title in zip(figure.subplots(1, 2), (A, dZ), ("A = relu(Z)", "dZ where dA is 1"), strict=True):
        ax.plot(Z, values, color="#00224e", linewidth=2.5)
        ax.set(title=title, xlabel="Z", xlim=(-3, 3))
        ax.grid(alpha=0.3)
    at = [int(np.abs(Z - z).argmin()) for z in (-2, 2)]
    show(
        figure,
        f"Your functions from -3 to 3. Near Z = -2 they give {A[at[0]]:.2g} and the gradient {dZ[at[0]]:.2g}, "
        f"near Z = 2 they give {A[at[1]]:.2g} and the gradient {dZ[at[1]]:.2g}.",
    )


class Curves:
    """Cost and accuracy while a network learns, drawn anew in the same place whenever `add` is called.

    ``costs`` has a number for each batch, ``learned`` and ``tested`` an accuracy for each epoch.  In a graded run, and
    where there is no notebook, nothing is drawn.
    """

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs
        self.costs: list[float] = []
        self.learned: list[float] = []
        self.tested: list[float] = []
        self._picture: Any = None
        self._words: Any = None
        if not graded_run() and notebook() is not None:
            self._build()

    def _build(self) -> None:
        from IPython.display import display
        from matplotlib.figure import Figure

        self._figure = Figure(figsize=(10, 3.4), layout="constrained")
        left, right = self._figure.subplots(1, 2)
        (self._cost,) = left.plot([], [], color="0.75", linewidth=0.8, label="each batch")
        (self._smooth,) = left.plot([], [], color="#00224e", label="mean of an epoch", marker="o", markersize=4)
        left.set(xlim=(0, self.epochs), ylim=(0, 2.5), xlabel="epoch", ylabel="cost", title="Cost")
        (self._learned,) = right.plot([], [], color="#00224e", label="digits it learns from", marker="o", markersize=4)
        (self._tested,) = right.plot(
            [], [], color="#b1182b", linestyle="--", label="digits of the test", marker="s", markersize=4
        )
        right.set(xlim=(0, self.epochs), ylim=(0.5, 1.0), xlabel="epoch", ylabel="accuracy", title="Accuracy")
        for ax in (left, right):
            ax.set_xticks(range(self.epochs + 1))
            ax.grid(alpha=0.3)
            ax.legend(fontsize=8)
        self._picture = display(self._drawn(), display_id=True)
        self._words = display(self._sentence(), display_id=True, raw=True)

    def add(self, costs: list[float], learned: float, tested: float) -> None:
        """One more epoch: the cost of each of its batches, and both accuracies after it."""
        self.costs += costs
        self.learned.append(learned)
        self.tested.append(tested)
        if self._picture is None:
            return
        epochs = np.arange(1, len(self.tested) + 1)
        self._cost.set_data(np.linspace(0, len(epochs), len(self.costs)), self.costs)
        self._smooth.set_data(epochs - 0.5, [np.mean(one) for one in np.array_split(self.costs, len(epochs))])
        self._learned.set_data(epochs, self.learned)
        self._tested.set_data(epochs, self.tested)
        self._picture.update(self._drawn())
        self._words.update(self._sentence(), raw=True)

    def _drawn(self) -> Any:
        from IPython.display import Image

        picture = io.BytesIO()
        self._figure.savefig(picture, format="png", dpi=144)  # without cutting margins off: its size stays the same
        return Image(data=picture.getvalue(), format="png", width=720, height=245, alt=self._told())

    def _told(self) -> str:
        if not self.tested:
            return f"Cost and accuracy of {self.epochs} epochs, of which none is over yet."
        last = np.array_split(self.costs, len(self.tested))[-1]
        return (
            f"After {len(self.tested)} of {self.epochs} epochs: cost {np.mean(last):.3f}, "
            f"accuracy {self.learned[-1]:.1%} on the digits it learns from "
            f"and {self.tested[-1]:.1%} on those of the test."
        )

    def _sentence(self) -> dict[str, str]:
        return {"text/plain": self._told(), "text/html": f"<p>{self._told()}</p>"}


def show_filters(parameters: Mapping[str, Any]) -> None:
    """Show the filters of the first layer."""
    if graded_run():
        return
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    W = np.asarray(parameters["W1"])[:, :, 0]
    most = float(np.abs(W).max())
    figure = Figure(figsize=(10, 5.4), layout="constrained")
    for k, ax in enumerate(figure.subplots(2, -(-W.shape[-1] // 2)).flat):
        number_grid(ax, W[:, :, k].round(2), f"filter {k}", signed=True, limits=(-most, most))
    show(figure, f"The {W.shape[-1]} filters of the convolution, with weights from {W.min():.2f} to {W.max():.2f}.")


@student_picture
def show_confusion(network_forward: Callable[..., Any], parameters: Mapping[str, Any], test: Any) -> None:
    """Show how often each digit of the test was taken for which."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    said = np.asarray(network_forward(test.images, parameters)[0]).argmax(axis=1)
    counts = np.zeros((10, 10), dtype=int)
    np.add.at(counts, (test.labels, said), 1)
    off = counts - np.diag(np.diag(counts))
    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    ax = figure.subplots()
    number_grid(ax, counts, "", limits=(0, max(5, int(off.max()))))
    ax.set(xlabel="what the network says", ylabel="what it is")
    right = int(np.trace(counts))
    sentence = f"Of the {len(said)} digits of the test {right} are read rightly ({right / len(said):.1%}). "
    if off.any():
        true, taken = (int(i) for i in np.unravel_index(off.argmax(), off.shape))
        sentence += f"The most frequent mistake: a {true} is taken for a {taken}, {off.max()} times. "
    show(figure, f"{sentence}Rows are what a digit is, columns what the network says.")


@student_picture
def show_mistakes(network_forward: Callable[..., Any], parameters: Mapping[str, Any], test: Any) -> None:
    """Show digits of the test that are classified wrongly, the surest mistakes first."""
    from convlab.figures.grid import show

    probabilities = softmax(np.asarray(network_forward(test.images, parameters)[0]))
    said = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(said != test.labels)
    wrong = wrong[np.argsort(-probabilities[wrong, said[wrong]])]
    if not wrong.size:
        print("Every digit of the test is read rightly.")
        return
    titles = [f"{test.labels[i]}, read as {said[i]}\n({probabilities[i, said[i]]:.0%})" for i in wrong[:SHOWN]]
    figure = _small_images(test.images[wrong[:SHOWN]], titles, columns=6)
    told = "; ".join(title.replace("\n", " ") for title in titles)
    show(figure, f"{len(wrong)} of {len(said)} digits are read wrongly, the surest mistakes first: {told}.")
