"""Images of objects without a graphics card: meshes, and views of them from all around."""
