"""In the place of a package that takes two seconds to import, which each process of Ray does and none has a use for."""

raise ImportError(__doc__)
