"""Compares an answer with a shape of shapes.json, member by member.

A shape is an object of members; a name that ends with `?` may be absent, every other must be there, and no further member
may. A member is "string", "integer", "number" or "boolean"; "=TEXT" for exactly that text; "~PATTERN" for a text that matches it;
"@NAME" for the shape of that name; an object for members of its own, or `{"*": …}` for a map; `[X]` for a list of any
length whose elements are X; `[]` for a list that must be empty.
"""

import json
import pathlib
import re

_types = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)}
shapes = json.loads((pathlib.Path(__file__).parent / "shapes.json").read_text())


def assert_shape(value, name):
    differences = list(_differences(value, "@" + name, name))
    if differences:
        raise AssertionError("\n  ".join(["", *differences]))


def _differences(value, shape, path):
    if isinstance(shape, str):
        yield from _text_differences(value, shape, path)
    elif isinstance(shape, list):
        yield from _list_differences(value, shape, path)
    elif not isinstance(value, dict):
        yield f"{path}: an object was expected, not {value!r}"
    elif "*" in shape:
        for key, member in value.items():
            yield from _differences(member, shape["*"], f"{path}[{key}]")
    else:
        yield from _member_differences(value, shape, path)


def _text_differences(value, shape, path):
    if shape.startswith("@"):
        yield from _differences(value, shapes[shape[1:]], path)
    elif shape.startswith("="):
        if value != shape[1:]:
            yield f"{path}: {shape[1:]!r} was expected, not {value!r}"
    elif shape.startswith("~"):
        if not isinstance(value, str) or not re.fullmatch(shape[1:], value):
            yield f"{path}: a text that matches {shape[1:]} was expected, not {value!r}"
    elif type(value) not in _types[shape]:
        yield f"{path}: {shape} was expected, not {value!r}"


def _list_differences(value, shape, path):
    if not isinstance(value, list):
        yield f"{path}: a list was expected, not {value!r}"
    elif not shape and value:
        yield f"{path}: an empty list was expected, not {value!r}"
    else:
        for index, element in enumerate(value):
            yield from _differences(element, shape[0], f"{path}[{index}]")


def _member_differences(value, shape, path):
    members = {name.rstrip("?"): (name.endswith("?"), member) for name, member in shape.items()}
    for name, (optional, member) in members.items():
        if name in value:
            yield from _differences(value[name], member, f"{path}.{name}")
        elif not optional:
            yield f"{path}.{name}: is missing"
    for name in sorted(value.keys() - members.keys()):
        yield f"{path}.{name}: was not expected ({value[name]!r})"
