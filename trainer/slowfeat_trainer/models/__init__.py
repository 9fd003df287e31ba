"""Networks: frame -> embedding, and maps: embedding, motion -> embedding after."""
