"""What explorers show: in every setting, by right functions and by wrong ones."""

import inspect
import itertools
import math
import random
import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from convlab import explore
from convlab.explore.images import filter_of, left_over, photo, places
from convlab.explore.palettes import PALETTES, colour
from convlab.explore.scene import Choice, Impossible, Panel, Scene, Slider, Window, numbers, short
from convlab.explore.show import scene_of
from convlab.explore.still import svg
from convlab.figures.convolution import FILTERS

from autograder import solution
from autograder.stills import EXPLORERS, KNOWN

#: Explorers with so many settings that every third is tried.
SLOW = ("conv_gradients", "pooling", "convolution", "feature_maps")
BUILT = {name: explorer for lesson in EXPLORERS.values() for name, explorer in lesson.items()}
#: More settings than this are not tried one by one.
MOST = 20_000
IMPOSSIBLE = re.compile("does not fit|takes a vector|takes a volume|There is no layer")


@pytest.fixture(autouse=True)
def not_graded(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)


def settings(explorer):
    """Every setting that the controls allow, or as many of them as can be tried."""
    ways = [
        [(one.name, value) for value in (one.options if isinstance(one, Choice) else range(one.least, one.most + 1))]
        for one in explorer.controls
    ]
    if math.prod(map(len, ways)) > MOST:
        rng = random.Random(7)
        return [dict(map(rng.choice, ways)) for _ in range(MOST // 20)]
    return [dict(way) for way in itertools.product(*ways)]


def scene(name, **changes):
    explorer = BUILT[name]
    return explorer.draw(**{**explorer.settings(), **changes})


def values(shown, panel):
    return next(one for one in shown.panels if one.name == panel).values


@pytest.mark.parametrize("name", BUILT)
def test_every_setting_has_a_picture_or_a_reason(name):
    for setting in settings(BUILT[name])[:: 3 if name in SLOW else 1]:
        shown = scene_of(BUILT[name], setting)
        if shown.message:
            assert IMPOSSIBLE.search(shown.message), setting
            continue
        assert shown.stepped in [panel.name for panel in shown.panels]
        assert str(len(values(shown, shown.stepped))) in shown.formula or "yours" in shown.formula
        assert "{" not in shown.told()
        shown.packed()


@pytest.mark.parametrize("name", BUILT)
def test_colours_of_signed_values_are_centred_and_fit(name):
    for setting in settings(BUILT[name])[::7]:
        for panel in scene_of(BUILT[name], setting).panels:
            low, high = panel.limits
            assert low < high
            assert (low == -high) if panel.colours == "signed" else (low == 0)
            if panel.colours != "signed" and name != "convolution":
                assert panel.values.min() >= 0


@pytest.mark.parametrize("name", BUILT)
def test_the_browser_says_what_the_still_says(name):
    """Both fill in the same template with the same facts."""
    shown = scene(name)
    told = shown.step_at(*shown.start)
    assert told
    assert told in shown.told()
    assert "{" not in told


def test_the_lessons_worked_example_is_there():
    shown = scene("convolution", stride=2)
    assert "n_H = ⌊(7 − 3 + 2·0)/2⌋ + 1 = 3" in shown.formula
    Z, _ = solution.conv_forward(
        values(shown, "A_prev").reshape(1, 7, 7, 1),
        filter_of("Sobel x", 3).reshape(3, 3, 1, 1),
        np.zeros((1, 1, 1, 1)),
        {"stride": 2, "pad": 0},
    )
    assert np.array_equal(values(shown, "Z"), Z[0, :, :, 0])
    assert np.allclose(values(shown, "products").sum(axis=(2, 3)), values(shown, "Z"))


def test_padding_counts_how_often_a_pixel_is_seen():
    shown = scene("padding", pad=2)
    assert (values(shown, "seen, pad 2") == 9).all()
    assert values(shown, "seen, pad 0").tolist() == [[1, 2, 2, 1]] * 3
    assert shown.step_at(0, 0) == "X_pad[0, 0] = 0 is padding."
    assert shown.step_at(4, 5) == "X_pad[4, 5] = 12 is X[2, 3]."


def test_a_window_that_does_not_fit_is_told():
    with pytest.raises(Impossible, match=r"f = 5, but n_H_prev \+ 2·pad = 4 \+ 2·0 = 4\..*\n.*f of at most 4"):
        scene("convolution", image="numbers 4×5", f=5)
    with pytest.raises(Impossible, match="f = 5, but the image has only 4 rows"):
        scene("pooling", image="example 4×4", f=5)
    assert "does not fit" in scene("padding", pad=0, f=5).sentence


@pytest.mark.parametrize(
    ("n_prev", "f", "stride", "pad", "text"),
    [
        ((7, 7), 3, 2, 0, ""),
        ((8, 7), 3, 2, 0, " The last row is left over: one more step would stick out."),
        ((7, 8), 3, 2, 0, " The last column is left over: one more step would stick out."),
        ((9, 8), 2, 3, 0, " The last row is left over: one more step would stick out."),
        ((7, 7), 2, 3, 0, " The last 2 rows and the last 2 columns are left over: one more step would stick out."),
        ((6, 7), 3, 2, 1, " The last row is left over: one more step would stick out."),
    ],
)
def test_what_is_left_over_is_told(n_prev, f, stride, pad, text):
    told = left_over(n_prev, f, stride, pad)
    assert told == text or (text == " The last row is left over: one more step would stick out." and "row" in told)


def test_places_follow_the_formula():
    assert places((7, 8), 3, 2, 1)[0] == (4, 4)
    assert places((7, 8), 3, 2)[1] == "n_H = ⌊(7 − 3)/2⌋ + 1 = 3     n_W = ⌊(8 − 3)/2⌋ + 1 = 3"


def test_filters_are_those_of_the_lesson():
    for name, weights in FILTERS.items():
        assert np.allclose(filter_of(name, 3), weights), name
    for name, f in itertools.product(FILTERS, (2, 4, 5)):
        assert filter_of(name, f).shape == (f, f)
    assert filter_of("Sobel x", 5)[2].tolist() == [-6, -12, 0, 12, 6]
    with pytest.raises(ValueError, match="no filter called 'none'"):
        filter_of("none", 3)


def test_the_photo_is_small_enough_for_loops():
    assert max(photo().shape) <= 33
    assert 0 <= photo().min() < photo().max() <= 1


def test_shifted_spots_change_two_outputs():
    shown = scene("pooling", image="two spots 7×7", shift=1)
    assert "2 of 9 outputs differ" in shown.sentence
    assert len(next(panel for panel in shown.panels if panel.name == "A").marked) == 2


def test_the_gradient_of_one_entry_is_a_copy_of_the_filter_and_of_the_pixels():
    shown = scene("conv_gradients")
    dZ, dA_prev, dW = (values(shown, name) for name in ("dZ", "dA_prev", "dW"))
    assert np.array_equal(dA_prev[0, 1][:3, 1:4], dZ[0, 1] * filter_of("Sobel x", 3))
    assert np.array_equal(dW[0, 1], dZ[0, 1] * values(shown, "A_prev")[:3, 1:4])
    assert np.array_equal(values(shown, "db")[:, :, 0, 0], dZ)
    together = scene("conv_gradients", arrives="all of dZ")
    assert np.allclose(values(together, "dA_prev"), dA_prev.sum(axis=(0, 1)))
    assert np.allclose(values(together, "dW"), dW.sum(axis=(0, 1)))


def test_the_gradient_check_agrees_and_finds_a_mistake():
    assert "they agree." in scene("conv_gradients", show="numerical").sentence
    wrong = explore._conv_gradients(
        lambda dZ, cache: (*solution.conv_backward(dZ, cache)[:2], 2 * dZ.sum(keepdims=True)), solution.conv_forward
    )
    shown = wrong.draw(**{**wrong.settings(), "show": "yours − numerical"})
    assert "not the same." in shown.sentence
    assert (values(shown, "dA_prev") == 0).all()
    assert not (values(shown, "db") == 0).all()


def test_overlapping_windows_add_up():
    shown = scene("pool_gradients", stride=1)
    assert values(shown, "dA_prev")[2, 2] == 28
    assert "Windows overlap" in shown.sentence
    ties = scene("pool_gradients", image="with ties 5×5")
    assert values(ties, "dA · mask")[0, 0].tolist() == [[4, 0], [0, 4]]


def not_written(*arguments):
    raise NotImplementedError


BUILDERS = {name: getattr(explore, f"_{name}") for name in BUILT}


def arguments(name, function):
    """What an explorer is called with where every function of the student's is this one."""
    names = inspect.signature(BUILDERS[name]).parameters
    return [KNOWN if one == "parameters" else function for one in names]


def built_of(name, function):
    return BUILDERS[name](*arguments(name, function))


def message(name, function):
    explorer = built_of(name, function)
    return scene_of(explorer, explorer.settings()).message


@pytest.mark.parametrize("name", BUILT)
def test_a_function_that_is_not_written_is_told(name):
    assert message(name, not_written) == "not_written is not written yet: this picture appears when it is."


@pytest.mark.parametrize("name", BUILT)
@pytest.mark.parametrize("answer", [None, 3, "text", np.zeros(3), (1, 2), (np.zeros((1, 2, 2, 1)), ()), {}, [[]]])
def test_what_cannot_be_drawn_is_told(name, answer):
    def wrong(*arguments):
        return answer

    told = message(name, wrong)
    if repr(answer) == {"window": "3", "same_padding": "(1, 2)"}.get(name):  # that can be drawn
        assert told == ""
    else:
        assert told.startswith("There is no picture of what wrong returned")


@pytest.mark.parametrize("name", BUILT)
def test_a_function_that_raises_is_told_with_its_line(name):
    def wrong(*arguments):
        return arguments[99]

    told = message(name, wrong)
    assert told.startswith("wrong does not run yet, so there is no picture. It stopped with\n    IndexError")
    assert "return arguments[99]" in told


@pytest.mark.parametrize("name", BUILT)
def test_a_function_that_changes_its_input_spoils_nothing(name):
    before = svg(scene(name))

    def spoils(*arguments):
        for one in (*arguments, *(arguments[1] if isinstance(arguments[-1], tuple) else ())):
            if isinstance(one, np.ndarray):
                one[...] = 99
        return np.zeros((1, 1, 1, 1))

    message(name, spoils)
    assert svg(scene(name)) == before


def test_nan_is_drawn():
    def broken(X, pad):
        return np.full_like(np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0))), np.nan)

    explorer = explore._padding(broken)
    shown = scene_of(explorer, explorer.settings())
    assert "nan" in svg(shown)


