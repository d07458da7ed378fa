"""Reference pages from what the program itself knows: the experiment's schema, the command line, the public names.

Each directive writes Markdown, which the page then takes in; nothing here is kept by hand.
"""

import argparse
import contextlib
import importlib
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

__all__ = ["example_of", "experiment_keys", "is_section", "meaning_of", "schema_of", "setup", "spelled"]

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "tests" / "simulations" / "RESULTS.md"
WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "null": "null"}
LIMITS = {"minimum": "from {}", "exclusiveMinimum": "above {}", "maximum": "to {}", "exclusiveMaximum": "below {}"}
Schema = dict[str, Any]


def spelled(value: Any) -> str:
    """Spell a value as an experiment file has it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {spelled(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(spelled, value)) + "]"
    plain = isinstance(value, str) and re.fullmatch(r"[\w./:@-]+( [\w./:@-]+)*", value)
    return str(value) if plain else json.dumps(value, ensure_ascii=False)


def kinds(part: Schema, schema: Schema) -> str:
    """Say in words which values a part of the schema takes; null as the default goes without saying."""
    if "enum" in part or "const" in part:
        return " or ".join(f"`{spelled(value)}`" for value in part.get("enum", [part.get("const")]))
    if "anyOf" in part:
        said = [kinds({**one, **limits_of(part)}, schema) for one in part["anyOf"] if one.get("type") != "null"]
        said = list(dict.fromkeys(said))
        return "number" if said == ["whole number", "number"] else ", or ".join(said)
    if part.get("type") == "array":
        if "prefixItems" in part:
            return f"list of {len(part['prefixItems'])}: {kinds(part['prefixItems'][0], schema)}"
        return f"list of: {kinds(part['items'], schema)}"
    if part.get("type") == "object" or "$ref" in part:
        return mapping(part)
    limits = " and ".join(told.format(part[key]) for key, told in LIMITS.items() if key in part)
    return f"{WORDS[part['type']]} {limits}".strip()


def mapping(part: Schema) -> str:
    """Say in words what a mapping maps."""
    if "propertyNames" in part:
        return f"mapping with the keys {', '.join(f'`{key}`' for key in part['propertyNames']['enum'])}"
    return "mapping"


def limits_of(part: Schema) -> Schema:
    """Return the limits that stand beside alternatives and hold for each."""
    return {key: part[key] for key in LIMITS if key in part}


def experiment_keys(schema: Schema, name: str = "", part: Schema | None = None) -> Iterator[tuple[str, Schema, bool]]:
    """Yield dotted key, its part of the schema and whether it has to be given, for every key but those of methods."""
    part = resolved(schema if part is None else part, schema)
    for key, inner in part.get("properties", {}).items():
        dotted = f"{name}{key}"
        yield dotted, inner, key in part.get("required", ())
        if dotted != "methods":
            yield from experiment_keys(schema, f"{dotted}.", inner)


def resolved(part: Schema, schema: Schema) -> Schema:
    """Follow a reference, also where it stands beside null or a short form."""
    for one in part.get("anyOf", [part]):
        if "$ref" in one:
            found: Schema = schema["$defs"][one["$ref"].removeprefix("#/$defs/")]
            return found
        if "properties" in one:
            return dict(one)
    return part


def told(part: Schema, key: str) -> Any:
    """Return what a key's schema says of it, for itself or where it stands beside null; None where nothing."""
    if key in part:
        return part[key]
    inner = [one for one in part.get("anyOf", []) if one.get("type") != "null"]
    return told(inner[0], key) if len(inner) == 1 else None


def example_of(part: Schema) -> Any:
    """Return an example of a key's value: one that the schema gives, else its default."""
    examples = told(part, "examples")
    return examples[0] if examples else told(part, "default")


def meaning_of(part: Schema, schema: Schema) -> str:
    """Return what a key is for: its own words, or those of the section it holds, as far as its first empty line."""
    said = told(part, "description") or resolved(part, schema).get("description", "")
    return str(said).split("\n\n", maxsplit=1)[0].replace("\n", " ")


def is_section(part: Schema, schema: Schema) -> bool:
    """Tell a key that holds other keys from one that holds a value."""
    return "properties" in resolved(part, schema)


def entry(key: str, part: Schema, schema: Schema, *, required: bool = False, shown: str | None = None) -> str:
    """Return the Markdown of one key: its type, default, meaning and example."""
    given, section = told(part, "default"), is_section(part, schema)
    default = "required" if required else f"default: `{spelled(given)}`" if given is not None and not section else ""
    lines = [sentence("; ".join(one for one in (kinds(part, schema), default) if one))]
    lines.append(sentence(meaning_of(part, schema)))
    if not section:
        lines.append(f"Example: `{key.rpartition('.')[2]}: {spelled(example_of(part))}`")
    body = "\\\n  ".join(lines)
    return f"({anchor(key)})=\n`{shown or key}`\n: {body}\n"


