"""Parts of the documentation that are made from the code when it is built.

A page names such a part on a line of its own, as in `<!-- made: strategies -->`; PARTS says
which there are. So a table of strategies, a list of settings or the picture of the architecture
cannot differ from the code, and a part that is named and cannot be made stops the build.

This file is a hook of MkDocs (`on_page_markdown`, `on_post_build`). The tests call `made` without
it.
"""

from __future__ import annotations

import ast
import re
import textwrap
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from architecture import floors_text, picture, rooms_table

ROOT = Path(__file__).resolve().parent.parent
DIRECTIVE = re.compile(r"^( *)<!-- made: (.+?) -->$", re.MULTILINE)
FETCHED = re.compile(
    r"<(?:script|link|img|iframe)\b[^>]*?(?:src|href)=[\"'](?:https?:)?//[^\"']+", re.IGNORECASE
)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; signs that would end a cell are escaped."""
    head = list(head)
    lines = [head, ["---"] * len(head), *map(list, rows)]
    cells = (" | ".join(cell.replace("|", "\\|") for cell in line) for line in lines)
    return "\n".join(f"| {line} |" for line in cells)


def one_line(text: str | None) -> str:
    return " ".join((text or "").split())


# -- strategies --------------------------------------------------------------------------


def strategies() -> str:
    """Every strategy with its definition, use, cost, settings and an example."""
    from curate.schema.strategies import SPECS

    parts = []
    for name, spec in SPECS.items():
        settings = [
            [f"`{field}`", one_line(info.description), default_of(info)]
            for field, info in spec.model_fields.items()
            if field != "name"
        ]
        parts += [
            f"### {name}",
            one_line(spec.__doc__),
            f"- **When:** {spec.when}.\n- **Cost:** {spec.cost}.\n"
            f"- **Written:** `--strategy '{spec.example}'`",
        ]
        if settings:
            parts.append(table(["setting", "meaning", "default"], settings))
    return "\n\n".join(parts)


def strategy_table() -> str:
    """Every strategy in one line."""
    from curate.schema.strategies import SPECS

    rows = [[f"[`{name}`](#{name})", spec.when, spec.cost] for name, spec in SPECS.items()]
    return table(["strategy", "when", "cost"], rows)


# -- settings and commands ---------------------------------------------------------------


def settings() -> str:
    """The settings of a job by part."""
    from curate.schema.job import PARTS, describe, describe_part

    parts = []
    for part, model in PARTS.items():
        rows = [
            [f"`{name}`", describe(name), default_of(info)]
            for name, info in model.model_fields.items()
        ]
        parts += [
            f"### [{part}]",
            describe_part(part),
            table(["setting", "meaning", "default"], rows),
        ]
    return "\n\n".join(parts)


def default_of(info: Any) -> str:
    if info.is_required():
        return "must be given"
    default = info.default
    if isinstance(default, tuple):
        words = [getattr(entry, "name", str(entry)) for entry in default]
        return f"`{', '.join(words)}`" if words else ""
    if default is None:
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def commands() -> str:
    """Every command with its description and its options."""
    import typer

    from curate.cli.main import app

    root: Any = typer.main.get_command(app)
    return "\n\n".join(
        text for name in sorted(root.commands) for text in _command(root.commands[name], name)
    )


def _command(command: Any, name: str) -> Iterable[str]:
    yield f"## curate {name}"
    yield _as_markdown(command.help)
    if hasattr(command, "commands"):
        for inner, subcommand in command.commands.items():
            for text in _command(subcommand, f"{name} {inner}"):
                yield re.sub("^## ", "### ", text)
        return
    rows = []
    for parameter in command.params:
        if getattr(parameter, "hidden", False) or "--help" in parameter.opts:
            continue
        option = parameter.param_type_name == "option"
        name = parameter.metavar or parameter.name.upper()
        written = ", ".join(parameter.opts) if option else name
        rows.append([f"`{written}`", _full_help(parameter), _variable(parameter)])
    if rows:
        yield table(["option", "meaning", "variable"], rows)


def _full_help(parameter: Any) -> str:
    """The full description of a setting, if the help begins it; else the help itself."""
    from curate.schema.job import SETTINGS, describe

    text = one_line(getattr(parameter, "help", None))
    described = describe(parameter.name) if parameter.name in SETTINGS else ""
    return described if text and described.startswith(text.rstrip(".")) else text


def _variable(parameter: Any) -> str:
    variable = parameter.envvar
    names = [variable] if isinstance(variable, str) else list(variable or [])
    return ", ".join(f"`{name}`" for name in names)


def _as_markdown(text: str | None) -> str:
    """Help of a command: paragraphs; an example is code."""
    paragraphs = map(one_line, (text or "").replace("\b\n", "").split("\n\n"))
    return "\n\n".join(re.sub(r"^Example: (.+)$", r"Example: `\1`", each) for each in paragraphs)


def job_file() -> str:
    """What `curate init` writes."""
    from curate.schema.job_file import commented_job

    return f'```toml title="curate.toml"\n{commented_job().strip()}\n```'


# -- data, embedders, reports --------------------------------------------------------------


def computed_columns() -> str:
    """Columns that curate computes when a strategy names them."""
    from curate.embed.computed_columns import PICTURE_COLUMNS, TEXT_COLUMNS

    kinds = {"images": PICTURE_COLUMNS, "texts": TEXT_COLUMNS}
    rows = [
        [kind, f"`{name}`", meaning]
        for kind, columns in kinds.items()
        for name, meaning in columns.items()
    ]
    return table(["of", "column", "is"], rows)


def exports() -> str:
    """The formats of --export."""
    from curate.export.registry import FORMATS

    rows = [[f"`{name}`", f"`{f.file}`", f.what, ", ".join(f.kinds)] for name, f in FORMATS.items()]
    return table(["`--export`", "file", "what it holds", "of"], rows)


def template() -> str:
    """The template with every setting."""
    text = (ROOT / "templates" / "full.toml").read_text(encoding="utf-8")
    return f'```toml title="templates/full.toml"\n{text.strip()}\n```'


def glossary() -> str:
    """The definitions that the last page of a report prints."""
    text = tomllib.loads((ROOT / "templates" / "full.toml").read_text(encoding="utf-8"))
    terms = [*text["glossary"], *text["glossary_more"]]
    return "\n".join(f"- **{head}:**{rest}" for head, _, rest in (t.partition(":") for t in terms))


def json_contract() -> str:
    """Every field of every JSON: what `curate schema --markdown` prints, without its title."""
    from curate.schema.contract import page

    text = page().split("\n", 1)[1]
    return re.sub(r"\[([^\]]+)\]\([\w.]+\.json\)", r"`reports/\1`", text)


def volatile() -> str:
    """Fields that may differ between two runs of a job."""
    from curate.schema.report import VOLATILE

    return ", ".join(f"`{field}`" for field in VOLATILE) + "."


# -- code ------------------------------------------------------------------------------------


def source(path: str, name: str) -> str:
    """A table, class or function as it stands in the code, with the lines where it stands."""
    text = (ROOT / path).read_text(encoding="utf-8")
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if name in names_of(node):
            code = textwrap.dedent("\n".join(lines[node.lineno - 1 : node.end_lineno]))
            place = f"{path}, lines {node.lineno} to {node.end_lineno}"
            return f'```python title="{place}"\n{code}\n```'
    raise LookupError(f"{path} defines no {name}")


def names_of(node: ast.AST) -> set[str]:
    """What a statement defines."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return {target.id for target in targets if isinstance(target, ast.Name)}
    return set()


