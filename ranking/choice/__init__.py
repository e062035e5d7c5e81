"""From scores to picks: the arc, the rules, the moments that may be shown, and the best choice among them with its proof."""
