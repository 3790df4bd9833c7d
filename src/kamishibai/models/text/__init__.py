"""Back-ends that plan and write."""
