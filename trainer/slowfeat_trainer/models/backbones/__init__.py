"""Pretrained networks behind the default method: loaded, frozen or
fine-tuned, their levels on one grid.
"""
