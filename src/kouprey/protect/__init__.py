"""Protect: what partners warn of, as lists that devices block by, after a gate that nothing harmful passes."""
