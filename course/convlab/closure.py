"""The source text of a function together with all it needs, so that it runs on its own."""

from __future__ import annotations

import ast
import builtins
import inspect
import symtable
import sys
import textwrap
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlab.origin import is_library

FUTURE = "from __future__ import annotations"
#: Larger arrays are data, and no constant of a function.
LARGEST_ARRAY = 1000


def source_with_needs(function: Callable[..., Any], leave: frozenset[str] = frozenset()) -> str:
    """The source of ``function`` after that of all that it needs of its module or notebook, each thing once.

    What it needs are functions that are not a library's, imports, and constants: numbers, strings, small
    arrays, and tuples, lists and dicts of these. The text begins with ``from __future__ import annotations``
    where one of the functions was written under it. Names in ``leave`` are not followed: whoever runs the
    text supplies them.

    Raises ValueError, naming what it is, for anything that cannot be written down as source.
    """
    closure = Closure(function, leave)
    return f"{FUTURE}\n\n{closure.text}" if closure.future else closure.text


class Closure:
    """A function and all it needs.

    ``text`` is the source without ``from __future__ import annotations``, ``future`` says whether it was
    written under that, and ``left`` holds the names it needs that were to be left.
    """

    def __init__(self, function: Callable[..., Any], leave: frozenset[str] = frozenset()) -> None:
        self.future = False
        self.left: set[str] = set()
        self._imports: set[str] = set()
        self._constants: list[str] = []
        self._functions: list[str] = []
        self._meaning: dict[str, str] = {}
        root = inspect.unwrap(function)
        if not isinstance(root, FunctionType):
            raise ValueError(f"{_called(function)} is no function written in Python.")
        self._module = root.__globals__
        self._leave = leave - {root.__name__}
        self._add_function(root)

    @property
    def text(self) -> str:
        """Imports, constants and functions, in an order in which they run."""
        imports = sorted(self._imports, key=lambda line: (line.startswith("from"), line))
        head = ["\n".join(lines) for lines in (imports, self._constants) if lines]
        return "\n\n\n".join(["\n\n".join(head), *self._functions] if head else self._functions) + "\n"

    def _add_function(self, function: FunctionType) -> str:
        """Add a function after all it needs, and return the name that its source gives it."""
        name, source = _definition(function)
        if not self._means(name, source):
            return name
        if free := function.__code__.co_freevars:
            raise ValueError(f"{name} uses {free[0]} of a function around it, which has no source of its own.")
        future = bool(function.__code__.co_flags & annotations.compiler_flag)
        self.future |= future
        required = _global_names(f"{FUTURE}\n{source}" if future else source)
        for needed in sorted(_global_names(source)):
            try:
                self._add(needed, function.__globals__, name)
            except ValueError:
                if needed in required:
                    raise
                # Only annotations name it, and under the future statement they are never evaluated.
        self._functions.append(source)
        return name

    def _add(self, name: str, names: dict[str, Any], user: str) -> None:
        """Add what ``name`` stands for among the global ``names`` of ``user``, if anything."""
        if name not in names or (name in vars(builtins) and names[name] is vars(builtins)[name]):
            return
        if name in self._leave:
            self.left.add(name)
            return
        value = names[name]
        if isinstance(value, ModuleType):
            self._import_module(name, value, user)
            return
        literal = self._literal(value, name)
        if literal is not None:
            if self._means(name, literal):
                self._constants.append(f"{name} = {literal}")
            return
        plain = inspect.unwrap(value) if callable(value) else value
        if isinstance(plain, FunctionType) and self._is_own(plain):
            self._add_own(name, plain)
        elif statement := _import_of(name, value):
            if self._means(name, statement):
                self._imports.add(statement)
        else:
            raise ValueError(
                f"{user} uses {name}, which is of type {type(value).__name__} and cannot be saved as source."
            )

    def _is_own(self, function: FunctionType) -> bool:
        return function.__globals__ is self._module or not is_library(function.__code__.co_filename)

    def _add_own(self, name: str, function: FunctionType) -> None:
        """Add a function that its user calls ``name``; where it was defined with another, under both."""
        if function.__name__ in self._leave:
            self.left.add(function.__name__)
            defined = function.__name__
        else:
            defined = self._add_function(function)
        if defined != name and self._means(name, f"{name} = {defined}"):
            self._functions.append(f"{name} = {defined}")

    def _import_module(self, name: str, module: ModuleType, user: str) -> None:
        file = getattr(module, "__file__", None)
        if module.__name__ == "__main__" or (file is not None and not is_library(file)):
            raise ValueError(
                f"{user} uses the module {module.__name__}, a file of yours that is not saved with it. "
                "Write what it needs of it in the notebook."
            )
        statement = f"import {module.__name__}" + (f" as {name}" if name != module.__name__ else "")
        if self._means(name, statement):
            self._imports.add(statement)

    def _means(self, name: str, text: str) -> bool:
        """Note what ``name`` means; whether that is news.

        Raises ValueError when it means something else already.
        """
        known = self._meaning.get(name)
        self._meaning[name] = text
        if known not in (None, text):
            raise ValueError(f"The name {name} means two different things in what it needs.")
        return known is None

    def _literal(self, value: Any, name: str) -> str | None:
        """An expression for a constant, or None where ``value`` is none."""
        if value is None or value is ... or type(value) in (bool, int, complex, str, bytes, range):
            return repr(value)
        if type(value) is float:
            return repr(value) if np.isfinite(value) else f'float("{value}")'
        if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biuf":
            return self._array(value, name)
        if type(value) in (tuple, list):
            items = [self._literal(one, name) for one in value]
            if None in items:
                return None
            inside = ", ".join(map(str, items))
            if type(value) is list:
                return f"[{inside}]"
            return f"({inside},)" if len(items) == 1 else f"({inside})"
        if type(value) is dict:
            pairs = [(self._literal(key, name), self._literal(one, name)) for key, one in value.items()]
            if any(None in pair for pair in pairs):
                return None
            return "{" + ", ".join(f"{key}: {one}" for key, one in pairs) + "}"
        return None

    def _array(self, value: NDArray[Any] | np.generic, name: str) -> str:
        if value.size > LARGEST_ARRAY:
            raise ValueError(f"{name} is an array of {value.size} numbers, too large to be saved with the function.")
        if self._means("np", "import numpy as np"):
            self._imports.add("import numpy as np")
        if isinstance(value, np.generic):
            return f"np.{value.dtype.name}({self._literal(value.item(), name)})"
        text = f'np.array({self._literal(value.tolist(), name)}, dtype="{value.dtype.name}")'
        return text if value.size else f"{text}.reshape({value.shape})"


