"""The source of a function with all it needs: what is taken along, in which order, and what cannot be."""

import linecache
import subprocess
import sys
import textwrap
from itertools import count
from types import ModuleType

import numpy as np
import pytest
from convlab.closure import Closure, source_with_needs
from IPython.core.interactiveshell import InteractiveShell

numbers = count()


def cell(source, names=None):
    """The names that ``source`` defines, as those of a notebook's cell are defined."""
    source = textwrap.dedent(source).lstrip()
    filename = f"<cell {next(numbers)}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    names = {"__name__": "__main__"} if names is None else names
    exec(compile(source, filename, "exec", dont_inherit=True), names)
    return names


def alone(source):
    """The names that ``source`` defines in a namespace of its own."""
    names = {}
    exec(compile(source, "<alone>", "exec", dont_inherit=True), names)
    return names


def test_a_function_by_itself_is_its_own_lines():
    source = "def half(x):\n    # comments stay\n    return x / 2\n"
    assert source_with_needs(cell(source)["half"]) == source


def test_needs_come_first_and_once():
    names = cell("""
        import numpy as np
        from math import floor as down, ceil
        import os.path as paths
        SCALE = 2
        UNUSED = 3
        def helper(x):
            return down(x) * SCALE
        def other(x):
            return helper(x) + ceil(x)
        def f(x):
            return np.add(helper(x), other(x)) + len(paths.sep)
    """)
    source = source_with_needs(names["f"])
    assert alone(source)["f"](2.5) == names["f"](2.5)
    assert source.index("SCALE = 2") < source.index("def helper") < source.index("def other") < source.index("def f(")
    for once in ("import numpy as np", "from math import floor as down", "SCALE = 2", "def helper(x):"):
        assert source.count(once) == 1
    assert "UNUSED" not in source


def test_names_that_are_local_are_not_needs():
    names = cell("""
        import threading
        X = threading.Lock()
        h = threading.Lock()
        def f(X):
            total = sum(h for h in X)
            for h in X:
                total += h
            def inner(pad, k=2):
                return [pad * k for pad in X]
            return total, inner(1)
    """)
    source = source_with_needs(names["f"])
    assert "threading" not in source
    assert alone(source)["f"]([1, 2]) == names["f"]([1, 2])


def test_nested_functions_comprehensions_and_lambdas_count():
    names = cell("""
        import numpy as np
        A, B, C, D = 1, 2, 3, 4
        def g(x): return x + A
        def f(x):
            def inner():
                return [g(i) + B for i in range(x) if i < C]
            class Local:
                value = D
            return inner(), (lambda: np.pi)(), Local.value
    """)
    assert alone(source_with_needs(names["f"]))["f"](5) == names["f"](5)


def test_defaults_annotations_and_decorators_count():
    names = cell("""
        import functools
        from typing import Literal
        import numpy as np
        STEP = 3
        def twice(function):
            @functools.wraps(function)
            def called(*args):
                return 2 * function(*args)
            return called
        @functools.lru_cache
        def slow(x: int) -> "int":
            return x + 1
        @twice
        def f(x: np.ndarray, step=STEP, mode: Literal["max"] = "max") -> float:
            return slow(x) + step
    """)
    source = source_with_needs(names["f"])
    assert alone(source)["f"](4) == names["f"](4) == 16
    assert "@twice\ndef f" in source
    assert "@functools.lru_cache\ndef slow" in source


def test_recursion_and_mutual_recursion():
    names = cell("""
        def even(n): return n == 0 or odd(n - 1)
        def odd(n): return n != 0 and even(n - 1)
        def fact(n): return 1 if n < 2 else n * fact(n - 1)
    """)
    source = source_with_needs(names["even"])
    assert source.count("def even") == source.count("def odd") == 1
    assert alone(source)["even"](10) is True
    assert alone(source_with_needs(names["fact"]))["fact"](4) == 24


