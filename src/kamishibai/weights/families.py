"""Facts about the pipeline classes of diffusers, as data: sizes, frame counts, prompts, and what each can do.

Read from the sources of diffusers 0.42.1 (``diffusers/pipelines/<folder>/pipeline_*.py``): defaults and divisors
from ``__call__`` and ``check_inputs``, token limits from ``max_sequence_length`` or the CLIP tokenizer, frame rules
from the video autoencoder's temporal compression, and which classes belong together from ``auto_pipeline.py``.
Frame rates are those the class's own docstring exports at, or its ``frame_rate`` default. The suite checks the
defaults against the installed sources.

SDXL is spoken to in tags like Stable Diffusion 1.5: both its text encoders are CLIP, which stops at 77 tokens, and
tags say the most in so few; what was trained on long captions behind a T5 or a language model is given sentences.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from kamishibai.documents.frozen import Frozen

__all__ = ["FAMILIES", "Family", "Identity", "family_named", "family_of", "frame_count", "unfit"]

Identity = Literal["ip-adapter", "reference-attention"]


class Family(Frozen):
    """What all checkpoints of one architecture have in common. `checkpoint.locate` refines it by a folder's configs."""

    name: str
    """``sd15``, ``svd`` …; ``other-picture`` and ``other-motion`` for classes that nothing more is known about."""
    kind: Literal["picture", "motion", "sound"]
    pipelines: tuple[str, ...]
    """Class names that a ``model_index.json`` of this family carries; the first is the plain one."""
    multiple: int = 8
    """Width and height must be multiples of it, in pixels."""
    native: tuple[int, int] = (1024, 1024)
    """(width, height) it was trained at, in pixels; the area counts, the aspect is the film's."""
    sized_by: str = ""
    """Component whose ``sample_size``, times the autoencoder's factor, is the real native side; empty: `native` is."""
    style: Literal["sentence", "tags"] = "sentence"
    negative: bool = True
    """It takes a negative prompt at its usual guidance; a preset may know better."""
    tokens: int | None = None
    """Length of its longest text encoder's input, special tokens included; None: unknown or not limited."""
    identity: tuple[Identity, ...] = ()
    """Ways to hold a face."""
    text_to_image: bool = False
    image_to_image: bool = False
    inpaint: bool = False
    frame_step: int = 1
    """A clip has ``frame_step * k + frame_rest`` frames."""
    frame_rest: int = 0
    frames: int = 1
    """Native number of frames of a clip."""
    max_frames: int = 1
    fps: int = 1
    """Frames a second it was trained at."""
    frames_argument: str = "num_frames"
    """What the pipeline's call names the number of frames."""
    words_pipeline: str = ""
    """Class that makes a clip from words alone; empty: it cannot."""
    picture_pipeline: str = ""
    """Class that makes a clip from a first picture; empty: it cannot."""
    reads_words: bool = True
    """It takes a prompt at all."""

    @property
    def needs_picture(self) -> bool:
        """Say whether it makes clips from a picture only."""
        return self.kind == "motion" and not self.words_pipeline