def _definition(function: FunctionType) -> tuple[str, str]:
    """The name and the source of a function: a ``def``, or ``name = lambda ...`` on lines of its own.

    Raises ValueError where there is no such source.
    """
    called = _called(function)
    try:
        source = textwrap.dedent(inspect.getsource(function)).rstrip()
    except (OSError, TypeError, IndentationError):
        raise ValueError(f"The source of {called} cannot be found: define it in a cell of the notebook.") from None
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        statements = []
    match statements:
        case [ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name)] if name == function.__name__:
            return name, source
        case [ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda())]:
            return name, source
    raise ValueError(f"The source of {called} cannot be cut out of the lines around it: write it with def.")


def _called(function: Any) -> str:
    name = getattr(function, "__name__", type(function).__name__)
    return "a lambda" if name == "<lambda>" else str(name)


def _global_names(source: str) -> set[str]:
    """Every name that the source takes from its module: in defaults, decorators and nested functions too."""
    names: set[str] = set()
    tables = [symtable.symtable(source, "source", "exec")]
    while tables:
        table = tables.pop()
        outermost = table.get_type() == "module"
        names |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_global() or (outermost and symbol.is_referenced())
        }
        tables += table.get_children()
    return names


def _import_of(name: str, value: Any) -> str | None:
    """The statement that imports ``value`` from a library as ``name``, or None when no library has it."""
    home, own = str(getattr(value, "__module__", None)), str(getattr(value, "__name__", None))
    elsewhere = [module for module, found in list(sys.modules.items()) if _has(found, name, value)]
    elsewhere.sort(
        key=lambda module: (name not in getattr(sys.modules[module], "__all__", ()), module.count("."), module)
    )
    for module, attribute in [(home, own), *((module, name) for module in elsewhere)]:
        found = sys.modules.get(module)
        private = any(part.startswith("_") for part in module.split("."))  # "__main__" as well
        if not private and _has(found, attribute, value) and is_library(getattr(found, "__file__", None) or "<frozen>"):
            return f"from {module} import {attribute}" + (f" as {name}" if name != attribute else "")
    return None


def _has(module: object, name: str, value: object) -> bool:
    return isinstance(module, ModuleType) and name in vars(module) and vars(module)[name] is value
