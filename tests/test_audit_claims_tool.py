"""The measure of the audit on the five reports: it says where it has no texts, and counts what it should."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOOL = Path(__file__).parents[1] / "tools" / "audit_claims.py"


def test_without_the_texts_it_says_so(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, str(TOOL), str(tmp_path)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert "nothing was measured" in done.stdout


def test_a_number_that_several_figures_share_goes_to_the_one_whose_words_stand_around() -> None:
    sys.path.insert(0, str(TOOL.parent))
    try:
        from audit_claims import Claim, places
    finally:
        sys.path.remove(str(TOOL.parent))
    first, second = (
        Claim({"value": "1.27", "unit": "%", "text_zh": words, "metric": "return"}, {"formula": ""})
        for words in ("标普500指数跌1.27%", "纳斯达克指数跌1.27%")
    )
    text = "昨日纳斯达克指数跌1.27%。\n今日标普500指数跌1.27%,另有11.27%与1.275%。"
    found = [claim for _, _, claim in places(text, [first, second])]
    assert found == [second, first]
