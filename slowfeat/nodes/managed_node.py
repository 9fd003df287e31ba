"""What our lifecycle nodes have in common: transitions that say why they failed, and ways down.

A node makes things in configure and activate; `_stop` undoes the one and `_free` the other, and
both may be called in any state.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter

from slowfeat.errors import SlowfeatError
from slowfeat.nodes.parameters import WHILE_INACTIVE, WHILE_UNCONFIGURED, NodeParameter, declare

SUCCESS, FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE


class ManagedNode(LifecycleNode):  # type: ignore[misc]
    """A lifecycle node that keeps and logs why a transition failed.

    Args:
        name: of the node.
        overrides: parameters that take precedence over the command line and parameter files.
        ros_args: arguments for this node alone, from --ros-args on.
        context: what rclpy.init was called with; None where that was nothing.
    """

    def __init__(
        self,
        name: str,
        overrides: Sequence[Parameter] = (),
        ros_args: Sequence[str] | None = None,
        context: Any = None,
    ) -> None:
        super().__init__(
            name, parameter_overrides=list(overrides), cli_args=ros_args, context=context
        )
        # Why the last transition failed; None when it did not.
        self.last_error: SlowfeatError | None = None

    def _declare(self, parameters: Sequence[NodeParameter]) -> None:
        declare(self, parameters, self._why_not_now)

    def _why_not_now(self, row: NodeParameter) -> str | None:
        """Why a parameter cannot change in the node's present state; None where it can."""
        if row.change == WHILE_UNCONFIGURED and self._is_configured():
            when, steps = "configured", "cleanup, set it, configure"
        elif row.change == WHILE_INACTIVE and self._is_active():
            when, steps = "activated", "deactivate, set it, activate"
        else:
            return None
        return f"Parameter '{row.name}' is read when the node is {when}: {steps}"

    @abstractmethod
    def _is_configured(self) -> bool:
        """Whether what configure makes is there."""

    @abstractmethod
    def _is_active(self) -> bool:
        """Whether what activate makes is there."""

    @abstractmethod
    def _stop(self) -> None:
        """Undo what activate did."""

    @abstractmethod
    def _free(self) -> None:
        """Undo what configure did."""

    def start(self) -> bool:
        """Configure and activate, as autostart does; whether both worked (else see last_error)."""
        return bool(self.trigger_configure() == SUCCESS and self.trigger_activate() == SUCCESS)

    @property
    def autostart(self) -> bool:
        """The parameter."""
        return bool(self._value("autostart"))

    def _value(self, name: str) -> Any:
        return self.get_parameter(name).value

    def _failed(self, transition: str, error: Exception) -> TransitionCallbackReturn:
        """Keep and log the reason; the node stays in the state it was in."""
        known = isinstance(error, SlowfeatError)
        self.last_error = error if isinstance(error, SlowfeatError) else SlowfeatError(str(error))
        reason = str(error) if known else f"{type(error).__name__}: {error}"
        self.get_logger().error(f"cannot {transition}: {' '.join(reason.split())}")
        return FAILURE

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Undo what activate did."""
        self._stop()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Undo what configure did."""
        self._free()
        return super().on_cleanup(state)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop and free everything, from any state."""
        self.close()
        return super().on_shutdown(state)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Go back to unconfigured, from where the node can be configured again."""
        del state
        self.close()
        self.get_logger().error(
            "a transition broke off; the node is unconfigured, configure it again"
        )
        return SUCCESS

    def close(self) -> None:
        """Stop and free everything; the process ends."""
        self._stop()
        self._free()
