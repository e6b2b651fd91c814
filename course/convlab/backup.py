"""All of a student's work as one file to download, and back: a Binder session forgets what is not downloaded.

The file is a zip of the notebooks in the lessons' folders and of my_layers.py. One that is restored may come
from anywhere, so it is read with bounds, and written only to where those files belong.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
import struct
import time
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from convlab import here, kept
from convlab.origin import MY_LAYERS
from convlab.run import graded_run, notebook

#: What the file is called: my-work-2026-11-21-1430.zip.
NAME = "my-work-{}.zip"

MAX_FILES = 300
MAX_FILE = 20 * 2**20
MAX_TOTAL = 100 * 2**20
#: Entries of a zip that are looked at, and skipped where they are no student's work.
MAX_ENTRIES = 2000

_WORK = re.compile(rf"(?:{here.LESSON_FOLDER.pattern}/[^/\\:\0-\x1f]{{1,150}}\.ipynb|{re.escape(MY_LAYERS)})")
_WRITTEN_BY_OS = re.compile(r"(__MACOSX/.*|(.*/)?(\.DS_Store|Thumbs\.db|desktop\.ini))")


class _Refused(Exception):
    """Why nothing is saved or restored; one line for the student."""


@dataclass(frozen=True)
class _Work:
    """One file of a student's work: its name from the course folder, and what is in it."""

    name: str
    content: bytes


def save_work() -> None:
    """Put all notebooks of the lessons, and my_layers.py, in one zip file in the course folder to download.

    What is on disk is saved, so save the notebooks first. In a graded run nothing happens.
    """
    if graded_run():
        return
    course = kept.course_folder()
    try:
        work, left_out = _collected(course)
        path = _packed(course, work)
    except _Refused as why:
        print(f"Nothing is saved: {why}")
        return
    print(f"Saved in {path}:")
    print("\n".join([f"    {one.name}" for one in work] + [f"    left out: {text}" for text in left_out]))
    print("Changes that you have not saved (Ctrl+S, on a Mac Command+S) are not in it.")
    there = "" if Path.cwd() == course else f"go up from the folder {Path.cwd().name}, "
    print(
        f"To download it: in the file browser on the left of JupyterLab, {there}right-click {path.name} and choose "
        "Download. To have it back later, upload it to the same place and run\n"
        f'    from convlab import restore_work\n    restore_work("{path.name}")'
    )
    if notebook() is not None:
        from IPython.display import FileLink, display

        display(FileLink(os.path.relpath(path), result_html_prefix="The file: "))


def restore_work(file: str | Path | IO[bytes] | None = None) -> None:
    """Bring back what `save_work` saved in ``file``, a path or an open file; without one, the newest there is.

    Files that are in the way are kept beside, under another name. In a graded run nothing happens.
    """
    if graded_run():
        return
    course = kept.course_folder()
    try:
        source = _found(file, course)
        work, skipped = _unpacked(source)
    except _Refused as why:
        print(f"Nothing is restored: {why}")
        return
    print(f"From {source.name if isinstance(source, Path) else 'the file'} to {course}:")
    for text in skipped:
        print(f"    skipped: {text}")
    when = time.strftime("%Y-%m-%d-%H%M%S")
    done = changed = 0
    for one in work:
        try:
            said = _put(course, one, when)
        except OSError as why:
            print(f"    not restored: {one.name}: it cannot be written ({why.strerror}).")
            continue
        done += 1
        changed += one.name.endswith(".ipynb") and not said.startswith("unchanged")
        print(f"    {said}")
    print(f"{done} of {len(work)} {'file is' if len(work) == 1 else 'files are'} as saved.")
    if changed:
        print(
            "A notebook that is open shows its old version: choose File → Reload Notebook from Disk before you save it."
        )


def _collected(course: Path) -> tuple[list[_Work], list[str]]:
    """The student's files, and what of them had to be left out and why."""
    paths = [
        path
        for folder in sorted(course.glob("[0-9][0-9]-*"))
        if here.LESSON_FOLDER.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink()
        for path in sorted(folder.glob("*.ipynb"))
    ]
    paths += [course / MY_LAYERS]
    work: list[_Work] = []
    left_out: list[str] = []
    total = 0
    for path in paths:
        name = path.relative_to(course).as_posix()
        if not path.is_file() or path.is_symlink():
            if path.is_symlink():
                left_out.append(f"{name}, a link to a file elsewhere")
            continue
        try:
            size = path.stat().st_size
            if size > MAX_FILE:
                left_out.append(f"{name}, larger than {MAX_FILE // 2**20} MiB: clear its outputs, and save again")
            elif not _WORK.fullmatch(name):
                left_out.append(f"{name}: give it a name without special characters")
            elif len(work) == MAX_FILES or total + size > MAX_TOTAL:
                left_out.append(f"{name}: there is too much to put in one file")
            else:
                work.append(_Work(name, path.read_bytes()))
                total += size
        except OSError as why:
            left_out.append(f"{name} cannot be read ({why.strerror})")
    if not work:
        raise _Refused(f"there is no notebook and no {MY_LAYERS} in {course} and its lessons' folders.")
    return work, left_out


def _packed(course: Path, work: list[_Work]) -> Path:
    """The new zip file with ``work``, whole or not there at all."""
    when = time.strftime("%Y-%m-%d-%H%M")
    path, again = course / NAME.format(when), 2
    while path.exists():
        path, again = course / NAME.format(f"{when}-{again}"), again + 1
    new = course / f".{path.name}.{os.getpid()}"
    try:
        with zipfile.ZipFile(new, "x", zipfile.ZIP_DEFLATED) as archive:
            for one in work:
                archive.writestr(one.name, one.content)
        os.replace(new, path)
    except OSError as why:
        raise _Refused(f"the folder {course} cannot be written to ({why.strerror}).") from None
    finally:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
    return path


