"""How platforms let a unit's id decide what it sees: one small room a platform."""