def test_constants_of_every_simple_kind():
    names = cell("""
        import numpy as np
        a, b, c, d = 1, -2.5, "two\\nlines", None
        e = (1, (2, "x"), [3.0])
        f = {"stride": 1, "pad": (0,), 3: [True]}
        g = float("inf")
        h = np.array([[1.5, -2.0], [0.1, np.nan]])
        i = np.array([[1, 2]], dtype=np.int32)
        j = np.zeros((0, 3))
        k = np.float32(0.1)
        l = [np.array([1.0]), np.int64(3)]
        m = ()
        def function(): return a, b, c, d, e, f, g, h, i, j, k, l, m
    """)
    got, want = alone(source_with_needs(names["function"]))["function"](), names["function"]()
    assert got[:7] == want[:7]
    assert got[12] == ()
    for one, other in zip(got[7:11], want[7:11], strict=True):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        np.testing.assert_array_equal(one, other)
    assert isinstance(got[11][0], np.ndarray)


def test_a_large_array_is_refused():
    names = cell("import numpy as np\nphoto = np.zeros((40, 40))\ndef f(): return photo\n")
    with pytest.raises(ValueError, match="photo is an array of 1600 numbers"):
        source_with_needs(names["f"])


def test_helpers_under_other_names_and_lambdas():
    names = cell("""
        def helper(x): return x + 1
        again = helper
        square = lambda x: x * x
        def f(x): return again(square(x))
    """)
    source = source_with_needs(names["f"])
    assert alone(source)["f"](3) == 10
    assert "again = helper" in source


def test_functions_and_classes_of_libraries_are_imported():
    names = cell("""
        import typing
        from numpy import float64 as real, maximum, pad
        from numpy.lib.stride_tricks import sliding_window_view as windows
        from collections.abc import Sequence
        from numpy.typing import NDArray
        from convlab.compare import agree
        from numpy import s_
        def f(x: Sequence, y: NDArray) -> typing.Any:
            return maximum(pad(real(x).reshape(1, 1), 1), 0), windows, agree, s_[1:]
    """)
    source = source_with_needs(names["f"])
    assert "from numpy import float64 as real" in source
    assert "from numpy.lib.stride_tricks import sliding_window_view as windows" in source
    assert "from convlab.compare import agree" in source
    assert "from numpy.typing import NDArray" in source
    np.testing.assert_array_equal(alone(source)["f"](2, None)[0], names["f"](2, None)[0])


