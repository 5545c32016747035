"""Pages for officers: plain HTML that works without scripts."""
