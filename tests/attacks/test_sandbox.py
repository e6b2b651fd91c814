"""What a confined process can see and do, as it finds out for itself, started by root and by an ordinary user."""

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from attacks.user import ALONE, ROOT, USERS, run_as
from autograder.runner import seccomp
from autograder.runner.limits import Limits
from autograder.runner.sandbox import SCRATCH, WRITABLE

SECRET = f"secret-{uuid.uuid4().hex}"  # in the environment and on the command line of the one who grades
SEEN = (
    "course/convlab",
    "autograder/runner/inside",
    "autograder/runner/out_of_reach",
)  # of the checkout, besides .venv


#: What leads to the checkout where that lies in /tmp: its Python has to be seen.
CHECKOUT_IN_TMP = [ROOT.parts[2]] if ROOT.is_relative_to("/tmp") else []


@dataclass(frozen=True)
class Attempt:
    """Something tried from inside: ``code`` sets `seen`, and ``holds`` says whether that is as it must be."""

    name: str
    code: str
    holds: Callable[[Any], bool]


# At hand in every attempt, with the facts of this machine: what something ended in, by its exception or error number.
HELPERS = """
import ctypes, errno, json, os, resource, signal, socket, stat, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)

def tried(action, *args):
    try:
        return f'done: {action(*args)!r}'
    except OSError as error:
        return errno.errorcode.get(error.errno, type(error).__name__)
    except BaseException as error:
        return type(error).__name__

def called(number, *args):
    ctypes.set_errno(0)
    result = libc.syscall(number, *args)
    return f'done: {result}' if result >= 0 else errno.errorcode[ctypes.get_errno()]

def text(path):
    with open(path, errors='replace') as file:
        return file.read()
"""

#: Every name of a file of the checkout that must not be seen, by device and number, whatever it is called inside.
WALK = """
found, known, count, writable = [], [], 0, []
folders = ['/']
while folders:
    folder = folders.pop()
    try:
        inner = list(os.scandir(folder))
    except OSError:
        continue
    if os.access(folder, os.W_OK):
        writable.append(folder)
    for entry in inner:
        count += 1
        if entry.path in ('/proc', '/sys'):
            continue
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        key = f'{status.st_dev}:{status.st_ino}'
        if key in secrets:
            found.append(entry.path)
        if key in shown:
            known.append(entry.path)
        if stat.S_ISDIR(status.st_mode):
            folders.append(entry.path)
        elif stat.S_ISREG(status.st_mode) and os.access(entry.path, os.W_OK):
            writable.append(entry.path)
seen = dict(found=found, known=len(known), count=count, writable=writable)
"""


def only(*allowed: str) -> Callable[[Any], bool]:
    """Holds where every outcome is one of ``allowed``."""
    return lambda seen: bool(seen) and set(seen.values() if isinstance(seen, dict) else seen) <= set(allowed)


