"""The requirements of PCI DSS 4.0.1 that lines of the posture serve, in short words of our own.

Source: PCI Security Standards Council, "Payment Card Industry Data Security Standard, Requirements
and Testing Procedures", version 4.0.1, June 2024. The numbers are the standard's.
"""

from __future__ import annotations

from typing import Final

REQUIREMENTS: Final = {
    "3.2.1": "Store as little account data as possible, and delete it when its retention ends",
    "3.3.1": "Do not keep sensitive authentication data after authorization",
    "3.4.1": "Show at most the first digits that name the issuer and the last four of a number",
    "3.5.1": "Make card numbers unreadable wherever they are stored",
    "3.5.1.1": "Use keyed hashes where hashes make card numbers unreadable",
    "12.5.2": "Document which systems and files are in scope, and confirm it once a year",
    "12.10.7": "Respond where a card number is found in a place that should have none",
}