def sentence(text: str) -> str:
    """Begin with a capital letter and end with a full stop."""
    return f"{text[0].upper()}{text[1:].rstrip('.')}."


def anchor(key: str) -> str:
    """Return the name of a key's place on its page."""
    return "key-" + re.sub(r"[^a-z0-9]+", "-", key.lower())


class Written(SphinxDirective):
    """A directive that writes Markdown, with headings where it has any."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        """Parse what `markdown` writes."""
        return self.parse_text_to_nodes(self.markdown(), allow_section_headings=True)

    def markdown(self) -> str:
        """Return what the page takes in."""
        raise NotImplementedError


class ExperimentKeys(Written):
    """Every key of an experiment file, a heading for each section."""

    def markdown(self) -> str:
        """Return a definition per key."""
        schema = schema_of()
        parts: list[str] = []
        for key, part, required in experiment_keys(schema):
            if "." not in key:
                parts.append(f"## {key}\n")
            if key == "defaults":
                parts.append(
                    "Hyperparameters for all methods that know the key: [what all networks share](methods.md).\n"
                )
            elif key == "methods":
                parts.append("The methods by name, each with [its hyperparameters](methods.md). Required.\n")
            elif not key.startswith("defaults."):
                parts.append(entry(key, part, schema, required=required))
        return "\n".join(parts)


class Methods(Written):
    """Every method: what it does and its hyperparameters, those common to all once."""

    def markdown(self) -> str:
        """Return a heading per method and a definition per hyperparameter."""
        schema = schema_of()
        common = schema["properties"]["defaults"]["anyOf"][0]["properties"]
        parts = ["## What all networks share\n"]
        parts += [entry(f"all.{key}", part, schema, shown=key) for key, part in common.items()]
        for name, found in sorted(schema["$defs"].items()):
            if not name.startswith("entry."):
                continue
            kind = name.removeprefix("entry.")
            own = {key: part for key, part in found["properties"].items() if is_own(key, part, common)}
            parts.append(f"## {kind}\n\n{found['description']}\n")
            parts += [entry(f"{kind}.{key}", single(part), schema, shown=key) for key, part in own.items()]
        return "\n".join(parts)


def is_own(key: str, part: Schema, common: Schema) -> bool:
    """Tell whether a hyperparameter is the method's own, or has another default than for all."""
    if key in ("kind", "model", "tokenizer"):
        return False
    return key not in common or told(part, "default") != told(common[key], "default")


def single(part: Schema) -> Schema:
    """Return the schema of one value of a hyperparameter, without the list that makes it a sweep."""
    if "anyOf" not in part:
        return part
    return {**part["anyOf"][0], **{key: value for key, value in part.items() if key != "anyOf"}}


class Conditions(Written):
    """The functions that a condition on rows may call."""

    def markdown(self) -> str:
        """Return a table of them."""
        functions = importlib.import_module("bakeoff.data.where").FUNCTIONS
        lines = ["| function | of | gives |", "| --- | --- | --- |"]
        for name, (takes, gives, _) in functions.items():
            called = f"{name}(column, 'part')" if (takes, gives) == ("text", "truth") else f"{name}(column)"
            lines.append(f"| `{called}` | {takes} | {gives} |")
        return "\n".join(lines)


class Metrics(Written):
    """The metrics that a run records, and those of ordered classes."""

    def markdown(self) -> str:
        """Return a table of them."""
        found = importlib.import_module("bakeoff.metrics.classification")
        metrics = {**found.METRICS, **found.ORDINAL}
        lines = ["| metric | what it is | better | compares methods |", "| --- | --- | --- | --- |"]
        for name, one in metrics.items():
            told = one.function.__doc__.split("\n")[0].removeprefix("Return the ").rstrip(".").replace("|", "\\|")
            better = "higher" if one.higher_is_better else "lower"
            lines.append(f"| `{name}` | {told} | {better} | {'yes' if one.items else 'no'} |")
        return "\n".join(lines)


class CommandLine(Written):
    """Every command with its arguments, as its parser declares them."""

    def markdown(self) -> str:
        """Return a heading per command, its usage and a definition per argument."""
        from bakeoff.cli.parser import COMMANDS

        return "\n".join(command(name, *entry) for name, entry in COMMANDS.items())


def command(name: str, place: str, summary: str) -> str:
    """Return the Markdown of one command; place: `module:NAME` of its declaration."""
    module, _, constant = place.partition(":")
    declared = getattr(importlib.import_module(module), constant)
    parser = argparse.ArgumentParser(prog=f"bakeoff {name}", add_help=False)
    declared.arguments(parser)
    parts = [f"## bakeoff {name}\n\n{summary}\n\n```text\n{usage(parser)}\n```\n"]
    for action in parser._actions:
        called = ", ".join(action.option_strings) or str(action.metavar or action.dest)
        value = f" {action.metavar or action.dest.upper()}" if action.option_strings and action.nargs != 0 else ""
        told = sentence((action.help or "").replace("<", "\\<"))
        parts.append(f"`{called}{value}`\n: {told}\n")
    return "\n".join(parts)


