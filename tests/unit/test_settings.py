"""Where a setting comes from, and what it may be."""

from pathlib import Path

import pytest

from skillkiln.errors import SettingError
from skillkiln.settings import Settings, build_settings, read_settings


def test_the_defaults_hold_where_nothing_is_said(tmp_path: Path) -> None:
    assert read_settings(tmp_path, environment={}) == Settings(workspace=tmp_path)


def test_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "skillkiln.toml").write_text("min_score = 9.1\nmax_refinements = 1\n")
    settings = read_settings(tmp_path, environment={"SKILLKILN_MIN_SCORE": "9.9"})
    assert settings.min_score == 9.9
    assert settings.max_refinements == 1


def test_the_caller_comes_before_the_environment(tmp_path: Path) -> None:
    settings = read_settings(tmp_path, environment={"SKILLKILN_WORKSPACE": "elsewhere"})
    assert settings.workspace == tmp_path
    named = read_settings(environment={"SKILLKILN_WORKSPACE": str(tmp_path)})
    assert named.workspace == tmp_path


def test_folders_in_the_environment_are_separated(tmp_path: Path) -> None:
    settings = read_settings(tmp_path, environment={"SKILLKILN_CGROUP_FOLDERS": "/a:/b"})
    assert settings.cgroup_folders == (Path("/a"), Path("/b"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("min_score = 11", "min_score"),
        ("min_score = 'high'", "min_score"),
        ("min_scores = 9", "documented settings"),
        ("= broken", "TOML"),
        ("shadow_min_agreement = 0", "shadow_min_agreement"),
    ],
)
def test_a_wrong_setting_names_itself_and_its_file(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "skillkiln.toml").write_text(text)
    with pytest.raises(SettingError) as caught:
        read_settings(tmp_path, environment={})
    assert says in str(caught.value)
    assert "skillkiln.toml" in str(caught.value)


def test_settings_cannot_be_changed() -> None:
    settings = build_settings({}, where="nowhere")
    with pytest.raises(ValueError, match="frozen"):
        settings.min_score = 1.0  # pyright: ignore[reportAttributeAccessIssue] - what is tried
