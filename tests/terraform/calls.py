"""The permissions that Python code needs, found by reading it: what it calls of boto3's clients."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import botocore.session
from botocore import xform_name

# Service Authorization Reference: where the action is not `<service>:<operation>`.
PREFIXES = {"stepfunctions": "states"}
ACTIONS = {
    ("s3", "GetObject"): {"s3:GetObject", "s3:GetObjectVersion"},
    ("s3", "HeadObject"): {"s3:GetObject", "s3:GetObjectVersion"},
    ("s3", "HeadBucket"): {"s3:ListBucket"},
    ("s3", "ListObjectsV2"): {"s3:ListBucket"},
    ("lambda", "Invoke"): {"lambda:InvokeFunction"},
    ("s3", "GetBucketEncryption"): {"s3:GetEncryptionConfiguration"},
    ("s3", "GetBucketLifecycleConfiguration"): {"s3:GetLifecycleConfiguration"},
    # Needs no permission.
    ("sts", "GetCallerIdentity"): set(),
}


def actions(sources: Iterable[Path]) -> set[str]:
    """The IAM actions of every operation that the sources call of a service.

    A service counts if a client is made of it somewhere, an operation if an attribute or a
    paginator has its name; so calls through another library are not found.
    """
    services: set[str] = set()
    names: set[str] = set()
    for path in sources:
        tree = ast.parse(path.read_text(), str(path))
        names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        for function, argument in _calls_with_text(tree):
            if function in ("client", "_client"):
                services.add(argument)
            elif function == "get_paginator":
                names.add(argument)
    found: set[str] = set()
    for service in services:
        model = botocore.session.get_session().get_service_model(service)
        for operation in model.operation_names:
            if xform_name(operation) in names:
                default = {f"{PREFIXES.get(service, service)}:{operation}"}
                found |= ACTIONS.get((service, operation), default)
    return found


def reached(module: str, roots: Iterable[Path]) -> set[Path]:
    """The file of a module, and of every module that it imports from the roots, also indirectly."""
    roots = list(roots)
    found: set[Path] = set()
    names = [module]
    while names:
        name = names.pop()
        for root in roots:
            path = root / name.replace(".", "/")
            for file in (path.with_suffix(".py"), path / "__init__.py"):
                if file.is_file() and file not in found:
                    found.add(file)
                    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
                    names += _imported(ast.parse(file.read_text(), str(file)), package)
    return found


def _imported(tree: ast.AST, package: str) -> Iterator[str]:
    """The modules that a module of `package` may import, with every package above them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            start = ".".join(
                [*(above if node.level else []), *([node.module] if node.module else [])]
            )
            imported = [start, *(f"{start}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in imported:
            parts = name.split(".")
            yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def _calls_with_text(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The name of each function that is called with a text first, and the text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if isinstance(node.args[0].value, str):
                yield name, node.args[0].value
