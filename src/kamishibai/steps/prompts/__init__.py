"""What prompts are put together from: plain words, grammar, places and light, people, and what must not be seen."""
