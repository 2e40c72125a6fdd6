"""What skill.py could do, read from its text, against what its contract declares."""

from collections.abc import Callable

import pytest

from skillkiln.prove.gates.capabilities import CapabilitiesGate
from skillkiln.prove.interface import Subject
from skillkiln.records.evidence import Outcome
from skillkiln.skill.contract import Contract, Idempotency, Permissions, SideEffect
from skillkiln.skill.reasons import FailureReason

Prepare = Callable[..., Subject]

RUN = "def run(text: str) -> str:\n    {line}\n    return text\n"

REACHING = [
    ("import os", "os.system(text)"),
    ("import os as o", "o.popen(text)"),
    ("from os import system as s", "s(text)"),
    ("import os", "os.environ['HOME']"),
    ("import os", "os._exit(0)"),
    ("import os", "os.listdir('/')"),
    ("import os.path", "os.path.exists(text)"),
    ("import posixpath", "posixpath.exists(text)"),
    ("import socket", "pass"),
    ("from socket import create_connection", "pass"),
    ("import urllib.request", "pass"),
    ("from urllib import request", "pass"),
    ("from http import client", "pass"),
    ("import subprocess as sp", "pass"),
    ("import ctypes", "pass"),
    ("import importlib", "pass"),
    ("import inspect", "pass"),
    ("import gc", "pass"),
    ("import pickle", "pass"),
    ("import threading", "pass"),
    ("from re import *", "pass"),
    ("import sys", "sys._getframe(1)"),
    ("from sys import modules", "modules['json']"),
    ("import sys", "sys.stdout.write(text)"),
    ("", "eval(text)"),
    ("", "exec(text)"),
    ("", "compile(text, '', 'eval')"),
    ("", "__import__('os')"),
    ("", "globals()['x'] = 1"),
    ("", "__builtins__"),
    ("", "text.__class__.__mro__"),
    ("", "(lambda: 0).__globals__"),
    ("", "getattr(text, 'up' + 'per')()"),
    ("", "getattr(text, '__class__')"),
    ("import operator", "operator.attrgetter('__class__')(text)"),
    ("import operator", "operator.attrgetter('a', '_b')(text)"),
    ("import random", "random._os"),
    ("import json", "json.dumps = str"),
    ("import json", "json.decoder.scanner = None"),
    ("import json", "del json.dumps"),
    ("import json", "setattr(json, 'dumps', str)"),
    ("", "open('/etc/passwd')"),
    ("", "open(text)"),
    ("", "open(__file__, 'w')"),
    ("", "open(__file__, mode=text)"),
    ("", "open(__file__, **{'mode': 'w'})"),
    ("import io", "io.open(text)"),
    ("import codecs", "codecs.open(text)"),
    ("from pathlib import Path", "Path(text).read_text()"),
    ("from pathlib import Path", "Path(text).open()"),
    ("from pathlib import Path", "list(Path('/').rglob('*'))"),
    ("from pathlib import Path", "Path(__file__).write_text(text)"),
    ("import types", "types.FunctionType"),
    ("import uuid", "uuid.getnode()"),
    ("from typing import no_type_check", "no_type_check"),
]


@pytest.mark.parametrize(("imports", "line"), REACHING)
def test_refuses_reaching_beyond_computing(prepare: Prepare, imports: str, line: str) -> None:
    skill = f"{imports}\n{RUN.format(line=line)}"
    finding = CapabilitiesGate().check(prepare(skill=skill))
    assert finding.reason is FailureReason.POLICY_VIOLATION
    assert finding.summary.startswith("skill.py:")


PURE = [
    ("import re", "re.compile(text)"),
    ("import json", "json.loads(text)"),
    ("from datetime import datetime", "datetime.fromisoformat(text)"),
    ("from os import path", "path.basename(text)"),
    ("import os.path", "os.path.splitext(text)"),
    ("from urllib.parse import urlsplit", "urlsplit(text)"),
    ("from collections.abc import Iterator", "pass"),
    ("from typing import TypedDict", "pass"),
    ("from pathlib import PurePosixPath", "PurePosixPath(text).name"),
    ("from dataclasses import dataclass", "pass"),
    ("import operator", "operator.attrgetter('real')(1)"),
    ("", "getattr(text, 'upper')()"),
    ("", "input = text"),
    ("", "open(__file__)"),
    ("", "compiled = text.replace('eval', 'exec')"),
    ("from pathlib import Path", "(Path(__file__).parent / 'table.csv').read_text()"),
    ("from pathlib import Path\nHERE = Path(__file__).parent", "(HERE / 't.csv').read_text()"),
]


@pytest.mark.parametrize(("imports", "line"), PURE)
def test_lets_computing_pass(prepare: Prepare, imports: str, line: str) -> None:
    skill = f"{imports}\n{RUN.format(line=line)}"
    assert CapabilitiesGate().check(prepare(skill=skill)).outcome is Outcome.PASSED


def test_names_every_place(prepare: Prepare) -> None:
    skill = "import os\nimport socket\n" + RUN.format(line="os.system(text)")
    finding = CapabilitiesGate().check(prepare(skill=skill))
    assert finding.summary.startswith("skill.py:2:1: imports `socket`")
    assert "skill.py:4:5: uses `os.system`" in finding.detail


def petition(contract: Contract, **permissions: tuple[str, ...]) -> Contract:
    return contract.model_copy(
        update={
            "side_effects": tuple(map(SideEffect, permissions)),
            "permissions": Permissions(**permissions),
            "idempotency": Idempotency.KEYED,
        }
    )


def test_a_declared_effect_passes_and_another_does_not(prepare: Prepare) -> None:
    contract = petition(prepare().contract, network=("example.org:443",))
    network = prepare(skill="import socket\n" + RUN.format(line="pass"), contract=contract)
    assert CapabilitiesGate().check(network).outcome is Outcome.PASSED
    starts = prepare(skill="import subprocess\n" + RUN.format(line="pass"), contract=contract)
    assert CapabilitiesGate().check(starts).reason is FailureReason.POLICY_VIOLATION


def test_no_declaration_covers_reaching_into_the_interpreter(prepare: Prepare) -> None:
    contract = petition(
        prepare().contract, network=("a:1",), execute=("ls",), write_files=("out/*.csv",)
    )
    subject = prepare(skill="import gc\n" + RUN.format(line="pass"), contract=contract)
    assert CapabilitiesGate().check(subject).reason is FailureReason.POLICY_VIOLATION
