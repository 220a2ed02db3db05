"""What waits for the network, written once, with await; `_sync` is made from it by build_sync.py."""