ATTEMPTS = [
    Attempt(
        "open descriptors",
        "seen = sorted(os.readlink(f'/proc/self/fd/{n}').split(':')[0] for n in os.listdir('/proc/self/fd')\n"
        "              if os.path.exists(f'/proc/self/fd/{n}') or os.path.islink(f'/proc/self/fd/{n}'))",
        lambda seen: seen == ["/dev/null"] * 3 + ["pipe"] * 2,
    ),
    Attempt(
        "importing the grader",
        "names = ['autograder', 'autograder.solution', 'autograder.exercises.zero_pad', 'autograder.runner.inside',\n"
        "         'solution', 'exercises', 'judge', 'conftest', 'tests']\n"
        "seen = [tried(__import__, name) for name in names]",
        only("ModuleNotFoundError"),
    ),
    Attempt(
        "importing the grader from where its folder shows",
        "sys.path.insert(0, root)\n"
        "names = ['autograder.solution', 'autograder.judge', 'autograder.exercises', 'autograder.runner.process']\n"
        "seen = [tried(__import__, name) for name in names]\ndel sys.path[0]",
        only("ModuleNotFoundError"),
    ),
    Attempt(
        "importing a framework",
        "names = ['torch', 'torch.nn.functional', 'keras', 'keras.ops', 'tensorflow', 'functorch']\n"
        "seen = [tried(__import__, name) for name in names]",
        only("ModuleNotFoundError"),
    ),
    Attempt(
        "a framework's files",
        "import importlib.util\n"
        "folders = [importlib.util.find_spec(name).submodule_search_locations[0]\n"
        "           for name in ('torch', 'keras', 'tensorflow')]\n"
        "seen = [sorted(set(os.listdir(folder)) - {'__pycache__'}) for folder in folders]",
        lambda seen: seen == [["__init__.py"]] * 3,
    ),
    Attempt(
        "paths of the checkout and of a class's work",
        "names = ['.git', 'source', 'release', 'course/lessons', 'tests', 'examples', 'submitted', 'gradebook.db',\n"
        "         'nbgrader_config.py', 'autograder/solution.py', 'autograder/exercises']\n"
        "seen = [tried(os.stat, os.path.join(root, name)) for name in names]",
        only("ENOENT", "EACCES"),
    ),
    Attempt(
        "other people's folders",
        "seen = {name: os.path.exists(name) for name in ('/etc/passwd', '/etc/shadow', '/etc/hosts', '/var', '/run',\n"
        "        '/sys', '/boot', '/srv', '/mnt', '/media', '/opt/secrets', '/root/.ssh', '/home/' + 'ubuntu')}",
        only(False),
    ),
    Attempt(
        "settings beside Python, which may hold passwords",
        "seen = [os.listdir(path) if os.path.isdir(path) else text(path) for prefix in {sys.prefix, sys.base_prefix}\n"
        "        for name in ('etc', 'pip.conf') if os.path.exists(path := f'{prefix}/{name}')]",
        lambda seen: not any(seen),
    ),
    Attempt("the environment", "seen = sorted(os.environ)", lambda seen: set(seen) <= ENVIRONMENT),
    Attempt(
        "secrets in environments and on command lines",
        "seen = []\n"
        "for name in os.listdir('/proc'):\n"
        "    for kind in ('environ', 'cmdline'):\n"
        "        try:\n"
        "            seen += [name] * (secret in text(f'/proc/{name}/{kind}'))\n"
        "        except OSError:\n"
        "            pass",
        lambda seen: seen == [],
    ),
    Attempt(
        "other processes",
        "seen = [text(f'/proc/{n}/comm').strip() for n in os.listdir('/proc') if n.isdigit()]",
        lambda seen: len(seen) == 2,
    ),
    Attempt(
        "the process that grades",
        "seen = [tried(os.kill, grader, 0), tried(os.stat, f'/proc/{grader}')]",
        only("ESRCH", "ENOENT"),
    ),
    Attempt(
        "signals to the parent and to all",
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP):\n"
        "        os.kill(1, number)\n"
        "    os._exit(0)\n"
        "os.waitpid(pid, 0)\n"
        "seen = [text('/proc/1/stat').split()[2], os.getppid(), tried(os.kill, 10**6, 9)]",
        lambda seen: seen[0] in "SR" and seen[1] == 1 and seen[2] == "ESRCH",
    ),
    Attempt(
        "user",
        "seen = [os.getuid(), os.getgid(), os.getgroups()]",
        lambda seen: seen[:2] == [1000, 1000] and set(seen[2]) <= {1000, 65534},
    ),
    Attempt(
        "rights",
        "lines = dict(line.split(':\\t') for line in text('/proc/self/status').splitlines() if ':\\t' in line)\n"
        "seen = [lines[name] for name in ('NoNewPrivs', 'Seccomp', 'CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb')]",
        lambda seen: seen == ["1", "2"] + ["0" * 16] * 5,
    ),
    Attempt(
        "another user",
        "seen = [tried(os.setuid, 0), tried(os.setgid, 0), tried(os.setgroups, [0]), tried(os.setreuid, 0, 0)]",
        only("EPERM", "EINVAL"),
    ),
    Attempt(
        "programs that run as root",
        "seen = [subprocess.run(args, capture_output=True, text=True, stdin=-3).stdout for args in (\n"
        "    ['su', '-c', 'id -u'], ['sudo', '-n', 'id', '-u'], ['mount', '-t', 'tmpfs', 'x', '/tmp'])\n"
        "    if any(os.path.exists(f'/usr/bin/{args[0]}') for _ in [0])]\n"
        "seen.append(all('nosuid' in line.split()[3].split(',') for line in text('/proc/mounts').splitlines()))",
        lambda seen: seen[-1] is True and not any(seen[:-1]),
    ),
    Attempt(
        "namespaces of its own",
        "flags = (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x08000000, 0x10000000 | 0x20000)\n"
        "seen = [called(refused['unshare'], flag) for flag in flags]\n"
        "seen += [called(clone, flag | signal.SIGCHLD, None, None, None, None) for flag in flags]",
        only("ENOSYS", "EPERM", "ENOSPC"),
    ),
    Attempt(
        "bubblewrap in bubblewrap",
        "arguments = ['bwrap', '--unshare-all', '--ro-bind', '/', '/', 'id']\n"
        "made = subprocess.run(arguments, capture_output=True, text=True)\n"
        "seen = [made.returncode != 0, made.stdout]",
        lambda seen: seen == [True, ""],
    ),
    Attempt(
        "mounts, roots, devices and clocks",
        "seen = [tried(os.chroot, '/tmp'), tried(os.mknod, '/tmp/disk', 0o600 | stat.S_IFBLK, os.makedev(8, 0)),\n"
        "        tried(__import__('time').clock_settime, 0, 0), tried(socket.sethostname, 'mine'),\n"
        "        called(refused['mount'], b'none', b'/tmp', b'tmpfs', 0, None)]",
        only("EPERM", "ENOSYS", "EACCES"),
    ),
    Attempt(
        "system calls that no lesson needs",
        "seen = {name: called(number, 0, 0, 0, 0, 0, 0) for name, number in refused.items()}",
        only("ENOSYS"),
    ),
    Attempt(
        "the same system calls by other numbers",
        "seen = [called(0x40000000 + number, 0, 0, 0, 0, 0, 0) for number in refused.values()]",
        only("ENOSYS"),
    ),
    Attempt(
        "higher limits",
        "seen = [tried(resource.setrlimit, getattr(resource, name), (resource.RLIM_INFINITY,) * 2) for name in\n"
        "        ('RLIMIT_AS', 'RLIMIT_NPROC', 'RLIMIT_FSIZE', 'RLIMIT_NOFILE', 'RLIMIT_CPU', 'RLIMIT_CORE')]\n"
        "seen += [tried(os.nice, -5)]",
        only("ValueError", "EPERM", "EACCES"),
    ),
    Attempt(
        "limits as they are",
        "seen = {name: resource.getrlimit(getattr(resource, name)) for name in limits}",
        lambda seen: all(soft == hard == Limits().rlimits()[name] for name, (soft, hard) in seen.items()),
    ),
    Attempt(
        "settings of the kernel",
        "seen = [tried(open, path, 'w') for path in ('/proc/sys/kernel/core_pattern', '/proc/sys/kernel/hostname',\n"
        "        '/proc/sys/vm/overcommit_memory', '/proc/sysrq-trigger', '/proc/sys/user/max_user_namespaces')]",
        only("EROFS", "EACCES", "EPERM", "ENOENT"),
    ),
    Attempt(
        "the kernel's memory and messages",
        "paths = ('/proc/kcore', '/proc/kmsg', '/dev/mem', '/dev/kmsg', '/dev/port')\n"
        "seen = [tried(open, path, 'rb') for path in paths]",
        only("ENOENT", "EACCES", "EPERM"),
    ),
    Attempt(
        "devices",
        "seen = sorted(os.listdir('/dev'))",
        lambda seen: set(seen) <= DEVICES,
    ),
    Attempt("a terminal to type into", "seen = [tried(open, '/dev/tty')]", only("ENXIO")),
    Attempt(
        "disks",
        "seen = [line.split()[0] for line in text('/proc/mounts').splitlines() if 'rw' in line.split()[3].split(',')]",
        lambda seen: set(seen) <= {"tmpfs", "proc", "devpts", "devtmpfs", "udev", "dev"},
    ),
    Attempt(
        "network devices",
        "seen = [name for _, name in socket.if_nameindex()]",
        lambda seen: seen == ["lo"],
    ),
    Attempt(
        "connections",
        "seen = []\n"
        "for family, address in ((socket.AF_INET, ('1.1.1.1', 53)), (socket.AF_INET, ('127.0.0.1', port)),\n"
        "                        (socket.AF_INET6, ('::1', port)), (socket.AF_INET, ('169.254.169.254', 80)),\n"
        "                        (socket.AF_UNIX, '\\0' + secret), (socket.AF_UNIX, '/run/dbus/system_bus_socket'),\n"
        "                        (socket.AF_UNIX, '/var/run/docker.sock')):\n"
        "    with socket.socket(family) as connection:\n"
        "        connection.settimeout(2)\n"
        "        seen.append(tried(connection.connect, address))",
        only("ENETUNREACH", "ECONNREFUSED", "ENOENT", "EADDRNOTAVAIL", "EHOSTUNREACH"),
    ),
    Attempt(
        "names of the network",
        "seen = [tried(socket.getaddrinfo, name, 80) for name in ('example.com', 'pypi.org')]",
        only("gaierror", "EAI_AGAIN"),
    ),
    Attempt(
        "packets",
        "seen = [tried(socket.socket, socket.AF_INET, socket.SOCK_RAW, 1), tried(socket.socket, socket.AF_PACKET),\n"
        "        tried(socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto, b'x', ('8.8.8.8', 53))]",
        only("EPERM", "ENETUNREACH", "EACCES"),
    ),
    Attempt(
        "the home folder",
        "inner = os.walk(os.environ['HOME'])\n"
        "seen = sorted(os.path.join(folder, name) for folder, _, names in inner for name in names)\n"
        "seen = [name for name in seen if 'fontlist' not in name and '/.ipython/' not in name]",
        lambda seen: seen == [],
    ),
    Attempt(
        "the current folder",
        "seen = [os.getcwd(), os.listdir('.'), os.listdir('/tmp')]",
        lambda seen: seen == [SCRATCH, [], CHECKOUT_IN_TMP],
    ),
    Attempt(
        "shared memory of others",
        "seen = [text(f'/proc/sysvipc/{kind}').count('\\n') - 1 for kind in ('shm', 'msg', 'sem')]\n"
        "seen += os.listdir('/dev/shm')",
        lambda seen: seen == [0, 0, 0],
    ),
    Attempt("the machine's name", "seen = os.uname().nodename", lambda seen: seen == "student"),
    Attempt(
        "every file there is",
        WALK,
        lambda seen: (
            seen["found"] == []
            and seen["known"] > 10
            and seen["count"] > 1000
            and [path for path in seen["writable"] if not path.startswith((*WRITABLE, "/dev/pts"))] == []
        ),
    ),
    Attempt(
        "more room than there is",
        "seen = {}\n"
        "for folder in writable_folders:\n"
        "    written = 0\n"
        "    try:\n"
        "        for n in range(40):\n"
        "            with open(f'{folder}/{n}', 'wb', buffering=0) as file:\n"
        "                for _ in range(4):\n"
        "                    written += file.write(bytes(1 << 20))\n"
        "    except OSError as error:\n"
        "        written = [written >> 20, errno.errorcode[error.errno]]\n"
        "    seen[folder] = written\n"
        "    for n in range(40):\n"
        "        tried(os.remove, f'{folder}/{n}')",
        lambda seen: all(
            error == "ENOSPC" and 7 <= size <= (64 if folder == SCRATCH else 8)
            for folder, (size, error) in seen.items()
        ),
    ),
    Attempt(
        "one large file",
        "seen = [tried(os.truncate, os.open('/scratch/large', os.O_CREAT | os.O_RDWR), 65 << 20)]",
        only("EFBIG"),
    ),
]
ENVIRONMENT = {
    "HOME",
    "LANG",
    "PATH",
    "PWD",
    "NBGRADER_EXECUTION",
    "MPLBACKEND",
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHASHSEED",
    "IPYTHONDIR",
}
DEVICES = {
    "core",
    "fd",
    "full",
    "null",
    "ptmx",
    "pts",
    "random",
    "shm",
    "stderr",
    "stdin",
    "stdout",
    "tty",
    "urandom",
    "zero",
}