def frame_count(family: Family, wanted: int) -> int:
    """Return the smallest count the family can make that is at least `wanted`, or the largest it can make."""
    step, rest = family.frame_step, family.frame_rest
    most = max((family.max_frames - rest) // step, 1)
    return step * min(max(-(-(wanted - rest) // step), 1), most) + rest


def _picture(name: str, *pipelines: str, **facts: Any) -> Family:
    facts.setdefault("text_to_image", True)
    return Family(name=name, kind="picture", pipelines=pipelines, **facts)


def _motion(name: str, words: str, picture: str, *also: str, **facts: Any) -> Family:
    pipelines = tuple(name for name in (words, picture, *also) if name)
    facts.setdefault("max_frames", facts.get("frames", 1))
    return Family(
        name=name,
        kind="motion",
        pipelines=pipelines,
        words_pipeline=words,
        picture_pipeline=picture,
        **facts,
    )


def _sound(name: str, pipeline: str, **facts: Any) -> Family:
    return Family(name=name, kind="sound", pipelines=(pipeline,), **facts)


_UNET: Mapping[str, Any] = {
    "sized_by": "unet",
    "style": "tags",
    "tokens": 77,
    "image_to_image": True,
    "identity": ("ip-adapter", "reference-attention"),
}

FAMILIES: tuple[Family, ...] = (
    # ---------------------------------------------------------------------------------- pictures
    _picture(
        "sd15", "StableDiffusionPipeline", "StableDiffusionImg2ImgPipeline", "StableDiffusionPAGPipeline",
        native=(512, 512), inpaint=True, **_UNET,
    ),
    # The same class as 1.5, told apart by the width of its text encoder (1024); no IP-Adapter fits it.
    _picture(
        "sd2", native=(768, 768), inpaint=True, **{**_UNET, "identity": ("reference-attention",)}
    ),
    _picture(
        "lcm", "LatentConsistencyModelPipeline", "LatentConsistencyModelImg2ImgPipeline",
        native=(768, 768), negative=False, **_UNET,
    ),
    _picture(
        "sdxl", "StableDiffusionXLPipeline", "StableDiffusionXLImg2ImgPipeline", "StableDiffusionXLPAGPipeline",
        inpaint=True, **_UNET,
    ),
    _picture(
        "kolors", "KolorsPipeline", "KolorsImg2ImgPipeline", "KolorsPAGPipeline",
        sized_by="unet", tokens=256, image_to_image=True,
    ),
    _picture(
        "sd3", "StableDiffusion3Pipeline", "StableDiffusion3Img2ImgPipeline", "StableDiffusion3PAGPipeline",
        multiple=16, sized_by="transformer", tokens=256, image_to_image=True, inpaint=True,
    ),
    # A negative prompt costs a second pass (true_cfg_scale > 1), which the distilled weights were not made for.
    _picture(
        "flux", "FluxPipeline", "FluxImg2ImgPipeline",
        multiple=16, negative=False, tokens=512, image_to_image=True, inpaint=True, identity=("ip-adapter",),
    ),
    # They take pictures to edit, not to start from by a strength.
    _picture("flux2", "Flux2Pipeline", multiple=16, negative=False, tokens=512),
    _picture("flux2-klein", "Flux2KleinPipeline", multiple=16, negative=False, tokens=512),
    _picture(
        "zimage", "ZImagePipeline", "ZImageImg2ImgPipeline",
        multiple=16, tokens=512, image_to_image=True, inpaint=True,
    ),
    _picture(
        "qwenimage", "QwenImagePipeline", "QwenImageImg2ImgPipeline",
        multiple=16, native=(1328, 1328), tokens=512, image_to_image=True, inpaint=True,
    ),
    _picture("qwenimage21", "QwenImage21Pipeline", multiple=16, negative=False),
    _picture("pixart", "PixArtAlphaPipeline", sized_by="transformer", tokens=120),
    _picture("pixart-sigma", "PixArtSigmaPipeline", "PixArtSigmaPAGPipeline", sized_by="transformer", tokens=300),
    _picture("sana", "SanaPipeline", "SanaPAGPipeline", multiple=32, tokens=300),
    _picture("sana-sprint", "SanaSprintPipeline", multiple=32, negative=False, tokens=300, image_to_image=True),
    _picture("kandinsky", "KandinskyCombinedPipeline", multiple=64, native=(768, 768), tokens=77, image_to_image=True),
    _picture(
        "kandinsky22", "KandinskyV22CombinedPipeline",
        multiple=64, native=(1024, 1024), tokens=77, image_to_image=True,
    ),
    _picture("kandinsky3", "Kandinsky3Pipeline", multiple=64, tokens=128, image_to_image=True),
    _picture("kandinsky5", "Kandinsky5T2IPipeline", multiple=16, tokens=512),
    _picture("lumina", "LuminaPipeline", multiple=16, tokens=256),
    _picture("lumina2", "Lumina2Pipeline", multiple=16, tokens=256),
    _picture("chroma", "ChromaPipeline", "ChromaImg2ImgPipeline", multiple=16, tokens=512, image_to_image=True),
    _picture("cogview3", "CogView3PlusPipeline", multiple=32, tokens=224),
    _picture("cogview4", "CogView4Pipeline", multiple=32, tokens=1024),
    _picture("auraflow", "AuraFlowPipeline", multiple=16, tokens=256),
    _picture("hunyuandit", "HunyuanDiTPipeline", "HunyuanDiTPAGPipeline", multiple=16, tokens=256),
    _picture("hunyuanimage", "HunyuanImagePipeline", multiple=64, native=(2048, 2048), tokens=1000),
    _picture("hidream", "HiDreamImagePipeline", multiple=16, tokens=128),
    _picture("ovis", "OvisImagePipeline", multiple=16, tokens=256),
    _picture("longcat", "LongCatImagePipeline", multiple=16, tokens=512),
    _picture("prx", "PRXPipeline", multiple=32, native=(512, 512), tokens=256),
    # Known to AutoPipelineForText2Image or plainly text to image; nothing more is promised for them.
    _picture(
        "other-picture", "GlmImagePipeline", "Ideogram4Pipeline", "Krea2Pipeline", "NucleusMoEImagePipeline",
        "StableCascadeCombinedPipeline", "WuerstchenCombinedPipeline", "ZImageOmniPipeline", "BriaPipeline",
        "BriaFiboPipeline", "DreamLitePipeline", "ErnieImagePipeline", "OmniGenPipeline",
        "Cosmos2TextToImagePipeline", "PRXPixelPipeline", "AmusedPipeline",
        multiple=32, negative=False,
    ),
    # ---------------------------------------------------------------------------------- motion
    _motion(
        "svd", "", "StableVideoDiffusionPipeline",
        native=(1024, 576), negative=False, reads_words=False, frames=14, max_frames=25, fps=7,
    ),
    _motion(
        "modelscope", "TextToVideoSDPipeline", "", native=(256, 256), style="tags", tokens=77, frames=16,
        max_frames=64, fps=8,
    ),
    _motion(
        "ltx", "LTXPipeline", "LTXImageToVideoPipeline", "LTXConditionPipeline",
        multiple=32, native=(704, 512), tokens=128, frame_step=8, frame_rest=1, frames=161, max_frames=257, fps=25,
    ),
    _motion(
        "ltx2", "LTX2Pipeline", "LTX2ImageToVideoPipeline",
        multiple=32, native=(768, 512), tokens=1024, frame_step=8, frame_rest=1, frames=121, max_frames=257, fps=24,
    ),
    _motion(
        "wan", "WanPipeline", "WanImageToVideoPipeline",
        multiple=16, native=(832, 480), tokens=512, frame_step=4, frame_rest=1, frames=81, max_frames=121, fps=16,
    ),
    _motion(
        "cogvideox", "CogVideoXPipeline", "CogVideoXImageToVideoPipeline",
        multiple=16, native=(720, 480), tokens=226, frame_step=4, frame_rest=1, frames=49, fps=8,
    ),
    # The negative prompt of the first two needs true_cfg_scale > 1, which the guidance-distilled weights do without.
    _motion(
        "hunyuanvideo", "HunyuanVideoPipeline", "HunyuanVideoImageToVideoPipeline",
        multiple=16, native=(1280, 720), negative=False, tokens=256, frame_step=4, frame_rest=1, frames=129, fps=24,
    ),
    _motion(
        "hunyuanvideo15", "HunyuanVideo15Pipeline", "HunyuanVideo15ImageToVideoPipeline",
        multiple=16, native=(848, 480), tokens=1000, frame_step=4, frame_rest=1, frames=121, fps=24,
    ),
    _motion(
        "framepack", "", "HunyuanVideoFramepackPipeline",
        multiple=16, native=(832, 480), negative=False, tokens=256, frame_step=4, frame_rest=1, frames=129,
        max_frames=1801, fps=30,
    ),
    _motion(
        "skyreels2", "SkyReelsV2Pipeline", "SkyReelsV2ImageToVideoPipeline",
        multiple=16, native=(960, 544), tokens=512, frame_step=4, frame_rest=1, frames=97, fps=24,
    ),
    _motion(
        "mochi", "MochiPipeline", "", multiple=16, native=(848, 480), tokens=256, frame_step=6, frame_rest=1,
        frames=19, max_frames=163, fps=30,
    ),
    _motion("allegro", "AllegroPipeline", "", native=(1280, 720), tokens=512, frame_step=4, frames=88, fps=15),
    _motion("latte", "LattePipeline", "", native=(512, 512), tokens=120, frames=16, fps=8, frames_argument="video_length"),
    _motion(
        "sanavideo", "SanaVideoPipeline", "SanaImageToVideoPipeline",
        multiple=32, native=(832, 480), tokens=300, frame_step=4, frame_rest=1, frames=81, fps=16,
        frames_argument="frames",
    ),
    _motion(
        "kandinsky5-video", "Kandinsky5T2VPipeline", "Kandinsky5I2VPipeline",
        multiple=16, native=(768, 512), tokens=512, frame_step=4, frame_rest=1, frames=121, fps=24,
    ),
    _motion("animatediff", "AnimateDiffPipeline", "", native=(512, 512), style="tags", tokens=77, frames=16,
            max_frames=32, fps=8),
    _motion("i2vgenxl", "", "I2VGenXLPipeline", native=(1280, 704), tokens=77, frames=16, fps=16),
    # Classes of whose frames and sizes nothing more is promised.
    _motion(
        "other-motion", "MotifVideoPipeline", "MotifVideoImage2VideoPipeline", "EasyAnimatePipeline",
        "AnyFlowPipeline", "HeliosPipeline", "CosmosTextToWorldPipeline",
        multiple=16, native=(832, 480), frame_step=4, frame_rest=1, frames=49, max_frames=129, fps=16,
    ),
    # ---------------------------------------------------------------------------------- sound
    _sound("audioldm2", "AudioLDM2Pipeline"),
    _sound("stable-audio", "StableAudioPipeline"),
)  # fmt: skip
"""Every family, pictures first."""

# Folders that word and picture pipelines share: the same weights serve both. Elsewhere the class says which they are.
_SHARED = frozenset({"ltx", "ltx2"})

# What the sources do say of the classes that share a family named "other".
_OTHER: Mapping[str, Mapping[str, Any]] = {
    "GlmImagePipeline": {"tokens": 2048},
    "Ideogram4Pipeline": {"tokens": 2048, "native": (2048, 2048)},
    "Krea2Pipeline": {"tokens": 512, "negative": True},
    "ZImageOmniPipeline": {"tokens": 512, "negative": True},
    "BriaPipeline": {"tokens": 128, "negative": True},
    "BriaFiboPipeline": {"tokens": 3000, "negative": True},
    "DreamLitePipeline": {"tokens": 200, "negative": True},
    "StableCascadeCombinedPipeline": {"tokens": 77, "negative": True},
    "WuerstchenCombinedPipeline": {"tokens": 77, "negative": True},
    "Cosmos2TextToImagePipeline": {"tokens": 512, "negative": True, "native": (1360, 768)},
    "MotifVideoPipeline": {"tokens": 512, "native": (1280, 736), "frames": 121},
    "MotifVideoImage2VideoPipeline": {"tokens": 512, "native": (1280, 736), "frames": 121},
    "EasyAnimatePipeline": {"native": (512, 512), "fps": 8},
    "AnyFlowPipeline": {"tokens": 512, "frames": 81},
    "HeliosPipeline": {"tokens": 512, "native": (640, 384), "frames": 129},
    "CosmosTextToWorldPipeline": {"tokens": 512, "native": (1280, 704), "frames": 121, "fps": 30},
}

_UNFIT: Mapping[str, str] = {
    "Inpaint": "repairs a region of a picture and cannot make one from words",
    "ControlNet": "needs a control picture (edges, poses) for every scene",
    "Upscale": "enlarges pictures",
    "SuperResolution": "enlarges pictures",
    "InstructPix2Pix": "edits a picture and cannot make one from words",
    "Depth2Img": "works on a given picture",
    "ImageVariation": "varies a given picture",
    "Edit": "edits a picture and cannot make one from words",
    "Kontext": "edits a picture and cannot make one from words",
    "Prior": "is one half of a model: its decoder is the other",
    "Decoder": "is one half of a model: its prior is the other",
    "Refiner": "refines pictures of another model",
    "VideoToVideo": "reworks a given video",
    "Video2Video": "reworks a given video",
    "LatentUpsample": "enlarges clips of another model",
    "Audio": "makes sound",
    "Music": "makes sound",
    "Marigold": "estimates depth and normals",
    "Onnx": "runs in ONNX Runtime, not in PyTorch",
    "UnCLIP": "needs the embedding of a picture",
    "Control": "needs a control picture or video for every scene",
    "VACE": "needs a control video",
    "WanAnimate": "needs a video whose movement it takes over",
    "KandinskyPipeline": "is one half of a model: its prior is the other",
    "KandinskyV22Pipeline": "is one half of a model: its prior is the other",
    "IFPipeline": "works in three stages with a checkpoint each",
    "Pyramid": "works in stages that Kamishibai does not run",
}


def family_named(name: str) -> Family | None:
    """Return the family called `name`."""
    return next((family for family in FAMILIES if family.name == name), None)


def unfit(class_name: str) -> str:
    """Return why a pipeline of diffusers makes no picture, clip or sound from words; empty when it may."""
    if any(class_name in family.pipelines for family in FAMILIES):
        return ""
    return next((why for part, why in _UNFIT.items() if part in class_name), "")


def family_of(class_name: str) -> Family | None:
    """Return the facts about a pipeline class, by the name a ``model_index.json`` has; None when it is for no job here.

    A class that no table knows counts as ``other-motion`` when its name says that it makes video.
    """
    for family in FAMILIES:
        if class_name in family.pipelines:
            return _by_class(family, class_name).model_copy(update=_OTHER.get(class_name, {}))
    if unfit(class_name) or not class_name.endswith("Pipeline"):
        return None
    if "ToVideo" in class_name or "2Video" in class_name or "Video" in class_name or "2V" in class_name:
        other = next(family for family in FAMILIES if family.name == "other-motion")
        from_picture = any(mark in class_name for mark in ("ImageToVideo", "Image2Video", "I2V"))
        return other.model_copy(
            update={
                "pipelines": (class_name,),
                "words_pipeline": "" if from_picture else class_name,
                "picture_pipeline": class_name if from_picture else "",
            }
        )
    return None


def _by_class(family: Family, class_name: str) -> Family:
    """Leave only the ways that weights of this very class go: words or picture, unless they serve both."""
    if family.kind != "motion" or family.name in _SHARED:
        return family
    from_picture = class_name == family.picture_pipeline
    return family.model_copy(
        update={
            "words_pipeline": "" if from_picture else class_name,
            "picture_pipeline": class_name if from_picture else "",
        }
    )
