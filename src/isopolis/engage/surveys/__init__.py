"""Surveys: forms with skip logic, paper entered twice, weighting, randomised response."""
