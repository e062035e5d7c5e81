"""The A/B package and its analysis: the general trailer against the one made for each segment."""
