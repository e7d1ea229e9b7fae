"""Holds conversations in a browser and with spacechat, and prints how their requests differ.

`python -m tests.real.browser [--environment 5.50.0]… [--app NAME]… [--write]`
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from tests.real.browser.compare import compare
from tests.real.browser.pointing import description
from tests.real.browser.record import FOLDER, save
from tests.real.browser.spoken import talk
from tests.real.browser.subjects import Subject, subjects
from tests.real.browser.text import QUESTIONS, is_shown
from tests.real.browser.visit import Visit, browser
from tests.real.environments import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.real.browser.calls import Visited


def main() -> int:
    """Return 1 if there is a defect."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--environment", action="append", help="default: " + " ".join(VERSIONS))
    parser.add_argument("--app", action="append", default=[], help="only this one")
    parser.add_argument("--write", action="store_true", help=f"keep what has no defect in {FOLDER}")
    given = parser.parse_args()
    failed = 0
    with browser() as chromium:
        for environment in given.environment or VERSIONS:
            with subjects(environment, given.app) as found:
                for subject in found:
                    failed += _one(chromium, environment, subject, write=given.write)
    print(f"{failed} apps with defects")
    return int(failed > 0)


def _one(chromium: Browser, environment: str, subject: Subject, *, write: bool) -> bool:
    """Compare an app, print what was found, and tell whether there is a defect."""
    try:
        page, defects = _compared(chromium, subject)
    except Exception as error:
        page, defects = None, [f"{type(error).__name__}: {error}"]
    print(f"{environment} {subject.name}: {'DEFECT' if defects else 'as the page'}")
    for said in [*defects, *(_left_out(page) if page else ())]:
        print(f"  {said}", flush=True)
    if write and page is not None and not defects:
        save(environment, subject.name, page)
    return bool(defects)


def _compared(chromium: Browser, subject: Subject) -> tuple[Visited, list[str]]:
    page = Visit(chromium, subject).talk(QUESTIONS)
    ours = talk(subject, QUESTIONS)
    judged, defects = compare(page, ours, description(subject))
    for expected, said, shown in zip(subject.answers, ours.answers, page.answers, strict=True):
        if not is_shown(expected, shown):
            defects.append(f"the page should show {expected!r}, and shows {shown!r}")
        if not is_shown(said, shown):
            defects.append(f"the page shows {shown!r}, spacechat returns {said!r}")
    return judged, defects


def _left_out(page: Visited) -> Iterator[str]:
    for call in [*page.opening, *(call for turn in page.turns for call in turn)]:
        if call.not_needed:
            yield f"function {call.fn_index} is not needed: {call.not_needed}"


if __name__ == "__main__":
    sys.exit(main())
