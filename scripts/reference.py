"""Write docs/reference from the code, and put whole source files where the docs embed them.

    python scripts/reference.py            writes what has changed
    python scripts/reference.py --check    writes nothing; exits 1 and names what is out of date

Commands come from the typer app, settings and file formats from the pydantic models with the
docstrings under their fields, errors from the exception tree. A page of docs/concepts embeds a file
between `<!-- embed: PATH -->` and `<!-- /embed -->`.
"""

import argparse
import inspect
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pydantic

from skillkiln import errors
from skillkiln.cli.main import COMMANDS, load_command
from skillkiln.errors import SkillkilnError
from skillkiln.settings import DEFAULT_WORKSPACE, ENVIRONMENT_PREFIX, SETTINGS_FILE, Settings
from skillkiln.skill.folder import (
    ATTESTATION_FILE,
    FORBIDDEN_NAMES,
    LOCK_FILE,
    MAX_FILE_BYTES,
    MAX_FILES,
    SKILL_MD,
    SKILL_PY,
    TEST_PY,
    TEXT_SUFFIXES,
)
from skillkiln.skill.manifest import MANIFEST_FILE, Manifest
from skillkiln.skill.reasons import FailureReason
from skillkiln.skill.skill_md import MAX_BODY_LINES, SkillMd
from skillkiln.skill.status import TRANSITIONS, Status
from skillkiln.trust.statement import PAYLOAD_TYPE, PREDICATE_TYPE, STATEMENT_TYPE, Claim

ROOT = Path(__file__).parents[1]
Parameter = Any
"""An argument or option of a command: typer keeps the classes private."""
GENERATED = "<!-- written by scripts/reference.py; change the code instead -->"
EMBED = re.compile(r"<!-- embed: (?P<path>\S+) -->\n.*?<!-- /embed -->", re.DOTALL)
ANSWERS = {0: "done, the answer is yes", 1: "it ran, the answer is no", 130: "interrupted"}


def build_page(title: str, intro: str, *sections: str) -> str:
    """Return a page of Markdown."""
    return "\n\n".join([f"# {title}", GENERATED, intro, *sections]) + "\n"


def build_table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _code(text: object) -> str:
    return f"`{text}`"


def _list(words: Iterable[str]) -> str:
    return ", ".join(_code(word) for word in sorted(words))


def build_cli_page() -> str:
    """Return the page of commands."""
    return build_page(
        "Commands",
        "Every command takes `--help`. Exit codes are listed under [errors](errors.md). From a "
        "clone, `./run COMMAND` is `skillkiln COMMAND`.",
        build_table(
            ["command", "what it does"],
            [[f"[`{name}`](#skillkiln-{name})", text] for name, text in COMMANDS.items()],
        ),
        *[_build_command(name) for name in COMMANDS],
    )


def _build_command(name: str) -> str:
    command: Any = load_command(name)
    parameters: list[Parameter] = [
        parameter for parameter in command.params if not parameter.hidden
    ]
    arguments = [p for p in parameters if p.param_type_name == "argument"]
    usage = " ".join(["skillkiln", name, "[OPTIONS]", *[_metavar(p) for p in arguments]])
    parts = [f"## skillkiln {name}", f"```text\n{usage}\n```", inspect.cleandoc(command.help or "")]
    if parameters:
        rows = [[_code(_spelling(p)), _default(p), p.help or ""] for p in parameters]
        parts.append(build_table(["argument or option", "default", "meaning"], rows))
    return "\n\n".join(parts)


def _metavar(argument: Parameter) -> str:
    name = argument.metavar or argument.name.upper()
    return name if argument.required or name.startswith("[") else f"[{name}]"


def _spelling(parameter: Parameter) -> str:
    if parameter.param_type_name == "argument":
        return _metavar(parameter)
    takes = "" if parameter.is_flag else f" {parameter.metavar or parameter.name.upper()}"
    return ", ".join([*parameter.opts, *parameter.secondary_opts]) + takes


def _default(parameter: Parameter) -> str:
    if parameter.required:
        return "required"
    if isinstance(parameter.show_default, str):
        return _code(parameter.show_default)
    return "" if parameter.default in {None, False, ()} else _code(parameter.default)


