"""How a small CLIP is made: random paper-theatre scenes, words for them, a small network, training, measuring."""
