"""A verdict as a test cell shows it: the points as nbgrader reads them, and a page part to learn from."""

from __future__ import annotations

import functools
from typing import Any

import jinja2
from markupsafe import Markup, escape

from autograder.verdict import CriterionVerdict, Verdict


def outputs_of(verdict: Verdict, hidden: bool) -> list[dict[str, Any]]:
    """The outputs of the hidden tests' cell, or of the visible check's.

    nbgrader takes the points from the plain text of the result, which must be nothing but a number.
    """
    criteria = verdict.hidden if hidden else (verdict.visible,)
    points = sum(criterion.points for criterion in criteria)
    data = {"text/plain": f"{points:g}", "text/html": _page_part(verdict, criteria, hidden)}
    return [{"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": None}]


def _page_part(verdict: Verdict, criteria: tuple[CriterionVerdict, ...], hidden: bool) -> str:
    points, most = sum(c.points for c in criteria), sum(c.max_points for c in criteria)
    return _template().render(verdict=verdict, criteria=criteria, hidden=hidden, points=points, most=most)


@functools.cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("autograder"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["number"] = lambda value: f"{value:.4g}"
    environment.filters["code"] = with_code
    return environment.get_template("verdict.html.j2")


def with_code(text: str) -> Markup:
    """``text``, escaped, with what stands between backticks as code."""
    pieces = str(escape(text)).split("`")
    return Markup("".join(f"<code>{piece}</code>" if i % 2 else piece for i, piece in enumerate(pieces)))
