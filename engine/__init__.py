"""Runs the diagrams: parse, check, step, time; knows BPMN, knows no food safety, no HTTP."""
