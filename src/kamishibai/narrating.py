"""A recording as the source of a film: what is heard in it is written down as a story that people can edit."""

from __future__ import annotations

import json
from pathlib import Path

from kamishibai.disk import read_whole, write_atomically
from kamishibai.documents.read_story import title_of_file
from kamishibai.opening import OUT
from kamishibai.project import HIDDEN, Project, slug
from kamishibai.steps.models_chosen import Chosen
from kamishibai.steps.recorded_story import story_text
from kamishibai.steps.recording import hear_recording, recording_digest
from kamishibai.work.key import content_hash
from kamishibai.work.runners.runner import Runner

__all__ = ["STORY", "folder_of", "written_story"]

STORY = "story.txt"
_MARK = "recording.json"


def folder_of(recording: Path, out: Path | None) -> Path:
    """Return the project folder of the film of a recording."""
    return out or OUT / slug(recording.stem)


def written_story(project: Project, recording: Path, ear: Chosen, runner: Runner) -> tuple[Path, str]:
    """Return the story file of a recording, and what there is to say about it; `project` must be entered.

    It is written once; when the recording changes it is written anew, unless somebody edited it: then it stays.

    Raises
    ------
    KamishibaiError
        As `hear_recording`.
    """
    path, mark = project.folder / STORY, project.folder / HIDDEN / _MARK
    digest = recording_digest(recording)
    known = _read(mark)
    if path.is_file():
        edited = content_hash(read_whole(path) or b"") != known.get("story")
        if edited or known.get("recording") == digest:
            return path, f"using the story you edited, {path}" if edited else ""
    _, heard, _ = hear_recording(recording, ear, runner, None)
    data = story_text(heard, title_of_file(recording)).encode("utf-8")
    write_atomically(path, data)
    marked = {"recording": digest, "story": content_hash(data)}
    write_atomically(mark, json.dumps(marked).encode("utf-8"))
    return path, f"what is heard was written to {path}: mend it there and run the same command again"


def _read(mark: Path) -> dict[str, str]:
    try:
        value = json.loads(mark.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
