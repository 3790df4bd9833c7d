"""What a person names: a story file, a storyboard, a project folder or standard input, recognised and read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kamishibai.disk import read_whole
from kamishibai.documents.read_story import Reading, parse_story, read_story
from kamishibai.documents.storyboard import Storyboard
from kamishibai.documents.yaml_storyboard import load
from kamishibai.errors import DocumentError
from kamishibai.project import STORYBOARD, Project, slug
from kamishibai.work.key import content_hash

__all__ = ["StudioSource", "open_source", "read_board"]

STORY_SUFFIXES = (".txt", ".md", ".markdown", ".text", "")
SOUND_SUFFIXES = (".wav", ".mp3", ".m4a", ".aac", ".flac", ".ogg", ".opus", ".wma", ".aiff", ".aif", ".caf")
OUT = Path("film")


@dataclass(frozen=True)
class StudioSource:
    """A source as opened: the folder its film goes to, and a story or a storyboard."""

    folder: Path
    reading: Reading | None
    name: str
    data: bytes
    storyboard: Path | None = None


def open_source(source: str | Path, out: Path | None = None, *, text: bytes | None = None) -> StudioSource:
    """Recognise what `source` is: a story file, a storyboard, a project folder, or ``-`` with its `text`.

    Raises
    ------
    DocumentError
        When it is none of them, with what to do.
    """
    if str(source) == "-":
        reading = parse_story(text or b"", source="standard input")
        return StudioSource(out or OUT / slug(reading.story.title), reading, "standard input", text or b"")
    path = Path(source)
    if path.is_dir():
        if (path / STORYBOARD).is_file():
            return StudioSource(path if out is None else out, None, str(path), b"", path / STORYBOARD)
        raise DocumentError(
            f"this folder has no {STORYBOARD}",
            where=str(path),
            hint="name a story file, or a folder that `kamishibai board STORY` made",
        )
    if path.suffix.lower() in (".yaml", ".yml"):
        return StudioSource(out or path.absolute().parent, None, str(path), b"", path)
    if path.exists() and path.suffix.lower() not in STORY_SUFFIXES:
        raise DocumentError(
            f"a story is a .txt or .md file, not {path.suffix}",
            where=str(path),
            hint=f"`kamishibai make --narration {path}` makes a film of a recording"
            if path.suffix.lower() in SOUND_SUFFIXES
            else "`kamishibai show FILE` looks into a film; `kamishibai make STORY` makes one",
        )
    reading = read_story(path)
    data = read_whole(path)
    return StudioSource(out or OUT / slug(path.stem), reading, str(path.absolute()), data or b"")


def read_board(project: Project, path: Path) -> tuple[Storyboard, str]:
    """Return the storyboard in `path` and the digest of its file. Raises DocumentError with file, line and field."""
    if path.absolute() == project.storyboard_file.absolute():
        return project.read_storyboard()
    try:
        data = path.read_bytes()
        return load(data.decode("utf-8-sig"), str(path)), content_hash(data)
    except OSError as error:
        raise DocumentError(
            f"cannot be read: {error.strerror}",
            where=str(path),
            hint="check that it is there and that you may read it",
        ) from error
    except UnicodeDecodeError as error:
        raise DocumentError("a storyboard is UTF-8 text", where=str(path)) from error
