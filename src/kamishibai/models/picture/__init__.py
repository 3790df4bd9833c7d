"""Back-ends that draw."""
