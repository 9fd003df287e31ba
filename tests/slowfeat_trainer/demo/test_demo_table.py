"""The demo's table states what was found."""

from __future__ import annotations

from slowfeat_trainer.demo.demo_table import table


def test_the_table_states_the_same(result):
    text = table(result)
    assert (
        f"sent {len(result.seen) + 1}, received with the same stamp {len(result.seen)}, lost 1"
        in text
    )
    assert "p50 5.0 ms, p99 5.0 ms" in text
    assert "not trained on" in text
