"""`python -m benchmarks`: runs the cases and prints their tables."""

from __future__ import annotations

import argparse
import json
import platform

from . import report
from .cases import CASES
from .rows import Plan
from .server import running


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--case", action="append", choices=CASES, help="only this one; repeatable")
    parser.add_argument("--rounds", type=int, default=7, help="how often each figure is taken")
    parser.add_argument("--quick", action="store_true", help="a tenth of the size; rough figures")
    parser.add_argument("--json", action="store_true", help="print JSON in place of tables")
    parser.add_argument("--record", action="store_true", help="renew the page's table and charts")
    options = parser.parse_args()
    found: dict[str, report.Case] = {}
    with running() as url:
        plan = Plan(url, options.rounds, options.quick)
        for name in options.case or CASES:
            found[name] = report.case(str(CASES[name].__doc__), CASES[name](plan))
            if not options.json:
                print(f"\n{report.table(name, found[name])}", flush=True)
    if options.json:
        print(json.dumps({"python": platform.python_version(), "cases": found}, indent=2))
    if options.record:
        report.record(found)


if __name__ == "__main__":
    main()
