"""Experiments of Jayaraman & Grauman 2017, one module each."""
