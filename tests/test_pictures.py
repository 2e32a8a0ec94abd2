"""The pictures of front pages: made of the workbooks that are committed, and found out where they are not."""

from __future__ import annotations

import importlib.util
import shutil
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).parents[1] / "tools" / "pictures.py"
pytest.importorskip("PIL", reason="needs pillow")


@pytest.fixture
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pictures_tool", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_picture_is_stale(tool: ModuleType) -> None:
    assert tool.stale() == [], "run: make pictures"


def test_a_changed_workbook_and_a_wrong_link_are_found(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("workbooks", "docs/images"):
        (tmp_path / name).mkdir(parents=True)
    shutil.copyfile(tool.BOOKS / "market_breadth.xlsx", tmp_path / "workbooks/market_breadth.xlsx")
    for name in ("market_breadth.png", "market_breadth_zh.png"):
        shutil.copyfile(tool.PICTURES / name, tmp_path / "docs/images" / name)
    (tmp_path / "README.md").write_text("![one](docs/images/market_breadth.png)", "utf-8")
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    monkeypatch.setattr(tool, "BOOKS", tmp_path / "workbooks")
    monkeypatch.setattr(tool, "PICTURES", tmp_path / "docs/images")
    assert tool.stale() == []
    (tmp_path / "README.md").write_text("![one](docs/images/market_depth.png)", "utf-8")
    assert [said.partition(":")[0] for said in tool.stale()] == ["README.md"]
    with zipfile.ZipFile(tmp_path / "workbooks/market_breadth.xlsx", "a") as archive:
        archive.writestr("docProps/more.xml", "<more/>")
    assert len(tool.stale()) == 3
    assert tool.main(["--check"]) == tool.STALE


def test_a_digest_is_of_what_a_workbook_says_and_not_of_how_it_is_packed(tool: ModuleType, tmp_path: Path) -> None:
    book = tool.BOOKS / "market_breadth.xlsx"
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w", zipfile.ZIP_STORED) as new:
        for name in reversed(old.namelist()):
            new.writestr(name, old.read(name))
    assert tool.digest(tmp_path / "b.xlsx") == tool.digest(book)
