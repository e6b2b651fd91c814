"""How autograded notebooks and feedback pages are written: beside their place, then moved there, and known when done.

nbgrader would write into the file itself, and takes a folder that is there for finished.  A run that is cut off then
leaves half a notebook that no later run looks at again.
"""

from __future__ import annotations

import glob
import os
import re
import shutil
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbconvert.writers import FilesWriter
from nbgrader.converters import GenerateFeedback

from autograder import records
from autograder.course import Course


class WholeFilesWriter(FilesWriter):  # type: ignore[misc]
    """Writes a file so that whoever reads it finds the old one or the new one, never a part."""

    def write(self, output: str, resources: Any, notebook_name: str | None = None, **_: Any) -> Path:
        """The path that was written."""
        path = Path(self.build_directory) / f"{notebook_name}{resources.get('output_extension', '')}"
        records.write_whole(path, output)
        return path


class AutogradedWriter(WholeFilesWriter):
    """Keeps the record of a submission once its autograded notebook is in its place, and not before."""

    def write(self, output: str, resources: Any, notebook_name: str | None = None, **_: Any) -> Path:
        """The path that was written: first the notebook that is to be graded, later the graded one."""
        root, names = Course.here().root, resources["nbgrader"]
        record = resources.pop("record", None)
        if record is None:
            records.forget(root, names["student"], names["assignment"])
        path = super().write(output, resources, notebook_name)
        if record is not None:
            records.save(root, record)
        return path


class PageWriter(WholeFilesWriter):
    """Writes a page, beside which nbgrader copies the graded notebook too where a student has an odd name."""

    def write(self, output: str, resources: Any, notebook_name: str | None = None, **_: Any) -> Path:
        """The path that was written."""
        path = super().write(output, resources, notebook_name)
        for notebook in path.parent.glob("*.ipynb"):
            notebook.unlink()
        return path


class PageExporter(HTMLExporter):  # type: ignore[misc]
    """nbgrader's pages, written whole; a folder without its page is made anew."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.parent.writer = PageWriter(parent=self.parent, config=self.parent.config)
        if type(self.parent) is GenerateFeedback:  # and not our own, which is told what to convert
            complete(self.parent)
        for done in folders(self.parent, self.parent.coursedir.feedback_directory):
            if not list(done.glob("*.html")):
                shutil.rmtree(done, ignore_errors=True)


def folders(converter: Any, step: str) -> list[Path]:
    """The folders in ``step`` (autograded, feedback) of the submissions that a converter is to convert."""
    return [Path(converter.coursedir.format_path(step, *names)) for names, _ in submissions(converter)]


def submissions(converter: Any) -> list[tuple[tuple[str, str], str]]:
    """Student and assignment of each folder that a converter is to convert, and the folder."""
    names = "(?P<student>.*)", "(?P<assignment>.*)"
    pattern = re.compile(converter.coursedir.format_path(converter._input_directory, *names, escape=True))
    found = [(pattern.fullmatch(folder), folder) for folder in converter.assignments]
    return [((match["student"], match["assignment"]), folder) for match, folder in found if match]


def complete(converter: Any) -> None:
    """Have nbgrader convert every folder, and in each what lies there.

    It passes over those without a notebook, and takes a name like ``[a-z]*`` for a pattern: for other people's work.
    """
    wanted = converter.coursedir.format_path(
        converter._input_directory, converter.coursedir.student_id, converter.coursedir.assignment_id
    )
    for folder in glob.glob(wanted):
        pattern = os.path.join(glob.escape(folder), f"{converter.coursedir.notebook_id}.ipynb")
        converter.assignments[folder] = sorted(glob.glob(pattern))