@pytest.mark.parametrize(
    ("setup", "named"),
    [
        ("rng = np.random.default_rng(0)", "value uses rng, which is of type Generator"),
        ("class rng: pass", "value uses rng, which is of type type"),
        ("rng = open", None),
        ("rng = np.vectorize(lambda x: x)", "value uses rng, which is of type vectorize"),
        ("rng = [object()]", "value uses rng, which is of type list"),
        ("rng = {1: np.random}", "value uses rng, which is of type dict"),
        ("rng = [lambda x: x][0]", "The source of a lambda cannot be cut out"),
        (
            "def make(n):\n    def inner(): return n\n    return inner\nrng = make(1)",
            "inner uses n of a function",
        ),
        ("import students_module as rng", "value uses the module students_module, a file of yours"),
        ("exec('def rng(): pass')", "The source of rng cannot be found"),
    ],
)
def test_what_cannot_be_saved_is_named(setup, named, tmp_path, monkeypatch):
    (tmp_path / "students_module.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    names = cell(f"import numpy as np\n{setup}\ndef value(): return rng\n")
    if named is None:
        assert "import open as rng" in source_with_needs(names["value"])
    else:
        with pytest.raises(ValueError, match=named):
            source_with_needs(names["value"])


def test_what_is_no_python_function_is_refused():
    for function in (np.add, len, np.ndarray):
        with pytest.raises(ValueError, match="is no function written in Python"):
            source_with_needs(function)


def test_a_name_with_two_meanings_is_refused():
    first = cell("def helper(): return 1\ndef one(): return helper()\n")
    second = cell("def helper(): return 2\ndef two(): return helper() + one()\n", {"one": first["one"]})
    with pytest.raises(ValueError, match="The name helper means two different things"):
        source_with_needs(second["two"])


def test_the_same_helper_in_two_cells_is_no_clash():
    first = cell("import numpy as np\nK = 2.5\ndef one(): return np.pi * K\n")
    second = cell("import numpy as np\nK = 2.5\ndef two(): return one() + np.pi * K\n", {"one": first["one"]})
    assert alone(source_with_needs(second["two"]))["two"]() == second["two"]()


def test_names_to_leave_are_left():
    names = cell("""
        def zero_pad(x): return x
        pad = zero_pad
        def helper(x): return zero_pad(x)
        def conv(x): return conv_size(x) + helper(x)
        def conv_size(x): return x
        def use(x): return pad(x)
    """)
    closure = Closure(names["conv"], frozenset({"zero_pad", "conv_size", "conv", "unused"}))
    assert closure.left == {"zero_pad", "conv_size"}
    assert "def helper" in closure.text
    assert "def conv(" in closure.text
    assert "def zero_pad" not in closure.text
    source = source_with_needs(names["use"], frozenset({"zero_pad"}))
    assert "pad = zero_pad" in source
    assert "def zero_pad" not in source


def test_undefined_names_and_builtins_are_no_needs():
    names = cell("def f(x): return len(x) if x else undefined_name\n")
    assert source_with_needs(names["f"]).count("\n") == 1


def test_indented_definitions():
    names = cell("if True:\n    K = 2\n    def f(x):\n        return K * x\n")
    assert source_with_needs(names["f"]) == "K = 2\n\n\ndef f(x):\n    return K * x\n"


def test_a_module_with_future_annotations(tmp_path, monkeypatch):
    (tmp_path / "trusted_module.py").write_text(
        textwrap.dedent("""
        from __future__ import annotations
        from collections.abc import Mapping
        from typing import TYPE_CHECKING, Any
        import numpy as np
        if TYPE_CHECKING:
            from nowhere import Unknown
        class Own: ...
        LIMIT = 3
        def pool(A: np.ndarray, h: Mapping[str, int], x: Unknown = None, y: Own | None = None) -> Any:
            return _helper(A) + LIMIT
        def _helper(A: np.ndarray) -> np.ndarray:
            return A.sum()
        """)
    )
    monkeypatch.syspath_prepend(tmp_path)
    import trusted_module

    source = source_with_needs(trusted_module.pool)
    assert source.startswith("from __future__ import annotations\n")
    assert source.count("__future__") == 1
    assert "from collections.abc import Mapping" in source
    assert "class Own" not in source
    assert alone(source)["pool"](np.ones(2), {}) == 5
    assert "__future__" not in Closure(trusted_module.pool).text
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_helpers_of_an_installed_module_are_taken_when_the_function_is_its_own(tmp_path, monkeypatch):
    """The grader's solution module may be installed among the libraries."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "installed_solution.py").write_text("def f(x): return _helper(x)\ndef _helper(x): return x + 1\n")
    monkeypatch.syspath_prepend(folder)
    import installed_solution

    assert alone(source_with_needs(installed_solution.f))["f"](1) == 2


def test_functions_of_notebook_cells(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    try:
        shell.run_cell("import numpy as np\nfrom numpy import pad as widen")
        shell.run_cell("def frame(X, p):\n    return widen(X, p)")
        shell.run_cell("def zero_pad(X, pad):\n    return np.abs(frame(X, pad))")
        shell.run_cell("def frame(X, p):\n    return widen(X, p + 0)")
        source = source_with_needs(shell.user_ns["zero_pad"])
    finally:
        shell.history_manager.end_session()
        InteractiveShell.clear_instance()
    assert "p + 0" in source
    assert source.index("from numpy import pad as widen") < source.index("def frame") < source.index("def zero_pad")
    np.testing.assert_array_equal(alone(source)["zero_pad"](np.ones((1, 1)), 1), np.pad(np.ones((1, 1)), 1))


def test_a_module_that_is_no_file_is_imported():
    assert isinstance(sys, ModuleType)
    names = cell("import sys, math as m\ndef f(): return sys.maxsize, m.pi\n")
    assert source_with_needs(names["f"]).startswith("import math as m\nimport sys\n")
