"""The benchmarks: what a script keeps to, how they measure, and that the README claims what they found."""

from __future__ import annotations

import ast
import dataclasses
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "benchmarks"
SCRIPTS = sorted(BENCHMARKS.glob("*.py"))


@pytest.fixture(autouse=True)
def beside_the_scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "harness"]:
        del sys.modules[name]


@pytest.fixture
def figures() -> ModuleType:
    from harness import figures

    return figures


@pytest.fixture
def measuring() -> ModuleType:
    from harness import measuring

    return measuring


@pytest.fixture
def page() -> ModuleType:
    from harness import page

    return page


@pytest.fixture
def claims() -> ModuleType:
    from harness import claims

    return claims


def test_there_are_scripts() -> None:
    assert len(SCRIPTS) > 5


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_keeps_to_the_convention(script: Path) -> None:
    tree = ast.parse(script.read_text("utf-8"))
    assert ast.get_docstring(tree)
    parts = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        for mark in node.decorator_list
        if re.fullmatch(r"part(\(long=True\))?", ast.unparse(mark))
    ]
    assert parts, "no part is marked, so that nothing of it is run"
    for node in parts:
        assert [ast.unparse(argument) for argument in node.args.args] == ["bench: Bench"], node.name
    last = tree.body[-1]
    assert isinstance(last, ast.If)
    assert ast.unparse(last.test) == "__name__ == '__main__'"
    assert "main()" in ast.unparse(last)
    assert "print(" not in ast.unparse(ast.Module(parts, [])), "what is printed is on no page: record a figure"


def test_the_page_shows_the_figures_and_the_readme_claims_them(
    figures: ModuleType, page: ModuleType, claims: ModuleType
) -> None:
    found = figures.read(BENCHMARKS / "figures.json")
    for path, text in {**page.pages(found), **claims.readme(found)}.items():
        assert path.read_text("utf-8") == text, f"{path.name} is not what the benchmarks found: make bench"


def test_the_readme_claims_no_speed_beside_those(claims: ModuleType) -> None:
    head, _, rest = (ROOT / "README.md").read_text("utf-8").partition(claims.BEGIN)
    said = head + rest.partition(claims.END)[2]
    assert not re.findall(r"\d (?:microseconds|milliseconds|µs|ms|s|times)\b", said)


def test_every_claim_is_a_number_of_the_page(figures: ModuleType, page: ModuleType, claims: ModuleType) -> None:
    found = figures.read(BENCHMARKS / "figures.json")
    shown = page.PAGES["en"].read_text("utf-8")
    places = claims._PLACE.findall(claims.CLAIMS)
    assert len(places) > 5
    for script, what, other, itself in places:
        figure = found.of(script, what)
        (row,) = [line for line in shown.splitlines() if line.startswith(f"| {what} |")]
        said = f"| {page.shown(figure.ours, 's')} |"
        if other:
            said = f"{other} {page.shown(figure.against[other], 's')} ({figures.digits(figure.ratios()[other])} times)"
        elif itself:
            said = f"{itself} {page.shown(figure.against[itself], 's')}"
        assert said in row


def test_a_claim_without_a_figure_is_refused(figures: ModuleType, claims: ModuleType) -> None:
    found = figures.read(BENCHMARKS / "figures.json")
    for template in ("{calls|no such figure}", "{calls|PX_RET, one cell, sample|no such program}"):
        with pytest.raises(KeyError):
            claims.claimed(found, template)


def test_all_that_the_page_says_is_translated(page: ModuleType) -> None:
    chinese = page.translations()
    assert not [text for text in page.TEXTS if text not in chinese]
    for text, translation in chinese.items():
        assert text.count("{}") == translation.count("{}"), text


def test_what_is_blank_stays_blank_in_chinese(page: ModuleType) -> None:
    assert "" not in page.translations(), "the head of the file is no translation"
    assert "charset" not in page.PAGES["zh"].read_text("utf-8")


def figure(figures: ModuleType, **given: object) -> object:
    return figures.Figure(**{"script": "s", "what": "w", "kind": "warm", "ours": 2.0, **given})


@pytest.mark.parametrize(
    ("given", "met"),
    [
        ({}, None),
        ({"at_most": 2.0}, True),
        ({"at_most": 1.9}, False),
        ({"times": 3.0, "against": {"a": 6.0, "b": 9.0}}, True),
        ({"times": 3.0, "against": {"a": 6.0, "b": 5.0}}, False),
        ({"times": 1 / 3, "against": {"a": 0.7}}, True),
        ({"at_most": 1.0, "times": 3.0, "against": {"a": 6.0}}, False),
    ],
)
def test_goals(figures: ModuleType, given: dict[str, object], met: bool | None) -> None:
    assert figure(figures, **given).met is met


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (3.14159e-6, "s", "3.1 µs"),
        (2.2e-7, "s", "220 ns"),
        (0.1412, "s", "140 ms"),
        (12.04, "s", "12 s"),
        (1234.0, "MB", "1,200 MB"),
        (1.0, "times", "1 times"),
        (1.005, "exponent", "1.00"),
    ],
)
def test_values_are_shown_as_far_as_they_mean_something(
    figures: ModuleType, value: float, unit: str, said: str
) -> None:
    assert figures.shown(value, unit) == said


