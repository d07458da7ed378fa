"""What every kernel would do anew and to the same end, done once in the process that kernels are forked from.

Imports, and the hashes of the code that was imported; nothing of an experiment, its data or its models.
"""

from __future__ import annotations

import importlib
import sys
from contextlib import suppress

__all__ = ["make_ready"]


OWN = (
    "bakeoff.notebook.train", "bakeoff.notebook.compare", "bakeoff.training.classical", "bakeoff.training.frozen",
    "bakeoff.training.fit", "bakeoff.training.run", "bakeoff.report.view", "bakeoff.report.tables.single_run",
    "bakeoff.report.figures.single_run", "bakeoff.report.figures.comparison", "bakeoff.models.base",
)  # fmt: skip
KERNEL = (
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger",
    "ipykernel.comm", "IPython.core.completer", "matplotlib.pyplot", "matplotlib_inline.backend_inline",
    "matplotlib.backends.backend_svg",
)  # fmt: skip
LIBRARIES = (
    "accelerate", "babel.dates", "filelock", "joblib", "peft", "pyarrow.parquet", "rich.progress", "ruamel.yaml",
    "safetensors.numpy", "safetensors.torch", "scipy.linalg", "scipy.optimize", "scipy.stats", "seaborn",
    "sklearn.feature_extraction.text", "sklearn.linear_model", "sklearn.metrics", "sklearn.model_selection",
    "sklearn.neighbors", "sklearn.preprocessing", "sklearn.svm", "transformers.models.auto.modeling_auto",
    "transformers.models.bert.modeling_bert", "transformers.models.bert.tokenization_bert", "transformers.trainer",
    "transformers.models.auto.tokenization_auto", "torch.utils.data",
)  # fmt: skip
"""What these import inside their functions, sooner or later."""
SLOW = "rfc3987_syntax"
"""A grammar that jsonschema compiles for two seconds when imported, for addresses of a kind that no notebook has."""


def make_ready() -> None:
    """Import and hash; what is not installed, as in an environment for reports, is left out."""
    sys.modules.setdefault(SLOW, None)  # type: ignore[arg-type]  # as if it were not installed
    for name in (*OWN, *KERNEL, *LIBRARIES):
        with suppress(ImportError):
            importlib.import_module(name)
    from bakeoff.methods.registry import TABLE, method
    from bakeoff.runs.fingerprint import code_hashes, library_versions

    for kind in TABLE:
        code_hashes(method(kind))
        library_versions(method(kind))
