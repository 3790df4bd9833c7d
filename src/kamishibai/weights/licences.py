"""What the licences of weights allow: from the hub's licence ids to a name and a verdict on commercial use.

``commercial`` is a cautious yes: it is True only where anybody may use the weights commercially. Licences that allow
it below a turnover, on request or after signing something are False here, and the note says what they offer.
Licences with use restrictions (the OpenRAIL family) allow commercial use and forbid harmful uses.
"""

from __future__ import annotations

from kamishibai.documents.frozen import Frozen
from kamishibai.models.base import Licence

__all__ = ["TERMS", "UNKNOWN", "Terms", "licence_named", "terms_of"]


class Terms(Frozen):
    """One licence."""

    id: str
    """What the hub's model cards call it (``license`` or ``license_name``)."""
    name: str
    """SPDX id where there is one."""
    commercial: bool
    conditional: bool = False
    """Commercial use is for some: below a turnover, after registering."""
    note: str = ""
    url: str = ""


TERMS: tuple[Terms, ...] = (
    Terms(id="apache-2.0", name="Apache-2.0", commercial=True, url="https://spdx.org/licenses/Apache-2.0.html"),
    Terms(id="mit", name="MIT", commercial=True, url="https://spdx.org/licenses/MIT.html"),
    Terms(id="bsd-3-clause", name="BSD-3-Clause", commercial=True),
    Terms(id="bsd-2-clause", name="BSD-2-Clause", commercial=True),
    Terms(id="bsd", name="BSD", commercial=True),
    Terms(id="unlicense", name="Unlicense", commercial=True),
    Terms(id="wtfpl", name="WTFPL", commercial=True),
    Terms(id="cc0-1.0", name="CC0-1.0", commercial=True),
    Terms(id="cc-by-4.0", name="CC-BY-4.0", commercial=True, note="attribution is due"),
    Terms(id="cc-by-3.0", name="CC-BY-3.0", commercial=True, note="attribution is due"),
    Terms(id="cc-by-sa-4.0", name="CC-BY-SA-4.0", commercial=True, note="attribution; same licence for adaptations"),
    Terms(id="cc-by-nd-4.0", name="CC-BY-ND-4.0", commercial=True, note="no adaptations of the weights"),
    Terms(id="cc-by-nc-4.0", name="CC-BY-NC-4.0", commercial=False),
    Terms(id="cc-by-nc-3.0", name="CC-BY-NC-3.0", commercial=False),
    Terms(id="cc-by-nc-2.0", name="CC-BY-NC-2.0", commercial=False),
    Terms(id="cc-by-nc-sa-4.0", name="CC-BY-NC-SA-4.0", commercial=False),
    Terms(id="cc-by-nc-sa-3.0", name="CC-BY-NC-SA-3.0", commercial=False),
    Terms(id="cc-by-nc-nd-4.0", name="CC-BY-NC-ND-4.0", commercial=False),
    Terms(id="isc", name="ISC", commercial=True),
    Terms(id="zlib", name="Zlib", commercial=True),
    Terms(id="mpl-2.0", name="MPL-2.0", commercial=True),
    Terms(id="lgpl-3.0", name="LGPL-3.0-only", commercial=True),
    Terms(id="gpl-3.0", name="GPL-3.0-only", commercial=True),
    Terms(id="agpl-3.0", name="AGPL-3.0-only", commercial=True, note="a service built on it must offer its source"),
    Terms(
        id="openrail", name="OpenRAIL", commercial=True, note="use restrictions",
        url="https://www.licenses.ai/",
    ),
    Terms(
        id="creativeml-openrail-m", name="CreativeML-OpenRAIL-M", commercial=True,
        note="the use restrictions of its attachment A",
        url="https://huggingface.co/spaces/CompVis/stable-diffusion-license",
    ),
    Terms(
        id="openrail++", name="CreativeML-OpenRAIL++-M", commercial=True,
        note="the use restrictions of its attachment A",
    ),
    Terms(id="bigscience-openrail-m", name="BigScience-OpenRAIL-M", commercial=True, note="use restrictions"),
    Terms(
        id="stabilityai-ai-community", name="Stability-AI-Community", commercial=False, conditional=True,
        note="free below USD 1 million of yearly revenue, after registering with Stability AI",
        url="https://stability.ai/license",
    ),
    Terms(
        id="sai-nc-community", name="Stability-AI-Non-Commercial", commercial=False,
        note="commercial use needs a licence from Stability AI", url="https://stability.ai/license",
    ),
    Terms(
        id="flux-1-dev-non-commercial-license", name="FLUX.1-dev-Non-Commercial", commercial=False,
        note="the weights are for non-commercial use; commercial use needs a licence from Black Forest Labs",
    ),
    Terms(
        id="ltx-video-research",
        name="LTX-Video-Research",
        commercial=False,
        note="versions 0.9 and 0.9.1 are for research; 0.9.5 and later have licences of their own",
        url="https://huggingface.co/Lightricks/LTX-Video",
    ),
    Terms(
        id="cogvideox",
        name="CogVideoX",
        commercial=False,
        conditional=True,
        note="free for research; otherwise after registering with its makers",
        url="https://huggingface.co/THUDM/CogVideoX-5b-I2V/blob/main/LICENSE",
    ),
    Terms(
        id="llama2", name="Llama-2-Community", commercial=False, conditional=True,
        note="free below 700 million users a month, with Meta's rules of use; its output may not train other models",
        url="https://ai.meta.com/llama/license/",
    ),
    Terms(
        id="qwen-research", name="Qwen-Research", commercial=False,
        note="for research and evaluation; commercial use needs a licence from Alibaba Cloud",
        url="https://huggingface.co/Qwen/Qwen2.5-3B-Instruct/blob/main/LICENSE",
    ),
    Terms(
        id="tencent-hunyuan-community",
        name="Tencent-Hunyuan-Community",
        commercial=False,
        note="does not apply in the European Union, the United Kingdom and South Korea",
    ),
    Terms(
        id="flux-non-commercial-license",
        name="FLUX-Non-Commercial",
        commercial=False,
        note="commercial use needs a licence from Black Forest Labs",
    ),
)  # fmt: skip