def files(*folders: Path) -> list[str]:
    """Device and number of every file below ``folders``."""
    found = [path.lstat() for folder in folders for path in folder.rglob("*") if not path.is_dir()]
    return [f"{status.st_dev}:{status.st_ino}" for status in found]


@pytest.fixture(scope="module", params=[*USERS, ALONE])
def seen(request, tmp_path_factory):
    """What came of all attempts, by name, in one process; what must stay secret is really there outside."""
    others = [
        path for path in ROOT.iterdir() if path.is_dir() and path.name not in (".venv", "autograder", "course", ".git")
    ]
    shown = set(files(*(ROOT / folder for folder in SEEN)))
    own = set(files(ROOT / "autograder", ROOT / "course", *others)) - shown
    column = seccomp.MACHINES[os.uname().machine][0]
    refused = {name: numbers[column] for name, numbers in seccomp.REFUSED.items()}
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind(f"\0{SECRET}")
        abstract.listen()
        facts = {
            "grader": os.getpid(),
            "port": server.getsockname()[1],
            "root": str(ROOT),
            "secret": SECRET,
            "writable_folders": WRITABLE,
            "secrets": own,
            "shown": shown,
            "refused": refused,
            "clone": {"x86_64": 56, "aarch64": 220}[os.uname().machine],
            "limits": list(Limits().rlimits()),
        }
        known = "\n".join(f"{name} = {value!r}" for name, value in facts.items())
        cells = [HELPERS + known, *(f"{attempt.code}\nprint(json.dumps(seen))" for attempt in ATTEMPTS)]
        os.environ["GRADERS_TOKEN"] = SECRET
        try:
            came = run_as(request.param, cells, Limits(cell_seconds=60))
        finally:
            del os.environ["GRADERS_TOKEN"]
    assert came.incidents == []
    assert len(own) > 50
    return {attempt.name: came.values(place) for place, attempt in enumerate(ATTEMPTS, start=1)}


