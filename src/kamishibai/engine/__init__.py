"""The film engine: camera, layers, captions, segments, mux."""
