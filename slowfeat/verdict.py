"""What a bundle's figures come to, in a word that programs read and a sentence that people do."""

from __future__ import annotations

from dataclasses import dataclass

WELL, SOMEWHAT, NOT = "well", "somewhat", "not"
LEVELS = (WELL, SOMEWHAT, NOT)


@dataclass(frozen=True)
class Verdict:
    """Whether a bundle predicts what a motion does to its embedding, on images
    that it has not learned from.
    """

    # "well", "somewhat" or "not": its gain lies within 3 standard errors of 0.
    predicts: str
    # What that is because of, and what to do, one line.
    sentence: str
    # What knowing the motion saves against a wrong motion, and its standard error over time.
    gain: float
    gain_se: float

    def problem(self) -> str:
        """What is wrong with it; empty where nothing is."""
        return "" if self.predicts in LEVELS else f"predicts is not one of {', '.join(LEVELS)}"

    def __str__(self) -> str:
        word = {WELL: "predicts well", SOMEWHAT: "predicts somewhat", NOT: "does not predict"}
        return (
            f"{word[self.predicts]} (gain {self.gain:.2f} +- {self.gain_se:.2f}): {self.sentence}"
        )
