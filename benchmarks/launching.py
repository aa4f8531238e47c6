"""Start one command, wait for it, and tell what it cost; a program of its own, without imports that weigh.

The peak memory that the system tells of a process is never below what its parent had when it was started, and the
benchmark itself holds large books in memory: so each command is started by this small program.
"""

import json
import os
import sys
import time


def main() -> None:
    """Run the words given; print exit status, CPU and wall seconds, and peak MiB as one JSON object."""
    words = sys.argv[1:]
    nothing = os.open(os.devnull, os.O_WRONLY)
    started = time.perf_counter()
    process = os.posix_spawnp(words[0], words, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, nothing, 1)])
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - started
    told = {
        "status": os.waitstatus_to_exitcode(status),
        "cpu": usage.ru_utime + usage.ru_stime,
        "wall": wall,
        "peak": usage.ru_maxrss / 1024,
    }
    sys.stdout.write(json.dumps(told))


main()
