"""Operators and sensors, one file each. They import `sdk` only; the tasks' process provides everything else."""
