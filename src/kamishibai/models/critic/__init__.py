"""Back-ends that look at pictures and answer questions."""
