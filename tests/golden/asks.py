"""The fixed asks: a few of every verb for every maker, small enough to be answered at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from bench import Bench, Case
from fingerprints import Tolerance

from kamishibai.documents.frozen import Frozen
from kamishibai.documents.read_story import parse_story
from kamishibai.documents.ref import Ref
from kamishibai.documents.storyboard import Actor, Character, Person, Place, Prop, Scene
from kamishibai.documents.takes import Shot, Word
from kamishibai.engine.segments import LocalCaption, LocalWord, Part, SegmentAsk
from kamishibai.media.sound import RATE_HZ
from kamishibai.media.stretches import levels
from kamishibai.models import registry
from kamishibai.models.kinds import (
    Act,
    Animate,
    Compose,
    Cue,
    Draft,
    Draw,
    Foley,
    Judge,
    Listen,
    Look,
    Mend,
    Speak,
    Write,
)  # fmt: skip
from kamishibai.models.sound.ambience import AMBIENCES
from kamishibai.models.sound.effects import EFFECTS
from kamishibai.steps import examiners, makers, recording_makers
from kamishibai.weights.digests import file_digest

__all__ = ["CASES", "NONE"]

NONE: dict[str, str] = {}
"""Makers without a golden take, each with the reason."""

NETWORK = Tolerance(
    colour=5.0, level_db=3.0, loudness_db=0.5, seconds=0.03, relative=5e-3, absolute=2e-3, probability=0.02
)
"""For what a network makes on the processor: its sums come in another order on another one."""
EAR = Tolerance(seconds=0.1, probability=0.25)
"""int8 sums differ most; an ear's words are to be the same, when they begin within a few frames, how sure it is hardly."""


# ------------------------------------------------------------------------------------------------------------- text
LANTERN = (
    "---\ntitle: The Lantern\nlook: ink\naspect: 9:16\nauthor: Ada\ncast:\n  Mira: a girl with red hair\n---\n"
    'Mira found a lantern under an old tree in the dark forest.\nMira: "Who lost this?"\n'
    "Two owls watched from a branch as it began to rain.\nThe next morning she sailed across the sea with a shy fox."
)
PLACES = (
    "A tired king slept in his tower.\nThree kittens chased a red ball through the market at dusk.\n"
    "The whale sang under the waves.\nA rocket flew past the moon, and the astronaut laughed.\n"
    "Grandmother opened the blue door. Snow had covered the farm!"
)


def draft(text: str, seed: int = 5) -> Callable[[Bench], Frozen]:
    return lambda bench: Draft(story=parse_story(text).story, seed=seed)


def write(bench: Bench) -> Frozen:
    return Write(idea="A fox who is afraid of the dark", lines=2, seed=3)


def mend(bench: Bench) -> Frozen:
    return Mend(prompt="a fox in the snow", line="The fox slept.", faults=("no lantern is seen",), seed=3)


def texts() -> Iterator[Case]:
    yield Case("text:planner", "a story with front matter", draft(LANTERN))
    yield Case("text:planner", "many places", draft(PLACES))
    yield Case(
        "text:planner",
        "another language",
        draft("---\nlanguage: de\n---\nEin Fuchs fand eine Laterne im Wald."),
    )
    for maker, extra in (("text:fake", {}), ("text:transformers", tiny("llm", needs="llguidance"))):
        # A language model lays its board over the planner's, and has the planner's version in its key.
        leans = ("text:planner",) if extra else ()
        yield Case(maker, "draft", draft(LANTERN), leans_on=leans, **extra)
        yield Case(maker, "write", write, **extra)
        yield Case(maker, "mend", mend, **extra)


# ---------------------------------------------------------------------------------------------------------- pictures
FOX = Character(id="fox", name="fox", wears=("scarf",), colour="orange")
MIRA = Character(
    id="mira",
    name="Mira",
    noun="girl",
    person=Person(gender="woman", age="child", hair="red", clothes="blue"),
)
SAILOR = Character(
    id="sailor",
    name="sailor",
    person=Person(gender="man", age="old", skin="brown", outfit="pirate"),
    wears=("hat",),
)
QUEEN = Character(id="queen", name="queen", person=Person(gender="woman", outfit="queen"), size="big")
BABY = Character(id="baby", name="baby", person=Person(age="baby"))
OWLS = Character(id="owls", name="owls", noun="owl", count=2)