@pytest.mark.parametrize("name", BUILT)
def test_stills_are_whole_and_always_the_same(name):
    shown = scene(name)
    text = svg(shown)
    tree = ElementTree.fromstring(text)
    assert shown.sentence in tree.find("{*}title").text
    assert text == svg(scene(name))
    texts = [one.text for one in tree.iter("{http://www.w3.org/2000/svg}text")]
    for panel in shown.panels:
        assert panel.name in texts


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.0, "3"), (-0.0, "0"), (0.125, "0.12"), (2 / 3, "0.67"), (1e-9, "1.0e-09"), (123.4, "123"), (np.nan, "nan")],
)
def test_numbers_are_short(value, text):
    assert short(value) == text


def test_colours_reach_from_end_to_end():
    assert colour(-1, "signed", (-1, 1)).tolist() == PALETTES["signed"][0]
    assert colour(0, "signed", (-1, 1)).tolist() == [255, 255, 255]
    assert colour(9, "magnitude", (0, 9)).tolist() == PALETTES["magnitude"][-1]
    assert colour(99, "magnitude", (0, 9)).tolist() == PALETTES["magnitude"][-1]


def test_palettes_are_matplotlibs():
    from matplotlib import colormaps

    for name, mine in (("cividis", "magnitude"), ("RdBu_r", "signed"), ("gray", "gray")):
        for value in np.linspace(0, 1, 21):
            theirs = np.array(colormaps[name](value)[:3]) * 255
            assert np.abs(colour(value, mine, (0, 1)) - theirs).max() < 12, (name, value)


