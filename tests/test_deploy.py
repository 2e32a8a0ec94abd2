"""The ready files of ``deploy/``: each is read by what will read it, as far as that is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from defusedxml import ElementTree

from xlrotation.cli import main

DEPLOY = Path(__file__).parents[1] / "deploy"
SCRIPT = DEPLOY / "nightly.sh"
posix = pytest.mark.skipif(os.name != "posix", reason="a script of the POSIX shell")


def options_of(line: str) -> list[str]:
    return re.findall(r"(?<!\S)--[\w-]+", line)


@pytest.fixture(scope="module")
def known() -> set[str]:
    import contextlib
    import io

    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.suppress(SystemExit):
        main(["nightly", "--help"])
    return set(re.findall(r"--[\w-]+", said.getvalue()))


def test_all_call_the_command_with_options_that_it_has(known: set[str]) -> None:
    lines = [
        line
        for name in ("nightly.sh", "cron/xlrotation.crontab", "systemd/xlrotation-nightly@.service")
        for line in (DEPLOY / name).read_text("utf-8").splitlines()
        if not line.startswith("#")
        and "usage" not in line
        and (("nightly" in line and ".toml" in line) or '" nightly' in line)
    ]
    lines.append(ElementTree.parse(DEPLOY / "windows/xlrotation-nightly.xml").find(".//{*}Arguments").text)
    assert len(lines) == 4
    assert {option for line in lines for option in options_of(line)} == {"--log", "--summary"}
    assert known >= {"--log", "--summary"}


def ran(tmp_path: Path, status: int, message: str, sendmail: bool = True, **environment: str) -> tuple[int, str, str]:
    """Exit status of the script, what it printed, and what went to sendmail."""
    programs = tmp_path / "bin"
    programs.mkdir(exist_ok=True)
    (tmp_path / "message").write_text(message, "utf-8")
    fakes = {"xlrotation": f'echo "$@" >{tmp_path}/called\ncat {tmp_path}/message\nexit {status}'}
    if sendmail:
        fakes["sendmail"] = f"cat >{tmp_path}/sent"
    for name, text in fakes.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}\n", "utf-8")
        (programs / name).chmod(0o755)
    path = f"{programs}:/usr/bin:/bin"
    done = subprocess.run(
        ["/bin/sh", str(SCRIPT), "a plan.toml", "--log", "json"],
        env={"PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    sent = tmp_path / "sent"
    return done.returncode, done.stdout, sent.read_text("utf-8") if sent.exists() else ""


@posix
@pytest.mark.parametrize("status", [0, 1, 2, 3, 143])
def test_the_script_sends_the_mail_and_keeps_the_status(tmp_path: Path, status: int) -> None:
    message = "Subject: x\nTo: desk@example.com\n\nbody\n"
    assert ran(tmp_path, status, message) == (status, "", message)
    assert (tmp_path / "called").read_text() == "nightly a plan.toml --log json --summary mail\n"


@posix
def test_the_script_prints_what_it_cannot_send(tmp_path: Path) -> None:
    message = "Subject: x\n\nTo be read\n"
    assert ran(tmp_path, 1, message) == (1, message, "")
    assert ran(tmp_path, 0, message, QUIET="1") == (0, "", "")
    assert ran(tmp_path, 3, message, QUIET="1") == (3, message, "")
    assert ran(tmp_path, 2, "") == (2, "", "")


@posix
def test_the_script_names_what_it_needs() -> None:
    done = subprocess.run(["/bin/sh", str(SCRIPT)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: ")


def test_lines_of_cron() -> None:
    """Names and values, and lines of five fields and a command, in which a percent sign would end it."""
    ranges = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
    jobs = 0
    for line in (DEPLOY / "cron/xlrotation.crontab").read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#") or re.fullmatch(r"[A-Z_]+=[^$]*", line):
            continue
        *fields, command = line.split(None, 5)
        for field, (least, most) in zip(fields, ranges, strict=True):
            for value in re.findall(r"\d+", field):
                assert least <= int(value) <= most
            assert re.fullmatch(r"(\*|\d+(-\d+)?)(/\d+)?(,(\d+(-\d+)?)(/\d+)?)*", field)
        assert "%" not in command
        assert command.startswith("/opt/xlrotation/deploy/nightly.sh ")
        jobs += 1
    assert jobs == 1


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
def test_units_of_systemd(tmp_path: Path) -> None:
    for path in (DEPLOY / "systemd").iterdir():
        text = path.read_text("utf-8").replace("/opt/xlrotation/deploy/nightly.sh", str(SCRIPT))
        (tmp_path / path.name.replace("@", "@jobs")).write_text(text.replace("%i", "jobs"), "utf-8")
    units = sorted(map(str, tmp_path.iterdir()))
    assert len(units) == 2
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert not [line for line in done.stderr.splitlines() if "xlrotation" in line]
    (when,) = re.findall(r"^OnCalendar=(.*)$", (DEPLOY / "systemd/xlrotation-nightly@.timer").read_text(), re.MULTILINE)
    done = subprocess.run(["systemd-analyze", "calendar", when], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_task_of_windows() -> None:
    """The order of elements is that of the Task Scheduler's schema, where it has one; no encoding is declared."""
    text = (DEPLOY / "windows/xlrotation-nightly.xml").read_text("ascii")
    assert text.startswith('<?xml version="1.0"?>\n')
    task = ElementTree.fromstring(text)
    space = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
    assert task.tag == f"{space}Task"
    assert [child.tag.removeprefix(space) for child in task] == [
        *("RegistrationInfo", "Triggers", "Principals", "Settings", "Actions")
    ]
    trigger = task.find(f".//{space}CalendarTrigger")
    assert [child.tag.removeprefix(space) for child in trigger] == ["Enabled", "StartBoundary", "ScheduleByWeek"]
    weekly = trigger.find(f"{space}ScheduleByWeek")
    assert {child.tag.removeprefix(space) for child in weekly} == {"DaysOfWeek", "WeeksInterval"}
    run = task.find(f".//{space}Exec")
    assert [child.tag.removeprefix(space) for child in run] == ["Command", "Arguments", "WorkingDirectory"]
    assert task.find(f".//{space}MultipleInstancesPolicy").text == "IgnoreNew"


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    lines = [line for line in re.sub(r"\\\n\s*", "", text).splitlines() if line.strip()]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


def test_the_container_runs_without_root_and_gets_what_it_needs() -> None:
    found = instructions()
    assert {name for name, _ in found} <= {
        *("ARG", "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "ENTRYPOINT", "CMD")
    }
    last = [name for name, _ in found[::-1]].index("FROM")
    final = found[len(found) - last :]
    users = [value for name, value in final if name == "USER"]
    assert users == ["10001:10001"]
    assert not [name for name, _ in final[[name for name, _ in final].index("USER") :] if name == "RUN"]
    sources = [part for name, value in found if name == "COPY" and "--from" not in value for part in value.split()[:-1]]
    allowed = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").split()
    for source in sources:
        name = source.removeprefix("./")
        assert (DEPLOY.parent / name).exists()
        assert f"!{name}" in allowed
    assert "latest" not in (DEPLOY / "Dockerfile").read_text("utf-8")
    readme = re.search(r'^readme = "(.*)"', (DEPLOY.parent / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert readme is not None
    assert readme[1] in sources
