"""The functions over HTTP: a real xlwings Server on the loopback address."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.fronts.serving import call_request
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session

if importlib.util.find_spec("xlwings_server") is None:
    pytest.skip("needs the extra: pip install xlrotation[server]", allow_module_level=True)

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a server whose project publishes ``udfs.py``."""
    project = tmp_path_factory.mktemp("server") / "project"
    start = "import sys; from xlwings_server.cli import main; sys.exit(main())"
    subprocess.run([sys.executable, "-c", start, "init", str(project)], check=True, stdout=subprocess.DEVNULL)
    (project / "custom_functions" / "__init__.py").write_text("from udfs import *\n", "utf-8")
    (project / "custom_scripts" / "__init__.py").write_text("from udfs import refresh_market_data\n", "utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "XLWINGS_LICENSE_KEY": "noncommercial",
        "XLWINGS_PROJECT_DIR": str(project),
        "XLWINGS_ENVIRONMENT": "prod",
        "XLWINGS_FUNCTIONS_NAMESPACE": "",
        "XLWINGS_ENABLE_EXAMPLES": "false",
        "XLWINGS_SECRET_KEY": "not-a-secret-for-a-test-on-loopback",
        "PYTHONPATH": f"{project}{os.pathsep}{ROOT}",
    }
    log = (project / "server.log").open("w+", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "xlwings_server.main:main_app",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    process = subprocess.Popen(command, cwd=project, env=environment, stdout=log, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            if process.poll() is not None:
                log.seek(0)
                pytest.fail(f"the server ended: {log.read()[-2000:]}")
            try:
                urllib.request.urlopen(f"{address}/xlwings/custom-functions-meta", timeout=5).read()
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.25)
        else:
            pytest.fail("the server did not answer within a minute")
        yield address
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def call(address: str, name: str, *arguments: object) -> object:
    request = call_request(address, name, *arguments)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["result"]


def test_every_function_is_listed(server):
    with urllib.request.urlopen(f"{server}/xlwings/custom-functions-meta", timeout=30) as answer:
        listed = {item["name"]: item for item in json.load(answer)["functions"]}
    for name, spec in functions().items():
        parameters = listed[name]["parameters"]
        assert [parameter["name"] for parameter in parameters] == [p.name for p in spec.parameters]
        assert all(parameter["optional"] for parameter in parameters)
        assert listed[name]["description"] == spec.summary


def test_functions_have_their_plain_names(server):
    """With the settings of docs/excel.md: a namespace would make PX_RET a formula such as XLWINGS.PX_RET."""
    with urllib.request.urlopen(f"{server}/manifest", timeout=30) as answer:
        manifest = answer.read().decode()
    assert "<OfficeApp" in manifest
    assert "Functions.Namespace" not in manifest


def test_numbers_tables_and_words(server):
    here = Session("sample")
    assert call(server, "PX_RET", [["XLK"]], [["20D"]]) == [[here.call("PX_RET", "XLK", "20D")]]
    assert call(server, "RS_STREAK", None, None, [["2026-01-14"]]) == [[9]]
    table = call(server, "ROT_SECTOR_RET", None, [["5D"]], None, None, None, None, [["zh"]])
    assert table == here.call("ROT_SECTOR_RET", None, "5D", None, None, None, None, "zh")


def test_a_blank_cell_and_a_date_as_office_js_hands_them_over(server):
    here = Session("sample")
    assert call(server, "PX_RET", [["XLK"]], [[0]], [[0]]) == [[here.call("PX_RET", "XLK")]]
    assert call(server, "RS_STREAK", [[0]], [[0]], [[46036]]) == [[9]]  # 2026-01-14


def test_a_date_is_shown_as_one(server):
    expected = {"type": "FormattedNumber", "basicValue": 46059, "numberFormat": "yyyy-mm-dd"}
    assert call(server, "XLR_ASOF", [["2026-02-08"]]) == [[expected]]


def error(kind: str) -> dict[str, str]:
    """An error as the server tells Office.js to show it: the spreadsheet's own value, which IFERROR catches."""
    return {"type": "Error", "errorType": kind}


def test_errors_are_real_errors_in_office_js(server):
    assert call(server, "PX_RET", [["NOSUCH"]]) == [[error("NotAvailable")]]
    assert call(server, "PX_RET", [["XLK"]], [[-5]]) == [[error("Value")]]
    spilled = call(server, "PX_RET", [["XLK"], ["NOSUCH"]], [["5D"]])
    assert isinstance(spilled[0][0], float)
    assert spilled[1][0] == error("NotAvailable")
    assert call(server, "PX_RET", [["#DIV/0!"]]) == [[error("Div0")]]
    given = {"type": "Error", "errorType": "Ref", "basicValue": "#REF!"}
    assert call(server, "PX_RET", [[given]]) == [[error("Ref")]]
    assert call(server, "PX_RET", [["#SPILL!"]]) == [[error("Value")]]  # a name that Office.js would show as a text


def test_the_scripts_that_excel_loads_name_our_functions(server):
    with urllib.request.urlopen(f"{server}/xlwings/custom-functions-code", timeout=30) as answer:
        code = answer.read().decode()
    assert "RS_STREAK" in code.upper()


def test_the_refresh_macro_runs_and_has_the_workbook_calculated(server):
    with urllib.request.urlopen(f"{server}/xlwings/custom-scripts-meta", timeout=30) as answer:
        assert "refresh_market_data" in answer.read().decode()
    sheet = {"name": "Sheet1", "values": [[]], "pictures": [], "tables": []}
    book = {"name": "book.xlsx", "active_sheet_index": 0, "selection": "A1"}
    body = {"client": "Office.js", "version": importlib.metadata.version("xlwings"), "book": book, "names": []}
    request = urllib.request.Request(
        f"{server}/xlwings/custom-scripts-call/refresh_market_data",
        data=json.dumps(body | {"sheets": [sheet]}).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        actions = json.load(answer)["actions"]
    assert [action["func"] for action in actions] == ["calculate", "alert"]
    assert "sample has nothing to fetch" in actions[1]["args"][0]
