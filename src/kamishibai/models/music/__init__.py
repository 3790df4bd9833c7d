"""Back-ends that compose."""