PARTS: dict[str, Callable[..., str]] = {
    "strategies": strategies,
    "strategy-table": strategy_table,
    "settings": settings,
    "commands": commands,
    "job-file": job_file,
    "computed-columns": computed_columns,
    "exports": exports,
    "template": template,
    "glossary": glossary,
    "json-contract": json_contract,
    "volatile": volatile,
    "source": source,
    "floors": floors_text,
    "picture": picture,
    "rooms": rooms_table,
}


def made(markdown: str) -> str:
    """A page with each part that it names in its place.

    Raises KeyError or LookupError for a part that there is not.
    """

    def part(match: re.Match[str]) -> str:
        indentation, directive = match.groups()
        name, *arguments = directive.split()
        return textwrap.indent(PARTS[name](*arguments), indentation)

    return DIRECTIVE.sub(part, markdown)


# -- hooks of MkDocs ---------------------------------------------------------------------------


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Called for each page before it is turned into HTML."""
    return made(markdown)


def on_post_build(config: Any) -> None:
    """No page of the finished site fetches anything from another server."""
    for file in Path(config["site_dir"]).rglob("*.html"):
        for tag in FETCHED.findall(file.read_text(encoding="utf-8")):
            if 'rel="canonical"' not in tag:
                raise SystemExit(f"{file} fetches from the network: {tag}")
