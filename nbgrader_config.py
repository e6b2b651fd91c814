"""nbgrader reads this from the folder it is started in.  What it says is in autograder/nbgrader_setup.py."""

from autograder.nbgrader_setup import configure

configure(get_config())  # noqa: F821  (traitlets provides it)
