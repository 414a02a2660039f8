"""Checks in the form that checks.ts counts: a line for each, `ok - NAME` or `FAILED - NAME` with what went wrong below."""

import sys
import textwrap
import time
import traceback

_checks = []


def check(function):
    """Registers a function as a check; its name, with spaces, is the check's."""
    _checks.append(function)
    return function


def run_checks():
    """Makes every check, in order, and ends the program: exit code 1 if any failed."""
    failed = 0
    for function in _checks:
        name = function.__name__.replace("_", " ")
        try:
            function()
        except Exception:
            failed += 1
            print(f"FAILED - {name}")
            print(textwrap.indent(traceback.format_exc()[-6000:], "    "), end="", flush=True)
        else:
            print(f"ok - {name}", flush=True)
    sys.exit(1 if failed else 0)


def wait_until(condition, what, seconds=60, interval=0.1):
    """What `condition` returns, once it is true. Raises, naming `what`, when it is not in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not in {seconds} s: {what}")
        time.sleep(interval)


def equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"\n  expected {expected!r}\n  but got  {actual!r}")
