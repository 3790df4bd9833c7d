"""The embedded illustrator: scenery, figures, light, layout."""
