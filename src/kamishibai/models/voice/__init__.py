"""Back-ends that speak."""
