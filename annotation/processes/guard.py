"""Become a command that cannot outlive its parent: python guard.py OPTIONS -- COMMAND …

Run as a script by path, so that it starts in a few hundredths of a second and as any user. On Linux the
kernel signals the command when the supervisor dies, however it dies; elsewhere only a tidy stop is covered.
"""

import argparse
import ctypes
import os
import pwd
import signal
import sys
import time

PR_SET_PDEATHSIG = 1
# Tells the command that it runs under a guard, so that processes of its own can end with it.
GUARDED = "BENNET_GUARDED"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True, help="the supervisor's process id")
    parser.add_argument("--signal", default="SIGTERM", help="sent when the supervisor dies")
    parser.add_argument("--user", default="", help="who to become, when started by root")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    time.sleep(float(os.environ.get("START_DELAY_SECONDS", "0")))
    if options.user:
        become(options.user)
    # After the change of user, which clears it; and the parent may have died before it was asked for.
    die_with_parent(signal.Signals[options.signal])
    if os.getppid() != options.parent:
        sys.exit(f"process {options.parent} is gone, so {options.command[0]} is not started")
    os.environ[GUARDED] = "1"
    os.execvp(options.command[0], options.command)


def die_with_parent(number: signal.Signals) -> None:
    """Have the kernel send this process the signal when its parent ends, in whatever way."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number)


def become(name: str) -> None:
    user = pwd.getpwnam(name)
    os.initgroups(name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.environ["HOME"] = user.pw_dir


if __name__ == "__main__":
    main()