def usage(parser: argparse.ArgumentParser) -> str:
    """Return how the command is called, in one line."""
    return re.sub(r"\s+", " ", parser.format_usage().removeprefix("usage: ")).strip()


class PublicNames(Written):
    """Everything that `import bakeoff` offers, from its docstrings."""

    def markdown(self) -> str:
        """Return an autodoc directive per name."""
        bakeoff = importlib.import_module("bakeoff")
        found = {name: getattr(bakeoff, name) for name in bakeoff.__all__ if not name.startswith("__")}
        shown = {name: one for name, one in found.items() if not isinstance(one, ModuleType)}
        return "\n".join(documented(f"bakeoff.{name}", one) for name, one in shown.items())


class Errors(Written):
    """Every error, from its docstring."""

    def markdown(self) -> str:
        """Return an autodoc directive per error."""
        errors = importlib.import_module("bakeoff.errors")
        found = {name: getattr(errors, name) for name in errors.__all__}
        return "\n".join(documented(f"bakeoff.errors.{name}", one) for name, one in found.items() if is_error(one))


def is_error(found: object) -> bool:
    """Tell an exception class from the other names of that module."""
    return isinstance(found, type) and issubclass(found, Exception)


def documented(name: str, found: object) -> str:
    """Return the directive by which autodoc writes one name up."""
    kind = "class" if isinstance(found, type) else "function" if callable(found) else "module"
    if isinstance(found, type) and issubclass(found, Exception):
        kind = "exception"
    # What a model inherits is its library's; what a class of ours inherits is part of it.
    inherited = "   :inherited-members:\n" if kind == "class" and not hasattr(found, "model_fields") else ""
    return f"```{{eval-rst}}\n.. auto{kind}:: {name}\n{inherited}```\n"


class Simulated(Written):
    """The simulations' results: their summary, or (argument: whole) all of them but the title."""

    optional_arguments = 1

    def markdown(self) -> str:
        """Return the Markdown as the simulations wrote it."""
        self.env.note_dependency(str(RESULTS))
        text = RESULTS.read_text("utf-8").partition("\n")[2]
        if self.arguments == ["whole"]:
            return text
        table = re.search(r"(^\|.*\n)+", text.partition("\n## ")[0], re.MULTILINE)
        if not table:
            raise self.error(f"no summary in {RESULTS.name}")
        return table[0]


def schema_of() -> Schema:
    """Return what `bakeoff schema` prints."""
    options, written = importlib.import_module("bakeoff.cli.parser").parse(["schema"]), io.StringIO()
    with contextlib.redirect_stdout(written):
        options.run(options)
    found: Schema = json.loads(written.getvalue())
    return found


def find_public(
    app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, shown: nodes.Element
) -> nodes.Element | None:
    """Lead a type that annotations name by its module to its public name; one without is shown without a link."""
    target = node.get("reftarget", "")
    if node.get("refdomain") != "py" or not target.startswith("bakeoff."):
        return None
    name, domain = target.rpartition(".")[2], env.domains.python_domain
    for public in (f"bakeoff.{name}", f"bakeoff.errors.{name}"):
        if public in domain.objects:
            place = domain.objects[public]
            return make_refnode(app.builder, node["refdoc"], place.docname, place.node_id, shown, public)
    return shown


def apart(_app: Sphinx, _what: str, _name: str, _found: object, _options: object, lines: list[str]) -> None:
    """Let a docstring's line about errors begin a paragraph."""
    lines[:] = [line for one in lines for line in (("", one) if one.startswith("Raises ") else (one,))]


def signature(
    _app: Sphinx, what: str, _name: str, found: object, _options: object, given: str | None, returned: str | None
) -> tuple[str | None, str | None]:
    """Leave out the signature of a model that files are read into: nobody calls it."""
    from pydantic import BaseModel

    is_model = what == "class" and isinstance(found, type) and issubclass(found, BaseModel)
    return ("", "") if is_model else (given, returned)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    directives = {
        "command-line": CommandLine,
        "conditions": Conditions,
        "errors": Errors,
        "experiment-keys": ExperimentKeys,
        "methods": Methods,
        "metrics": Metrics,
        "public-names": PublicNames,
        "simulated": Simulated,
    }
    for name, directive in directives.items():
        app.add_directive(name, directive)
    app.connect("missing-reference", find_public)
    app.connect("autodoc-process-docstring", apart)
    app.connect("autodoc-process-signature", signature)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
