"""`curate strategies`: every strategy with its settings, and the columns curate computes."""

from __future__ import annotations

from curate.cli.command import command


@command("strategies")
def strategies() -> None:
    """List the strategies and their settings.

    Says what each does, when to use it and what it costs, and which columns curate computes.

    Example:  curate select photos --n 100 --strategy diversity --strategy balance:label=uniform
    """
    from curate.embed.computed_columns import columns_listed
    from curate.schema.strategy_syntax import describe_strategies

    print(describe_strategies())
    print(f"\n{columns_listed()}")