def test_figures_of_another_machine_are_not_mixed_in(figures: ModuleType) -> None:
    def found(machine: str, script: str, ours: float) -> object:
        held = (figure(figures, script=script, ours=ours),)
        return figures.Findings({"processor": machine}, {}, {script: "2026-01-02"}, held)

    old = found("A", "calls", 1.0)
    assert [f.ours for f in figures.joined(old, found("A", "calls", 2.0)).figures] == [2.0]
    both = figures.joined(old, found("A", "options", 2.0))
    assert [f.script for f in both.figures] == list(both.scripts) == ["calls", "options"]
    with pytest.raises(ValueError, match="another machine"):
        figures.joined(old, found("B", "options", 2.0))
    assert figures.joined(old, found("B", "calls", 2.0)).machine == {"processor": "B"}


def test_figures_are_kept_whole(figures: ModuleType, tmp_path: Path) -> None:
    held = figure(figures, against={"pandas": 3.0}, at_most=1.0, note="a | b")
    found = figures.Findings({"processor": "A"}, {"numpy": "2"}, {"s": "2026-01-02"}, (held,))
    figures.write(tmp_path / "f.json", found)
    assert figures.read(tmp_path / "f.json") == dataclasses.replace(found)


def test_growth_is_the_slope(measuring: ModuleType) -> None:
    assert measuring.exponent({10: 1.0, 20: 4.0, 40: 16.0}) == pytest.approx(2.0)
    bench = measuring.Bench("s")
    assert bench.growth("rows", lambda n: n / 1e3, [1, 2, 4]).met
    assert bench.growth("pairs", lambda n: n * n / 1e3, [1, 2, 4]).met is False
    assert bench.growth("pairs again", lambda n: n * n / 1e3, [1, 2, 4], "all pairs are asked for").met is None


def test_growth_that_other_work_disturbs_is_measured_again(measuring: ModuleType) -> None:
    asked: list[int] = []

    def disturbed(size: int) -> float:
        asked.append(size)
        return size / 1e3 * (3.0 if len(asked) == 3 else 1.0)

    assert measuring.Bench("s").growth("rows", disturbed, [1, 2, 4]).ours == pytest.approx(1.0)
    assert asked == [1, 2, 4] * 2
    asked.clear()
    measuring.Bench("s").growth("pairs", lambda n: asked.append(n) or n * n / 1e3, [1, 2, 4])
    assert len(asked) == 12


def test_sides_take_turns(measuring: ModuleType) -> None:
    order: list[str] = []
    measuring.in_turn({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, repeat=2)
    assert order == ["a", "b"] * 3


def test_what_is_no_measurement_is_refused(measuring: ModuleType) -> None:
    bench = measuring.Bench("s")
    bench.figure("w", 1.0)
    for what, ours, against in (("w", 1.0, {}), ("v", float("nan"), {}), ("v", 0.0, {}), ("v", 1.0, {"a": 0.0})):
        with pytest.raises(ValueError, match=what):
            bench.figure(what, ours, against=against)
    assert [found.what for found in bench.figures] == ["w"]


def test_a_process_is_measured_alone(measuring: ModuleType) -> None:
    held = bytearray(200_000_000)
    small = measuring.started([sys.executable, "-S", "-c", "pass"])
    large = measuring.started([sys.executable, "-S", "-c", "held = b'1' * 100_000_000"])
    assert len(held) == 200_000_000
    assert small.megabytes < 60  # not what this process holds
    assert 90 < large.megabytes - small.megabytes < 130
    assert small.seconds > 0
    with pytest.raises(RuntimeError, match="ended with 3"):
        measuring.started([sys.executable, "-c", "raise SystemExit(3)"])


def test_an_interrupted_run_is_taken_up_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import harness.__main__ as command
    from harness.figures import Figure

    asked: list[str] = []
    written: list[object] = []
    interrupted = True

    def run(name: str, _: bool) -> list[Figure]:
        asked.append(name)
        if name == "b" and interrupted:
            raise KeyboardInterrupt
        return [Figure(name, "work", "warm", 1.0)]

    monkeypatch.setattr(command, "UNFINISHED", tmp_path / "unfinished.json")
    monkeypatch.setattr(command, "scripts", lambda: ["a", "b", "c"])
    monkeypatch.setattr(command, "run", run)
    monkeypatch.setattr(command, "write", written.append)
    monkeypatch.setattr(sys, "argv", ["harness"])
    with pytest.raises(KeyboardInterrupt):
        command.main()
    assert asked == ["a", "b"]
    assert not written
    interrupted = False
    monkeypatch.setattr(sys, "argv", ["harness", "--resume"])
    assert command.main() == 0
    assert asked == ["a", "b", "b", "c"]
    (findings,) = written
    assert [figure.script for figure in findings.figures] == ["a", "b", "c"]  # type: ignore[attr-defined]
    assert not (tmp_path / "unfinished.json").exists()
    assert command.main() == 0  # nothing is left over: all are run
    assert asked[4:] == ["a", "b", "c"]
