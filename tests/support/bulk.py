"""A change of many records, as the tests of bulk changes make it."""

from support.world import World

#: Of the events of the small company, 304 and 305 are unassigned.
UNASSIGNED = "events assign --where 'support is empty' kate.hastroff"


def support_of(world: World) -> dict[int, int | None]:
    """Who runs each live event: the employee's id by the event's."""
    return dict(world.rows("SELECT id, support_id FROM crm.events WHERE deleted_at IS NULL"))