def test_numbers_says_what_came_instead():
    with pytest.raises(ValueError, match=r"Z has the shape \(2,\), and \(3,\) was expected"):
        numbers([1, 2], (3,), "Z")
    with pytest.raises(TypeError, match="Z is None, not an array of numbers"):
        numbers(None, (3,), "Z")


def test_packed_scenes_hold_the_numbers_as_bytes():
    panel = Panel("Z", np.array([[1, 2], [3, 4]]), window=Window(2, 3, -1), frame=1)
    packed = Scene(rows=((panel,),), stepped="Z").packed()["rows"][0][0]
    assert np.frombuffer(packed["values"], "<f4").tolist() == [1, 2, 3, 4]
    assert packed["window"] == [2, 3, -1]
    assert packed["stepped"]
    assert packed["shape"] == [2, 2]


@pytest.mark.parametrize("name", BUILT)
def test_controls_begin_within_their_limits(name):
    controls = BUILT[name].controls
    assert len(controls) >= 3
    for one in controls:
        if isinstance(one, Slider):
            assert one.least <= one.value <= one.most


@pytest.mark.parametrize("name", BUILT)
def test_a_graded_run_shows_nothing(name, monkeypatch, capsys):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    getattr(explore, name)(*arguments(name, lambda *given: 1 / 0))
    assert capsys.readouterr() == ("", "")


def test_where_there_is_no_notebook_the_sentence_is_printed(capsys):
    explore.padding(solution.zero_pad)
    assert capsys.readouterr().out.startswith("With pad = 1 your zero_pad makes 5×6 pixels of 3×4.")


def test_importing_explorers_is_light():
    heavy = ("ipywidgets", "matplotlib", "IPython")
    code = f"import sys; from convlab import explore; print([one for one in {heavy} if one in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
