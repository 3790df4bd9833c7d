"""Tiny checkpoints of models that speak: seeded random weights in the layout that the hub's own have."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np

from tiny.parts import loud, seeded

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SEMANTIC, CODES = 64, 32
"""Semantic tokens and codes a codebook; Bark has 10,000 and 1,024."""


def bark(folder: Path) -> None:
    """Write a Bark whose frames last 67 ms, with three English presets, a German one, and one of the older layout."""
    from transformers import BarkConfig, BarkModel, EncodecConfig, GenerationConfig

    tokens = _word_pieces(folder)
    text_from = SEMANTIC + 1
    shape = {"block_size": 1024, "num_layers": 2, "num_heads": 2, "hidden_size": 32}
    codec = EncodecConfig(
        sampling_rate=24_000, upsampling_ratios=[8, 8, 5, 5], num_filters=4, hidden_size=16, codebook_dim=16,
        codebook_size=CODES, target_bandwidths=[1.2], num_lstm_layers=1, num_residual_layers=1,
    )  # fmt: skip
    config = BarkConfig(
        semantic_config={**shape, "input_vocab_size": text_from + tokens + 2, "output_vocab_size": SEMANTIC + 8},
        coarse_acoustics_config={**shape, "input_vocab_size": SEMANTIC + 2 * CODES + 8,
                                 "output_vocab_size": SEMANTIC + 2 * CODES + 8},
        fine_acoustics_config={**shape, "input_vocab_size": CODES + 1, "output_vocab_size": CODES + 1,
                               "n_codes_total": 8, "n_codes_given": 1},
        codec_config=codec.to_dict(),
    )  # fmt: skip
    model = seeded(BarkModel, config)
    _lively_codec(model.codec_model)
    # As they start, every token is about as likely as another, whatever the text and the voice.
    for part in (model.semantic, model.coarse_acoustics):
        loud(part, "lm_head.weight", factor=8.0)
        blocks = [name for name, weight in part.named_parameters() if "layers." in name and weight.ndim == 2]
        loud(part, *blocks, factor=20.0)
    _ending(model.semantic, SEMANTIC)
    # The library cannot save a generation configuration of Bark's kind: it is written by hand.
    model.generation_config = GenerationConfig()
    model.save_pretrained(folder)
    generation = {
        "model_type": "bark", "sample_rate": 24_000, "codebook_size": CODES,
        "semantic_config": {
            "do_sample": True, "temperature": 0.7, "eos_token_id": SEMANTIC, "max_new_tokens": 768,
            "text_encoding_offset": text_from, "text_pad_token": text_from + tokens,
            "semantic_infer_token": text_from + tokens + 1, "semantic_vocab_size": SEMANTIC,
            "max_input_semantic_length": 256, "semantic_rate_hz": 10.0,
        },
        "coarse_acoustics_config": {
            "do_sample": True, "temperature": 0.7, "coarse_semantic_pad_token": SEMANTIC + 2 * CODES,
            "coarse_infer_token": SEMANTIC + 2 * CODES + 2, "coarse_rate_hz": 15, "n_coarse_codebooks": 2,
            "max_coarse_input_length": 256, "max_coarse_history": 630, "sliding_window_len": 60,
        },
        "fine_acoustics_config": {
            "temperature": 0.5, "max_fine_history_length": 512, "max_fine_input_length": 1024, "n_fine_codebooks": 8,
        },
    }  # fmt: skip
    (folder / "generation_config.json").write_text(json.dumps(generation, indent=2))
    _presets(
        folder, ["v2/en_speaker_0", "v2/en_speaker_1", "v2/en_speaker_6", "v2/de_speaker_3", "en_speaker_0"]
    )


def _word_pieces(folder: Path) -> int:
    """Write a cased BERT tokenizer of single characters; return how many tokens it has."""
    from transformers import BertTokenizer

    letters = LETTERS + LETTERS.upper() + "0123456789.,;:!?'\"-—…[]♪äöüß你好世界"
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    tokenizer = BertTokenizer(vocab={name: index for index, name in enumerate(names)}, do_lower_case=False)
    tokenizer.save_pretrained(folder)
    return len(names)


def _presets(folder: Path, names: list[str]) -> None:
    """Write presets as `BarkProcessor` does: an index, and three arrays for each."""
    random = np.random.default_rng(0)
    index: dict[str, Any] = {"repo_or_path": "suno/bark"}
    for name in names:
        index[name] = {}
        shapes = {"semantic": (40,), "coarse": (2, 60), "fine": (8, 60)}
        for part, shape in shapes.items():
            path = f"speaker_embeddings/{name}_{part}_prompt.npy"
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            most = SEMANTIC if part == "semantic" else CODES
            np.save(folder / path, random.integers(0, most, shape), allow_pickle=False)
            index[name][f"{part}_prompt"] = path
    (folder / "speaker_embeddings_path.json").write_text(json.dumps(index))


def _lively_codec(codec: Any) -> None:
    """Give the codec codebooks that differ, as it starts with empty ones, and a decoder that is heard."""
    import torch

    torch.manual_seed(1)
    with torch.no_grad():
        for layer in codec.quantizer.layers:
            layer.codebook.embed.normal_()
        for module in codec.decoder.modules():
            if isinstance(module, (torch.nn.Conv1d, torch.nn.ConvTranspose1d)):
                torch.nn.init.kaiming_normal_(module.weight)


def _ending(semantic: Any, token: int) -> None:
    """Make the end as likely as two other tokens at every step, so that what random weights generate comes to one.

    The final layer norm gives vectors without a mean, so a row of equal weights sees its bias alone.
    """
    import torch

    with torch.no_grad():
        semantic.layernorm_final.bias.fill_(0.1)
        semantic.lm_head.weight[token] = np.log(3) / (0.1 * semantic.lm_head.in_features)


def vits(folder: Path, *, speakers: bool = False) -> None:
    """Write a VITS in the manner of MMS (English letters, no phonemes), of one voice or of three."""
    from transformers import VitsConfig, VitsModel, VitsTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    names = ["_", "'", "-", " ", *LETTERS, "<unk>"]
    vocabulary = folder / "vocab.json"
    vocabulary.write_text(json.dumps({name: index for index, name in enumerate(names)}))
    VitsTokenizer(
        str(vocabulary), pad_token="_", unk_token="<unk>", language="eng", add_blank=True, normalize=True,
        phonemize=False, is_uroman=False,
    ).save_pretrained(folder)  # fmt: skip
    config = VitsConfig(
        vocab_size=len(names), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, ffn_dim=16, flow_size=16,
        spectrogram_bins=9, upsample_initial_channel=16, upsample_rates=[16, 16], upsample_kernel_sizes=[32, 32],
        resblock_kernel_sizes=[3], resblock_dilation_sizes=[[1, 3]], depth_separable_num_layers=2,
        duration_predictor_flow_bins=4, duration_predictor_filter_channels=16, duration_predictor_num_flows=2,
        prior_encoder_num_flows=2, prior_encoder_num_wavenet_layers=1, posterior_encoder_num_wavenet_layers=1,
        num_speakers=3 if speakers else 1, speaker_embedding_size=8 if speakers else 0,
    )  # fmt: skip
    model = seeded(VitsModel, config)
    _audible(model.decoder)
    model.save_pretrained(folder)


def _audible(module: Any) -> None:
    """Re-initialise the convolutions of a vocoder: as they start, it is all but silent."""
    import torch

    torch.manual_seed(2)
    with torch.no_grad():
        for part in module.modules():
            if isinstance(part, (torch.nn.Conv1d, torch.nn.ConvTranspose1d)):
                torch.nn.init.kaiming_normal_(part.weight)


def speecht5(folder: Path) -> None:
    """Write a SpeechT5 that reads letters, with its vocoder in ``vocoder`` and two speakers in ``speakers``."""
    from transformers import SpeechT5Config, SpeechT5ForTextToSpeech, SpeechT5HifiGan, SpeechT5HifiGanConfig

    folder.mkdir(parents=True, exist_ok=True)
    tokens = _sentence_pieces(folder)
    config = SpeechT5Config(
        vocab_size=tokens, hidden_size=16, encoder_layers=1, encoder_attention_heads=2, encoder_ffn_dim=16,
        decoder_layers=1, decoder_attention_heads=2, decoder_ffn_dim=16, num_mel_bins=8, speaker_embedding_dim=16,
        speech_decoder_prenet_units=16, speech_decoder_postnet_units=16, speech_decoder_postnet_layers=2,
        max_speech_positions=4000, reduction_factor=2,
    )  # fmt: skip
    model = seeded(SpeechT5ForTextToSpeech, config)
    import torch

    with torch.no_grad():
        model.speech_decoder_postnet.prob_out.weight.mul_(11.0)
        model.speech_decoder_postnet.prob_out.bias.fill_(-3.4)
    model.save_pretrained(folder)
    vocoder = seeded(
        SpeechT5HifiGan,
        SpeechT5HifiGanConfig(
            model_in_dim=8, upsample_initial_channel=16, upsample_rates=[16, 16], upsample_kernel_sizes=[32, 32],
            resblock_kernel_sizes=[3], resblock_dilation_sizes=[[1, 3]],
        ),
    )  # fmt: skip
    _audible(vocoder)
    vocoder.save_pretrained(folder / "vocoder")
    random = np.random.default_rng(0)
    (folder / "speakers").mkdir()
    for name in ("ada", "bela"):
        np.save(
            folder / "speakers" / f"{name}.npy", random.normal(size=16).astype(np.float32), allow_pickle=False
        )


def _sentence_pieces(folder: Path) -> int:
    """Write the tokenizer of single characters that SpeechT5 has; return how many tokens it has."""
    from sentencepiece import SentencePieceTrainer
    from transformers import SpeechT5Tokenizer

    words = [LETTERS, LETTERS.upper(), *LETTERS, "it's, so! (well?) no; yes: a-b."]
    # To a buffer: a model that is trained to a file has the file's name inside.
    model = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(words * 3), model_writer=model, model_type="char", vocab_size=80,
        hard_vocab_limit=False, bos_id=0, pad_id=1, eos_id=2, unk_id=3, minloglevel=2, num_threads=1,
    )  # fmt: skip
    (folder / "spm_char.model").write_bytes(model.getvalue())
    tokenizer = SpeechT5Tokenizer(str(folder / "spm_char.model"))
    tokenizer.save_pretrained(folder)
    return len(tokenizer)