def beast(noun: str, **fields: Any) -> Character:
    return Character(id=noun, name=noun, **fields)


def draw(cast: tuple[Character, ...], seed: int = 7, **scene: Any) -> Callable[[Bench], Frozen]:
    actors = scene.pop("actors", tuple(Actor(who=one.id) for one in cast))
    one = Scene(id="scene", line="", actors=actors, **scene)
    return lambda bench: Draw(
        prompt="a fox and a lantern", scene=one, cast=cast, width=256, height=144, seed=seed
    )


LAMP = Prop(name="lantern", glows=True)
SCENES: dict[str, Callable[[Bench], Frozen]] = {
    "a fox with a lantern in the forest, by night": draw(
        (FOX,), setting="forest", time="night", mood="mysterious", view="close", props=(LAMP,)
    ),
    "people in a room": draw(
        (MIRA, QUEEN, BABY), setting="room", time="day", view="medium",
        actors=(
            Actor(who="mira", pose="sit", feeling="happy", holds="book"), Actor(who="queen", feeling="angry"),
            Actor(who="baby", pose="lie", feeling="asleep"),
        ),
        props=(Prop(name="book"), Prop(name="table", colour="blue")),
    ),
    "a ship in a storm": draw((SAILOR,), setting="ship", time="dusk", weather="storm", view="wide", mood="tense"),
    "a village in snow": draw((OWLS,), setting="village", weather="snow", time="dawn", view="wide"),
}  # fmt: skip
MORE: dict[str, Callable[[Bench], Frozen]] = {
    "meadow": draw((beast("cat"), beast("dog")), setting="meadow", weather="wind", props=(Prop(name="kite"),)),
    "sea": draw((), setting="sea", weather="fog", time="dawn", props=(Prop(name="boat"),)),
    "beach": draw((beast("crab", colour="red"),), setting="beach", props=(Prop(name="shell", count=5),)),
    "underwater": draw((beast("whale"), beast("octopus")), setting="underwater", view="wide"),
    "mountains": draw((beast("goat"), beast("eagle")), setting="mountains", weather="cloudy", view="wide"),
    "desert": draw((beast("camel"), beast("snake")), setting="desert", time="dusk"),
    "city": draw((MIRA,), setting="city", weather="rain", time="night", props=(Prop(name="umbrella"),)),
    "garden": draw(
        (beast("rabbit"), beast("butterfly")), setting="garden", mood="tender", view="close",
        props=(Prop(name="flower", count=3, place=Place(relation="beside", of="rabbit")),),
    ),
    "farm": draw((beast("horse"), beast("pig"), beast("rooster")), setting="farm", time="dawn"),
    "cave": draw((beast("dragon", colour="green"),), setting="cave", mood="tense", props=(LAMP,)),
    "sky": draw((beast("bird"),), setting="sky", props=(Prop(name="balloon", colour="red"),)),
    "space": draw((Character(id="a", name="astronaut", person=Person(outfit="astronaut")),), setting="space"),
    "snow": draw((beast("penguin"), beast("bear")), setting="snow", weather="snow", mood="playful"),
    "river": draw((beast("frog"), beast("duck")), setting="river", weather="rain"),
    "library": draw((Character(id="wizard", name="wizard", wears=("hat",)),), setting="library"),
    "street": draw((SAILOR, MIRA), setting="street", time="dusk", props=(Prop(name="bicycle"),)),
    "market": draw((beast("monkey"), BABY), setting="market", props=(Prop(name="apple", count=4),)),
    "rooftop": draw((beast("cat", adjectives=("old",)),), setting="rooftop", time="night"),
    "subway": draw((beast("mouse"), MIRA), setting="subway"),
    "tower": draw((QUEEN, beast("lion")), setting="tower", mood="triumphant", time="dusk"),
    "elephants before a tree": draw(
        (beast("elephant", size="huge"), beast("turtle", size="tiny")), setting="meadow", view="wide", mood="happy",
        actors=(Actor(who="elephant", pose="walk", place=Place(relation="under", of="tree")), Actor(who="turtle")),
        props=(Prop(name="tree"),),
    ),
}  # fmt: skip


