"""Tests of the house itself: its files keep the promises that nothing else would notice broken."""
