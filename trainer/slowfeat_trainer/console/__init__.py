"""What every command shares with the terminal: progress bars, messages,
files that are being written.
"""
