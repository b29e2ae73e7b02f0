package dev.agentlab.simulation;

import java.util.LinkedHashMap;
import java.util.Map;

/// The simulated providers there are, one for all calls under equal settings, because it counts
/// them. Those unused the longest are forgotten, and their counts with them. Safe for all threads.
public final class SimulationRegistry {
  private static final int MOST = 1_000;

  /// The one used longest ago first.
  private final Map<SimulationSettings, Simulation> running = new LinkedHashMap<>(16, 0.75f, true);

  /// The provider that behaves so.
  public synchronized Simulation with(SimulationSettings settings) {
    Simulation simulation = running.computeIfAbsent(settings, Simulation::new);
    if (running.size() > MOST) {
      running.remove(running.keySet().iterator().next());
    }
    return simulation;
  }
}
