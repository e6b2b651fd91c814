"""Archives that strangers made, unpacked and collected by `nbgrader zip_collect` as the course configures it."""

from __future__ import annotations

import gzip
import io
import json
import os
import stat
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from conftest import CourseFolder, plain_environment, released, solved
from traitlets.config import Config

from autograder.zip_collect import PlainCollector, PlainExtractor

L = "02-one-step"
MIB = 2**20
RIGHT = json.dumps(solved(L)).encode()
#: What a marker writes for archives named student.zip: whose file it is, is what the archive is called.
EXPRESSION = r".*/extracted/(?P<student_id>[^/]+)/(?:.*/)?(?P<file_id>[^/]+)\.ipynb$"


def zipped(members: Iterable[tuple[str | zipfile.ZipInfo, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def tarred(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """A packed tar file."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for info, content in members:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def link(name: str, target: str) -> tuple[zipfile.ZipInfo, bytes]:
    """A member of a zip file that is a symbolic link."""
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info, target.encode()


def tar_link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tuple[tarfile.TarInfo, bytes]:
    """A member of a tar file that is a link or a special file."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info, b""


def lying(content: bytes, claimed: int) -> bytes:
    """A zip file of one member whose size it does not tell truly."""
    data = bytearray(zipped([("one_step.ipynb", content)]))
    for signature, offset in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        at = data.find(signature) + offset
        data[at : at + 4] = claimed.to_bytes(4, "little")
    return bytes(data)


def nested(depth: int, inner: bytes) -> bytes:
    """Zip files within zip files."""
    for _ in range(depth):
        inner = zipped([("a.zip", inner)])
    return inner


TRICKS = {
    "../../up.ipynb": RIGHT,
    "/etc/absolute.ipynb": RIGHT,
    "a/../../../up.ipynb": RIGHT,
    "..\\..\\up.ipynb": RIGHT,
    "C:/up.ipynb": RIGHT,
    "a\nb.ipynb": RIGHT,
    "./": b"",
    "x" * 300 + ".ipynb": RIGHT,
    "d/" * 500 + "deep.ipynb": RIGHT,
}
BOMBS = {
    "large": zipped([("one_step.ipynb", bytes(30 * MIB)), ("small.txt", b"small")]),
    "many": zipped([(f"{n}.txt", b"") for n in range(1500)]),
    "lying": lying(bytes(30 * MIB), 100),
    "nested": zipped([("inner.zip", zipped((f"{n}.bin", bytes(10 * MIB)) for n in range(15)))]),
    "deep": nested(8, zipped([("one_step.ipynb", RIGHT)])),
    "tar": tarred((tarfile.TarInfo("zeros.bin"), bytes(120 * MIB))),
    "gzip": gzip.compress(bytes(150 * MIB)),
}


def unpack(tmp_path: Path, archives: dict[str, bytes], **bounds: int) -> dict[str, bytes]:
    """What the extractor makes of archives, by path within the folder it fills; nothing may appear outside it."""
    archive, extracted = tmp_path / "archive", tmp_path / "extracted"
    archive.mkdir()
    for name, content in archives.items():
        (archive / name).write_bytes(content)
    before = set(tmp_path.rglob("*"))
    PlainExtractor(config=Config({"PlainExtractor": bounds})).extract(str(archive), str(extracted))
    made = set(tmp_path.rglob("*")) - before
    assert all(path == extracted or path.is_relative_to(extracted) for path in made)
    assert all(stat.S_ISREG(path.lstat().st_mode) or stat.S_ISDIR(path.lstat().st_mode) for path in made)
    return {str(path.relative_to(extracted)): path.read_bytes() for path in made if path.is_file()}


def test_plain_archives_are_unpacked_as_nbgrader_does(tmp_path):
    found = unpack(
        tmp_path,
        {
            "ann.zip": zipped([("one_step.ipynb", RIGHT), ("data/", b""), ("data/ümlaut.csv", b"1")]),
            "ben.tar.gz": tarred((tarfile.TarInfo("./one_step.ipynb"), RIGHT)),
            "class.zip": zipped([("cleo.zip", zipped([("one_step.ipynb", RIGHT)])), ("dan.ipynb", RIGHT)]),
            "eve.ipynb": RIGHT,
        },
    )
    assert {name for name, content in found.items() if content == RIGHT} == {
        "ann/one_step.ipynb", "ben/one_step.ipynb", "class/cleo/one_step.ipynb", "class/dan.ipynb", "eve.ipynb",
    }  # fmt: skip
    assert found["ann/data/ümlaut.csv"] == b"1"


@pytest.mark.parametrize("name", TRICKS, ids=lambda name: ascii(name[:20]))
def test_a_trick_with_a_path_costs_that_file_only(tmp_path, name):
    found = unpack(tmp_path, {"mal.zip": zipped([(name, TRICKS[name]), ("one_step.ipynb", RIGHT)])})
    assert found == {"mal/one_step.ipynb": RIGHT}


def test_links_and_special_files_are_left_out(tmp_path):
    found = unpack(
        tmp_path,
        {
            "zip.zip": zipped([link("a.txt", "/etc/passwd"), link("d", "/"), ("d/x.txt", b"x"), ("one.txt", b"1")]),
            "tar.tar.gz": tarred(
                tar_link("a.txt", "/etc/passwd"),
                tar_link("b.txt", "/etc/passwd", tarfile.LNKTYPE),
                tar_link("fifo", "", tarfile.FIFOTYPE),
                tar_link("device", "", tarfile.CHRTYPE),
                tar_link("d", "/"),
                (tarfile.TarInfo("../up.txt"), b"up"),
                (tarfile.TarInfo("one.txt"), b"1"),
            ),
        },
    )
    assert found == {"zip/one.txt": b"1", "zip/d/x.txt": b"x", "tar/one.txt": b"1"}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_fills_no_more_than_a_submission_may(tmp_path, kind):
    name = "mal.tar.gz" if kind == "tar" else "mal.gz" if kind == "gzip" else "mal.zip"
    found = unpack(tmp_path, {name: BOMBS[kind], "ann.zip": zipped([("one_step.ipynb", RIGHT)])})
    assert found.pop("ann/one_step.ipynb") == RIGHT
    assert sum(map(len, found.values())) < 102 * MIB
    assert len(found) <= 1500
    assert not any(len(content) > 20 * MIB for path, content in found.items() if path.endswith(".ipynb"))


def test_the_bounds_of_a_whole_archive_can_be_set(tmp_path):
    archive = zipped((f"{n}.txt", bytes(100)) for n in range(10))
    for name in ("files", "bytes"):
        (tmp_path / name).mkdir()
    assert len(unpack(tmp_path / "files", {"a.zip": archive}, max_files=4)) == 4
    assert len(unpack(tmp_path / "bytes", {"a.zip": archive}, max_bytes=350)) == 3


def test_an_archive_that_holds_itself_comes_to_an_end(tmp_path):
    """Each of the archives that are within archives holds as many more: only their depth bounds them."""
    again = zipped([("one_step.ipynb", RIGHT)])
    for _ in range(6):
        again = zipped([(f"{n}.zip", again) for n in range(5)], zipfile.ZIP_STORED)
    assert len(unpack(tmp_path, {"mal.zip": again})) < 200


@pytest.mark.parametrize("damage", [b"", b"PK\3\4", b"no archive", RIGHT[:100], zipped([("a", b"a" * 9999)])[:-40]])
@pytest.mark.parametrize("name", ["mal.zip", "mal.tar.gz", "mal.gz"])
def test_a_broken_archive_costs_itself_only(tmp_path, damage, name):
    assert unpack(tmp_path, {name: damage, "z.zip": zipped([("one.txt", b"1")])}) == {"z/one.txt": b"1"}


# Whose file it is.


def collector(expression: str) -> PlainCollector:
    return PlainCollector(config=Config({"FileNameCollectorPlugin": {"named_regexp": expression}}))


def test_a_name_says_whose_file_it_is():
    found = collector(EXPRESSION).collect("/c/downloaded/02/extracted/ann/deeper/one_step.ipynb")
    assert found == {"student_id": "ann", "file_id": "one_step"}


@pytest.mark.parametrize("name", [".._one_step", "._one_step", "_one_step", "a/b/.._../../x", "ann_.", "ann_a/../b"])
def test_a_name_that_leads_elsewhere_is_left_out(name):
    assert collector(r"/x/(?P<student_id>.*?)_(?P<file_id>.*)\.ipynb").collect(f"/x/{name}.ipynb") is None


def test_of_several_files_with_one_name_the_first_counts():
    """nbgrader would end the whole collection there."""
    one = collector(EXPRESSION)
    assert one.collect("/c/extracted/ann/a/one_step.ipynb")
    assert one.collect("/c/extracted/ann/b/one_step.ipynb") is None
    assert one.collect("/c/extracted/ben/b/one_step.ipynb")


def test_a_time_that_is_none_is_left_out():
    one = collector(r"/x/(?P<student_id>\w+?)_(?P<timestamp>[^_]*)_(?P<file_id>\w+)\.ipynb")
    assert one.collect("/x/ann_2026-01-30-15-00-00_one.ipynb")
    assert one.collect("/x/ann_yesterday_one.ipynb") is None


def test_a_class_is_collected_whatever_some_of_it_sent(course: CourseFolder):
    """The command itself, as configured, with tricks and bombs between honest archives."""
    archive = course.root / "downloaded" / L / "archive"
    archive.mkdir(parents=True)
    course.root.joinpath("release", L).mkdir(parents=True)
    course.root.joinpath("release", L, "one_step.ipynb").write_text(json.dumps(released(L)))
    sent = {
        "ann.zip": zipped([("one_step.ipynb", RIGHT)]),
        "bomb.zip": BOMBS["large"],
        "broken.zip": b"PK",
        "cleo.zip": zipped([("work/one_step.ipynb", RIGHT)]),
        "tricks.zip": zipped([*TRICKS.items(), ("../ann/one_step.ipynb", b"{}"), ("..", b"{}")]),
        "twice.zip": zipped([("a/one_step.ipynb", RIGHT), ("b/one_step.ipynb", RIGHT)]),
        "zoe.tar.gz": tarred((tarfile.TarInfo("one_step.ipynb"), RIGHT)),
    }
    for name, content in sent.items():
        (archive / name).write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "zip_collect", L, f"--FileNameCollectorPlugin.named_regexp={EXPRESSION}"],
        cwd=course.root,
        env=plain_environment(PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"),
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    submitted = course.root / "submitted"
    got = {str(p.relative_to(submitted)): p.read_bytes() for p in submitted.rglob("*") if p.is_file()}
    assert got == {f"{name}/{L}/one_step.ipynb": RIGHT for name in ("ann", "cleo", "twice", "zoe")}
    for name in ("broken.zip", "up.ipynb", "one_step.ipynb"):
        assert name in done.stderr
