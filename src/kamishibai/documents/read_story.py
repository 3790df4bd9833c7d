"""Read a story from a file or bytes: front matter, lines, speakers, language and title; never a traceback."""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kamishibai.documents.decode_text import decode_text
from kamishibai.documents.languages import guess_language
from kamishibai.documents.split_scenes import is_wordless, plain, split_passages
from kamishibai.documents.story import Line, Story
from kamishibai.documents.storyboard import Character
from kamishibai.documents.yaml_nodes import (
    Mistake,
    YamlText,
    nearest,
    raise_mistakes,
    read_yaml,
    show_path,
)
from kamishibai.errors import DocumentError

__all__ = ["MAX_BYTES", "MAX_SCENES", "Reading", "parse_story", "read_story", "title_of_file"]

MAX_BYTES = 5_000_000
MAX_SCENES = 500
FRONT_MATTER = ("title", "language", "voice", "look", "aspect", "seed", "author", "picture", "cast")
_ASPECTS = ("16:9", "9:16", "1:1", "4:5")
_EXAMPLE = 'write a line or two, such as: "A small fox found a glowing lantern in the dark forest."'


@dataclass(frozen=True)
class Reading:
    """A story, and what the reader had to guess, drop or change to read it."""

    story: Story
    notes: tuple[str, ...] = ()


