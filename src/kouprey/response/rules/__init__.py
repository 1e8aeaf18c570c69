"""Decisions of response: what a set of messages comes to, who may say what, and when something is due."""
