"""Joining the parts of the verifier into the one file that travels in every package."""

import ast
from functools import cache
from pathlib import Path

PARTS = ("reading", "der", "stamp", "bag", "custody", "video", "container", "texts", "command")
_HEADER = '''#!/usr/bin/env python3
"""Verifies an evidence package. Vérifie un paquet de preuve.

    python3 verify.py                   the package this file lies in / le paquet qui contient ce fichier
    python3 verify.py PATH              a folder or a zip file / un dossier ou une archive zip
    python3 verify.py --help

Exit 0: valid; 1: not valid; 2: could not be checked. Needs Python 3.8 or later and nothing else, no network.
Somebody who alters a package can alter this file too: take it from a source you trust, or compare its SHA-256 with
the one printed on the hand-over slip. Licence: EUPL-1.2.
"""

from __future__ import annotations

'''


@cache
def standalone() -> bytes:
    """The source of ``verify.py``: the parts in order, their imports gathered, nothing else changed."""
    folder = Path(__file__).parent
    imports: set[str] = set()
    bodies: list[str] = []
    for part in PARTS:
        source = (folder / f"{part}.py").read_text("utf-8")
        tree = ast.parse(source)
        last = 0
        for node in tree.body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                last = node.end_lineno or last
                if isinstance(node, ast.Import) or not (node.module or "").startswith(("beffroi", "__future__")):
                    imports.add(ast.unparse(node))
        title = (ast.get_docstring(tree) or part).replace("\n", "\n# ")
        rule = "# " + "-" * 110
        body = "\n".join(source.split("\n")[last:]).strip("\n")
        bodies.append(f"{rule}\n# {title}\n{rule}\n\n{body}\n")
    ordered = sorted(imports, key=lambda line: (line.startswith("from"), line))
    ending = '\n\nif __name__ == "__main__":\n    sys.exit(main())\n'
    text = _HEADER + "\n".join(ordered) + "\n\n" + "\n\n".join(bodies) + ending
    return text.encode("utf-8").replace(b"\n# \n", b"\n#\n")
