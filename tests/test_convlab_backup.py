"""Saving all of a student's work as one file, and restoring it from files that may come from anywhere."""

import io
import os
import shutil
import stat
import zipfile

import nbclient
import nbformat
import pytest
from conftest import ROOT, released, solved
from convlab import backup, restore_work, save_work

FILES = {
    "03-conv-forward/conv_forward.ipynb": nbformat.writes(released("03-conv-forward")).encode(),
    "02-one-step/one_step.ipynb": nbformat.writes(released("02-one-step")).encode(),
    "my_layers.py": "# mine: größer\n".encode(),
}
NOTEBOOK = b'{"cells": []}'


@pytest.fixture(autouse=True)
def course(tmp_path, monkeypatch):
    """A course folder with work in it, and the current directory in lesson 03."""
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    root = tmp_path / "course"
    for name, content in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    monkeypatch.chdir(root / "03-conv-forward")
    return root


@pytest.fixture
def said(capsys):
    def run(function, *arguments):
        capsys.readouterr()
        assert function(*arguments) is None
        return capsys.readouterr().out

    return run


def files(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def packed(path, *entries):
    """A zip with these entries: names or ZipInfo, and contents."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def test_saved_work_comes_back_in_an_empty_course(course, tmp_path, said, monkeypatch):
    (course / "03-conv-forward" / ".ipynb_checkpoints").mkdir()
    (course / "03-conv-forward" / ".ipynb_checkpoints" / "conv_forward-checkpoint.ipynb").write_text("{}")
    (course / "other").mkdir()
    (course / "other" / "a.ipynb").write_text("{}")
    out = said(save_work)
    (saved,) = course.glob("my-work-*.zip")
    assert f"Saved in {saved}:" in out
    assert "right-click" in out
    assert "choose Download" in out
    assert f'restore_work("{saved.name}")' in out
    with zipfile.ZipFile(saved) as archive:
        assert sorted(archive.namelist()) == sorted(FILES)
    new = tmp_path / "new" / "01-images-and-padding"
    new.mkdir(parents=True)
    shutil.copy(saved, new.parent)
    monkeypatch.chdir(new)
    out = said(restore_work, saved.name)
    assert "    restored: 03-conv-forward/conv_forward.ipynb\n" in out
    assert "3 of 3 files are as saved." in out
    assert "Reload Notebook from Disk" in out
    (new.parent / saved.name).unlink()
    assert files(new.parent) == FILES


def test_two_saves_in_a_minute_are_two_files_and_the_newest_is_restored(course, said):
    said(save_work)
    said(save_work)
    assert len(list(course.glob("my-work-*.zip"))) == 2
    out = said(restore_work)
    assert "unchanged: my_layers.py" in out
    assert "Reload" not in out


def test_what_is_overwritten_is_kept_beside(course, said):
    said(save_work)
    (course / "my_layers.py").write_text("newer\n")
    (course / "02-one-step" / "one_step.ipynb").write_text("newer")
    out = said(restore_work)
    assert "    unchanged: 03-conv-forward/conv_forward.ipynb\n" in out
    (beside,) = course.glob("my_layers-before-restore-*.py")
    assert beside.read_text() == "newer\n"
    assert f"restored: my_layers.py (the one that was there is now {beside.name})" in out
    (beside,) = (course / "02-one-step").glob("one_step-before-restore-*.ipynb")
    assert beside.read_text() == "newer"
    assert {name: content for name, content in files(course).items() if name in FILES} == FILES


def test_links_are_neither_saved_nor_followed(course, tmp_path, said):
    secret = tmp_path / "secret.ipynb"
    secret.write_text("secret")
    (course / "03-conv-forward" / "b.ipynb").symlink_to(secret)
    assert "left out: 03-conv-forward/b.ipynb, a link" in said(save_work)
    source = packed(tmp_path / "a.zip", ("03-conv-forward/b.ipynb", NOTEBOOK))
    assert "restored: 03-conv-forward/b.ipynb" in said(restore_work, source)
    assert secret.read_text() == "secret"
    assert (course / "03-conv-forward" / "b.ipynb").read_bytes() == NOTEBOOK
    outside = tmp_path / "outside"
    outside.mkdir()
    (course / "04-pool-forward").symlink_to(outside)
    source = packed(tmp_path / "a.zip", ("04-pool-forward/b.ipynb", NOTEBOOK))
    assert "not restored: 04-pool-forward/b.ipynb" in said(restore_work, source)
    assert not list(outside.iterdir())


@pytest.mark.parametrize(
    "name",
    [
        "../my_layers.py",
        "03-conv-forward/../../a.ipynb",
        "/etc/a.ipynb",
        "C:/a.ipynb",
        "..\\a.ipynb",
        "03-conv-forward\\a.ipynb",
        "03-conv-forward/a.ipynb/..",
    ],
)
def test_paths_that_lead_elsewhere_are_refused(course, tmp_path, said, name):
    before = files(tmp_path)
    source = packed(tmp_path / "a.zip", ("my_layers.py", b"evil"), (name, NOTEBOOK))
    out = said(restore_work, source)
    assert out.startswith("Nothing is restored: a.zip has a file that would go elsewhere, ")
    assert out.count("\n") == 1
    source.unlink()
    assert files(tmp_path) == before


def test_links_and_special_files_in_a_zip_are_refused(tmp_path, said):
    for kind in (stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR):
        entry = zipfile.ZipInfo("03-conv-forward/a.ipynb")
        entry.external_attr = (kind | 0o777) << 16
        assert "has a link or a special file" in said(restore_work, packed(tmp_path / "a.zip", (entry, b"/etc/passwd")))


def test_a_zip_that_unpacks_to_too_much_is_refused(tmp_path, said, monkeypatch):
    source = packed(tmp_path / "a.zip", ("my_layers.py", bytes(backup.MAX_FILE + 1)))
    assert source.stat().st_size < 100_000
    assert "'my_layers.py' in a.zip is larger than 20 MiB." in said(restore_work, source)
    # One that says it is small.
    data = source.read_bytes()
    size = (backup.MAX_FILE + 1).to_bytes(4, "little")
    assert data.count(size) >= 2
    source.write_bytes(data.replace(size, (10).to_bytes(4, "little")))
    assert said(restore_work, source).startswith("Nothing is restored: ")
    monkeypatch.setattr(backup, "MAX_TOTAL", 100)
    source = packed(tmp_path / "a.zip", *((f"03-a/{i}.ipynb", NOTEBOOK) for i in range(10)))
    assert "a.zip " in said(restore_work, source)
    monkeypatch.setattr(backup, "MAX_TOTAL", 10**6)
    monkeypatch.setattr(backup, "MAX_FILES", 9)
    assert "a.zip holds more than 9 files" in said(restore_work, source)
    monkeypatch.setattr(backup, "MAX_ENTRIES", 9)
    assert "a.zip has 10 entries" in said(restore_work, source)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_other_things_that_saving_never_writes_are_refused(tmp_path, said):
    twice = packed(tmp_path / "a.zip", ("my_layers.py", b"1"), ("my_layers.py", b"2"))
    assert "a.zip has two files of the same name." in said(restore_work, twice)
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("my_layers.py", b"1")
    assert "packed in a way" in said(restore_work, tmp_path / "b.zip")
    data = bytearray(packed(tmp_path / "c.zip", ("my_layers.py", b"1")).read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "c.zip").write_bytes(data)
    assert "c.zip has a password." in said(restore_work, tmp_path / "c.zip")


def test_strangers_are_skipped_and_damaged_files_named(course, tmp_path, said):
    source = packed(
        tmp_path / "a.zip",
        ("my_layers.py", b"\xff"),
        ("03-conv-forward/", b""),
        ("03-conv-forward/a.ipynb", b"[" * 100_000),
        ("03-conv-forward/b.ipynb", NOTEBOOK),
        ("03-conv-forward/evil.py", b"x"),
        ("__MACOSX/03-conv-forward/._b.ipynb", b"x"),
    )
    out = said(restore_work, source)
    assert "skipped: 03-conv-forward/evil.py, no notebook of a lesson" in out
    assert "skipped: my_layers.py, damaged: it is not a text file in UTF-8" in out
    assert "skipped: 03-conv-forward/a.ipynb, damaged: it is not a notebook" in out
    assert "MACOSX" not in out
    assert "1 of 1 file is as saved." in out
    assert (course / "my_layers.py").read_bytes() == FILES["my_layers.py"]


def test_bad_input_is_told_in_one_line(course, tmp_path, said):
    (tmp_path / "text.zip").write_text("no zip")
    whole = packed(tmp_path / "whole.zip", ("my_layers.py", os.urandom(1000))).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[:-30])
    (tmp_path / "wrong.zip").write_bytes(whole[:100] + bytes(50) + whole[150:])
    packed(tmp_path / "empty.zip")
    packed(tmp_path / "other.zip", ("a.txt", b"1"))
    cases = {
        "nowhere.zip": "there is no file nowhere.zip",
        tmp_path: "is a folder",
        tmp_path / "text.zip": "text.zip is not a zip file made by save_work(), or it is damaged.",
        tmp_path / "cut.zip": "cut.zip is not a zip file",
        tmp_path / "wrong.zip": "wrong.zip is not a zip file",
        tmp_path / "empty.zip": "there is no notebook of a lesson and no my_layers.py in empty.zip.",
        tmp_path / "other.zip": "there is no notebook of a lesson and no my_layers.py in other.zip.",
        None: "there is no my-work-....zip in",
        3: "give the name of a file",
    }
    for given, text in cases.items():
        out = said(restore_work, given)
        assert out.startswith("Nothing is restored: ")
        assert text in out
        assert out.count("\n") == 1
    assert files(course) == FILES


def test_an_open_file_does_as_well(tmp_path, said):
    source = packed(tmp_path / "a.zip", ("03-conv-forward/b.ipynb", NOTEBOOK))
    assert "restored: 03-conv-forward/b.ipynb" in said(restore_work, io.BytesIO(source.read_bytes()))


def test_a_folder_that_cannot_be_written_to_is_told_in_one_line(course, tmp_path, said, monkeypatch):
    source = packed(tmp_path / "a.zip", ("03-conv-forward/b.ipynb", NOTEBOOK))

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:  # root may write anywhere, so the system is made to refuse
        patched.setattr(os, "replace", refuse)
        out = said(save_work)
        assert out == f"Nothing is saved: the folder {course} cannot be written to (Permission denied).\n"
        out = said(restore_work, source)
        assert "not restored: 03-conv-forward/b.ipynb: it cannot be written (Permission denied)." in out
    assert files(course) == FILES


def test_nothing_to_save_is_told_in_one_line(tmp_path, said, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    out = said(save_work)
    assert out.startswith("Nothing is saved: there is no notebook and no my_layers.py in")
    assert out.count("\n") == 1


def test_a_notebook_that_is_too_large_is_left_out_and_named(course, said, monkeypatch):
    monkeypatch.setattr(backup, "MAX_FILE", 1000)
    out = said(save_work)
    assert "left out: 02-one-step/one_step.ipynb, larger than" in out
    assert "\n    my_layers.py\n" in out


def test_in_a_graded_run_nothing_happens(course, said, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert said(save_work) + said(restore_work, "nowhere.zip") == ""
    assert files(course) == FILES


def test_in_a_notebook_the_file_is_a_link_and_progress_speaks(course):
    notebook = solved("02-one-step")
    own = next(one for one in notebook.cells if "def conv_single_step" in one.source)
    own.source = "import numpy as np\n" + own.source
    code = ["from convlab import progress, save_work", own.source, "save_work()", "progress()"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in code])
    resources = {"metadata": {"path": str(course / "02-one-step")}}
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources).execute()
    text, link = notebook.cells[2].outputs
    (saved,) = course.glob("my-work-*.zip")
    assert "choose Download" in text.text
    assert "go up from the folder 02-one-step, right-click" in text.text
    assert f"href='../{saved.name}'" in link.data["text/html"]
    assert "Lesson 02-one-step: 1 of 1 function done." in notebook.cells[3].outputs[0].text
    assert (ROOT / "release").is_dir()
