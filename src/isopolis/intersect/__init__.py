"""Estimates that several areas need: raking, shrinkage of small cells, likelihoods of noisy counts."""
