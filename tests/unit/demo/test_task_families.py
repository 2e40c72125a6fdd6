"""Every family draws tasks whose draft trips and whose final script prints the truth."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from skillkiln.demo.layouts import Layout
from skillkiln.demo.line_families import LINE_FAMILIES
from skillkiln.demo.record_scripts import build_record_task
from skillkiln.demo.rewrites import Rewrite, build_rewrite_task
from skillkiln.demo.shell import Outcome, run_command
from skillkiln.demo.tasks import Sample, Task
from skillkiln.demo.text_families import TEXT_FAMILIES

START = datetime(2026, 3, 5, 9, 15, tzinfo=UTC)
DRAWS = range(10)


def run_script(script: str, folder: Path) -> Outcome:
    return run_command(f"python3 - <<'EOF'\n{script}EOF", folder)


def run_both(task: Task, rng: Random, folder: Path) -> tuple[Sample, Outcome, Outcome]:
    sample = task.sample(rng, START)
    (folder / "input.txt").write_text(sample.text, encoding="utf-8")
    draft = run_script(task.draft(rng, "input.txt"), folder)
    return sample, draft, run_script(task.final(rng, "input.txt"), folder)


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("family", LINE_FAMILIES, ids=lambda family: family.__name__)
def test_a_line_family_is_read_into_its_true_records(
    family: Callable[[Random], Layout], draw: int, tmp_path: Path
) -> None:
    rng = Random(f"{family.__name__}/{draw}")
    task = build_record_task(family(rng), rng)
    sample, draft, final = run_both(task, rng, tmp_path)
    assert draft.exit_code == 1
    assert final.stderr == ""
    assert [json.loads(line) for line in final.stdout.splitlines()] == [
        row.expected for row in sample.rows
    ]


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("family", TEXT_FAMILIES, ids=lambda family: family.__name__)
def test_every_way_of_a_rewrite_prints_its_truth(
    family: Callable[[Random], Rewrite], draw: int, tmp_path: Path
) -> None:
    rng = Random(f"{family.__name__}/{draw}")
    rewrite = family(rng)
    for way in rewrite.ways:
        one_way = Rewrite(
            rewrite.name,
            rewrite.goal,
            rewrite.stem,
            rewrite.make,
            rewrite.odd,
            rewrite.draft,
            (way,),
        )
        sample, draft, final = run_both(build_rewrite_task(one_way, rng), rng, tmp_path)
        assert draft.exit_code == 1
        assert final.stderr == ""
        printed = [line.split(" -> ")[-1].split("\t")[-1] for line in final.stdout.splitlines()]
        assert printed == [row.expected for row in sample.rows]


@pytest.mark.parametrize("family", LINE_FAMILIES, ids=lambda family: family.__name__)
def test_a_lines_values_stand_in_it_in_the_order_of_the_fields(
    family: Callable[[Random], Layout],
) -> None:
    for draw in range(20):
        rng = Random(draw)
        task = build_record_task(family(rng), rng)
        for row in task.sample(rng, START).rows:
            assert not isinstance(row.expected, str)
            position = 0
            for value in row.expected.values():
                position = row.inputs["line"].index(value, position) + len(value)


@pytest.mark.parametrize("family", LINE_FAMILIES, ids=lambda family: family.__name__)
def test_a_line_family_varies_with_its_seed(family: Callable[[Random], Layout]) -> None:
    layouts = [family(Random(seed)) for seed in range(30)]
    assert len({layout.shapes for layout in layouts}) >= 8
