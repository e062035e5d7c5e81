"""People look, compare and decide; their decisions bind."""
