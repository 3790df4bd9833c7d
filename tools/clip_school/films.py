"""Short films for the gates to judge: drawn as they should be, with pictures exchanged, with a character exchanged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

import numpy as np
import numpy.typing as npt

from clip_school.retrieval import Eye
from clip_school.vocabulary import Example, Vocabulary, character, scene_of
from kamishibai.documents.storyboard import Scene
from kamishibai.documents.takes import Still
from kamishibai.gates.identity import IdentityLimits, Sighting, crops_of, cut, judge_cast, same_pixels
from kamishibai.gates.matching import Fit, MatchingLimits, alike_scenes, judge_pictures
from kamishibai.gates.verdict import Verdict
from kamishibai.media.picture import decode_png
from kamishibai.models import registry
from kamishibai.models.kinds import Draw

__all__ = [
    "Film", "best_takes", "cast_verdicts", "draw_film", "exchange_somebody", "picture_verdicts", "random_film", "recast",
]  # fmt: skip

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Film:
    """Scenes with their pictures."""

    scenes: tuple[Scene, ...]
    stills: tuple[Still, ...]
    pictures: tuple[Pixels, ...]

    def exchanged(self, one: int, other: int) -> Film:
        """Return the film with the pictures of two scenes exchanged."""
        order = list(range(len(self.scenes)))
        order[one], order[other] = other, one
        return Film(self.scenes, tuple(self.stills[i] for i in order), tuple(self.pictures[i] for i in order))

    def with_scene(self, index: int, other: Film) -> Film:
        """Return the film with one scene's picture from another drawing of it."""
        stills, pictures = list(self.stills), list(self.pictures)
        stills[index], pictures[index] = other.stills[0], other.pictures[0]
        return Film(self.scenes, tuple(stills), tuple(pictures))


def random_film(vocabulary: Vocabulary, seed: int, count: int = 5) -> list[Example]:
    """Return a film of `count` scenes: two or three characters who meet, each scene somewhere else.

    The first character is in every scene but one, alone or with another.
    """
    rng = Random(seed)
    lead, *friends = (character(noun) for noun in rng.sample(vocabulary.cast, 3))
    places = rng.sample(vocabulary.settings, count)
    solo = rng.randrange(count)
    out = []
    for i, place in enumerate(places):
        cast = [rng.choice(friends)] if i == solo else [lead]
        if i != solo and rng.random() < 0.4:
            cast.append(rng.choice(friends))
        scene = scene_of(cast, place, rng.choice(vocabulary.times), rng).model_copy(
            update={"id": f"s{i + 1}"}
        )
        out.append(Example(scene, tuple(cast), rng.randrange(2**31)))
    return out


def recast(example: Example, who: str, noun: str) -> Example:
    """Return the scene with `who` drawn as a `noun`, though the storyboard still calls it by its id."""
    cast = tuple(character(noun).model_copy(update={"id": who}) if c.id == who else c for c in example.cast)
    return replace(example, cast=cast)


def draw_film(eye: Eye, asks: Sequence[Draw], scenes: Sequence[Scene]) -> Film:
    """Return the film as the paper theatre draws it."""
    stills = tuple(registry.make("picture:papercut").run(asks, eye))
    pictures = tuple(
        np.ascontiguousarray(decode_png(eye.blobs[still.image.sha256])[..., :3]) for still in stills
    )
    return Film(tuple(scenes), stills, pictures)


def picture_verdicts(
    eye: Eye, film: Film, texts: Sequence[str], limits: MatchingLimits | None = None
) -> list[Verdict]:
    """Return what the picture gate says of every scene, whose text is given."""
    ids = [scene.id for scene in film.scenes]
    cosines = eye.against_texts(film.pictures, texts)
    fits = [
        Fit(scene=id_, texts=dict(zip(ids, row, strict=True))) for id_, row in zip(ids, cosines, strict=True)
    ]
    alike = alike_scenes(film.scenes, dict(zip(ids, texts, strict=True)))
    return judge_pictures(fits, alike, limits)


def cast_verdicts(eye: Eye, film: Film, limits: IdentityLimits | None = None) -> list[Verdict]:
    """Return what the cast gate says of every scene in which somebody can be found."""
    sightings, crops = [], []
    for scene, still, pixels in zip(film.scenes, film.stills, film.pictures, strict=True):
        for who, crop in crops_of(still, scene).items():
            sightings.append(Sighting(scene=scene.id, who=who, found=crop.found))
            crops.append(cut(pixels, crop.box))
    if not crops:
        return []
    pasted = {
        (film.scenes[i].id, film.scenes[j].id): same_pixels(film.pictures[i], film.pictures[j])
        for i in range(len(film.scenes))
        for j in range(i)
    }
    between = eye.against_pictures(crops, crops)
    return judge_cast(sightings, between.tolist(), pictures=pasted, drawn=True, limits=limits)


def best_takes(eye: Eye, film: Film, texts: Sequence[str], seed: int) -> list[bool]:
    """Say for each scene whether the picture gate prefers its right picture to those of three other scenes."""
    ids = [scene.id for scene in film.scenes]
    rows = [dict(zip(ids, row, strict=True)) for row in eye.against_texts(film.pictures, texts).tolist()]
    alike = alike_scenes(film.scenes, dict(zip(ids, texts, strict=True)))
    rng, found = Random(seed), []
    for i, id_ in enumerate(ids):
        takes = [i, *rng.sample([j for j in range(len(ids)) if j != i], 3)]
        rng.shuffle(takes)
        candidates = [Fit(scene=id_, texts=rows[j], take=n) for n, j in enumerate(takes)]
        settled = [Fit(scene=other, texts=rows[j]) for j, other in enumerate(ids) if j != i]
        verdicts = judge_pictures([*candidates, *settled], alike)[: len(takes)]
        best = min(range(len(takes)), key=lambda n: (not verdicts[n].passed, verdicts[n].badness))
        found.append(takes[best] == i)
    return found


def exchange_somebody(
    eye: Eye,
    examples: Sequence[Example],
    film: Film,
    vocabulary: Vocabulary,
    seed: int,
    size: tuple[int, int],
) -> tuple[int, Film]:
    """Return the index of one scene, and the film with the lead of that scene drawn as somebody else."""
    rng = Random(seed)
    shown = [c.id for example in examples for c in example.cast]
    lead = max(sorted(set(shown)), key=shown.count)
    index = rng.choice([i for i, example in enumerate(examples) if lead in {c.id for c in example.cast}])
    wrong = recast(examples[index], lead, rng.choice([noun for noun in vocabulary.cast if noun != lead]))
    return index, film.with_scene(index, draw_film(eye, [wrong.ask(*size)], [film.scenes[index]]))
