"""How well it works: truth, trials, rivals, and measures with their intervals."""
