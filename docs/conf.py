"""The documentation site: ``make docs`` builds it into build/docs, English at the root and Chinese under zh/."""

import xlrotation

project = "xlrotation"
author = "the xlrotation authors"
version = release = xlrotation.__version__
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["build"]
myst_heading_anchors = 3
language = "en"
html_theme = "furo"
html_title = "xlrotation"
html_show_sphinx = html_show_copyright = False
html_copy_source = False
