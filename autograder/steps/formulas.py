"""A step of feedback: the lesson's formulas as MathML, which browsers draw by themselves, offline.

nbgrader's page would load MathJax from the network to draw them.
"""

from __future__ import annotations

import re
from typing import Any

from latex2mathml.converter import convert
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

#: Code, which stays as it is, or a formula: whichever begins first.
PIECE = re.compile(r"```.*?```|`[^`\n]*`|^    [^\n]*|\$\$(.+?)\$\$|\$([^$\n]+?)\$", re.DOTALL | re.MULTILINE)


class Formulas(NbGraderPreprocessor):  # type: ignore[misc]
    """Draws the formulas of markdown cells.  What a student wrote is shown as code, and stays as it is."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], cell_index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """The cell with MathML where it had LaTeX."""
        if cell.cell_type == "markdown":
            cell.source = with_mathml(cell.source)
        return cell, resources


def with_mathml(markdown: str) -> str:
    """``markdown`` with its formulas as MathML; code, and a formula that cannot be converted, as they were."""
    return PIECE.sub(_drawn, markdown)


def _drawn(found: re.Match[str]) -> str:
    block, inline = found.groups()
    if not (block or inline):
        return found.group()
    try:
        math: str = convert(block or inline, display="block" if block else "inline")
    except Exception:  # a formula beyond the library stays readable as LaTeX
        return found.group()
    return math
