"""All there is about grading `create_mask_from_window`: where in a window the maximum is."""

from __future__ import annotations

from typing import Any

import numpy as np
from convlab.compare import AnyOf

from autograder import solution
from autograder.exercise import VISIBLE, Case, Criterion, Exercise, Wrong, untouched, whole
from autograder.exercises.drawing import integers, normal

FORMULA = "The mask has the shape of x."


def any_of(answers: list[Any]) -> Any:
    """The one answer where all are equal, else `AnyOf` the different ones."""
    different: list[Any] = []
    for answer in answers:
        if not any(np.array_equal(answer, other) for other in different):
            different.append(answer)
    return different[0] if len(different) == 1 else AnyOf(tuple(different))


def later_larger(x: np.ndarray) -> np.ndarray:
    """Numbers in the order of those in ``x``, except that of equal ones the later is now the larger."""
    return np.argsort(np.argsort(x, axis=None, kind="stable")).reshape(x.shape)


def truth(x: np.ndarray) -> Any:
    """The mask; of several maxima all may be marked, or the first, the last, or each with its share."""
    mask = solution.create_mask_from_window
    return any_of([mask(x), mask(x, ties="first"), mask(x, ties="shared"), mask(later_larger(x))])


def draw(rng: np.random.Generator) -> dict[str, list[Case]]:
    """Groups of cases by what they look at; positive and with one maximum unless a note says so."""

    def peaked(*shape: int, at: tuple[int, int]) -> np.ndarray:
        window = normal(rng, *shape) + 4.0
        window[at] += 6.0
        return window

    whole_numbers = integers(rng, 3, 3)
    whole_numbers[2, 1] = rng.integers(10, 20)
    whole_negatives = integers(rng, 2, 3, low=-9, high=-3)
    whole_negatives[1, 0] = -2
    zero_at_most = integers(rng, 3, 3, low=-9, high=-1)
    zero_at_most[1, 1] = 0
    negative = normal(rng, 3, 3) - 4.0
    negative[0, 2] = -0.5
    mixed = normal(rng, 3, 3)
    mixed[1, 0] = -7.5
    relu = np.zeros((3, 3))
    relu[0, 0] = relu[1, 0] = relu[2, 2] = rng.uniform(1.5, 3.0)
    repeated = integers(rng, 2, 2, low=-4, high=-1)
    repeated[0, 1] = repeated[1, 0] = 5
    return {
        VISIBLE: [
            Case((whole_numbers,), "a 3×3 window of integers"),
            Case((whole_negatives,), "2 rows and 3 columns of negatives only"),
            Case((zero_at_most,), "a 3×3 window whose maximum is 0"),
        ],
        "one maximum": [
            Case((peaked(2, 2, at=(0, 0)),), "the maximum in the first corner"),
            Case((peaked(3, 3, at=(2, 1)),), "the maximum in the last row"),
            Case((peaked(2, 4, at=(1, 3)),), "2 rows and 4 columns, the maximum in the last corner"),
        ],
        "negatives": [
            Case((negative,), "a window of negatives only"),
            Case((mixed,), "a negative that is larger than all others without its sign"),
        ],
        "ties": [
            Case((relu,), "a maximum that comes three times, among zeros"),
            Case((repeated,), "integers with a maximum that comes twice"),
            Case((np.zeros((2, 2)),), "a window of zeros, as after a ReLU"),
        ],
    }


def published() -> list[Case]:
    """The examples of the visible check: the published one, and two to check by hand."""
    return [
        Case((np.array([[-1, 2, 3], [2, -3, 2], [1, 5, -2]]),), "a 3×3 window whose maximum is 5"),
        Case((np.array([[-4, -3, -9], [-2, -7, -8]]),), "negatives only: the maximum is -2"),
        Case((np.array([[-5, -8, -1], [-6, 0, -3], [-2, -9, -7]]),), "a 3×3 window whose maximum is 0"),
    ]


CRITERIA = (
    Criterion(
        "one maximum",
        0.25,
        "one maximum",
        whole("the mask"),
        "A mask of the window's shape, true where the maximum is and false elsewhere",
        "Compare every entry of the window with the one largest entry of the whole window.",
    ),
    Criterion(
        "negatives",
        0.25,
        "negatives",
        whole("the mask"),
        "Windows with negatives, and of negatives only",
        "Of -3 and -5 the larger is -3: look for a comparison with 0 or an absolute value.",
    ),
    Criterion(
        "ties",
        0.25,
        "ties",
        whole("the mask"),
        "A maximum that comes several times: all of them, the first or last, or equal shares",
        "Try a window of zeros, which is common after a ReLU: at least one entry must be marked.",
    ),
    Criterion(
        "arguments left alone",
        0.25,
        "one maximum",
        untouched(whole("the mask"), "x"),
        "The window itself is left as it was",
        "Make a new array for the mask. The window is often a view of the "
        "image: what is written to it changes the image.",
    ),
)


