"""Experiments of Goroshin et al. 2015, one module each."""
