"""The script that the server hands to Excel, run in a real browser with a minimal stand-in for Office."""

from __future__ import annotations

import html
import importlib.util
import json
import os
import re
import shutil
import subprocess

import pytest

from tests.fronts.serving import running
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("XLROTATION_NEED_CHROMIUM"),
        reason="Chromium (Debian: chromium) is not installed",
    ),
    pytest.mark.skipif(
        importlib.util.find_spec("xlwings_server") is None, reason="needs the extra: pip install xlrotation[server]"
    ),
]

PAGE = """<!doctype html><html><head><meta charset="utf-8">
<script src="/static/probe-office.js"></script>
<script type="module" src="/static/js/utils.js"></script>
<script src="/static/js/auth.js"></script>
<script src="/xlwings/custom-functions-code.js"></script>
<script type="module" src="/static/probe-run.js"></script>
</head><body><pre id="answer"></pre></body></html>
"""

OFFICE = """// What the script needs of Office, and no more.
globalThis.known = {};
globalThis.config = {
  authProviders: ["custom"], customFunctionsMaxRetries: 1, customFunctionsRetryCodes: [], requestTimeout: 30,
  onWasm: false,
};
globalThis.Office = {
  onReady: async (ready) => { const info = { host: "Excel" }; if (ready) ready(info); return info; },
  context: { requirements: { isSetSupported: () => true } },
};
globalThis.CustomFunctions = {
  associate: (name, call) => { known[name] = call; },
  Error: class extends Error { constructor(code, text) { super(text); this.code = code; } },
  ErrorCode: { invalidValue: "#VALUE!", notAvailable: "#N/A" },
};
globalThis.Excel = {
  RequestContext: class { workbook = { name: "Book1.xlsx", load: () => {} }; async sync() {} },
};
globalThis.xlwings = { getCultureInfoName: async () => "en-US", getDateFormat: async () => "yyyy-mm-dd" };
localStorage.setItem("xlrotation-token", "TOKEN");
"""

RUN = """const calls = CALLS;
const answers = [];
for (const [name, ...args] of calls) {
  if (name === "forget") { localStorage.removeItem("xlrotation-token"); continue; }
  try {
    answers.push(await known[name](...args, { address: "Sheet1!A1" }));
  } catch (error) {
    answers.push({ failed: String(error.message || error), code: error.code || null });
  }
}
document.getElementById("answer").textContent = JSON.stringify({ names: Object.keys(known), answers });
"""

CALLS: list[list[object]] = [
    ["PX_CLOSE", [["SPX"]], [["2026-01-16"]]],
    ["ROT_SECTOR_RET", None, [["5D"]], [["2026-01-16"]]],
    ["PX_RET", [["none"]]],
    ["PX_RET", [["科技"]], [["YTD"]], [["2026-01-16"]]],
    ["XLR_ASOF", [["2026-01-18"]]],
    ["PX_RET", [["XLK"], ["XLE"], ["none"]], [["5D"]], [[46038]]],
    ["RS_STREAK"],
    ["VOL_BS_PRICE", [[0.2]], [[100]], [[-1]], [[1]]],
    ["forget"],
    ["PX_CLOSE", [["SPX"]], [["2026-01-16"]]],
]


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[object]]:
    folder = tmp_path_factory.mktemp("browser")
    with running(folder / "project") as server:
        static = server.folder / "static"
        (static / "probe.html").write_text(PAGE, "utf-8")
        (static / "probe-office.js").write_text(OFFICE.replace("TOKEN", server.token), "utf-8")
        (static / "probe-run.js").write_text(RUN.replace("CALLS", json.dumps(CALLS)), "utf-8")
        flags = (
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
            *("--disable-background-networking", "--disable-component-update", f"--user-data-dir={folder / 'profile'}"),
            *("--dump-dom", "--virtual-time-budget=60000", f"{server.address}/static/probe.html"),
        )
        done = subprocess.run([str(CHROMIUM), *flags], capture_output=True, text=True, timeout=150, check=False)
    match = re.search(r'<pre id="answer">(.+?)</pre>', done.stdout, re.DOTALL)
    assert match is not None, done.stdout[-1500:] + done.stderr[-1500:]
    found: dict[str, list[object]] = json.loads(html.unescape(match[1]))
    return found


def values(cells: object) -> object:
    """Cells as Excel would show them: an error by its name, a formatted number by its number."""
    if isinstance(cells, list):
        return [values(cell) for cell in cells]
    if isinstance(cells, dict):
        return cells.get("basicValue", cells)
    return cells


def test_every_function_is_registered(answer) -> None:
    assert set(answer["names"]) == set(functions())


def test_cells_come_back(answer) -> None:
    here = Session("sample", lang="en")
    close, table, missing, chinese, day, spilled, streak, number, refused = answer["answers"]
    assert close == [[pytest.approx(6940.01)]]
    assert values(table) == here.call("ROT_SECTOR_RET", None, "5D", "2026-01-16")
    assert values(chinese) == [[pytest.approx(here.call("PX_RET", "XLK", "YTD", "2026-01-16"))]]
    assert values(day) in ([[46038]], [[46038.0]])
    assert values(streak) == [[here.call("RS_STREAK")]]
    two = [here.call("PX_RET", name, "5D", "2026-01-16") for name in ("XLK", "XLE")]
    assert values(spilled)[:2] == [[pytest.approx(value)] for value in two]
    for cell, kind in ((missing[0][0], "NotAvailable"), (spilled[2][0], "NotAvailable"), (number[0][0], "Num")):
        assert cell == {"type": "Error", "errorType": kind}  # a real error of Excel's, not its name
    assert "401" in json.dumps(refused) or "token" in json.dumps(refused)
