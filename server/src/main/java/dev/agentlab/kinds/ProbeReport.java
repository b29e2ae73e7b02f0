package dev.agentlab.kinds;

import java.util.List;

/// The result of a probe of a provider.
///
/// @param ok whether no stage failed
/// @param stages all stages in order; at most one failed, and those after it are skipped
/// @param models the models of the provider; empty if the probe failed
/// @param durationMs the duration of the probe in milliseconds
public record ProbeReport(
    boolean ok, List<ProbeStage> stages, List<Model> models, long durationMs) {
  public ProbeReport {
    stages = List.copyOf(stages);
    models = List.copyOf(models);
  }
}
