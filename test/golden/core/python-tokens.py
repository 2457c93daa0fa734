"""Writes python-tokens.json: programs and what Python's own tokenize says of them, comments and blank lines left out.

    python3.12 test/golden/core/python-tokens.py

Python 3.12 or newer: f-strings nest there. With files as arguments nothing is written: each is tokenised, and
one JSON line printed, [path, SHA-256 of the JSON of its tokens], null where Python refuses it.
"""

import hashlib
import io
import json
import pathlib
import sys
import token
import tokenize

PROGRAMS = {
    "comments": "# a\nx = 1  # b\n\n\n# c\ny = '#'  # '\n",
    "docstrings": '"""A module.\n\n  # no comment\n"""\ndef f():\n    """Its own."""\n    # one\n    return 1\n',
    "indentation": "if a:\n        if b:\n            c\n        # shallow\n    # shallower\n\n        d\ne\n",
    "tabs": "if a:\n\tif b:\n\t\tc\n\td\n",
    "brackets": "f(1,  # one\n  [2,\n   3],\n\n  {  # two\n    4: 5})\n",
    "continued": "x = 1 + \\\n    2\nif a and \\\n   b:\n    c\nassert x, \\\n  'y'\n",
    "strings": "a = 'it\\'s # x' \"# y\" '''# z\n'''\nb = r'\\' # no'\nc = b'\\x23' rb\"#\" Rb'#' u'#'\nd = 'one\\\ntwo # three'\n",
    "adjacent": "a = 'x' 'y'\nb = ('x'  # c\n  'y')\n",
    "triple": "a = '''it's \"\" '' # x'''\nb = \"\"\"a\\\"\"\"b\"\"\"\nc = ''''x'''\nd = ''\ne = \"\"\n",
    "operators": "a<<=b>>c**d//e!=f->g:=h...i@j@=k|l^=~m<n>=o\nx=lambda*a,**b:(a,b)\n",
    "numbers": "a = 0 + 00 + 1_000 + 0x_ff + 0b1 + 0o17 + 1. + .5 + 1.5e-3 + 1e5 + 1j + 1.5J + 0777.5 + 9_9e1_0\nb = a[1:2]\nc = 1 .real\n",
    "names": "caf\u00e9 = 1\n\u53d8\u91cf = caf\u00e9\n_x1 = \u53d8\u91cf\nmatch = case = 1\n",
    "semicolons": "a; b;c\nif a: b; c\nclass A: pass\n",
    "decorators": "@a.b(c)\n@ d\nasync def e(f, /, *, g: int = 1) -> h:\n    await f\n    yield\n",
    "f-strings": "a = f'{b}' f\"{c!r:>{d}}\" f'{{# {e}}}' rf'\\{f}' f'\\N{NUMBER SIGN}{g}'\nb = f'''\n# {h}\n{i:%Y-%m-%d}'''\nc = f'{x:#x}' f'{y[\"#\"]}' f'{lambda_ if a != b else {1: 2}[1]}'\nd = f'{x = }' F'{x=!s}'\n",
    "nested f-strings": "a = f'{b['#']}' f\"{f\"{'#'}\"}\" f'{f'{f'{1}'}'}'\nb = f'{x:{'>'}{y}}'  # c\n",
    "escapes in f-strings": "a = f'\\'{b}\\'' f'a\\\\{b}' f'\\{b}' fr'\\\\'\nb = f'a\\\nb {c} # d'\n",
    "walrus": "f'{(a := 1)}' f'{a:=5}'\n",
    "end without a newline": "if a:\n    b",
    "end in a comment": "if a:\n    b\n# c",
    "blank": "\n\n   \n# only\n",
    "nothing": "",
    "shebang": "#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\nx = 1\n",
    "windows": "if a:\r\n    '''x\r\n# y'''  # z\r\n    b\r\n",
    "mark": "\ufeffx = 1  # y\n",
    "form feed": "x = 1\n\f\n# page\ny = 2\f + 3\n",
}


def tokens(text):
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    lines = text.split("\n")
    found = [lines[0]] if text.startswith("#!") else []
    depth, start = 0, None
    for one in tokenize.generate_tokens(io.StringIO(text).readline):
        if one.type in FORMATTED_STARTS:
            depth += 1
            if depth == 1:
                start = one.start
        elif one.type in FORMATTED_ENDS:
            depth -= 1
            if depth == 0:
                found.append(between(lines, start, one.end))
        elif depth > 0 or one.type in (token.COMMENT, token.NL, token.ENDMARKER):
            continue
        else:
            found.append(MARKS.get(one.type, one.string))
    return found


def between(lines, start, end):
    (row, column), (last, to) = start, end
    if row == last:
        return lines[row - 1][column:to]
    return "\n".join([lines[row - 1][column:], *lines[row : last - 1], lines[last - 1][:to]])


MARKS = {token.NEWLINE: "\n", token.INDENT: "\t+", token.DEDENT: "\t-"}
FORMATTED_STARTS = [getattr(token, name, None) for name in ("FSTRING_START", "TSTRING_START")]
FORMATTED_ENDS = [getattr(token, name, None) for name in ("FSTRING_END", "TSTRING_END")]


def digest_file(path):
    try:
        data = pathlib.Path(path).read_bytes()
        compile(data, path, "exec", dont_inherit=True)
        text = json.dumps(tokens(data.decode("utf-8")), ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
    except (SyntaxError, ValueError, tokenize.TokenError):
        return None


if __name__ == "__main__":
    if len(sys.argv) > 1:
        for path in sys.argv[1:]:
            print(json.dumps([path, digest_file(path)]))
    else:
        cases = []
        for name, program in PROGRAMS.items():
            cases.append({"name": name, "program": program, "tokens": tokens(program)})
        out = pathlib.Path(__file__).with_suffix(".json")
        out.write_text(json.dumps({"python": sys.version.split()[0], "cases": cases}, indent=1) + "\n")
