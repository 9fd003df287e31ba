"""Networks: image to embedding, and transforms: embedding and motion to the embedding after."""
