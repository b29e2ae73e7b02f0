package dev.agentlab.kinds;

import java.util.List;

/// What a probe found: whether a provider works, step by step.
///
/// @param ok whether no step failed
/// @param stages every step, in order; at most one failed, and those after it are skipped
/// @param models what the provider can run; empty when the probe failed
/// @param durationMs milliseconds the whole probe took
public record ProbeReport(
    boolean ok, List<ProbeStage> stages, List<Model> models, long durationMs) {
  public ProbeReport {
    stages = List.copyOf(stages);
    models = List.copyOf(models);
  }
}
