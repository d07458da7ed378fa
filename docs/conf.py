"""How the documentation is built: Sphinx reads the Markdown pages, two extensions of ours fill in and check.

Sphinx with MyST, because both are maintained today and autodoc is part of it; MkDocs had its last release in 2024, and
the theme that most use with it is looked after for its faults only. The Furo theme brings its own style and scripts
and no fonts, so that a built page asks nothing of the internet.
"""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "bakeoff"
author = "the bakeoff authors"
copyright = "Apache License 2.0"  # noqa: A001
version = release = version_of("bakeoff")

extensions = ["myst_parser", "sphinx.ext.autodoc", "bakeoff_reference", "bakeoff_links"]
myst_enable_extensions = ["attrs_block", "deflist"]
myst_heading_anchors = 3
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "exclude-members": "model_config, model_post_init"}
python_use_unqualified_type_names = True
maximum_signature_line_length = 88
default_role = "literal"  # single backticks of docstrings
smartquotes = False  # `--set` has two hyphens

nitpick_ignore_regex = [("py:.*", r"(?!bakeoff\b).*")]  # names of other libraries are not looked up: no internet

html_theme = "furo"
html_title = "bakeoff"
html_static_path = ["_static"]
html_css_files = ["wide.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
highlight_language = "none"
exclude_patterns = ["_build", "_ext", "_static"]
