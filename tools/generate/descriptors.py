"""Collects protobuf descriptors from the pinned Python wheels into one FileDescriptorSet.

usage: descriptors.py SITE_PACKAGES OUTPUT ROOT...

ROOT is a file such as envoy/config/cluster/v3/cluster.proto. Nothing is imported: a generated module holds its
descriptor as one bytes literal, which is read with `ast`, so any Python >= 3.9 will do and no runtime is needed.
"""

import ast
import pathlib
import sys


def serialized(module: pathlib.Path) -> bytes:
    """The FileDescriptorProto that a generated module holds."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "AddSerializedFile":
            return ast.literal_eval(node.args[0])
    raise SystemExit(f"{module}: no descriptor found; is this still a protoc output?")


def imports(module: pathlib.Path, site: pathlib.Path) -> list:
    """The proto files that the module imports, as the modules' `from a.b import c_pb2` lines say."""
    found = []
    for node in ast.parse(module.read_text()).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                if name.name.endswith("_pb2"):
                    found.append(f"{node.module.replace('.', '/')}/{name.name[:-4]}.proto")
    return found


def varint(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def main() -> None:
    site, output, roots = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:]
    done = {}

    def visit(proto: str) -> None:
        if proto in done:
            return
        module = site / f"{proto[: -len('.proto')]}_pb2.py"
        if not module.exists():
            raise SystemExit(f"{proto}: not in the installed wheels ({module})")
        done[proto] = b""
        for dependency in imports(module, site):
            visit(dependency)
        del done[proto]  # inserted anew, so that a file stands behind all that it imports
        done[proto] = serialized(module)

    for root in roots:
        visit(root)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(b"".join(b"\x0a" + varint(len(file)) + file for file in done.values()))


main()
