"""The command that starts the confined process, and what that process can see.

bubblewrap builds a root of its own for the process: the Python that grading uses, read-only, with `convlab`
and without `autograder`; an empty scratch folder in memory; nothing else.  No network, no other process, another
user, no way to more rights.  Where the grader is root it first becomes nobody, in a view of the same
files, so that the kernel's cap on processes binds (it never binds root).
"""

from __future__ import annotations

import functools
import glob
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from autograder.runner import seccomp
from autograder.runner.limits import MIB, Limits

INSIDE = Path(__file__).parent / "inside"
OUT_OF_REACH = Path(__file__).parent / "out_of_reach"
#: What would answer in a student's place.
FRAMEWORKS = ("torch", "keras", "tensorflow", "jax", "jaxlib")
START = (
    f"import runpy, sys; sys.path.insert(0, {str(INSIDE.parent)!r}); runpy.run_module('inside', run_name='__main__')"
)
SETTINGS = ("pip.conf", "etc", "conda-meta", ".condarc")  # beside Python, in its own folder
SCRATCH = "/scratch"
HOME = "/home/student"
WRITABLE = (SCRATCH, "/tmp", HOME, "/dev/shm")
NOBODY = "65534"
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32")
INSTALL = "install it (Debian and Ubuntu: apt install bubblewrap; Fedora: dnf install bubblewrap)"


class SandboxError(Exception):
    """Submissions cannot be confined here; the text says why and what to do."""


@functools.cache
def why_not() -> str | None:
    """None where the sandbox works on this machine, else the reason, for the person who started the run."""
    if sys.platform != "linux":
        return "bubblewrap confines processes on Linux only"
    if shutil.which("bwrap") is None:
        return f"bubblewrap is not installed: {INSTALL}"
    try:
        with seccomp.descriptor() as calls:
            tried = subprocess.run(
                [*confined(Limits(), calls), sys.executable, "-I", "-S", "-c", "pass"],
                capture_output=True,
                text=True,
                timeout=60,
                env={},
                pass_fds=() if calls is None else (calls,),
            )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap cannot be started: {error}"
    if tried.returncode:
        said = tried.stderr.strip().splitlines() or [f"exit status {tried.returncode}"]
        return f"bubblewrap does not work here: {said[-1]}"
    return None


def command(
    limits: Limits, sandboxed: bool, calls: int | None, forkserver: bool = False
) -> tuple[list[str], dict[str, str]]:
    """The command and environment that start the confined process (or, where not ``sandboxed``, a plain one).

    ``calls`` is the descriptor of the filter of system calls, open in the process that runs the command.  A
    ``forkserver`` may make the namespaces that its forks need.
    """
    python = [sys.executable, "-s", "-E", "-P", "-c", START, *(["forkserver"] if forkserver else [])]
    if sandboxed:
        return [*confined(limits, calls, nesting=forkserver), *python], {}
    home = tempfile.mkdtemp(prefix="autograder-")
    return python, _environment(home, {"PATH": os.environ.get("PATH", ""), "MPLCONFIGDIR": str(_fonts().parent)})


def confined(limits: Limits, calls: int | None, nesting: bool = False) -> list[str]:
    """bubblewrap with all its arguments, to be followed by the command it confines."""
    inner = [
        "bwrap",
        "--clearenv",
        *_separate(nesting),
        *_writable_folders(limits),
        *_view(),
        *(() if limits.frameworks else _out_of_reach()),
        *_settings(),
        "--remount-ro",
        "/",
    ]
    inner += ["--chdir", SCRATCH, *(["--seccomp", str(calls)] if calls is not None else [])]
    if os.geteuid() != 0:
        return inner
    nobody = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--inh-caps=-all"]
    outer = ["bwrap", *_folders(), *_view(), "--bind", "/proc", "/proc", "--dev", "/dev", "--die-with-parent"]
    # Its own process namespace, since what runs as nobody would not end with a parent that is another user.
    return [*outer, "--unshare-pid", *nobody, *inner]


def _separate(nesting: bool) -> list[str]:
    """Namespaces, user and rights of its own, and an end with its parent."""
    own = ["--unshare-user", "--unshare-all", "--uid", "1000", "--gid", "1000"]
    no_more = [] if nesting else ["--disable-userns"]
    return [*own, *no_more, "--hostname", "student", "--cap-drop", "ALL", "--die-with-parent", "--new-session"]


def folders(limits: Limits) -> dict[str, int]:
    """The writable folders, with how many bytes each may hold."""
    return {folder: limits.scratch if folder == SCRATCH else 8 * MIB for folder in WRITABLE}


