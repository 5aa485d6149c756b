"""Makes migrations from nothing several times as quick: the first start and every test run begin with them.

Django draws the classes of a migration anew after each of its steps, together with all that are related to them, and here
nearly everything is related to accounts and institutions. Steps that bring a model, a field, a constraint, an index or a
trigger need the class of that model alone. What is left behind is marked as delayed, as Django does it for some steps, and
is drawn again as a whole before Python of a migration runs.
"""

from typing import Any

from django.db.migrations.state import ProjectState

State: Any = ProjectState  # what is changed here is Django's own
_find_reload_model, _add_any_field = State._find_reload_model, State.add_field


def draw_less() -> None:
    """Once for a process, before migrations run."""
    State._find_reload_model = _find_reload_model_alone
    State.add_model = _add_model
    State.add_field = _add_field


def _find_reload_model_alone(self, app_label, model_name, delay=False):
    if not delay:
        return _find_reload_model(self, app_label, model_name, delay)
    self.is_delayed = True
    return {(app_label, model_name.lower())}


def _add_model(self, model_state):
    """As Django's, but that nothing else is drawn anew: nothing can refer to a model before it is there."""
    key = model_state.app_label, model_state.name_lower
    self.models[key] = model_state
    if self._relations is not None:
        self.resolve_model_relations(key)
    if "apps" in self.__dict__:
        self.reload_model(*key, delay=True)


def _add_field(self, *given):
    """As Django's, which draws all related models anew where the field is a relation."""
    draw = self.reload_model
    self.reload_model = lambda *key, delay: draw(*key, delay=True)
    try:
        _add_any_field(self, *given)
    finally:
        del self.reload_model
