"""Run an attack in this very process, as a careless host would. See `unconfined.py`."""

import json
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    order = json.loads(sys.stdin.read())
    path = Path("/tmp/skill/skill.py")
    path.parent.mkdir(exist_ok=True)
    path.write_text(order["source"], "utf-8")
    (path.parent / "test_skill.py").write_text("held out", "utf-8")
    answer: Any = None
    for bait in order["baits"]:
        module: dict[str, Any] = {"__file__": str(path), "__name__": "skill"}
        exec(compile(order["source"], str(path), "exec"), module)
        answer = module["run"](bait)
    sys.stdout.write("\n" + json.dumps(answer))


if __name__ == "__main__":
    main()