@pytest.mark.xdist_group("attacks: sandbox")
@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.name)
def test_attempt(seen, attempt):
    assert attempt.holds(seen[attempt.name]), seen[attempt.name]


def test_one_submission_leaves_nothing_to_the_next_or_to_one_beside_it():
    """Files, sockets and shared memory of one, while it still runs, are not there for another."""
    from autograder.runner.notebook import Cell, Notebook, NotebookRun

    leave = """
import socket
from multiprocessing import shared_memory
for folder in {folders!r}:
    open(folder + '/note', 'w').write('for you')
kept = shared_memory.SharedMemory('shared note', create=True, size=10)
listening = socket.socket(socket.AF_UNIX); listening.bind('\\0note'); listening.listen()
"""
    look = """
import os, socket
print([name for folder in {folders!r} for name in os.listdir(folder) if 'note' in name])
try:
    socket.socket(socket.AF_UNIX).connect('\\0note')
    print('connected')
except ConnectionRefusedError:
    print('refused')
"""
    first, second = (Notebook((Cell(code.format(folders=WRITABLE)),)) for code in (leave, look))
    with (
        NotebookRun(first, Limits()) as one,
        NotebookRun(second, Limits()) as beside,
        NotebookRun(second, Limits()) as after,
    ):
        one.run()
        assert one.outputs == [[]]
        beside.run()
        one.__exit__()
        after.run()
    for run in (beside, after):
        assert run.outputs[0][0]["text"] == "[]\nrefused\n"


