"""The desk itself: one season held open, with answers to what people ask of it while they decide."""
