"""Mutants of one function: its source with one small thing changed, for every small thing that can be.

Why not an established tool.  The code to mutate is not a module: it stands in one cell of a lesson's text, between
markers, and runs in the names of a notebook.  mutmut 3 (looked at: 3.8.1) copies packages and runs pytest in a fork
for each mutant; cosmic-ray starts a test command for each.  Both could be pointed at a module extracted for them, but
then the list of equivalent mutants, the time limits and the report would live in their caches and databases, outside
of the test suite, at half a second a mutant where judging one takes a few milliseconds.  And what goes wrong in
these functions is what their operators leave out: slices and their bounds, the order of indices and arguments, one
loop variable in the place of another, the first and the last turn of a loop, a ``return`` inside of it.  So here are
a hundred and fifty lines over Python's own ``ast``, with the usual operators and these.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

ARITHMETIC: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div, ast.Mult, ast.Mod),
}
COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
#: What else NumPy could have been asked for.
SIBLINGS = {
    "max": ("min", "sum", "argmax"),
    "mean": ("sum", "max"),
    "sum": ("mean", "max", "prod"),
    "zeros": ("ones",),
}


@dataclass(frozen=True)
class Mutant:
    """A changed function: ``id`` is the changed line (numbered where two mutants share one), ``source`` all of it."""

    id: str
    source: str


def mutants(source: str) -> list[Mutant]:
    """All mutants of the function that ``source`` defines, each different from it and from the others."""
    original = ast.parse(_without_docstring(ast.parse(source)))
    found = {ast.unparse(original): ""}
    ids: set[str] = set()
    for place, node in enumerate(ast.walk(original)):
        for new in _changes(node, original):
            tree = copy.deepcopy(original)
            _replace(tree, place, new)
            ast.fix_missing_locations(tree)
            try:
                text = ast.unparse(tree)
                compile(text, "mutant", "exec")
            except (SyntaxError, ValueError, TypeError):
                continue
            if text not in found:
                line, again = _changed_line(ast.unparse(original), text), 2
                found[text] = line
                while found[text] in ids:
                    found[text], again = f"{line}  # {again}", again + 1
                ids.add(found[text])
    return [Mutant(name, text) for text, name in found.items() if name]


def _without_docstring(tree: ast.Module) -> str:
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef))
    if ast.get_docstring(function) is not None:
        del function.body[0]
    return ast.unparse(function)


def _replace(tree: ast.Module, place: int, new: ast.AST | list[ast.stmt]) -> None:
    """Put ``new`` where the node number ``place`` is; `ast.walk` numbers the nodes of equal trees alike."""
    old = next(node for number, node in enumerate(ast.walk(tree)) if number == place)
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list) and any(one is old for one in value):
                at = next(i for i, one in enumerate(value) if one is old)
                value[at : at + 1] = new if isinstance(new, list) else [new]


def _changed_line(old: str, new: str) -> str:
    """The first line that is new, or what is missing from the new text."""
    before, after = old.splitlines(), new.splitlines()
    for one, other in zip(before, after, strict=False):
        if one != other:
            return f"without: {one.strip()}" if other.strip() == "pass" or len(after) < len(before) else other.strip()
    return after[-1].strip()


def _changes(node: ast.AST, tree: ast.Module) -> Iterator[ast.AST | list[ast.stmt]]:
    """What can stand in the place of ``node``."""
    if isinstance(node, ast.stmt):
        yield from _other_statements(node, tree)
    elif isinstance(node, ast.BinOp):
        for operator in ARITHMETIC.get(type(node.op), ()):
            yield ast.BinOp(node.left, operator(), node.right)
        yield node.left
        yield node.right
        if not isinstance(node.op, ast.Add | ast.Mult):
            yield ast.BinOp(node.right, node.op, node.left)
        yield from _other_brackets(node)
    elif isinstance(node, ast.Compare):
        for comparison in COMPARISONS:
            yield ast.Compare(node.left, [comparison()], node.comparators)
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(node.test, node.orelse, node.body)
        yield node.body
        yield node.orelse
    elif isinstance(node, ast.Constant):
        yield from _other_constants(node, tree)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        for name in sorted(_family(node.id, tree) - {node.id}):
            yield ast.Name(name, ast.Load())
    elif isinstance(node, ast.Attribute):
        for name in SIBLINGS.get(node.attr, ()):
            yield ast.Attribute(node.value, name, node.ctx)
    elif isinstance(node, ast.Tuple):
        for i in range(len(node.elts) - 1):
            yield ast.Tuple([*node.elts[:i], node.elts[i + 1], node.elts[i], *node.elts[i + 2 :]], node.ctx)
        if isinstance(node.ctx, ast.Load):
            for i in range(len(node.elts)):
                yield ast.Tuple([*node.elts[:i], *node.elts[i + 1 :]], node.ctx)
    elif isinstance(node, ast.Slice):
        yield from _other_slices(node)
    elif isinstance(node, ast.Subscript):
        yield from _other_subscripts(node)
    elif isinstance(node, ast.Call):
        yield from _other_calls(node)


def _other_brackets(node: ast.BinOp) -> Iterator[ast.AST]:
    """``(a + b) // c`` as ``a + b // c``."""
    if isinstance(node.left, ast.BinOp):
        inner = node.left
        yield ast.BinOp(inner.left, inner.op, ast.BinOp(inner.right, node.op, node.right))