STAYS = {
    "a detached process": "subprocess.Popen(['setsid', '-f', *sleeps])",
    "one that ignores signals": "subprocess.Popen(['sh', '-c', 'trap \"\" TERM INT HUP; ' + ' '.join(sleeps) + '; :'])",
    "a shell line": "os.system('nohup ' + ' '.join(sleeps) + ' &')",
    "a process without a parent": "os.fork() or (os.setsid(), os.fork() and os._exit(0), os.execvp('sleep', sleeps))",
    "a loop at exit": "atexit.register(lambda: [0 for _ in iter(int, 1)]); subprocess.Popen(sleeps)",
    "a thread that is waited for": "threading.Thread(target=lambda: time.sleep(300)).start(); subprocess.Popen(sleeps)",
}


def staying(mark: str, *lines: str) -> str:
    """A cell of ``lines`` that start processes to be known by ``mark``."""
    return "\n".join(["import atexit, os, subprocess, threading, time", f"sleeps = ['sleep', '300.{mark}']", *lines])


def alive(mark: str) -> list[str]:
    """The command lines with ``mark`` in them, of all processes of this machine."""
    lines = [" ".join(one.info["cmdline"] or []) for one in psutil.process_iter(["cmdline"])]
    return [line for line in lines if f"sleep 300.{mark}" in line]