def build_settings_page() -> str:
    """Return the page of settings."""
    rows = [
        [
            _code(name),
            _code(f"{ENVIRONMENT_PREFIX}{name.upper()}"),
            _code(json.dumps(field["default"])),
            describe_type(field, {}),
            field["description"],
        ]
        for name, field in Settings.model_json_schema()["properties"].items()
    ]
    return build_page(
        "Settings",
        "A setting is taken from the command line where a command has an option for it, else from "
        f"the environment, else from `{SETTINGS_FILE}` in the workspace (`{DEFAULT_WORKSPACE}` "
        "unless chosen otherwise), else it has its default. One that is unknown or out of range "
        "is an error, never ignored.",
        build_table(["setting", "environment", "default", "values", "meaning"], rows),
    )


def find_errors(parent: type[SkillkilnError]) -> Iterator[type[SkillkilnError]]:
    """Yield an error and all below it, in the order in which they are written down."""
    yield parent
    for child in parent.__subclasses__():
        yield from find_errors(child)


def build_errors_page() -> str:
    """Return the page of errors, exit codes and failure reasons."""
    tree = [error for error in find_errors(SkillkilnError) if error.__module__ == errors.__name__]
    families = {error: error.exit_code for error in SkillkilnError.__subclasses__()}
    exits = {
        **{str(number): text for number, text in ANSWERS.items() if number < 2},
        **{str(number): inspect.getdoc(error) or "" for error, number in families.items()},
        "130": ANSWERS[130],
    }
    rows = [
        [
            _code(error.code),
            str(error.exit_code),
            _code(error.__name__),
            inspect.getdoc(error) or "",
        ]
        for error in tree
        if not error.__subclasses__()
    ]
    return build_page(
        "Errors and exit codes",
        "A message says what happened, where, what was expected and what came instead, then a "
        "`hint:` line. On the terminal it begins with `error[CODE]:`; the code never changes.",
        "## Exit codes",
        build_table(["exit", "meaning"], [list(row) for row in exits.items()]),
        "## Codes",
        build_table(["code", "exit", "class", "when"], rows),
        "## Failure reasons",
        "Why a gate failed or a call went wrong; said in full in the "
        "[glossary](../concepts/glossary.md#failure-reasons).",
        ", ".join(_code(reason) for reason in FailureReason) + ".",
    )


