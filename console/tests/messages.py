"""Which texts the console shows: read out of its templates and modules."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_CALLS = {"_", "gettext", "gettext_lazy"}
_TRANS = re.compile(r"""{%\s*trans\s+(?:"([^"]+)"|'([^']+)')""")
_DEFAULT = re.compile(r"""_\("([^"]+)"\)""")
_BLOCK = re.compile(r"{%\s*blocktrans[^%]*%}(.*?){%\s*endblocktrans\s*%}", re.DOTALL)
_PLURAL = re.compile(r"{%\s*plural\s*%}")
_VARIABLE = re.compile(r"{{\s*(\w+)\s*}}")


def message_ids() -> dict[str, str | None]:
    """Give every text, and its plural where it counts something."""
    found: dict[str, str | None] = {}
    for path in sorted((ROOT / "templates" / "console").rglob("*.html")):
        text = path.read_text()
        for match in _TRANS.finditer(text):
            found.setdefault(match[1] or match[2], None)
        for match in _DEFAULT.finditer(text):
            found.setdefault(match[1], None)
        for match in _BLOCK.finditer(text):
            parts = _PLURAL.split(_VARIABLE.sub(r"%(\1)s", match[1]))
            found[parts[0]] = parts[1] if len(parts) > 1 else None
    for path in sorted((ROOT / "console").rglob("*.py")):
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
            if node.func.id in _CALLS and texts:
                found.setdefault(str(texts[0]), None)
            elif node.func.id == "ngettext":
                found[str(texts[0])] = str(texts[1])
    return found
