"""From an idea or a picture to a story file that `make` takes: checked wishes, the models' answers, and the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from kamishibai.disk import write_atomically
from kamishibai.documents.frozen import Frozen
from kamishibai.documents.languages import guess_language
from kamishibai.documents.read_story import parse_story
from kamishibai.documents.ref import Ref
from kamishibai.errors import ModelError, UnsupportedError, UsageError
from kamishibai.media.photo import read_photo
from kamishibai.media.picture import encode_png
from kamishibai.models import registry
from kamishibai.models.kinds import Judge, Notes, Tale, Write
from kamishibai.opening import STORY_SUFFIXES
from kamishibai.project import slug
from kamishibai.settings import Settings
from kamishibai.steps.models_chosen import Chosen, choose
from kamishibai.weights.presets import presets
from kamishibai.work.call import Answer, Call
from kamishibai.work.store import Store

__all__ = ["MAX_IDEA", "StoryWish", "Written", "check_wish", "choose_critic", "choose_writer", "write_story"]

MAX_IDEA = 4000
"""Characters; an idea is no story."""
_LINES = 60
Run = Callable[[Call], Answer]


class StoryWish(Frozen):
    """What somebody wants a story of; at least one of `idea` and `image`."""

    idea: str = ""
    image: Path | None = None
    """A picture whose story is told, and which becomes what the main character looks like."""
    lines: int = Field(default=4, ge=1, le=_LINES)
    language: str | None = Field(default=None, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    out: Path | None = None
    """None: named after the title, in this folder."""
    force: bool = False
    """Files that are there already may be written over."""


class Written(Frozen):
    """A story as it was written."""

    path: Path
    text: str
    """What stands in the file."""
    title: str
    lines: tuple[str, ...]
    language: str
    picture: Path | None = None
    """The picture that lies beside the story, as PNG."""
    caption: str = ""
    """What the critic saw in it."""
    models: tuple[str, ...]
    """Who wrote it, and who looked at the picture."""
    seed: int
    notes: tuple[str, ...] = ()
    reused: bool = False
    """It was there already: the same wish gets the same story."""


def check_wish(
    idea: str, image: Path | None, lines: int, language: str | None, out: Path | None, force: bool
) -> StoryWish:
    """Return the wish, checked before any model is loaded.

    Raises
    ------
    UsageError
        When there is neither idea nor picture, a value cannot be right, or a file would be written over.
    """
    idea = " ".join(idea.split())
    if not idea and image is None:
        raise UsageError(
            "there is nothing to write a story of",
            hint='kamishibai write --idea "a snail who wants to fly", or --from-image photo.jpg',
        )
    if len(idea) > MAX_IDEA:
        raise UsageError(
            f"the idea has {len(idea):,} characters; {MAX_IDEA:,} is the most",
            hint="say it in a few sentences; a story that is written already goes to `kamishibai make`",
        )
    try:
        wish = StoryWish(idea=idea, image=image, lines=lines, language=language, out=out, force=force)
    except ValidationError as error:
        first = error.errors()[0]
        example = {"lines": f"1 to {_LINES}", "language": "a code such as en, de or pt-BR"}
        name = str(first["loc"][0])
        raise UsageError(f"--{name} cannot be {first['input']!r}", hint=example.get(name)) from error
    if out is not None:
        _check_name(wish, out)
    return wish


def _check_name(wish: StoryWish, out: Path) -> None:
    if out.suffix.lower() not in STORY_SUFFIXES:
        raise UsageError(
            f"a story is a .md or .txt file, not {out.suffix}",
            where=str(out),
            hint=f"-o {out.with_suffix('.md')}",
        )
    for path in _files(wish, out):
        if path.is_dir() or (path.exists() and not wish.force):
            raise UsageError(
                "this is a folder" if path.is_dir() else "there is such a file already",
                where=str(path),
                kept="it, as it is",
                hint="name another with -o" + ("" if path.is_dir() else ", or add --force to write over it"),
            )


def _files(wish: StoryWish, out: Path) -> list[Path]:
    return [out] if wish.image is None else [out, out.with_suffix(".png")]


def choose_writer(settings: Settings) -> Chosen:
    """Return the text model that writes.

    Raises
    ------
    UnsupportedError
        When it is one that plans storyboards alone, with the way to one that writes.
    UnknownModelError
        When it does not exist or lacks its packages.
    """
    chosen = choose("text", settings.text, settings.options)
    cls = registry.class_of(str(chosen.id))
    if Write not in cls.verbs():
        raise UnsupportedError(
            f"{cls.id} plans storyboards and writes no stories",
            hint=f"name a language model: --text transformers:NAME; {_how_to_get('text')}",
        )
    return chosen


def choose_critic(settings: Settings) -> Chosen:
    """Return the critic that looks at the picture. Raises UsageError when none was named."""
    chosen = choose("critic", settings.critic, settings.options)
    if chosen.id is None:
        raise UsageError(
            "nobody is there to look at the picture",
            hint=f"name a critic: --critic llava:NAME; {_how_to_get('critic')}",
        )
    return chosen


def _how_to_get(kind: str) -> str:
    """Return the command that fetches a model of this kind; a preset whose terms allow most comes first."""
    known = sorted(presets(kind), key=lambda one: (not one.licence.commercial, one.gated))
    if not known:
        return (
            f"NAME is a folder, or a hub id that `kamishibai models pull` fetched; `kamishibai models {kind}`"
        )
    return f"for example `kamishibai models pull {known[0].name}`; `kamishibai models {kind}` lists them"


def write_story(
    wish: StoryWish, settings: Settings, writer: Chosen, critic: Chosen | None, store: Store, run: Run
) -> Written:
    """Have the models answer `wish`, and write the story's file, and the picture beside it.

    Parameters
    ----------
    run
        Has a model answer one call.

    Raises
    ------
    KamishibaiError
        The models' own; MediaError for a picture that is none; StoreError when the files cannot be written.
    """
    seed = settings.seed if settings.seed is not None else 7
    image, png, caption = None, b"", ""
    if wish.image is not None and critic is not None:
        png = encode_png(read_photo(wish.image), level=6)
        image = store.save(png, "image/png")
        caption = _seen(image, critic, seed, run)
    idea = _idea(wish.idea, caption)
    language = wish.language or (guess_language(wish.idea) if wish.idea else "en")
    ask = Write(idea=idea, lines=wish.lines, language=language, seed=seed)
    answer = run(Call("write", "", str(writer.id), ask, Tale, writer.options))
    tale: Tale = answer.take
    out = wish.out or _free_name(wish, tale.title)
    text = _story_text(tale, language, out.with_suffix(".png").name if png else None)
    notes = (*tale.notes, *_splits(text, tale))
    if png:
        write_atomically(out.with_suffix(".png"), png)
    write_atomically(out, text.encode("utf-8"))
    return Written(
        path=out,
        text=text,
        title=tale.title,
        lines=tale.lines,
        language=language,
        picture=out.with_suffix(".png") if png else None,
        caption=caption,
        models=tuple(str(one.id) for one in (writer, critic) if one is not None),
        seed=seed,
        notes=notes,
        reused=answer.reused,
    )


def _seen(image: Ref, critic: Chosen, seed: int, run: Run) -> str:
    """Return what the critic sees in a picture, in its words. Raises ModelError when it says nothing."""
    answer = run(
        Call("judge", "", str(critic.id), Judge(image=image, describe=True, seed=seed), Notes, critic.options)
    )
    caption = " ".join(str(answer.take.caption or answer.take.alt).split())
    if not caption:
        raise ModelError(
            f"{critic.id} said nothing about the picture", hint="try another picture, or another --critic"
        )
    return caption


def _idea(idea: str, caption: str) -> str:
    """Return what the writer is told, within the length of an idea; only a caption is ever cut."""
    if not caption:
        return idea
    told = (
        f"{idea} The story is about who is seen in a picture: "
        if idea
        else "Tell the story of this picture: "
    )
    room = MAX_IDEA - len(told)
    if room < 40:
        return idea
    return told + (caption if len(caption) <= room else caption[:room].rsplit(" ", 1)[0])


def _story_text(tale: Tale, language: str, picture: str | None) -> str:
    """Return the story as Markdown with its front matter, a paragraph a line."""
    fields = {"title": tale.title, "language": language}
    if picture is not None:
        fields["picture"] = picture
    front = yaml.safe_dump(fields, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{front}---\n\n" + "\n\n".join(tale.lines) + "\n"


def _splits(text: str, tale: Tale) -> Iterable[str]:
    """Return what differs between the lines as written and the scenes that `make` reads in the file."""
    scenes = len(parse_story(text, source="the story as written").story.lines)
    if scenes != len(tale.lines):
        yield (
            f"`make` reads {scenes} scenes in these {len(tale.lines)} lines: lines of more than 25 words are parted"
        )


def _free_name(wish: StoryWish, title: str) -> Path:
    """Return a name after the title that neither the story nor its picture would write over."""
    stem = slug(title)
    out, number = Path(f"{stem}.md"), 1
    while not wish.force and any(path.exists() for path in _files(wish, out)):
        number += 1
        out = Path(f"{stem}-{number}.md")
    return out