@pytest.mark.parametrize("user", USERS)
def test_no_process_is_left(user):
    mark = str(uuid.uuid4().int)
    came = run_as(user, [staying(mark, *STAYS.values()), "time.sleep(0.5)", "!ps ax | grep -c '[s]leep 300'"])
    assert came.incidents == []
    assert int(came.text(2)) >= len(STAYS)
    assert alive(mark) == []


@pytest.mark.parametrize("user", USERS)
def test_no_process_outlives_a_grader_that_is_killed(user):
    mark = str(uuid.uuid4().int)
    code = staying(mark, STAYS["a detached process"], "time.sleep(60)")
    path = f"import sys; sys.path.insert(0, {str(ROOT / 'tests')!r})"
    script = f"{path}\nfrom attacks.user import run_as\nrun_as({user!r}, [{code!r}])"
    with subprocess.Popen([sys.executable, "-c", script], start_new_session=True) as grading:
        within(30, lambda: alive(mark))
        family = psutil.Process(grading.pid).children(recursive=True)
        grader = next(
            one for one in family if any(part.endswith("user.py") for part in one.cmdline()) and "python" in one.name()
        )
        grader.send_signal(signal.SIGKILL)
        within(10, lambda: not alive(mark))
        grading.kill()
    within(10, lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in family))


def within(seconds: float, condition: Callable[[], object]) -> None:
    """Wait until ``condition`` holds; fail where it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_the_filter_of_system_calls_is_the_kernels_and_known_for_both_machines():
    """The numbers of this machine are those of its own C library's headers, where it has them."""
    for machine in seccomp.MACHINES:
        code = seccomp.program(machine)
        assert code is not None
        assert len(code) == 8 * (len(seccomp.REFUSED) + 7)
    assert seccomp.program("vax") is None
    headers = [
        Path(f"/usr/include/{os.uname().machine}-linux-gnu/asm/unistd_64.h"),
        Path("/usr/include/asm-generic/unistd.h"),
    ]
    for column, header in enumerate(headers):
        if header.exists():
            text = header.read_text()
            for name, numbers in seccomp.REFUSED.items():
                assert f"#define __NR_{name} {numbers[column]}\n" in text or f"__NR_{name}" not in text, name
