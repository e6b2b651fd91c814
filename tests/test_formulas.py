"""The lessons' formulas in feedback: all of them drawn, and what is code left as it is."""

import re

import nbformat
import pytest
from conftest import ROOT

from autograder.steps.formulas import with_mathml


@pytest.mark.parametrize("path", sorted(ROOT.glob("release/*/*.ipynb")), ids=lambda path: path.stem)
def test_every_formula_of_a_lesson_is_drawn(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            text = re.sub(r"`[^`\n]*`", "", with_mathml(cell.source))
            assert "$" not in text, cell.source


def test_code_stays_as_it_is():
    code = "`$a$`\n\n```\n$b$\n```\n\n    $c$\n"
    assert with_mathml(code) == code


def test_what_follows_an_indented_line_is_drawn():
    text = with_mathml("$$x =\n    y$$\n\nand $z$.\n\n    $code$\n\nand $w$")
    assert text.count("<math") == 3
    assert "    $code$\n" in text
