"""The layers that images share, in their order; `<name>.in` beside this file says what each holds.

An image is made of the base, the client, those of the other shared layers that its Dockerfile
lists, the packages of its own requirements.txt, and its code.
"""

CLIENT = "client"
"""Emulator, entry point and runtime interface client: what Lambda needs of every image."""
SHARED = (CLIENT, "runtime", "frames", "arrays", "learning")
ORDER = ("base", *SHARED, "requirements", "code")
