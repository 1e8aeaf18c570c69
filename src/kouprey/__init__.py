"""Kouprey: a node that exchanges cyber-threat intelligence under an agreement and can prove it afterwards."""

__version__ = "0.1.0"
