"""The workflows run the parts of `.ci`, on the Pythons that the package supports."""

from __future__ import annotations

import os
import re
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.systems import POSIX

ROOT = Path(__file__).resolve().parents[2]
GITHUB = ROOT / ".github"
PARTS = sorted(path.name for path in (ROOT / ".ci").iterdir() if path.name != "run")
FORMS = sorted(path.stem for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml"))
FORMS.remove("config")


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def parts_in(text: str) -> list[str]:
    """The parts of `.ci` that a script or workflow calls."""
    return re.findall(r"^ *(?:- run: )?\.ci/(\w+)\b", text, re.MULTILINE)


def test_ci_runs_every_part() -> None:
    assert sorted(parts_in((ROOT / ".ci" / "run").read_text(encoding="utf-8"))) == PARTS
    workflow = (GITHUB / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert sorted(parts_in(workflow)) == PARTS


@POSIX
@pytest.mark.parametrize("name", ["run", *PARTS])
def test_a_part_can_be_run(name: str) -> None:
    assert os.access(ROOT / ".ci" / name, os.X_OK)


def test_the_tests_end_what_ci_prints() -> None:
    assert parts_in((ROOT / ".ci" / "run").read_text(encoding="utf-8"))[-1] == "tests"


def test_every_supported_python_on_every_system() -> None:
    matrix = load(GITHUB / "workflows" / "ci.yml")["jobs"]["versions"]["strategy"]["matrix"]
    assert matrix["system"] == ["ubuntu", "macos", "windows"]
    prefix = "Programming Language :: Python :: "
    classifiers = metadata("spacechat").get_all("Classifier", [])
    declared = {name.removeprefix(prefix) for name in classifiers if name.startswith(prefix)}
    assert declared - {"3", "3 :: Only"} <= set(matrix["python"])
    assert metadata("spacechat")["Requires-Python"] == f">={matrix['python'][0]}"


def test_only_the_job_that_publishes_may_do_more_than_read() -> None:
    for path in (GITHUB / "workflows").iterdir():
        workflow = load(path)
        assert workflow["permissions"] == {"contents": "read"}
        wider = {
            name: job["permissions"]
            for name, job in workflow["jobs"].items()
            if "permissions" in job
        }
        publishes = {"publish": {"id-token": "write"}} if path.name == "release.yml" else {}
        assert wider == publishes


def test_what_is_published_is_what_ci_checked() -> None:
    jobs = load(GITHUB / "workflows" / "release.yml")["jobs"]
    assert jobs["ci"] == {"uses": "./.github/workflows/ci.yml"}
    assert jobs["publish"]["needs"] == "ci"
    (download,) = (
        step for step in jobs["publish"]["steps"] if "download-artifact" in step.get("uses", "")
    )
    package = load(GITHUB / "workflows" / "ci.yml")["jobs"]["package"]["steps"]
    assert download["with"]["name"] == package[-1]["with"]["name"]
    assert not any("build" in step.get("run", "") for step in jobs["publish"]["steps"])


@pytest.mark.parametrize("name", FORMS)
def test_a_form_asks_each_thing_once(name: str) -> None:
    form = load(GITHUB / "ISSUE_TEMPLATE" / f"{name}.yml")
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    ids = [field["id"] for field in fields]
    labels = [field["attributes"]["label"] for field in fields]
    assert len(set(ids)) == len(ids)
    assert len(set(labels)) == len(labels)
    assert any(field.get("validations", {}).get("required") for field in fields)


def test_a_space_that_does_not_answer_is_reported_with_its_inspection() -> None:
    (field,) = (
        field
        for field in load(GITHUB / "ISSUE_TEMPLATE" / "space.yml")["body"]
        if field.get("id") == "inspection"
    )
    assert "spacechat inspect" in field["attributes"]["description"]
    assert field["validations"]["required"]
