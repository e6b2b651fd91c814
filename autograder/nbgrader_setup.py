"""nbgrader's configuration: its own steps in their order, ours where a stranger's work is read, run and judged.

``nbgrader_config.py`` calls `configure`, so that nbgrader's commands and the formgrader grade as
``autograder grade`` does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parent / "templates"
STUB = "# YOUR CODE HERE\nraise NotImplementedError()"


def configure(c: Any) -> None:
    """Fill in nbgrader's configuration ``c``."""
    import nbgrader
    from nbconvert.preprocessors import ClearMetadataPreprocessor, CSSHTMLHeaderPreprocessor
    from nbgrader.converters import GenerateAssignment
    from nbgrader.preprocessors import (
        ClearHiddenTests,
        GetGrades,
        IgnorePattern,
        LimitOutput,
    )

    from autograder.steps.bookkeeping import LatePenalties, Overwrite, SaveGrades
    from autograder.steps.formulas import Formulas
    from autograder.steps.judge import Judge
    from autograder.steps.restore import Restore, SubmissionExporter
    from autograder.steps.stamp import Stamp
    from autograder.steps.whole_files import PageExporter
    from autograder.zip_collect import PlainCollector, PlainExtractor

    c.CourseDirectory.course_id = "convnets-by-hand"
    c.ClearSolutions.code_stub = {"python": STUB}
    c.GenerateAssignment.preprocessors = [*GenerateAssignment().preprocessors, Stamp]
    c.Autograde.exporter_class = SubmissionExporter
    c.SubmissionExporter.optimistic_validation = True  # once, behind the last step
    c.Autograde.sanitize_preprocessors = [Restore, Overwrite]  # Restore leaves nothing for nbgrader's others to do
    c.Autograde.autograde_preprocessors = [
        Judge,
        IgnorePattern,
        ClearMetadataPreprocessor,
        LimitOutput,
        SaveGrades,
        LatePenalties,
    ]
    c.GenerateFeedback.exporter_class = PageExporter
    c.GenerateFeedback.preprocessors = [GetGrades, ClearHiddenTests, Formulas, CSSHTMLHeaderPreprocessor]
    c.ZipCollectApp.extractor_plugin = PlainExtractor
    c.ZipCollectApp.collector_plugin = PlainCollector
    theirs = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"
    c.HTMLExporter.extra_template_basedirs = [str(TEMPLATES), str(theirs)]
