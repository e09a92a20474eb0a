"""Ladder (tangga kemandirian): steps with explicit criteria, and how long an enterprise stands on each."""
