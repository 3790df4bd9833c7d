from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kamishibai.errors import UnknownModelError
from kamishibai.steps.locked import pinned_by
from kamishibai.steps.models_chosen import Chosen
from kamishibai.weights import pretrained

pytestmark = pytest.mark.slow


def chosen(*ids: str) -> dict[str, Chosen]:
    return {id_.split(":")[0]: Chosen(kind=id_.split(":")[0], id=id_, why="asked for") for id_ in ids}


def test_a_model_of_transformers_has_a_line_with_the_digest_of_what_it_loads(
    tiny: Callable[[str], Path],
) -> None:
    folders = {"eye": f"eye:clip:{tiny('clip')}", "ear": f"ear:whisper:{tiny('whisper')}"}
    lines = pinned_by(chosen(*folders.values()))
    assert set(lines) == set(folders.values())
    for kind, id_ in folders.items():
        found = pretrained.find(id_.split(":", 2)[2], kind, None)
        assert lines[id_].digest == pretrained.digest_of(found)


def test_a_whisper_for_ctranslate2_has_a_line_too(tiny: Callable[[str], Path]) -> None:
    id_ = f"ear:whisper:{tiny('whisper-ct2')}"
    assert len(pinned_by(chosen(id_))[id_].digest) == 64


def test_what_comes_inside_a_package_or_is_the_users_own_file_has_no_line(tmp_path: Path) -> None:
    ids = (
        "text:planner",
        "picture:papercut",
        "voice:hibari:heart",
        "ear:whisper",
        f"music:file:{tmp_path}/a.wav",
    )
    assert pinned_by(chosen(*ids)) == {}


def test_weights_that_are_not_here_are_named_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    with pytest.raises(UnknownModelError, match="suno/bark"):
        pinned_by(chosen("voice:bark:bark"))
