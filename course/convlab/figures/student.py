"""Pictures that run the student's own function, and say so while it is not written or does not run."""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable
from itertools import takewhile
from typing import Any

from convlab import published
from convlab.examine import HEADLINES, interrupted, quietly
from convlab.frameworks import how_to_install, named_in
from convlab.origin import students_line, told
from convlab.run import graded_run


def student_picture(draw: Callable[..., None]) -> Callable[..., None]:
    """``draw``, whose first arguments are functions of the student, made safe to run before they are written.

    Where one of them is not written yet, raises, or returns what cannot be drawn, a short message stands in
    place of the picture. In a graded run nothing is drawn. The figure function itself is in ``__wrapped__``.
    """

    @functools.wraps(draw)
    def drawn(*args: Any, **kwargs: Any) -> None:
        if graded_run():
            return
        try:
            draw(*args, **kwargs)
        except KeyboardInterrupt as interrupt:
            functions = list(takewhile(callable, args))
            raise interrupted(interrupt, _which(interrupt, functions)) from None
        except Exception as error:
            print(in_place_of_picture(error, list(takewhile(callable, args))))

    return drawn


def in_place_of_picture(error: Exception, functions: list[Callable[..., Any]]) -> str:
    """What stands in place of a picture that these functions of the student's were to make."""
    name = _which(error, functions)
    if isinstance(error, NotImplementedError):
        *_, (innermost, _) = traceback.walk_tb(error.__traceback__)
        if (line := students_line(error)) and line.function == innermost.f_code.co_name:
            name = line.function  # which may be one that theirs calls
        return f"{name} is not written yet: this picture appears when it is."
    if package := named_in(error):
        return how_to_install(package)
    if students_line(error):
        return f"{name} does not run yet, so there is no picture. It stopped with\n{told(error)}"
    function = next((one for one in functions if getattr(one, "__name__", "") == name), None)
    if function and name in published.lessons() and (problem := quietly(function, published.load(name))):
        return f"{name} {HEADLINES[problem.kind]}, so there is no picture. check({name}) explains."
    return (
        f"There is no picture of what {name} returned ({type(error).__name__}: {error}).\n"
        f"check({name}) says what it should return."
    )


def _which(error: BaseException, functions: list[Callable[..., Any]]) -> str:
    """The name of the student's function that the error came from: the innermost, else the first one."""
    names = {getattr(one, "__code__", None): getattr(one, "__name__", "your function") for one in functions}
    ran = [frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)]
    return next((names[code] for code in reversed(ran) if code in names), [*names.values(), "Your function"][0])
