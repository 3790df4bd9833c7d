"""From a verb and a body to a pose and a face."""

from __future__ import annotations

from kamishibai.documents.storyboard import Pose, Setting
from kamishibai.models.text.reading import verbs
from kamishibai.models.text.reading.adjectives import FEELINGS, Feeling
from kamishibai.models.text.reading.beings import Being
from kamishibai.models.text.reading.clauses import Event
from kamishibai.models.text.reading.grammar import words
from kamishibai.models.text.reading.nouns import FLIERS, SWIMMERS, kind_of

__all__ = ["HOVERS", "feeling_of", "pose_of"]

HOVERS = words("bee butterfly bumblebee moth dragonfly firefly ladybug ladybird hummingbird wasp fairy")


def pose_of(event: Event, being: Being, setting: Setting) -> Pose:
    """Return the pose that a verb gives to a body: what walks on land swims in the sea and flies with wings."""
    pose = verbs.POSES.get(event.verb, "stand")
    if event.verb == "fly" and event.objects:
        return "stand"  # a kite, a plane
    if event.verb == "fly" and being.person and not event.around and "home" in event.adverbs:
        return "stand"  # by plane or rocket
    if event.verb == "draw" and any(
        p.head in ("sword", "dagger", "curtain", "breath") for p in event.objects
    ):
        return "stand"
    if event.verb == "go" and event.form == "go":
        pose = "stand" if any(prep == "of" for prep, _ in event.around) else pose  # "let go of"
    if event.verb == "wait" and being.noun in HOVERS:
        return "fly"
    prepositions = {prep for prep, _ in event.around}
    flier, swimmer = being.noun in FLIERS, being.noun in SWIMMERS
    if event.verb == "play":
        music = any(kind_of(p.head) in ("instrument", "sound") for p in event.objects)
        pose = "stand" if music or setting in ("subway", "rooftop") else "jump"
    if event.verb in (
        "sing",
        "cheer",
        "celebrate",
        "perform",
        "bring",
        "carry",
        "push",
        "pull",
        "drag",
        "paint",
        "write",
    ):
        pose = "stand" if event.verb not in ("bring", "carry") else pose
    if event.verb == "fall":
        asleep = "asleep" in event.adjectives or "asleep" in event.adverbs
        pose = "lie" if asleep or "down" in event.adverbs else "jump"
    if (
        event.verb in ("rise", "climb", "float", "drift", "sail", "circle", "glide", "descend", "ascend")
        and pose == "fly"
    ):
        airborne = (
            flier or being.kind == "thing" or being.noun in ("ghost", "balloon") or "air" in str(event.around)
        )
        pose = "fly" if airborne else "swim" if setting == "underwater" else "stand"
    if event.verb == "glide" and setting == "underwater":
        return "swim"
    if event.verb == "lay" or (event.verb == "lie" and event.objects):
        pose = "stand"
    if (
        swimmer
        and pose in ("walk", "run", "fly", "stand", "jump")
        and setting in ("sea", "underwater", "river", "ship", "beach")
    ):
        pose = "jump" if pose == "jump" and setting != "underwater" else "swim"
    if (
        flier
        and pose in ("walk", "run")
        and event.verb not in ("walk", "hop", "waddle", "march", "tiptoe", "crawl", "strut")
    ):
        pose = "fly"
    if event.verb in ("wait", "rest", "settle", "perch") and (
        flier or ("in" not in prepositions and "on" not in prepositions)
    ):
        pose = "stand" if event.verb in ("wait", "perch") or flier else pose
    if setting == "sky" and flier and pose in ("stand", "walk", "run", "jump"):
        pose = "fly"
    if setting == "underwater" and pose in ("walk", "run", "fly"):
        pose = "swim"
    return pose


def feeling_of(event: Event, being: Being) -> Feeling:
    """Return the feeling that a verb or its adjectives show in a face."""
    told = [] if event.verb in verbs.SEE and event.objects else event.adjectives  # "found him asleep"
    for word in [*told, *event.adverbs]:
        if word in FEELINGS:
            return FEELINGS[word]
        if word.removesuffix("ly") in FEELINGS:
            return FEELINGS[word.removesuffix("ly")]
    if event.verb == "feel" or event.verb == "be":
        return "neutral"
    if event.verb in ("shake", "dance", "hide") and event.objects:
        return "neutral"
    if event.verb in ("cry", "call", "scream", "roar") and being.noun in (
        "gull",
        "seagull",
        "crow",
        "raven",
        "eagle",
        "hawk",
        "owl",
    ):
        return "neutral"  # a gull's cry
    return verbs.FEELS.get(event.verb, "neutral")
