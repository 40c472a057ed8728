"""Raw objects of any supported format as streams of findings, in bounded memory."""
