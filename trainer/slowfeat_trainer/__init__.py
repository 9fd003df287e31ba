"""The offline half of slowfeat: bags -> frames and poses -> pairs -> objective -> bundle."""
