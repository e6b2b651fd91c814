"""From lesson texts to the instructor's notebooks, and through nbgrader to the students'.  One way only.

The same texts give the same bytes.  A generated notebook that was edited by hand is never overwritten.
"""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
from convlab import fingerprint, released
from convlab.published import Example, Mistake, Published, dump
from convlab.released import Cell, Released

from autograder import break_it, questions
from autograder.caller import answer
from autograder.course import Course
from autograder.exercise import Case, Exercise, Reply, Wrong
from autograder.exercises import EXERCISES
from autograder.lesson import BEGIN, END, Lesson, lessons, role_of, to_lesson, to_source
from autograder.records import write_whole
from autograder.steps.stamp import KEY, digest, edited_by_hand
from autograder.stills import stills

MARKERS = ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN TESTS", "END HIDDEN TESTS")


class BuildError(Exception):
    """Nothing was written; the text says why, and what to do."""


@dataclass(frozen=True)
class Built:
    """What a build makes: the text of every generated file, by its path from the course's root."""

    files: dict[str, str]

    def differing(self, root: Path) -> list[str]:
        """A line for each file that is not on disk what it should be, or should not be there at all."""
        lines = []
        for name, text in self.files.items():
            path = root / name
            if not path.is_file():
                lines.append(f"{name} is missing")
            elif path.read_bytes() != text.encode():
                lines.append(f"{name} differs")
        return lines + [f"{path.relative_to(root)} belongs to no lesson" for path in self.strays(root)]

    def strays(self, root: Path) -> list[Path]:
        """Files where only generated ones belong that no lesson makes."""
        found = [
            *root.glob("source/*/*"),
            *root.glob("release/*/*"),
            *root.glob("course/convlab/data/*.json"),
            *root.glob("course/convlab/data/lessons/*"),
        ]
        ours = {str(root / name) for name in self.files}
        kept = (".ipynb_checkpoints", "my_layers.py", "__pycache__")
        return sorted(path for path in found if str(path) not in ours and path.name not in kept)


def build(course: Course) -> Built:
    """Make every generated file, in memory."""
    found = lessons(course.root)
    if not found:
        raise BuildError(f"There are no lessons in {course.root / 'course' / 'lessons'}.")
    files = {f"course/convlab/data/{name}.json": published(exercise) for name, exercise in EXERCISES.items()}
    sources = {f"source/{one.name}/{one.notebook}.ipynb": nbformat.writes(one.source()) + "\n" for one in found}
    releases = release(course, sources)
    for one in found:
        files |= stills(one.name)
    for one in found:
        demand_no_answer(one, releases[f"release/{one.name}/{one.notebook}.ipynb"])
        files[f"course/convlab/data/lessons/{one.name}.json"] = cells_of(
            one, releases[f"release/{one.name}/{one.notebook}.ipynb"]
        )
    return Built({**files, **sources, **releases})


def write(course: Course, built: Built) -> list[str]:
    """Write what differs, once it is sure that nothing written by hand is lost; the names of what was written."""
    for name in built.files:
        demand_untouched(course.root, name)
    for path in built.strays(course.root):
        raise BuildError(
            f"{path.relative_to(course.root)} belongs to no lesson. nbgrader would hand it to students: move it away."
        )
    written = []
    for name, text in built.files.items():
        path = course.root / name
        if not path.is_file() or path.read_bytes() != text.encode():
            write_whole(path, text)
            written.append(name)
    return written


def adopt(course: Course, name: str) -> Path:
    """Bring an edit of an instructor's notebook back into the lesson's text; the text's path."""
    notebook = course.source(name)
    lesson = Lesson(course.root / "course" / "lessons" / f"{name}.py")
    made_from = notebook.metadata.get(KEY, {}).get("digest")
    if lesson.path.is_file() and lesson.source().metadata[KEY]["digest"] != made_from:
        raise BuildError(
            f"course/lessons/{name}.py was changed after source/{name} was made from it, and bringing the notebook "
            "back would lose that. Make the notebook's edit in the text as well, and delete the notebook."
        )
    text = to_lesson(notebook)
    if digest(to_source(text, name)) != digest(notebook):
        raise BuildError(
            f"source/{name} has edits that a lesson's text does not hold: points and hidden tests come from "
            "autograder/exercises. Make these there, and undo them here."
        )
    write_whole(lesson.path, text)
    return lesson.path


