"""Queues: how long customers wait for servers (Erlang), and through the day when demand and servers change."""
