package dev.agentlab.simulation;

import java.util.LinkedHashMap;
import java.util.Map;

/// The simulated providers: one for all calls with equal settings, because it counts them. The
/// least recently used ones are evicted, together with their counts. Thread-safe.
public final class SimulationRegistry {
  private static final int MAX_SIMULATIONS = 1_000;

  /// Ordered from least to most recently used.
  private final Map<SimulationSettings, Simulation> simulations =
      new LinkedHashMap<>(16, 0.75f, true);

  /// The simulated provider with these settings.
  public synchronized Simulation get(SimulationSettings settings) {
    Simulation simulation = simulations.computeIfAbsent(settings, Simulation::new);
    if (simulations.size() > MAX_SIMULATIONS) {
      simulations.remove(simulations.keySet().iterator().next());
    }
    return simulation;
  }
}
