"""Lets the kernel refuse calls, or kill the process at them, by a seccomp filter (seccomp(2)).

For scripts that a test runs in a process of its own: what is refused stays so until it ends. So
file systems can be met that this machine does not have, and a process dies just where a test wants.
"""

import ctypes
import errno
import platform
import struct

_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _IF_EQUAL, _IF_SET, _RETURN = 0x20, 0x15, 0x45, 0x06
_FLAGS_OF_OPENAT = 32  # offset of its third argument in struct seccomp_data
_TMPFILE = 0o20000000

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_NUMBERS: dict[str, dict[str, tuple[int, ...]]] = {
    "x86_64": {
        "link": (86, 265),
        "fsync": (74,),
        "rename": (82, 264, 316),
        "unlink": (87, 263),
        "write": (1,),
        "openat": (257,),
    },
    "aarch64": {
        "link": (37,),
        "fsync": (82,),
        "rename": (38, 276),
        "unlink": (35,),
        "write": (64,),
        "openat": (56,),
    },
}


def can_refuse() -> bool:
    """Report whether this machine has such filters."""
    return platform.system() == "Linux" and platform.machine() in _NUMBERS


def refuse(**calls: str) -> None:
    """Refuse calls from now on.

    :param calls: the error of each, such as ``link="EPERM"``, or ``"KILL"``. ``tmpfile`` is openat
        with the flag O_TMPFILE.
    """
    numbers, architecture = _NUMBERS[platform.machine()], _ARCHITECTURES[platform.machine()]
    program = [(_LOAD, 0, 0, 4), (_IF_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _ALLOW)]
    program.append((_LOAD, 0, 0, 0))
    for call, refusal in calls.items():
        answer = _KILL if refusal == "KILL" else _ERRNO | getattr(errno, refusal)
        if call == "tmpfile":
            (openat,) = numbers["openat"]
            program += [
                (_IF_EQUAL, 0, 4, openat),
                (_LOAD, 0, 0, _FLAGS_OF_OPENAT),
                (_IF_SET, 0, 1, _TMPFILE),
                (_RETURN, 0, 0, answer),
                (_LOAD, 0, 0, 0),
            ]
            continue
        for number in numbers[call]:
            program += [(_IF_EQUAL, 0, 1, number), (_RETURN, 0, 0, answer)]
    program.append((_RETURN, 0, 0, _ALLOW))
    _install(b"".join(struct.pack("HBBI", *line) for line in program), len(program))


def _install(code: bytes, lines: int) -> None:
    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]

    libc = ctypes.CDLL(None, use_errno=True)
    set_no_new_privileges, set_seccomp, mode_filter = 38, 22, 2
    if libc.prctl(set_no_new_privileges, 1, 0, 0, 0) or libc.prctl(
        set_seccomp, mode_filter, ctypes.byref(Program(lines, code))
    ):
        raise OSError(ctypes.get_errno(), "the kernel takes no filter")
