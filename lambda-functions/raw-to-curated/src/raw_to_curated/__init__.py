"""Raw files in, typed and deduplicated tables with a data-quality report out."""