def _writable_folders(limits: Limits) -> list[str]:
    """Empty folders in memory, each of a bounded size.  They come first: a checkout may lie in /tmp."""
    arguments = ["--proc", "/proc", "--dev", "/dev"]
    for folder, size in folders(limits).items():
        arguments += ["--size", str(size), "--tmpfs", folder]
    return [*arguments, "--remount-ro", "/dev"]


def _settings() -> list[str]:
    """The environment, and the list of fonts where Matplotlib looks for it."""
    variables = _environment(HOME, {"PATH": "/usr/bin:/bin"})
    arguments = [argument for name, value in variables.items() for argument in ("--setenv", name, value)]
    return [*arguments, "--ro-bind", str(_fonts()), f"{HOME}/.config/matplotlib/{_fonts().name}"]


def _environment(home: str, extra: dict[str, str]) -> dict[str, str]:
    return {
        "HOME": home,
        "LANG": "C.UTF-8",
        "NBGRADER_EXECUTION": "autograde",  # nbgrader's own sign of a graded run: explorers and figures draw nothing
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        **extra,
    }


@functools.cache
def _view() -> tuple[str, ...]:
    """bubblewrap's arguments for what can be seen."""
    arguments = [argument for path in seen() for argument in ("--ro-bind", path, path)]
    for folder in filter(os.path.islink, SYSTEM):
        arguments += ["--symlink", os.readlink(folder), folder]
    return (*arguments, *_masks())


@functools.cache
def seen() -> tuple[str, ...]:
    """The paths that can be seen, read-only: the system's libraries, Python, its packages, `convlab` and `inside`.

    Besides, what stands in the place of packages that are out of reach.
    """
    convlab = importlib.util.find_spec("convlab")
    assert convlab
    assert convlab.origin
    system = [folder for folder in SYSTEM if os.path.isdir(folder) and not os.path.islink(folder)]
    linking = [path for path in ("/etc/ld.so.cache", "/etc/alternatives") if os.path.exists(path)]
    return (*system, *linking, *_python(), str(Path(convlab.origin).parent), str(INSIDE), str(OUT_OF_REACH))


def _python() -> list[str]:
    """The folders that Python and its packages are in, beyond /usr."""
    folders = {sys.base_prefix, sys.prefix, os.path.dirname(os.path.realpath(sys.executable))}
    return sorted(folder for folder in folders if not folder.startswith("/usr/") and folder != "/usr")


def _masks() -> list[str]:
    """What lies in a visible folder and is hidden again: settings (there may be passwords in them), the grader."""
    hidden = [path for folder in _python() for name in SETTINGS if os.path.exists(path := f"{folder}/{name}")]
    package = str(INSIDE.parent.parent)
    if any(package.startswith(folder + "/") for folder in (*_python(), "/usr")):
        hidden += [f"{package}/{name}" for name in os.listdir(package) if name != "runner"]
        hidden += [path for path in glob.glob(f"{package}/runner/*") if path not in (str(INSIDE), str(OUT_OF_REACH))]
    return [
        a
        for path in sorted(hidden)
        for a in (("--tmpfs", path, "--remount-ro", path) if os.path.isdir(path) else ("--ro-bind", os.devnull, path))
    ]


@functools.cache
def _out_of_reach() -> tuple[str, ...]:
    """What hides the frameworks where calling them would be no answer: a package that says so in the place of each."""
    found = [spec.submodule_search_locations for name in FRAMEWORKS if (spec := importlib.util.find_spec(name))]
    folders = [folder for locations in found for folder in locations or ()]
    return tuple(argument for folder in folders for argument in ("--ro-bind", str(OUT_OF_REACH), folder))


def _folders() -> list[str]:
    """The folders above what can be seen, made so that nobody may pass through them, and the list of fonts."""
    fonts = str(_fonts())
    above = {str(parent) for path in (*seen(), fonts) for parent in Path(path).parents} - {"/"}
    made = [argument for path in sorted(above) for argument in ("--perms", "0755", "--dir", path)]
    return ["--perms", "1777", "--tmpfs", "/tmp", *made, "--ro-bind", fonts, fonts]


@functools.cache
def _fonts() -> Path:
    """Matplotlib's list of fonts, made once: without it each confined process would search for fonts anew."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = root / "convnets-autograder" / f"matplotlib-{metadata.version('matplotlib')}-{os.geteuid()}"
    if not (found := sorted(folder.glob("fontlist-*.json"))):
        folder = _writable(folder)
        subprocess.run(
            [sys.executable, "-c", "import matplotlib.font_manager"],
            env={**os.environ, "MPLCONFIGDIR": str(folder)},
            capture_output=True,
            check=False,
        )
        found = sorted(folder.glob("fontlist-*.json"))
    if not found:
        raise SandboxError(f"Matplotlib could not write its list of fonts into {folder}")
    return found[0]


def _writable(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix="autograder-matplotlib-"))
