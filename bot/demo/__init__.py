"""The whole bot on one machine against the simulators: real processes, real wires, a recorded incident."""