def published(exercise: Exercise) -> str:
    """The examples of an exercise's visible check, as data for students."""
    examples = tuple(Example(case.note, case.args, exercise.expected(case)) for case in exercise.published())
    place = list(EXERCISES).index(exercise.name)
    shown = exercise.wrong if examples else ()
    mistakes = tuple(found for wrong in shown if (found := mistake(exercise, wrong)))
    breaks = exercise.breaks
    return dump(
        Published(
            exercise.name,
            exercise.lesson,
            exercise.returns,
            exercise.formula,
            examples,
            place,
            mistakes,
            exercise.visible_points,
            exercise.hidden_points,
            breaks.function if breaks else "",
            break_it.sources(breaks) if breaks else {},
            questions.published(exercise.questions),
            exercise.frameworks,
        )
    )


def mistake(exercise: Exercise, wrong: Wrong) -> Mistake | None:
    """A wrong version as students have it, its hint and fingerprints; None where it is right in all examples."""
    cases = exercise.published()
    replies = [answer(wrong.function, case.args) for case in cases]
    if all(_is_right(exercise, *one) for one in zip(cases, replies, strict=True)):
        return None
    prints = tuple(
        fingerprint.of_error(reply.failure.name, reply.failure.message)
        if reply.failure
        else fingerprint.of_answer(reply.answer, not reply.untouched)
        for reply in replies
    )
    return Mistake(wrong.id, wrong.hint, prints)


def _is_right(exercise: Exercise, case: Case, reply: Reply) -> bool:
    if reply.failure or not reply.untouched:
        return False
    return exercise.visible().aspect(case, exercise.expected(case), reply) is None


def cells_of(lesson: Lesson, text: str) -> str:
    """The lesson's own cells in the students' notebook ``text``, as data for students."""
    cells = []
    for cell in nbformat.reads(text, as_version=4).cells:
        if nbgrader := cell.metadata.get("nbgrader"):
            role, name = role_of(nbgrader)
            cells.append(Cell(nbgrader["grade_id"], role, name, cell.source if role == "exercise" else ""))
    return released.dump(Released(lesson.name, f"{lesson.notebook}.ipynb", tuple(cells)))


def release(course: Course, sources: dict[str, str]) -> dict[str, str]:
    """The students' notebooks, made by nbgrader from the instructor's in a folder of their own."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    made = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, text in sources.items():
            write_whole(Path(folder, name), text)
        config = Config(course.config)
        config.CourseDirectory.root = folder
        config.SaveCells.enabled = False
        for name in sources:
            assignment = Path(name).parent.name
            directory = CourseDirectory(config=config)
            directory.assignment_id = assignment
            converter = GenerateAssignment(coursedir=directory, config=config, no_database=True, force=True)
            converter.log = logging.getLogger("autograder.release")
            try:
                converter.start()
            except Exception as error:
                raise BuildError(f"nbgrader could not make the students' notebook of {assignment}: {error}") from error
            target = name.replace("source/", "release/", 1)
            made[target] = Path(folder, target).read_text(encoding="utf-8")
    return made


def demand_untouched(root: Path, name: str) -> None:
    """Refuse to go on where a generated notebook was edited by hand."""
    path = root / name
    if path.suffix != ".ipynb" or not path.is_file():
        return
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:
        raise BuildError(f"{name} cannot be read ({error}). Delete it, and build again.") from error
    if not edited_by_hand(notebook):
        return
    lesson = path.parent.name
    if name.startswith("source/") and KEY in notebook.metadata:
        advice = f"To bring the edit back into course/lessons/{lesson}.py: autograder build --adopt {lesson}"
    else:
        advice = f"Make the edit in course/lessons/{lesson}.py instead"
    raise BuildError(
        f"{name} was edited by hand, and building would lose that. {advice}. To drop the edit: delete {name}."
    )


def demand_no_answer(lesson: Lesson, text: str) -> None:
    """Refuse a student notebook in which anything of a solution or of hidden tests is left."""
    shown = "\n".join(cell.source for cell in nbformat.reads(text, as_version=4).cells)
    for marker in (*MARKERS, "grade("):
        if marker in shown:
            raise BuildError(f"release/{lesson.name} would publish {marker!r}.")
    lines = {line.strip() for line in shown.splitlines()}
    for line in _solution_lines(lesson):
        if line in lines:
            raise BuildError(f"release/{lesson.name} would publish a line of a solution: {line!r}.")


def _solution_lines(lesson: Lesson) -> list[str]:
    """The telling lines of a lesson's solutions: too long to stand elsewhere by chance."""
    inside, found = False, []
    for line in lesson.path.read_text(encoding="utf-8").splitlines():
        if line.strip() in (BEGIN, END):
            inside = line.strip() == BEGIN
        elif inside and len(line.strip()) > 15 and not line.strip().startswith("#"):
            found.append(line.strip())
    return found
