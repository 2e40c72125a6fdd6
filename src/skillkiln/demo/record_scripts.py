"""Programs that turn lines of a layout into records, as an agent would write them.

Three ways, each natural for some layouts: regular expressions with named groups (any layout),
splitting at one delimiter, splitting `key=value` pairs. Each way has a draft that believes every
line looks like the first one, and a final version that does not. The words around them are left
to `wording`.
"""

import json
import re
from random import Random

from skillkiln.demo.layouts import Layout, build_sample, parse_shape
from skillkiln.demo.tasks import Task
from skillkiln.demo.wording import Program, bind_words, draw_habits

_SPECIAL = re.compile(r"([.^$*+?{}\[\]\\|()])")
_GOALS = (
    "I need every entry of $path as a JSON object ({asked}), one per line.",
    "Read $path and print one JSON record per entry with {asked}.",
    "Please turn $path into JSON lines; the fields are {asked}.",
)


def build_record_task(layout: Layout, rng: Random) -> Task:
    """Build the task of reading a layout's lines into records, in a way drawn by `rng`."""
    habits = draw_habits(rng)
    draft, final = _draw_programs(layout, rng)
    return Task(
        name=layout.name,
        goal=rng.choice(_GOALS).format(asked=", ".join(layout.field_names)),
        folder=layout.folder,
        stem=layout.name.split("-")[0],
        suffix=layout.suffix,
        sample=lambda source, start: build_sample(layout, source, start, source.randint(45, 80)),
        draft=bind_words(draft, habits),
        final=bind_words(final, habits),
    )


def _draw_programs(layout: Layout, rng: Random) -> tuple[Program, Program]:
    if layout.is_key_value:
        return _split_pairs(layout)
    if layout.delimiter and rng.random() < 0.6:
        return _split_columns(layout)
    return _match_shapes(layout)


def _match_shapes(layout: Layout) -> tuple[Program, Program]:
    """Match named groups; the draft knows the first shape only and trips over `None`."""
    patterns = [f"re.compile(r'{_render_pattern(layout, shape)}')" for shape in layout.shapes]
    imports = ("import json", "import re")
    first = f"$pattern = {patterns[0]}"
    draft = Program("$result = json.dumps($pattern.match($line).groupdict())", first, imports)
    if len(patterns) == 1:
        body = (
            "$match = $pattern.match($line)\n"
            "if not $match:\n"
            "    continue\n"
            "$result = json.dumps($match.groupdict())"
        )
        return draft, Program(body, first, imports)
    listed = "".join(f"    {pattern},\n" for pattern in patterns)
    body = (
        "$match = next((m for m in (p.match($line) for p in $pattern) if m), None)\n"
        "if not $match:\n"
        "    continue\n"
        "$record = $match.groupdict()\n"
        '$result = json.dumps({key: $record.get(key, "") for key in $columns})'
    )
    setup = f"$pattern = [\n{listed}]\n{_list_columns(layout)}"
    return draft, Program(body, setup, imports)


def _split_columns(layout: Layout) -> tuple[Program, Program]:
    """Split at the delimiter; the draft unpacks and trips over a line with fewer parts."""
    names = layout.field_names
    variables = ", ".join(f"{name}_" for name in names)
    pairs = ", ".join(f'"{name}": {name}_' for name in names)
    split = f"$line.split({json.dumps(layout.delimiter)})"
    draft = f"{variables} = {split}\n$result = json.dumps({{{pairs}}})"
    body = (
        f"$parts = {split}\n"
        "if len($parts) != len($columns):\n"
        "    continue\n"
        "$result = json.dumps(dict(zip($columns, $parts)))"
    )
    imports = ("import json",)
    return Program(draft, "", imports), Program(body, _list_columns(layout), imports)


def _split_pairs(layout: Layout) -> tuple[Program, Program]:
    """Split `key=value` pairs; the draft forgets that quoted values hold blanks."""
    draft = (
        '$record = dict(part.split("=", 1) for part in $line.split())\n'
        "$result = json.dumps($record)"
    )
    body = (
        'if "=" not in $line:\n'
        "    continue\n"
        '$record = dict(part.split("=", 1) for part in shlex.split($line))\n'
        '$result = json.dumps({key: $record.get(key, "") for key in $columns})'
    )
    imports = ("import json", "import shlex")
    return Program(draft, "", ("import json",)), Program(body, _list_columns(layout), imports)


def _list_columns(layout: Layout) -> str:
    return f"$columns = {json.dumps(list(layout.field_names))}"


def _render_pattern(layout: Layout, shape: str) -> str:
    patterns = {field.name: field.pattern for field in layout.fields}
    return "".join(
        _SPECIAL.sub(r"\\\1", literal).replace("\t", r"\t")
        + (f"(?P<{name}>{patterns[name]})" if name else "")
        for literal, name in parse_shape(shape)
    )
