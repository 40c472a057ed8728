"""Releases: from pushed images to users, in steps, on record, and back.

A release moves the alias `live` of each function from one published version to another. Everything
before that move leaves users where they are; a failure during it moves them back.
"""