_OTHER_NAMES = {
    "stabilityai-community": "stabilityai-ai-community",
    "stability-ai-community": "stabilityai-ai-community",
    "stable-video-diffusion-community": "stabilityai-ai-community",
    "stable-video-diffusion-1-1-community": "stabilityai-ai-community",
    "openrail-m": "openrail",
    "stable-audio-community": "stabilityai-ai-community",
    "flux-dev-non-commercial-license": "flux-non-commercial-license",
    "flux-1-dev": "flux-1-dev-non-commercial-license",
    "license-flux1-dev": "flux-1-dev-non-commercial-license",
    "tencent-hunyuan-community-license": "tencent-hunyuan-community",
    "cogvideox-license": "cogvideox",
    "creativeml-openrail++-m": "openrail++",
    "apache 2.0": "apache-2.0",
    "apache2": "apache-2.0",
}

UNKNOWN = Licence(name="unknown", commercial=False)
"""The terms of weights that state none: nothing is allowed that was not granted."""


def terms_of(name: str) -> Terms | None:
    """Return what is known of a licence, by the hub's id or by the name this table gives it."""
    wanted = name.strip().lower()
    wanted = _OTHER_NAMES.get(wanted, wanted)
    return next((terms for terms in TERMS if wanted in (terms.id, terms.name.lower())), None)


def licence_named(name: str, source: str = "", attribution: str = "") -> Licence:
    """Return the Licence for a hub id; one that the table lacks keeps its name and allows nothing commercial."""
    if not name.strip():
        return UNKNOWN.model_copy(update={"source": source})
    terms = terms_of(name)
    if terms is None:
        return Licence(name=name.strip(), commercial=False, source=source)
    return Licence(
        name=terms.name, commercial=terms.commercial, attribution=attribution, source=source or terms.url
    )
