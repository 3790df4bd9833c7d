"""What a finished film is turned into."""
