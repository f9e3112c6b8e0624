"""A line of the table of faults (``bench/faults.py``)."""

from dataclasses import dataclass


@dataclass
class Row:
    """A fault, what is expected, and what was measured."""

    fault: str
    expected: str
    lost_s: float
    again_s: float
    findings: int

    def __str__(self) -> str:
        return f"| {self.fault} | {self.expected} | {self.lost_s:.1f} s | {self.again_s:.1f} s | {self.findings} |"