def noise(bench: Bench, seed: int, colour: tuple[int, int, int] = (128, 128, 128)) -> Ref:
    rng = np.random.default_rng(seed)
    grain = rng.integers(-60, 61, (48 + 16 * (seed % 3), 64, 3))
    return bench.picture(np.clip(grain + np.array(colour), 0, 255).astype(np.uint8))


def pictures() -> Iterator[Case]:
    for name, ask in SCENES.items():
        yield Case("picture:papercut", name, ask)
    for name, ask in MORE.items():
        yield Case("picture:papercut", name, ask, slow=True)
    yield Case("picture:fake", "a scene", next(iter(SCENES.values())))
    yield Case(
        "picture:diffusers", "a scene", draw((FOX,), setting="forest", props=(LAMP,)), **tiny("sd15", steps=3)
    )


# ------------------------------------------------------------------------------------------------------------ motion
def animate(
    move: str, seconds: str = "2", *, layered: bool = True, **fields: Any
) -> Callable[[Bench], Frozen]:
    return lambda bench: Animate(
        still=bench.still(layered=layered), seconds=Fraction(seconds), move=move, width=160, height=90, seed=7, **fields
    )  # fmt: skip


CLIPS: dict[str, tuple[str, dict[str, Any]]] = {
    "motion:svd": ("svd", {}),
    "motion:modelscope": ("modelscope", {"frames": 4}),
    "motion:ltx": ("ltx", {"frames": 9}),
    "motion:wan": ("wan-i2v", {"frames": 5}),
    "motion:diffusers": ("wan", {"frames": 5}),
}


def motions() -> Iterator[Case]:
    for move in ("push", "pull", "pan-left", "pan-right", "rise", "sink", "still"):
        yield Case("motion:camera", move, animate(move))
    yield Case("motion:camera", "far over a flat picture", animate("push", "19/7", layered=False, amount=0.2))
    yield Case("motion:fake", "a path", animate("push"))
    yield Case("motion:fake", "a clip", animate("push", "1/2"), lambda bench: {"clip": True})
    for maker, (name, options) in CLIPS.items():
        small = {"steps": 2, "extend": "hold", "smooth": "none", "width": 64, "height": 64, **options}
        yield Case(maker, "a clip", animate("push", "1/2", prompt="a red ball hops"), **tiny(name, **small))


# ------------------------------------------------------------------------------------------------------------- voices
FOUND = "A small fox found a glowing lantern."
PRICED = "“Stop!” said Mr. O'Brien — and paid £5, at 7:30 p.m.\n\nWho knows?"


def speak(text: str, **fields: Any) -> Callable[[Bench], Frozen]:
    return lambda bench: Speak(text=text, **fields)


def spoken_by(voice: str) -> Callable[[Bench], Frozen]:
    """Return an ask to listen to what another maker says: no committed sound is needed."""

    def build(bench: Bench) -> Frozen:
        model = registry.make(voice)
        model.load()
        (take,) = model.run([Speak(text=FOUND)], bench)
        model.unload()
        return Listen(sound=take.sound, language="en")

    return build


def voices() -> Iterator[Case]:
    for text in (FOUND, PRICED):
        for maker in ("voice:hibari", "voice:none", "voice:fake"):
            margin = NETWORK if maker == "voice:hibari" else Tolerance()
            yield Case(maker, text.splitlines()[0], speak(text), tolerance=margin)
    yield Case("voice:none", "no words", speak("🎉 🎉"))
    for name in ("bark", "vits"):
        yield Case(f"voice:{name}", FOUND, speak(FOUND, seed=2), **tiny(name))
    yield Case(
        "voice:speecht5", FOUND, speak(FOUND, seed=2), lambda bench: {
            "speaker": f"{bench.tiny('speecht5')}/speakers", "vocoder": f"{bench.tiny('speecht5')}/vocoder",
        }, **{name: value for name, value in tiny("speecht5").items() if name != "options"},
    )  # fmt: skip