def _other_statements(node: ast.stmt, tree: ast.Module) -> Iterator[ast.AST | list[ast.stmt]]:
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr):
        yield ast.Pass()
    if isinstance(node, ast.AugAssign):
        yield ast.Assign([node.target], node.value)
        for operator in ARITHMETIC[type(node.op)]:
            yield ast.AugAssign(node.target, operator(), node.value)
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        yield ast.AugAssign(node.targets[0], ast.Add(), node.value)
    if isinstance(node, ast.If):
        yield ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
        yield node.body
        yield node.orelse or [ast.Pass()]
    if isinstance(node, ast.Return):
        yield ast.Pass()
        if isinstance(node.value, ast.Tuple):
            yield from (ast.Return(part) for part in node.value.elts)
        if node.value is not None:
            yield ast.Return(ast.UnaryOp(ast.USub(), node.value))
    if isinstance(node, ast.For):
        last = next(one for one in reversed(list(ast.walk(tree))) if isinstance(one, ast.Return))
        yield ast.For(node.target, node.iter, [*node.body, copy.deepcopy(last)], [])
        yield ast.For(node.target, node.iter, [*node.body, ast.Break()], [])
        items = ast.Call(ast.Name("list", ast.Load()), [node.iter], [])
        for bounds in (
            ast.Slice(ast.Constant(1)),
            ast.Slice(None, ast.Constant(-1)),
            ast.Slice(None, None, ast.Constant(2)),
        ):
            yield ast.For(node.target, ast.Subscript(items, bounds, ast.Load()), node.body, [])


def _other_constants(node: ast.Constant, tree: ast.Module) -> Iterator[ast.AST]:
    if isinstance(node.value, str):
        texts = {one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)}
        yield from (ast.Constant(text) for text in sorted(texts - {node.value}))
        yield ast.Constant(node.value.upper())
    elif isinstance(node.value, int):
        yield ast.Constant(node.value + 1)
        yield ast.Constant(node.value - 1)


def _family(name: str, tree: ast.Module) -> set[str]:
    """Names that ``name`` is easily taken for: bound side by side, by loops alike, or by statements alike."""
    groups: dict[str, set[str]] = {}

    def bind(key: str, target: ast.AST) -> None:
        names = {one.id for one in ast.walk(target) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
        groups.setdefault(key, set()).update(names - {"_"})

    for node in ast.walk(tree):
        if isinstance(node, ast.For):
            bind("loops", node.target)
        elif isinstance(node, ast.Assign):
            alike = f"assigned {type(node.value).__name__}" if isinstance(node.targets[0], ast.Name) else str(id(node))
            bind(alike, node.targets[0])
        elif isinstance(node, ast.FunctionDef):
            groups["parameters"] = {one.arg for one in node.args.args}
    return {other for group in groups.values() if name in group for other in group}


def _other_slices(node: ast.Slice) -> Iterator[ast.AST]:
    one = ast.Constant(1)
    if node.lower:
        yield ast.Slice(None, node.upper)
        yield ast.Slice(ast.BinOp(node.lower, ast.Add(), one), node.upper)
        yield ast.Slice(ast.BinOp(node.lower, ast.Sub(), one), node.upper)
    if node.upper:
        yield ast.Slice(node.lower, None)
        yield ast.Slice(node.lower, ast.BinOp(node.upper, ast.Add(), one))
        yield ast.Slice(node.lower, ast.BinOp(node.upper, ast.Sub(), one))
        yield ast.Slice(node.lower, ast.UnaryOp(ast.USub(), node.lower or one))
    if not node.lower and not node.upper:
        yield ast.Constant(0)
        yield ast.Slice(one, None)
        yield ast.Slice(None, ast.Constant(-1))
        yield ast.Slice(None, None, ast.Constant(-1))


def _other_subscripts(node: ast.Subscript) -> Iterator[ast.AST]:
    indices = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for i, index in enumerate(indices):
        if isinstance(index, ast.Name):
            for new in (ast.Constant(0), ast.Slice(), ast.BinOp(index, ast.Sub(), ast.Constant(1))):
                changed = [*indices[:i], new, *indices[i + 1 :]]
                whole = ast.Tuple(changed, ast.Load()) if len(changed) > 1 else changed[0]
                yield ast.Subscript(node.value, whole, node.ctx)


def _other_calls(node: ast.Call) -> Iterator[ast.AST]:
    arguments = node.args
    for i in range(len(arguments) - 1):
        swapped = [*arguments[:i], arguments[i + 1], arguments[i], *arguments[i + 2 :]]
        yield ast.Call(node.func, swapped, node.keywords)
    if len(arguments) == 1:
        yield arguments[0]
    if not arguments and isinstance(node.func, ast.Attribute):
        yield node.func.value
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if called == "range":
        (end,) = arguments
        yield ast.Call(node.func, [ast.Constant(1), end], [])
        yield ast.Call(node.func, [ast.BinOp(end, ast.Sub(), ast.Constant(1))], [])
        yield ast.Call(node.func, [ast.BinOp(end, ast.Add(), ast.Constant(1))], [])
    if called in ("zeros", "full"):
        yield ast.Call(node.func, arguments, [ast.keyword("dtype", ast.Name("int", ast.Load()))])
    if called == "slice":
        start, stop = arguments
        for change in (ast.Add(), ast.Sub()):
            yield ast.Call(node.func, [ast.BinOp(start, change, ast.Constant(1)), stop], [])
            yield ast.Call(node.func, [start, ast.BinOp(stop, change, ast.Constant(1))], [])
