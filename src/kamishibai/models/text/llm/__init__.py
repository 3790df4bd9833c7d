"""What text:transformers is made of: what a language model is asked, in which form it answers, what becomes of it."""