def _found(file: str | Path | IO[bytes] | None, course: Path) -> Path | IO[bytes]:
    """The file that is meant: looked for in this folder, then in the course folder."""
    if file is None:
        saved = {path for folder in (Path.cwd(), course) for path in folder.glob(NAME.format("*"))}
        if not saved:
            raise _Refused(f"there is no {NAME.format('...')} in {course}. Upload yours there first.")
        return max(saved, key=lambda path: (path.stat().st_mtime, path.name))
    if not isinstance(file, str | Path):
        if not hasattr(file, "read") or not hasattr(file, "seek"):
            raise _Refused('give the name of a file, as in restore_work("my-work-2026-11-21-1430.zip").')
        return file
    named = Path(file).expanduser()
    for path in (named, course / named):
        if path.is_dir():
            raise _Refused(f"{path} is a folder, not a zip file made by save_work().")
        if path.is_file():
            return path
    raise _Refused(f"there is no file {named}, here or in {course}. Upload it there first.")


def _unpacked(source: Path | IO[bytes]) -> tuple[list[_Work], list[str]]:
    """The files in a zip that are a student's work, and what else is in it.

    Raises _Refused when it is no zip or holds what save_work() never writes.
    """
    name = source.name if isinstance(source, Path) else "the file"
    try:
        if isinstance(source, Path) and source.stat().st_size > 2 * MAX_TOTAL:
            raise _Refused(f"{name} is larger than {2 * MAX_TOTAL // 2**20} MiB, far more than save_work() writes.")
        with zipfile.ZipFile(source) as archive:
            return _entries(archive, name)
    except OSError as why:
        raise _Refused(f"{name} cannot be read ({why.strerror or why}).") from None
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OverflowError, RuntimeError, ValueError, TypeError):
        raise _Refused(f"{name} is not a zip file made by save_work(), or it is damaged.") from None


def _entries(archive: zipfile.ZipFile, name: str) -> tuple[list[_Work], list[str]]:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise _Refused(f"{name} has {len(entries)} entries, far more than save_work() writes.")
    for entry in entries:
        _demand_harmless(entry, name)
    mine = [entry for entry in entries if _WORK.fullmatch(entry.filename)]
    others = [entry.filename for entry in entries if entry not in mine and not entry.is_dir()]
    skipped = [f"{other:.100}, no notebook of a lesson" for other in others if not _WRITTEN_BY_OS.fullmatch(other)]
    if not mine:
        raise _Refused(f"there is no notebook of a lesson and no {MY_LAYERS} in {name}.")
    if len({entry.filename.casefold() for entry in mine}) < len(mine):
        raise _Refused(f"{name} has two files of the same name.")
    if len(mine) > MAX_FILES or sum(entry.file_size for entry in mine) > MAX_TOTAL:
        raise _Refused(f"{name} holds more than {MAX_FILES} files or {MAX_TOTAL // 2**20} MiB.")
    work = []
    for entry in mine:
        with archive.open(entry) as file:  # what an entry says of its size may be untrue
            content = file.read(MAX_FILE + 1)
        if len(content) > MAX_FILE:
            raise _Refused(f"{entry.filename} in {name} is larger than {MAX_FILE // 2**20} MiB.")
        if _is_what_its_name_says(entry.filename, content):
            work.append(_Work(entry.filename, content))
        else:
            skipped.append(f"{entry.filename}, damaged: it is not {_kind(entry.filename)}")
    return work, skipped


def _demand_harmless(entry: zipfile.ZipInfo, name: str) -> None:
    """Refuse what leads out of the course folder, is no plain file, or unpacks to more than work ever is."""
    # `filename` is cut at a NUL and has had its separators changed; `orig_filename` is what the zip says.
    path = entry.orig_filename
    if "\\" in path or "\0" in path or path.startswith("/") or ".." in path.split("/") or re.match(r"[A-Za-z]:", path):
        raise _Refused(f"{name} has a file that would go elsewhere, {path!r:.100}.")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _Refused(f"{name} has a link or a special file, {path!r:.100}.")
    if entry.flag_bits & 0x1:
        raise _Refused(f"{name} has a password.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _Refused(f"{path!r:.100} in {name} is packed in a way that save_work() does not use.")
    if entry.file_size > MAX_FILE:
        raise _Refused(f"{path!r:.100} in {name} is larger than {MAX_FILE // 2**20} MiB.")


def _is_what_its_name_says(name: str, content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
        data: Any = {"cells": []} if name == MY_LAYERS else json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and isinstance(data.get("cells"), list)


def _kind(name: str) -> str:
    return "a text file in UTF-8" if name == MY_LAYERS else "a notebook"


def _put(course: Path, work: _Work, when: str) -> str:
    """Write one file, with what was there kept beside it; what was done, in words."""
    path = course / work.name
    if path.parent != course:
        if path.parent.is_symlink():
            raise OSError(0, "its folder is a link to another folder")
        path.parent.mkdir(exist_ok=True)
    there = path.is_symlink() or path.exists()
    if there and path.is_file() and not path.is_symlink() and path.read_bytes() == work.content:
        return f"unchanged: {work.name}"
    new = path.with_name(f".{path.name[:100]}.{os.getpid()}")
    beside = path.with_name(f"{path.stem[:150]}-before-restore-{when}{path.suffix}")
    try:
        with open(new, "xb") as file:
            file.write(work.content)
        if there:
            os.rename(path, beside)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
    return f"restored: {work.name}" + (f" (the one that was there is now {beside.name})" if there else "")
