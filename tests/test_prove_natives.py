"""The tool that counts by what the native functions are proved."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

from tests.workbook.test_recalculation import saved
from xlrotation.workbook.evaluation.proof import PROOFS

TOOL = Path(__file__).parents[1] / "tools" / "prove_natives.py"


def test_stored_values_prove_or_contradict(tmp_path: Path) -> None:
    cells = {"A1": -2, "B1": "=ABS(A1)", "B2": "=SUM(A1,1)", "B3": "=MAX(A1,ABS(3))", "B4": "=NOW()"}
    saved(tmp_path / "book.xlsx", cells, {"B1": "<v>2</v>", "B2": "<v>5</v>", "B3": "<v>3</v>"})
    failures = tmp_path / "failures.json"
    table = Path(__file__).parents[1] / "xlrotation/workbook/natives/proofs.csv"
    before = table.read_bytes()
    command = [sys.executable, str(TOOL), str(tmp_path), "--failures", str(failures)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stdout.startswith("3 proofs by stored values")
    assert "1 formulas do not give their stored value" in done.stdout
    assert [row[2] for row in json.loads(failures.read_text("utf-8"))] == ["SUM(A1,1)"]
    assert table.read_bytes() == before


def test_the_counts_of_examples_are_those_of_the_table() -> None:
    spec = importlib.util.spec_from_file_location("prove_natives", TOOL)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    office, documented = tool.examples()
    told = {name: (proof.libreoffice, proof.documented) for name, proof in PROOFS.items()}
    assert told == {name: (office[name], documented[name]) for name in PROOFS}
    assert set(office) | set(documented) <= set(PROOFS)