def _started_at_zero(x: Any) -> Any:
    largest = 0
    for value in np.ravel(x):
        largest = max(largest, value)
    return x == largest


def _square_loops(x: Any) -> Any:
    mask = np.zeros(np.shape(x))
    for i in range(len(x)):
        for j in range(len(x)):
            mask[i, j] = x[i, j] == np.max(x)
    return mask


def _loops_one_short(x: Any) -> Any:
    mask = np.zeros(np.shape(x))
    for i in range(x.shape[0] - 1):
        for j in range(x.shape[1] - 1):
            mask[i, j] = x[i, j] == np.max(x)
    return mask


def _written_into_window(x: Any) -> Any:
    largest = x == np.max(x)
    x[largest], x[~largest] = 1, 0
    return x


WRONG = (
    Wrong(
        "position",
        lambda x: np.argmax(x),
        "You return where the maximum is as one number. What is asked for is a mask: an array as large as the window.",
    ),
    Wrong(
        "maximum-itself",
        lambda x: np.max(x),
        "You return the maximum. The next step is to compare the window with it: a mask says which entries equal it.",
    ),
    Wrong(
        "values-kept",
        lambda x: np.where(x == np.max(x), x, 0),
        "You return the maximum's value in its place. A mask holds only true and false (or 1 and 0); the "
        "gradient comes in later.",
    ),
    Wrong(
        "inverted",
        lambda x: x != np.max(x),
        "Your mask is true everywhere except at the maximum. Look at the comparison.",
    ),
    Wrong(
        "maximum-of-each-row",
        lambda x: x == np.max(x, axis=1, keepdims=True),
        "You mark the maximum of each row. The pooling window has one maximum over rows and columns "
        "together: look at `axis`.",
    ),
    Wrong(
        "maximum-of-each-column",
        lambda x: x == np.max(x, axis=0),
        "You mark the maximum of each column. The pooling window has one maximum over rows and columns "
        "together: look at `axis`.",
    ),
    Wrong("minimum", lambda x: x == np.min(x), "You mark the smallest entry. Max pooling passed on the largest one."),
    Wrong(
        "absolute-values",
        lambda x: np.abs(x) == np.max(np.abs(x)),
        "You compare without the sign, so that -9 counts as larger than 5. "
        "Look for an `abs`: a maximum keeps the signs.",
    ),
    Wrong(
        "started-at-zero",
        _started_at_zero,
        "Your search for the maximum starts at 0, so it finds nothing in a window of negatives. Look at "
        "the value you begin with.",
    ),
    Wrong(
        "positive-only",
        lambda x: (x == np.max(x)) & (x > 0),
        "You leave out maxima that are 0 or negative. That mixes the ReLU into the pooling: a maximum "
        "counts whatever its sign.",
    ),
    Wrong(
        "not-negative",
        lambda x: x >= 0,
        "You mark every entry that is not negative. Compare with the maximum of the window, not with 0.",
    ),
    Wrong(
        "larger-than-all-others",
        lambda x: np.array([np.sum(value <= x) == 1 for value in np.ravel(x)]).reshape(np.shape(x)),
        "You mark an entry only when it is larger than every other one, so where the maximum comes twice "
        "nothing is marked. Think of a window of zeros after a ReLU.",
    ),
    Wrong(
        "square-loops",
        _square_loops,
        "Both of your loops run over the number of rows. Windows can be wider than high: look at how far "
        "the loop over columns goes.",
    ),
    Wrong(
        "loops-one-short",
        _loops_one_short,
        "Your loops end one row and one column too early, so a maximum at the edge is missed. `range(n)` "
        "already stops before n.",
    ),
    Wrong(
        "written-into-window",
        _written_into_window,
        "You write the mask into the window you were given, and so overwrite the image it comes from. Put "
        "the mask into an array of its own.",
    ),
    Wrong(
        "removed-numpy-name",
        lambda x: (x == np.max(x)).astype(np.bool8),  # type: ignore[attr-defined]
        "`np.bool8` is no longer part of NumPy. A comparison already gives a boolean array.",
    ),
)

EXERCISE = Exercise(
    name="create_mask_from_window",
    lesson="06-pool-backward",
    visible_points=1,
    criteria=CRITERIA,
    draw=draw,
    published=published,
    wrong=WRONG,
    returns=("the mask",),
    formula=FORMULA,
    truth=truth,
)
