"""How a jointed figure holds itself in each pose and feeling; the same for puppets and people."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["POSTURES", "Posture", "posture_for"]

Limb = tuple[float, float]
"""Angles of the upper and the lower half in degrees: 0 hangs straight down, positive swings to the right."""


@dataclass(frozen=True)
class Posture:
    """Joint angles of a figure that looks to the right; `near` is the viewer's right."""

    far_leg: Limb = (-3, -2)
    near_leg: Limb = (3, 2)
    far_arm: Limb = (-20, -8)
    near_arm: Limb = (20, 8)
    lean: float = 0.0
    """Degrees the trunk leans forward, about the hips."""
    tilt: float = 0.0
    """Degrees the head tips to the right."""
    nod: float = 0.0
    """How far the head sinks, in hundredths of the figure's height."""
    lift: float = 0.0
    """How high the feet are above the ground, in hundredths of the figure's height."""
    tail: float = 0.0
    """Degrees the tail is raised above its usual angle."""
    seated: bool = False
    lying: bool = False
    prone: bool = False
    """Flying or swimming: the trunk is nearly level."""


POSTURES: dict[str, Posture] = {
    "stand": Posture(),
    "walk": Posture(
        far_leg=(-30, -46), near_leg=(27, 14), far_arm=(30, 48), near_arm=(-30, -12), lean=4, tail=6
    ),
    "run": Posture(
        far_leg=(-42, -92), near_leg=(58, 12), far_arm=(48, 112), near_arm=(-58, -2), lean=14, lift=5, tail=22
    ),
    "sit": Posture(seated=True, far_arm=(-24, 6), near_arm=(24, -6)),
    "lie": Posture(lying=True),
    "fly": Posture(
        prone=True, lean=58, far_leg=(-58, -72), near_leg=(-46, -60), far_arm=(100, 116), near_arm=(88, 104),
        lift=40, tail=0,
    ),
    "swim": Posture(
        prone=True, lean=68, far_leg=(-52, -84), near_leg=(-76, -62), far_arm=(112, 100), near_arm=(28, -8),
        lift=6, tail=0,
    ),
    "dance": Posture(
        far_arm=(-128, -150), near_arm=(96, 128), far_leg=(-6, -2), near_leg=(46, -18), lean=-5, tilt=-7, tail=14
    ),
    "jump": Posture(
        far_arm=(-132, -142), near_arm=(132, 142), far_leg=(-44, 18), near_leg=(50, -8), lift=22, tail=24
    ),
}  # fmt: skip

_ARMS: dict[str, tuple[Limb, Limb]] = {
    "happy": ((-46, -86), (46, 86)),
    "sad": ((-8, 4), (8, -4)),
    "afraid": ((-30, 128), (30, -128)),
    "angry": ((-52, 46), (52, -46)),
    "surprised": ((-68, -112), (68, 112)),
}
_HEADS: dict[str, tuple[float, float]] = {
    "sad": (6, 2.0), "asleep": (8, 1.5), "happy": (-3, 0.0), "afraid": (-4, 1.0), "angry": (3, 1.0),
}  # fmt: skip


def posture_for(pose: str, feeling: str, *, holds: bool = False, both_hands: bool = False) -> Posture:
    """Return the posture of a pose, coloured by a feeling, with an arm (or both) held out for what is carried."""
    posture = POSTURES[pose]
    tilt, nod = _HEADS.get(feeling, (0.0, 0.0))
    posture = replace(posture, tilt=posture.tilt + tilt, nod=posture.nod + nod)
    if pose in ("stand", "sit") and feeling in _ARMS and not holds:
        far, near = _ARMS[feeling]
        posture = replace(posture, far_arm=far, near_arm=near)
    if holds and both_hands and pose in ("stand", "sit", "walk"):
        posture = replace(posture, far_arm=(6, 66), near_arm=(38, 74))
    elif holds and pose not in ("lie", "fly", "swim"):
        posture = replace(posture, near_arm=(34, 98))
    return posture
