"""What `nbgrader zip_collect` takes out of archives that strangers made: plain files in plain amounts, in their places.

nbgrader unpacks archives within archives without end, to any size, stops the whole collection at the first that is
broken, and lets a file's name say whose folder it goes to.  These plugins of its own kind leave out what is not plain,
say so, and go on.
"""

from __future__ import annotations

import gzip
import os
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from nbgrader.utils import parse_utc
from traitlets import Integer

from autograder import submission, submission_folder

MAX_DEPTH = 2  # a student's archive may lie in the learning-management system's, and hold another
CHUNK = 2**16
BROKEN = (OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zlib.error)
BROKEN_ARCHIVE = (*BROKEN, zipfile.BadZipFile, zipfile.LargeZipFile, tarfile.TarError)


class Refused(ValueError):
    """Something in an archive that is left out; the text says why."""


@dataclass
class Room:
    """How many files and bytes an archive may still fill, and the one it lies in."""

    files: int
    bytes: int
    outer: Room | None = None

    def take(self, files: int = 0, size: int = 0) -> None:
        """Use some of it up; `Refused` where there is not so much."""
        self.files, self.bytes = self.files - files, self.bytes - size
        if self.files < 0 or self.bytes < 0:
            raise Refused("it holds more files, or more in them, than a submission may")
        if self.outer:
            self.outer.take(files, size)


class PlainExtractor(ExtractorPlugin):  # type: ignore[misc]
    """Unpacks archives member by member, and leaves out links, special files, tricks with paths, and bombs."""

    max_files = Integer(20_000, help="Files in one downloaded archive, those of archives in it included.").tag(
        config=True
    )
    max_bytes = Integer(2**30, help="Bytes in one downloaded archive once unpacked, likewise.").tag(config=True)

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Fill ``extracted_path`` from the archives and files in ``archive_path``, a folder for each archive."""
        for here, _, names in os.walk(archive_path):
            into = Path(extracted_path, os.path.relpath(here, archive_path))
            into.mkdir(parents=True, exist_ok=True)
            for name in sorted(names):
                path = Path(here, name)
                if path.suffix in self.zip_ext:
                    self._unpack(path, into / _stem(name), Room(self.max_files, self.max_bytes), 0)
                elif stat.S_ISREG(path.lstat().st_mode):
                    shutil.copyfile(path, into / name)

    def _unpack(self, path: Path, into: Path, room: Room, depth: int) -> None:
        into.mkdir(parents=True, exist_ok=True)
        try:
            for name, file in _members(path):
                try:
                    target = _place(into, name)
                    room.take(files=1)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    _copy(file, target, room)
                except (OSError, Refused) as error:
                    self.log.error("%r in %s is left out: %s", name, path.name, error)
                    if room.files < 0 or room.bytes < 0:
                        return
                    continue
                if target.suffix in self.zip_ext and depth < MAX_DEPTH:
                    own = Room(submission_folder.MAX_FILES, submission_folder.MAX_BYTES, room)
                    self._unpack(target, target.parent / _stem(target.name), own if depth == 0 else room, depth + 1)
        except BROKEN_ARCHIVE as error:
            self.log.error("%s is not unpacked, or not to its end: %s", path.name, error)


def _stem(name: str) -> str:
    return name.removesuffix(Path(name).suffix).removesuffix(".tar")


def _members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """The plain files in an archive, with their names."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                kind = stat.S_IFMT(info.external_attr >> 16)
                if not info.is_dir() and kind in (0, stat.S_IFREG):
                    with archive.open(info) as file:
                        yield info.filename, file
        return
    with tempfile.TemporaryFile() as plain:  # a header may claim any size, and is read at once: so bound it first
        with gzip.open(path) as packed:
            _copy_up_to(packed, plain, submission_folder.MAX_BYTES)
        plain.seek(0)
        with tarfile.open(fileobj=plain, mode="r:") as archive:
            for member in archive:
                if member.isreg() and (found := archive.extractfile(member)):
                    yield member.name, found


def _place(into: Path, name: str) -> Path:
    """Where a member goes; `Refused` where its name leads elsewhere, or is no name."""
    parts = name.removeprefix("./").split("/")
    if any(part in ("", ".", "..") or not part.isprintable() or "\\" in part or ":" in part for part in parts):
        raise Refused("its name leads out of the archive, or is none")
    if len(parts) > submission_folder.MAX_DEPTH:
        raise Refused("it lies too deep in folders")
    return into.joinpath(*parts)


def _copy(file: IO[bytes], target: Path, room: Room) -> None:
    """Write a new file, as large as a file of a submission may be."""
    with target.open("xb") as out:
        try:
            size = _copy_up_to(file, out, submission.MAX_BYTES if target.suffix == ".ipynb" else room.bytes)
            room.take(size=size)
        except BaseException:
            target.unlink()
            raise


def _copy_up_to(file: IO[bytes] | gzip.GzipFile, out: IO[bytes], most: int) -> int:
    """Copy a file, and say how many bytes it has; `Refused` where these are more than ``most``."""
    size = 0
    while part := file.read(CHUNK):
        size += len(part)
        if size > most:
            raise Refused(f"it has more than {most / 2**20:.0f} MiB")
        out.write(part)
    return size


class PlainCollector(FileNameCollectorPlugin):  # type: ignore[misc]
    """Takes a file for a student's where its name says so plainly, and the first of several with the same name."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._seen: set[tuple[str, str]] = set()

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """What the name says (see `FileNameCollectorPlugin`), or None where the file is left out."""
        found: dict[str, str] | None = super().collect(submitted_file)
        if not found:
            return None
        student, file, time = (found.get(name) or "" for name in ("student_id", "file_id", "timestamp"))
        if not _is_name(student) or not all(_is_name(part) for part in file.split("/")):
            return self._left_out(submitted_file, "its name does not say whose it is, or leads elsewhere")
        if time:
            try:
                parse_utc(time)
            except Exception:  # whatever a parser of dates may raise
                return self._left_out(submitted_file, "its name holds a time that is none")
        elif (student, Path(file).stem) in self._seen:
            return self._left_out(submitted_file, f"there is another such file of {student}")
        self._seen.add((student, Path(file).stem))
        return found

    def _left_out(self, file: str, reason: str) -> dict[str, str] | None:
        self.log.error("%r is left out: %s", file, reason)
        return None


def _is_name(text: str) -> bool:
    """Whether a text can be the name of a folder or file, and of nothing elsewhere."""
    return bool(text) and not text.startswith(".") and text.isprintable() and "/" not in text and "\\" not in text
