"""Back-ends that move pictures."""
