"""A process that runs deliveries in children of its own, which others may kill: it has imported everything already.

It reads one JSON object a line, and answers with the number of the child, and then with how that ended.
"""

import json
import os
import sys

import simple_salesforce  # noqa: F401
from send_runs import QUICK, hubspot_target, run, salesforce_target

import influence.send.hubspot
import influence.send.salesforce  # noqa: F401

TARGETS = {"hubspot": hubspot_target(threshold=0), "salesforce": salesforce_target(threshold=0)}


def child(task):
    os.environ.update(task["environ"])
    try:
        run(task["values"], TARGETS[task["form"]], task["out"], task["environ"], pace=QUICK)
    except BaseException as error:  # whatever it is, the parent is to see it
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        child(json.loads(line))
    sys.stdout.write(f"{pid}\n")
    sys.stdout.flush()
    _, status = os.waitpid(pid, 0)
    sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
    sys.stdout.flush()
