"""Generate the ribbon tab of the Excel add-in: the entries of the menu, as customUI XML."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from xlrotation.fronts.excel.vba_menu import ENTRIES

NAMESPACE = "http://schemas.microsoft.com/office/2009/07/customui"

_ICONS = {"Fetch": "RefreshAll", "Refresh": "RefreshAll", "Status": "Info", "Help": "Help"}


def render() -> str:
    """The text of the part ``customUI/customUI14.xml``."""
    buttons = [
        f'          <button id={quoteattr(macro)} label={quoteattr(label)} imageMso="{_ICONS[label]}" size="large" '
        f'screentip={quoteattr(tip)} onAction="XlRotationRibbon" />'
        for label, macro, tip in ENTRIES
    ]
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<customUI xmlns="{NAMESPACE}">',
        "  <ribbon>",
        "    <tabs>",
        '      <tab id="XlRotationTab" label="xlrotation">',
        '        <group id="XlRotationGroup" label="xlrotation">',
        *buttons,
        "        </group>",
        "      </tab>",
        "    </tabs>",
        "  </ribbon>",
        "</customUI>",
    ]
    return "\n".join(lines) + "\n"
