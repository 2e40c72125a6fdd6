"""A pattern that takes no labelled line is no part of what was learnt."""

from copy import copy
from dataclasses import replace

from skillkiln.author.deadline import Deadline
from skillkiln.author.lines.parser import LabelledLine, LineParser, learn_parser


def test_a_pattern_behind_one_that_takes_all_its_lines_is_dropped() -> None:
    labelled = [LabelledLine(f"{n} ok", {"n": str(n)}) for n in range(3)]
    parser = learn_parser(labelled, (), Deadline(lambda: 0.0, 1.0))
    assert isinstance(parser, LineParser)
    doubled = replace(parser, patterns=(*parser.patterns, *map(copy, parser.patterns)))
    assert doubled.keep_used([item.line for item in labelled]).patterns == parser.patterns
