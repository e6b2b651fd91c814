"""Shuts a forked child in, with what bubblewrap uses: namespaces(7), mount(2), capabilities(7), seccomp(2).

The fork server is confined by bubblewrap; every child is shut in once more, apart from the server and from other
children.  Three steps, in this order: `separate` and a fork, `furnish` and `give_up` in the new process.
"""

from __future__ import annotations

import ctypes
import itertools
import os

USER, PROCESSES, MOUNTS, IPC, NETWORK, HOSTNAME, CGROUP = (
    0x10000000,
    0x20000000,
    0x00020000,
    0x08000000,
    0x40000000,
    0x04000000,
    0x02000000,
)  # <linux/sched.h>, CLONE_NEW...
NOSUID, NODEV, NOEXEC = 2, 4, 8  # <linux/mount.h>, MS_...
SET_DUMPABLE, SET_SECCOMP, DROP_BOUND, SET_NO_NEW_PRIVILEGES = 4, 22, 24, 38  # <linux/prctl.h>, PR_...
SECCOMP_FILTER = 2
CAPABILITIES_V3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def separate() -> None:
    """Leave the server's namespaces for new ones; that of processes is for those forked from now on."""
    user, group = os.getuid(), os.getgid()
    _call("unshare", USER | PROCESSES | MOUNTS | IPC | NETWORK | HOSTNAME | CGROUP)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def furnish(folders: dict[str, int]) -> None:
    """Give the process its own view of processes and terminals, and empty folders of bounded sizes in bytes."""
    _mount("proc", "/proc", "proc", NOSUID | NODEV | NOEXEC)
    with open("/proc/sys/user/max_user_namespaces", "w") as file:
        file.write("0")
    _mount("devpts", "/dev/pts", "devpts", NOSUID | NOEXEC, "newinstance,ptmxmode=0666,mode=620")
    for folder, size in folders.items():
        _mount("tmpfs", folder, "tmpfs", NOSUID | NODEV, f"size={size},mode=0755")


def give_up(calls: bytes) -> None:
    """Keep no rights, gain none ever, and submit to the filter of system calls (none, where it is empty)."""
    for capability in itertools.count():
        if _libc.prctl(DROP_BOUND, capability, 0, 0, 0):
            break  # there are no more
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_V3, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())
    _call("prctl", SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if calls:
        code = ctypes.create_string_buffer(calls, len(calls))
        _call("prctl", SET_SECCOMP, SECCOMP_FILTER, ctypes.byref(_Program(len(calls) // 8, ctypes.addressof(code))))


def hide_memory() -> None:
    """Let no other process of this user read or trace this one."""
    _call("prctl", SET_DUMPABLE, 0, 0, 0, 0)


class _Program(ctypes.Structure):
    """A filter of system calls (struct sock_fprog)."""

    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    _call("mount", source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode())


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
