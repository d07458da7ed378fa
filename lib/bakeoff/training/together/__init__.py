"""One model trained by several processes of a machine, each on a GPU of its own or on cores of the processor."""
