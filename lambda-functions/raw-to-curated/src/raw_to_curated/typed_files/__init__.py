"""Parquet files and Excel workbooks: bytes with structure, which may lie, to rows of values.

worker.py reads them in a process of its own, as a library in C or Rust may end the process that it
runs in; child.py starts it and takes what it sends.
"""