def ears() -> Iterator[Case]:
    yield Case("ear:fake", FOUND, spoken_by("voice:fake"), leans_on=("voice:fake",))
    yield Case(
        "ear:whisper", FOUND, spoken_by("voice:hibari"),
        slow=True, needs="faster_whisper", leans_on=("voice:hibari",), tolerance=EAR,
    )  # fmt: skip
    # The way of CTranslate2 is the embedded one's; of a tiny seeded checkpoint it hears other nonsense on another processor.
    yield Case(
        "ear:whisper", "babble, by a tiny whisper",
        lambda bench: Listen(sound=bench.sound(bench.babble(2.0)), language="en"),
        **{**tiny("whisper"), "tolerance": EAR},
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------- music and sounds
def compose(*moods: str, each: int = 4, **fields: Any) -> Callable[[Bench], Frozen]:
    acts = tuple(
        Act.model_validate(
            {"start": n * each, "end": (n + 1) * each, "mood": mood, "intensity": 0.3 + 0.2 * n}
        )
        for n, mood in enumerate(moods)
    )
    return lambda bench: Compose(seconds=Fraction(len(moods) * each), acts=acts, seed=5, **fields)


def song(bench: Bench) -> str:
    path = bench.folder / "song.wav"
    if not path.exists():
        soundfile.write(path, bench.tune(3).T, RATE_HZ)
    return str(path)


def musics() -> Iterator[Case]:
    yield Case("music:musicbox", "calm, then happy", compose("calm", "happy", each=3))
    for moods in (("sad", "tense"), ("mysterious", "triumphant"), ("playful", "tender")):
        yield Case("music:musicbox", ", then ".join(moods), compose(*moods), slow=True)
    yield Case("music:fake", "calm", compose("calm"))
    yield Case("music:file", "looped", compose("calm", each=7), variant=song)
    yield Case(
        "music:file", "from its middle", compose("calm"), lambda bench: {"start_s": 1, "fade_in_s": 0.6}, song
    )
    yield Case("music:musicgen", "calm", compose("calm", each=2), **tiny("musicgen"))


def foley(names: dict[str, str], each: str = "1") -> Callable[[Bench], Frozen]:
    """Return an ask for one sound after another, from left to right."""
    step, count = Fraction(each), len(names)
    cues = tuple(
        Cue.model_validate(
            {
                "name": name,
                "kind": kind,
                "start": n * step,
                "end": (n + 1) * step,
                "pan": 1.6 * n / count - 0.8,
            }
        )
        for n, (name, kind) in enumerate(names.items())
    )
    return lambda bench: Foley(seconds=step * count, cues=cues, seed=9)


FEW = {"rain": "ambience", "knock": "effect", "owl": "effect", "no such sound": "effect"}


def sounds() -> Iterator[Case]:
    yield Case("sound:foley", "a few sounds", foley(FEW))
    yield Case(
        "sound:foley", "every ambience", foley(dict.fromkeys(sorted(AMBIENCES), "ambience")), slow=True
    )
    yield Case("sound:foley", "every effect", foley(dict.fromkeys(sorted(EFFECTS), "effect")), slow=True)
    yield Case("sound:fake", "a few sounds", foley(FEW))
    for name in ("audioldm2", "stable-audio"):
        ask = foley({"rain": "ambience", "knock": "effect"})
        yield Case(f"sound:{name}", "two sounds", ask, **tiny(name, steps=3, seconds_per_sound=2))


# --------------------------------------------------------------------------------------------------- eyes and critics
def look(bench: Bench) -> Frozen:
    red, blue = noise(bench, 1, (210, 40, 40)), noise(bench, 2, (40, 50, 210))
    return Look(image=red, texts=("a red balloon", "the blue sea"), pictures=(red, blue))


def judge(bench: Bench) -> Frozen:
    asked = ("Is a red balloon seen?", "Is the blue sea seen?", "What is happening?")
    return Judge(image=noise(bench, 1, (210, 40, 40)), questions=asked)


def eyes() -> Iterator[Case]:
    yield Case("eye:fake", "colours", look)
    yield Case("critic:fake", "colours", judge)
    for name in ("clip", "siglip"):
        yield Case("eye:clip", f"colours, by a tiny {name}", look, **tiny(name))
    yield Case("critic:llava", "colours", judge, **tiny("llava", max_new_tokens=16, either=0))


# -------------------------------------------------------------------------------------------- the house's own makers
def card(lines: tuple[str, ...], **scene: Any) -> Callable[[Bench], Frozen]:
    one = Scene(id="s", line="", **scene) if scene else None
    return lambda bench: makers.CardAsk(
        title="The Fox and the Lantern", author="Ada", lines=lines, scene=one, width=256, height=144, seed=3
    )


def segment(
    *, blend: str = "none", quality: str = "draft", frames: int = 6, caption: str = "", clip: bool = False
) -> Callable[[Bench], Frozen]:
    def build(bench: Bench) -> Frozen:
        parts = [Part(still=bench.still(), shot=bench.shot(Fraction(1)), first=3)]
        if blend == "cross":
            parts.append(
                Part(still=bench.still(layered=False), shot=bench.shot(Fraction(1), end=0.6), first=0)
            )
        if clip:
            still = bench.still(layered=False)
            parts = [Part(still=still, shot=Shot(seconds=Fraction(1, 2), clip=bench.clip()), first=0)]
        words = (LocalWord(first=0, last=len(caption.split()[0]), start=0, end=5),) if caption else ()
        captions = (LocalCaption(text=caption, start=-4, end=20, words=words),) if caption else ()
        ask = SegmentAsk.model_validate(
            {"width": 256, "height": 144, "fps": 24, "frames": frames, "parts": parts, "blend": blend, "captions": captions}
        )  # fmt: skip
        return makers.EncodeAsk.model_validate({"segment": ask, "quality": quality})

    return build


def mixed(bench: Bench) -> Frozen:
    said = [
        makers.Placed(sound=bench.sound(bench.babble(1.2, n)), start=Fraction(n * 2 + 1, 2)) for n in (0, 1)
    ]
    effect = makers.Placed(sound=bench.sound(bench.tune(0.5, 900.0)), start=Fraction(2))
    under = bench.sound(bench.tune(4))
    return makers.MixAsk(seconds=Fraction(4), speech=tuple(said), effects=(effect,), music=under)


def mixed_thickly(bench: Bench) -> Frozen:
    """Return an ask with music and effects that swell under the words, so that both are ducked by what it takes."""
    said = makers.Placed(sound=bench.sound(bench.babble(2.2)), start=Fraction(1))
    at = np.arange(6 * RATE_HZ) / RATE_HZ
    swell = np.where((at > 0.8) & (at < 3.4), 1.0, 0.35).astype(np.float32)
    effect = makers.Placed(sound=bench.sound(bench.tune(0.8, 700.0) * np.float32(0.3)), start=Fraction(3, 2))
    under = bench.sound(bench.tune(6) * swell)
    return makers.MixAsk(seconds=Fraction(6), speech=(said,), effects=(effect,), music=under)


def mixed_with_peaks(bench: Bench) -> Frozen:
    """Return an ask without music whose effect peaks, so that the limiter works."""
    said = makers.Placed(sound=bench.sound(bench.babble(1.2)), start=Fraction(1))
    click = makers.Placed(sound=bench.sound(np.full((2, 480), 0.99, np.float32)), start=Fraction(5, 2))
    return makers.MixAsk(seconds=Fraction(3), speech=(said,), effects=(click,))


def house() -> Iterator[Case]:
    yield Case("card:papercut", "a title", card(()))
    yield Case("card:papercut", "a title by night", card((), setting="sea", time="night"))
    yield Case("card:papercut", "credits", card(("Story: Ada", "Voice: Hibari", "Pictures: OpenMoji")))
    yield Case("engine:segment", "a body with a caption", segment(caption="A small fox found a lantern."))
    yield Case("engine:segment", "a body, best", segment(quality="best"))
    yield Case("engine:segment", "a cross-fade", segment(blend="cross", quality="good"))
    yield Case("engine:segment", "from black", segment(blend="from-black"))
    yield Case("engine:segment", "a clip", segment(clip=True))
    yield Case("engine:mix", "speech, an effect and music", mixed)
    yield Case("engine:mix", "much under the words", mixed_thickly)
    yield Case("engine:mix", "without music, with peaks", mixed_with_peaks)


def clipped(bench: Bench) -> Ref:
    loud = np.clip(9 * bench.babble(1.6), -1, 1)
    return bench.sound(np.concatenate([np.zeros((1, RATE_HZ), np.float32), loud], axis=1))


def examined() -> Iterator[Case]:
    Hears, Sees = examiners.ExamineSpeech, examiners.ExamineStill
    yield Case("gate:narration", "a fair take", lambda bench: Hears(sound=bench.speech().sound, words=4))
    yield Case("gate:narration", "late and clipped", lambda bench: Hears(sound=clipped(bench), words=4))
    yield Case("gate:picture", "scenery", lambda bench: Sees(image=bench.picture(bench.scenery())))
    yield Case("gate:picture", "noise", lambda bench: Sees(image=noise(bench, 4)))
    twice = lambda bench: bench.picture(np.tile(bench.scenery(96, 108), (1, 2, 1)))  # noqa: E731
    yield Case("gate:picture", "tiled", lambda bench: Sees(image=twice(bench)))
    yield Case("gate:clip", "a pan", lambda bench: examiners.ExamineClip(clip=bench.clip()))
    whole = lambda bench: bench.picture(bench.scenery(640, 360))  # noqa: E731
    yield Case(
        "gate:crop", "a part", lambda bench: examiners.CropAsk(image=whole(bench), box=(40, 30, 560, 300))
    )
    yield Case("gate:trim", "both ends", lambda bench: examiners.TrimSpeech(
        speech=bench.speech(), start=Fraction(2, 5), end=Fraction(19, 10)
    ))  # fmt: skip


def recording(bench: Bench) -> str:
    path = bench.folder / "recording.wav"
    if not path.exists():
        soundfile.write(path, bench.babble(31)[0], RATE_HZ)
    return str(path)


HEARD = tuple(
    Word(text=text, start=Fraction(n, 2), end=Fraction(n, 2) + Fraction(2, 5))
    for n, text in enumerate(
        ["a", "small", "fox", "found", "the", "lantern", "sorry", "again", "she", "carried", "it", "home"]
    )
)
LINES = ("A small fox found a lantern.", "She carried it home.", "The end.")


def cut_ask(bench: Bench) -> Frozen:
    seconds = Fraction(2)
    parts = tuple(
        recording_makers.Part(sound=bench.sound(bench.babble(2.0, n)), start=n * seconds, seconds=seconds)
        for n in (0, 1)
    )
    return recording_makers.CutAsk(
        parts=parts,
        start=Fraction(33, 25),
        end=Fraction(83, 25),
        words=HEARD[:4],
        spoken="a small fox found",
        lufs=-24.0,
    )


def recorded() -> Iterator[Case]:
    yield Case(
        "engine:recording", "half a minute",
        lambda bench: recording_makers.ReadAsk(sha256=file_digest(Path(recording(bench)))),
        lambda bench: {"path": recording(bench)},
    )  # fmt: skip
    yield Case("engine:align", "a slip, an aside and a line that is missing", lambda bench: recording_makers.AlignAsk(
        lines=LINES, language="en", heard=HEARD,
        levels=bench.save(levels(bench.babble(6.5)[0], RATE_HZ).astype("<f4").tobytes(), "application/octet-stream"),
    ))  # fmt: skip
    yield Case("engine:cut", "over a seam", cut_ask)
    yield Case("engine:pause", "no words", lambda bench: recording_makers.PauseAsk(line="… 🎉"))


def tiny(name: str, *, needs: str = "torch", **options: Any) -> dict[str, Any]:
    """Return what a case takes that runs on a tiny seeded checkpoint of that name."""
    return {
        "variant": lambda bench: str(bench.tiny(name)), "options": lambda bench: options,
        "slow": True, "needs": needs, "tolerance": NETWORK,
    }  # fmt: skip


CASES: tuple[Case, ...] = tuple(
    case
    for family in (
        texts, pictures, motions, voices, ears, musics, sounds, eyes, house, examined, recorded,
    )
    for case in family()
)  # fmt: skip
