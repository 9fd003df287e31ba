"""The encoder node: images in, embeddings and predictions out."""
