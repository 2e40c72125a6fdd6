"""Every setting, with its unit, default and environment name. The only reader of os.environ.

A setting `min_score` is given, in falling order of precedence, by the caller, by the environment
variable `SKILLKILN_MIN_SCORE`, by `min_score = ...` in the workspace's `skillkiln.toml`, or by the
default below.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, field_validator

from skillkiln.errors import SettingError
from skillkiln.skill.value import Value

ENVIRONMENT_PREFIX = "SKILLKILN_"
SETTINGS_FILE = "skillkiln.toml"
DEFAULT_WORKSPACE = Path(".skillkiln")


class Settings(Value):
    """What a person may choose. Everything has a default that is safe."""

    workspace: Path = DEFAULT_WORKSPACE
    """Folder that holds the store, the keys and the exported skills."""
    min_score: Annotated[float, Field(ge=0, le=10)] = 9.6
    """Score from 0 to 10 at or above which a candidate is accepted."""
    max_refinements: Annotated[int, Field(ge=0, le=20)] = 3
    """How often one author may write a rejected candidate again."""
    forge_wall_s: Annotated[float, Field(gt=0, le=86_400)] = 120.0
    """Wall time in seconds after which forging one need gives up."""
    author_wall_s: Annotated[float, Field(gt=0, le=3_600)] = 10.0
    """Wall time in seconds that an embedded author may think about one candidate."""
    shadow_min_calls: Annotated[int, Field(ge=1)] = 3
    """Held-back inputs that a release must have been mirrored on before it may go live."""
    shadow_min_agreement: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Share of mirrored calls, 0 to 1, that must agree with what was recorded."""
    split_seed: Annotated[int, Field(ge=0)] = 0
    """Seed of the split of a need's cases into visible, sealed and held-back ones."""
    cgroup_folders: tuple[Path, ...] = ()
    """Control groups delegated to this user, to limit whole cells in; `:` between them."""
    scan_file_mb: Annotated[int, Field(ge=1)] = 4_096
    """Size in MB above which a recording is skipped, and said so."""

    @field_validator("cgroup_folders", mode="before")
    @classmethod
    def _folders_are_separated(cls, value: object) -> object:
        return (
            [part for part in value.split(os.pathsep) if part] if isinstance(value, str) else value
        )


def read_settings(
    workspace: Path | None = None, *, environment: Mapping[str, str] | None = None
) -> Settings:
    """Read the settings that are in force.

    Args:
        workspace: overrides the setting of that name.
        environment: variables by name; the process's own where None.

    Raises:
        SettingError: a setting is unknown, or has a value that it cannot have.
    """
    variables = os.environ if environment is None else environment
    chosen: dict[str, Any] = {
        name: variables[ENVIRONMENT_PREFIX + name.upper()]
        for name in Settings.model_fields
        if ENVIRONMENT_PREFIX + name.upper() in variables
    }
    if workspace is not None:
        chosen["workspace"] = workspace
    folder = Path(chosen.get("workspace", DEFAULT_WORKSPACE))
    path = folder / SETTINGS_FILE
    return build_settings({**_read_file(path), **chosen}, where=str(path))


def build_settings(fields: Mapping[str, Any], *, where: str) -> Settings:
    """Build settings from named values.

    Raises:
        SettingError: naming the first one that is unknown or wrong.
    """
    try:
        return Settings.model_validate(dict(fields))
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        name = ".".join(str(step) for step in problem["loc"])
        expected = (
            "one of the documented settings"
            if name not in fields or (problem["type"] == "extra_forbidden")
            else problem["msg"]
        )
        raise SettingError(name, expected, problem["input"], where=where) from error


def _read_file(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(SETTINGS_FILE, "a TOML file", str(error), where=str(path)) from error


def home_folder() -> Path:
    """Return the person's home folder, where hosts keep their sessions."""
    return Path.home()


def read_child_environment() -> dict[str, str]:
    """Return the few environment variables that a program of ours is started with."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ}
