"""Versions are pinned in one place, which pip, conda and CI read; and CI runs everything, with nothing skipped."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata

import pytest
import yaml
from conftest import ROOT
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
REQUIREMENTS = {
    f"{group}: {text}": Requirement(text)
    for group, texts in {"base": PROJECT["dependencies"], **EXTRAS}.items()
    for text in texts
}
LINES = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
PINS = {canonicalize_name(name): Version(version) for name, version in (line.split("==") for line in LINES)}
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text())
MAKEFILE = (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_dependency_is_pinned_at_a_version_that_it_allows(name):
    requirement = REQUIREMENTS[name]
    pin = PINS[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(pin)
    assert requirement.url is None


def test_a_pin_is_one_exact_version_of_one_thing():
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.!]*", line) for line in LINES)
    assert len(PINS) == len(LINES)


def test_what_is_installed_is_what_is_pinned():
    wrong = {}
    for name, pin in PINS.items():
        with contextlib.suppress(metadata.PackageNotFoundError):
            installed = Version(metadata.version(name))
            if Version(installed.public) != pin:
                wrong[name] = (str(installed), str(pin))
    assert wrong == {}


def test_all_that_the_dependencies_need_is_pinned_too():
    todo = [canonicalize_name(requirement.name) for requirement in REQUIREMENTS.values()]
    extras = {canonicalize_name(r.name): r.extras for r in REQUIREMENTS.values()}
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        for text in metadata.requires(name) or []:
            need = Requirement(text)
            wanted = [{"extra": extra} for extra in ("", *extras.get(name, ()))]
            if need.marker is None or any(need.marker.evaluate(extra) for extra in wanted):
                todo.append(canonicalize_name(need.name))
    assert seen - PINS.keys() <= {"pip", "setuptools", "wheel"} | {
        n for n in seen if n.startswith(("nvidia", "cuda", "triton"))
    }


def test_a_student_needs_no_graders_tools():
    base = {Requirement(text).name for text in PROJECT["dependencies"]}
    others = {Requirement(text).name for texts in EXTRAS.values() for text in texts}
    assert base.isdisjoint(others)
    assert base.isdisjoint({"torch", "pytest", "bleach"})


def test_conda_takes_its_pins_from_the_same_place():
    *conda, with_pip = ENVIRONMENT["dependencies"]
    assert all(isinstance(one, str) for one in conda)
    assert with_pip["pip"][0] == "--constraint constraints.txt"
    assert all(line.startswith(("--constraint ", "--editable .")) for line in with_pip["pip"])
    python = next(one for one in conda if one.startswith("python="))
    assert [one for one in conda if one != python] == ["pip"]


def test_every_python_that_is_named_is_allowed():
    allowed = SpecifierSet(PROJECT["requires-python"])
    conda = next(o for o in ENVIRONMENT["dependencies"] if isinstance(o, str) and o.startswith("python="))
    assert allowed.contains(conda.split("=")[1] + ".0")
    assert allowed.contains(".".join(map(str, sys.version_info[:3])))
    least = re.search(r"sys\.version_info >= \((\d+), (\d+)\)", MAKEFILE)
    assert least
    assert str(allowed) == f">={least[1]}.{least[2]}"
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    assert tools["mypy"]["python_version"] == f"{least[1]}.{least[2]}"
    assert tools["ruff"]["target-version"] == f"py{least[1]}{least[2]}"


def test_make_installs_with_the_pins_and_nothing_else():
    assert re.search(r"^PIP := .* install --constraint constraints\.txt$", MAKEFILE, re.MULTILINE)
    installs = [line for line in MAKEFILE.splitlines() if "install" in line and not line.startswith("PIP :=")]
    assert not [line for line in installs if "pip" in line.lower() and "$(PIP)" not in line]
    for target in (".venv/grading", ".venv/everything"):
        needs = re.search(rf"^{re.escape(target)}: (.*)$", MAKEFILE, re.MULTILINE)
        assert needs
        assert {"pyproject.toml", "constraints.txt"} <= set(needs[1].split())
    everything = re.search(r"\$\(PIP\) --editable '\.\[([a-z,]+)\]'\n\t@touch \$@ ", MAKEFILE)
    assert everything
    assert set(everything[1].split(",")) == set(EXTRAS)


def test_ci_runs_what_make_test_runs():
    script = (ROOT / ".ci" / "run").read_text().splitlines()
    assert "make test" in script
    assert "export CI=true" in script
    assert script.index("export CI=true") < script.index("make test")
    assert any(line.startswith("set -e") for line in script)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    recipe = MAKEFILE.split("\ntest: ")[1].split("\n\n")[0]
    for command in ("ruff check", "ruff format --check", "mypy", "autograder build --check", "pytest"):
        assert command in recipe


COMMITTED = [
    "constraints.txt",
    "environment.yml",
    "pyproject.toml",
    "Makefile",
    ".ci/run",
    *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "tools").iterdir()) if path.is_file()),
]


@pytest.mark.parametrize("name", COMMITTED)
def test_no_registry_is_named(name):
    """Where packages come from is the affair of whoever installs them."""
    text = (ROOT / name).read_text()
    assert not re.findall(r"(?i)\b(?:https?|ftp|git\+\w+|file)://\S+", text)
    assert not re.findall(r"(?i)index-url|find-links|trusted-host|\bpypi\b|simple/", text)


def test_make_pins_writes_what_stands_there(tmp_path):
    """The file is as its own tool would write it, in an environment that has everything."""
    before = (ROOT / "constraints.txt").read_text()
    folder = tmp_path / "tools"
    folder.mkdir()
    shutil.copy(ROOT / "tools" / "pins.py", folder)
    (tmp_path / "constraints.txt").write_text(before)
    subprocess.run([sys.executable, folder / "pins.py"], check=True, timeout=60, capture_output=True)
    made = (tmp_path / "constraints.txt").read_text()
    assert [line for line in made.splitlines() if line.startswith("#")] == [
        line for line in before.splitlines() if line.startswith("#")
    ]
    assert set(before.splitlines()) <= set(made.splitlines())


@pytest.mark.parametrize(("environment", "fails"), [({"CI": "true"}, True), ({}, False)], ids=["in CI", "at home"])
def test_in_ci_a_skipped_test_fails_the_run(tmp_path, environment, fails):
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    tests = {
        "passed": "def test(): pass",
        "skipped": "def test(): pytest.skip('not here')",
        "expected": "@pytest.mark.xfail\ndef test(): assert False",
        "module": "pytest.importorskip('nowhere')",
    }
    for name, text in tests.items():
        (tmp_path / f"test_{name}.py").write_text(f"import pytest\n{text}\n")
    kept = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("PYTEST")}
    command = [sys.executable, "-m", "pytest", "-q", "-n", "1", "-p", "no:cacheprovider", str(tmp_path)]
    ran = subprocess.run(command, env={**kept, **environment}, capture_output=True, text=True, timeout=120)
    assert "1 passed, 2 skipped, 1 xfailed" in ran.stdout
    assert ran.returncode == fails
    assert ("CI is set, and 3 tests were skipped or expected to fail: a failure." in ran.stdout) == fails


def test_tests_of_a_group_share_a_worker(tmp_path):
    """Versions of pytest and pytest-xdist that do not fit each other spread them without a word."""
    (tmp_path / "test_group.py").write_text(
        "import pytest, os, pathlib\n"
        "@pytest.mark.xdist_group('one')\n"
        "@pytest.mark.parametrize('number', range(6))\n"
        "def test(number): pathlib.Path(os.environ['PYTEST_XDIST_WORKER']).touch()\n"
    )
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", "-p", "no:cacheprovider"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=100)
    assert len(list(tmp_path.glob("gw*"))) == 1
