"""What waits for the network, made from `_async` by build_sync.py; only runtime.py is written by hand."""