def read_story(path: Path) -> Reading:
    """Return the story in the text or Markdown file at `path`.

    Raises
    ------
    DocumentError
        When the file is missing, unreadable, not a text, empty, too large, or its front matter is wrong.
    """
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_BYTES else b""
    except FileNotFoundError as error:
        raise DocumentError("there is no such file", where=str(path), hint=_did_you_mean(path)) from error
    except IsADirectoryError as error:
        raise DocumentError(
            "this is a folder, not a story", where=str(path), hint="name a file in it"
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DocumentError(
            f"cannot be read: {reason}",
            where=str(path),
            hint="check that it is there and that you may read it",
        ) from error
    if size > MAX_BYTES:
        raise _too_large(size, str(path))
    return parse_story(data, source=str(path), title=title_of_file(path))


def parse_story(data: bytes | str, *, source: str = "standard input", title: str = "") -> Reading:
    """Return the story in `data`; `source` names it in messages, `title` serves where it gives none itself.

    Raises
    ------
    DocumentError
        As `read_story`.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(raw) > MAX_BYTES:
        raise _too_large(len(raw), source)
    text, notes = decode_text(raw, source)
    if not text.strip():
        raise DocumentError("the story is empty", where=source, hint=_EXAMPLE)
    fields, body, first_line = _front_matter(text, source)
    heading, passages = split_passages(body, first_line)
    if not passages:
        what = "the story has no words" if body.strip() else "there is no story below the front matter"
        raise DocumentError(what, where=source, hint=_EXAMPLE)
    if len(passages) > MAX_SCENES:
        parts = -(-len(passages) // MAX_SCENES)
        raise DocumentError(
            f"the story makes {len(passages)} scenes; a film has {MAX_SCENES} at most",
            where=source,
            hint=f"split it into {parts} stories, or join lines into longer ones",
        )
    lines = tuple(Line(text=p.text, speaker=p.speaker, number=p.number) for p in passages)
    spoken = " ".join(line.text for line in lines)
    fields.setdefault("title", heading or title or _first_words(lines[0].text))
    fields.setdefault("language", guess_language(spoken))
    fields["title"] = _shortened(" ".join(str(fields["title"]).split()), 200)
    return Reading(Story(lines=lines, **fields), notes)


def _too_large(size: int, source: str) -> DocumentError:
    return DocumentError(
        f"the story is {size / 1e6:.1f} MB; {MAX_BYTES // 1_000_000} MB is the most",
        where=source,
        hint=f"a film has {MAX_SCENES} scenes at most, about 60 KB of text: give one chapter at a time",
    )


def _did_you_mean(path: Path) -> str | None:
    try:
        names = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    except OSError:
        names = []
    near = difflib.get_close_matches(path.name, sorted(names), 1, cutoff=0.5)
    return f"did you mean {path.parent / near[0]}?" if near else "check the name, or use - for standard input"


def title_of_file(path: Path) -> str:
    """Return a title from a file's name; empty when that has no letters."""
    words = re.sub(r"[-_\s]+", " ", path.stem).strip()
    return words[:1].upper() + words[1:] if not is_wordless(words) else ""


def _first_words(text: str) -> str:
    words = text.split()
    short = " ".join(words[:6]).strip(" ,;:—–-")
    return _shortened(short if len(words) <= 6 else f"{short} …", 60).rstrip(".。")


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


# ------------------------------------------------------------------------------------------ front matter
def _front_matter(text: str, source: str) -> tuple[dict[str, Any], str, int]:
    """Return the checked fields above the story, the story, and the number of its first line."""
    lines = text.split("\n")
    start = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if lines[start].rstrip() != "---":
        return {}, text, 1
    end = next((i for i in range(start + 1, len(lines)) if lines[i].rstrip() in ("---", "...")), None)
    inside = lines[start + 1 : end]
    if end is None or not any(re.match(r"[\w-]+\s*:", line) for line in inside):
        # A rule across the page, not front matter.
        return {}, text, 1
    read = read_yaml("\n".join(inside), source, first_line=start + 2)
    if not isinstance(read.data, dict):
        raise DocumentError(
            "the front matter should be fields such as `title: The Lantern`",
            where=f"{source}, line {start + 2}",
        )
    return _checked(read, source), "\n".join(lines[end + 1 :]), end + 2


def _checked(read: YamlText, source: str) -> dict[str, Any]:
    mistakes: list[Mistake] = []
    fields: dict[str, Any] = {}
    for key, value in read.data.items():
        line = read.line_of((key,))
        if key not in FRONT_MATTER:
            meant = nearest(key, FRONT_MATTER)
            what = f"there is no front matter field {key!r}"
            what += f"; did you mean {meant!r}?" if meant else f" ({', '.join(FRONT_MATTER)})"
            mistakes.append(Mistake(line, key, what))
        elif value is None:
            continue
        elif key == "cast":
            fields["cast"] = tuple(_cast(value, read, mistakes))
        elif key == "seed":
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**32:
                mistakes.append(Mistake(line, key, f"{value!r} is not a whole number from 0 to {2**32 - 1}"))
            fields[key] = value
        elif isinstance(value, (dict, list)):
            mistakes.append(Mistake(line, key, "this should be a word or a sentence"))
        else:
            fields[key] = _text_field(key, read.raw[(key,)].strip(), line, mistakes)
    raise_mistakes(mistakes, source)
    return fields


def _text_field(key: str, value: str, line: int, mistakes: list[Mistake]) -> str:
    if key == "aspect" and value not in _ASPECTS:
        mistakes.append(Mistake(line, key, f"{value!r} is not one of {', '.join(_ASPECTS)}"))
    if key == "language":
        if not re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", value):
            mistakes.append(Mistake(line, key, f"{value!r} is not a language code such as en, de or pt-BR"))
        first, *rest = re.split("[-_]", value)
        return "-".join([first.lower(), *rest])
    limit = 200 if key in ("look", "author", "voice") else 500 if key == "picture" else 300
    if len(value) > limit and key != "title":
        mistakes.append(Mistake(line, key, f"{len(value)} characters are too many; {limit} is the most"))
    return value


def _cast(value: Any, read: YamlText, mistakes: list[Mistake]) -> list[Character]:
    """Read a cast: ``Mira: a girl with red hair``, or a list of such, or of storyboard characters."""
    items: list[tuple[tuple[str | int, ...], str | None, Any]] = []
    if isinstance(value, dict):
        items = [(("cast", name), name, about) for name, about in value.items()]
    elif isinstance(value, list):
        for i, item in enumerate(value):
            if isinstance(item, dict) and len(item) == 1 and "name" not in item and "id" not in item:
                name = next(iter(item))
                items.append((("cast", i, name), name, item[name]))
            elif isinstance(item, str):
                name, _, about = item.partition(",")
                items.append((("cast", i), name, about.strip()))
            else:
                items.append((("cast", i), None, item))
    else:
        mistakes.append(
            Mistake(
                read.line_of(("cast",)),
                "cast",
                "this should be names, each with a description: `Mira: a girl`",
            )
        )
    cast: list[Character] = []
    for path, name, about in items:
        character = _character(path, name, about, read, mistakes)
        if character is None:
            continue
        if any(character.id == other.id for other in cast):
            mistakes.append(
                Mistake(read.line_of(path), show_path(path), f"{character.name!r} is there twice")
            )
        else:
            cast.append(character)
    return cast


def _character(
    path: tuple[str | int, ...], name: str | None, about: Any, read: YamlText, mistakes: list[Mistake]
) -> Character | None:
    line = read.line_of(path)
    fields: dict[str, Any] = dict(about) if isinstance(about, dict) else {}
    if name is not None:
        fields.setdefault("name", plain(name))
    if isinstance(about, str):
        fields["description"] = plain(about)
    elif about is not None and not isinstance(about, dict):
        mistakes.append(Mistake(line, show_path(path), "describe the character in words"))
        return None
    if not fields.get("name") and not fields.get("id"):
        mistakes.append(Mistake(line, show_path(path), "this character has no name"))
        return None
    fields.setdefault("name", fields.get("id"))
    fields.setdefault("id", _id_of(str(fields["name"])))
    try:
        return Character.model_validate(fields)
    except ValidationError as error:
        for problem in error.errors():
            at = (*path, *problem["loc"])
            key = str(problem["loc"][-1]) if problem["loc"] else ""
            if problem["type"] == "extra_forbidden":
                meant = nearest(key, list(Character.model_fields))
                what = f"there is no field {key!r} here" + (f"; did you mean {meant!r}?" if meant else "")
            else:
                what = f"{problem['input']!r}: {problem['msg']}"
            mistakes.append(Mistake(read.line_of(at), show_path(at), what))
        return None


def _id_of(name: str) -> str:
    """Return a cast id for `name`: its Latin letters, else a number made from its code points."""
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    id_ = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:60]
    return id_ or "c" + "".join(f"{ord(c):x}" for c in name[:8])
