"""Which files are DAG files, which of them changed, and what one says: file -> DagSpecs or an import error.

`load` runs user code, and belongs into a host; everything else here is for the scheduler and runs none.
"""