def describe_type(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    """Return what a JSON Schema allows, in words."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        inner = definitions.get(name, {})
        return (
            describe_type(inner, definitions)
            if "properties" not in inner
            else f"[{name}](#{name.lower()})"
        )
    if "anyOf" in schema:
        return " or ".join(describe_type(option, definitions) for option in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(_code(value) for value in schema["enum"])
    match schema.get("type"):
        case "array":
            return f"list of {describe_type(schema.get('items', {}), definitions)}"
        case "object":
            inner = schema.get("additionalProperties")
            return f"object of {describe_type(inner, definitions) if inner else 'any JSON'}"
        case "string":
            return schema.get("format", "text") + _limits(schema)
        case "null":
            return "nothing"
        case None:
            return "any JSON"
        case other:
            return f"{other}{_limits(schema)}"


def _limits(schema: dict[str, Any]) -> str:
    words = {
        "minimum": "at least {}",
        "exclusiveMinimum": "above {}",
        "maximum": "at most {}",
        "maxLength": "at most {} characters",
        "pattern": "matching `{}`",
    }
    said = [word.format(schema[key]) for key, word in words.items() if key in schema]
    return f", {', '.join(said)}" if said else ""


def build_fields(model: type[pydantic.BaseModel], heading: str) -> str:
    """Return a table of a model's fields, and below it one for each model that it holds."""
    schema = model.model_json_schema()
    definitions: dict[str, Any] = schema.get("$defs", {})
    parts = [heading, _build_field_table(schema, definitions)]
    for name, inner in definitions.items():
        if "properties" in inner:
            parts += [
                f"#### {name}",
                inner.get("description", ""),
                _build_field_table(inner, definitions),
            ]
    return "\n\n".join(parts)


def _build_field_table(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    required = schema.get("required", [])
    rows = [
        [
            _code(name),
            describe_type(field, definitions),
            "required" if name in required else _code(json.dumps(field.get("default"))),
            _describe(field, definitions),
        ]
        for name, field in schema["properties"].items()
    ]
    return build_table(["field", "value", "default", "meaning"], rows)


def _describe(field: dict[str, Any], definitions: dict[str, Any]) -> str:
    # pydantic leaves a field's description out where it is that of its class.
    name = field.get("$ref", "").rsplit("/", 1)[-1]
    return field.get("description") or definitions.get(name, {}).get("description", "")


def build_file_formats_page() -> str:
    """Return the page of file formats."""
    files = [
        [_code(SKILL_MD), "When to use it, and how: the Agent Skills format."],
        [_code(SKILL_PY), "Typed Python with one `def run(...)`."],
        [_code(TEST_PY), "Its tests: ordinary, null, anomalous and massive input."],
        [_code(MANIFEST_FILE), "Contract, digests, provenance."],
        [_code(LOCK_FILE), "Only where there are dependencies: exact versions with hashes."],
        [_code(ATTESTATION_FILE), "Signed statements about the release, one a line."],
    ]
    statuses = [[_code(status), _list(TRANSITIONS[status]) or "nothing"] for status in Status]
    return build_page(
        "File formats",
        "A skill is a folder of text files. Its digest is the sha256 of the lines that `sha256sum` "
        f"prints for its files in the order of their paths, `{ATTESTATION_FILE}` left out.",
        "## The skill folder",
        build_table(["file", "what it is"], files),
        f"At most {MAX_FILES} files of at most {MAX_FILE_BYTES // 1024} KiB; suffixes "
        f"{_list(TEXT_SUFFIXES)}; no links, no hidden files, none of {_list(FORBIDDEN_NAMES)}.",
        build_fields(Manifest, f"## {MANIFEST_FILE}\n\nUTF-8 JSON, keys sorted."),
        build_fields(
            SkillMd,
            f"## {SKILL_MD}\n\nFrontmatter between two `---` lines, then the body of at most "
            f"{MAX_BODY_LINES} lines.",
        ),
        build_fields(
            Claim,
            f"## {ATTESTATION_FILE}\n\nOne DSSE envelope a line, payload type `{PAYLOAD_TYPE}`: an "
            f"in-toto statement (`{STATEMENT_TYPE}`) over the sha256 of every file, with a "
            f"predicate of type `{PREDICATE_TYPE}` that says:",
        ),
        f"## {SETTINGS_FILE}\n\nTOML in the workspace's folder; its keys are the "
        "[settings](settings.md).",
        "## Statuses",
        build_table(["status", "may become"], statuses),
    )


def fill_embeds(text: str) -> str:
    """Return a page with every embedded file as it is now."""

    def embed(match: re.Match[str]) -> str:
        source = (ROOT / match["path"]).read_text(encoding="utf-8")
        block = f"```python\n{source}```"
        return f"<!-- embed: {match['path']} -->\n{block}\n<!-- /embed -->"

    return EMBED.sub(embed, text)


def build_docs() -> dict[Path, str]:
    """Return every page that is written from the code, by its path."""
    reference = ROOT / "docs" / "reference"
    pages = {
        reference / "cli.md": build_cli_page(),
        reference / "settings.md": build_settings_page(),
        reference / "errors.md": build_errors_page(),
        reference / "file-formats.md": build_file_formats_page(),
    }
    for path in sorted((ROOT / "docs" / "concepts").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        if EMBED.search(text):
            pages[path] = fill_embeds(text)
    return pages


def main(arguments: list[str]) -> int:
    """Write the pages, or check them."""
    parser = argparse.ArgumentParser(description="Write docs/reference from the code.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if out of date")
    is_check = parser.parse_args(arguments).check
    stale = [
        path
        for path, text in build_docs().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    for path in stale:
        print(f"{path.relative_to(ROOT)}: {'out of date' if is_check else 'written'}")
        if not is_check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(build_docs()[path], encoding="utf-8")
    return int(is_check and bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
