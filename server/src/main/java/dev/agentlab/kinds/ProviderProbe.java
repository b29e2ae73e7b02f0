package dev.agentlab.kinds;

import dev.agentlab.kinds.ModelListClient.Outcome;
import dev.agentlab.kinds.ProbeStage.Name;
import dev.agentlab.kinds.ProbeStage.Status;
import dev.agentlab.upstream.CallTimings;
import dev.agentlab.upstream.Origin;
import dev.agentlab.upstream.Transport;
import dev.agentlab.upstream.UpstreamLimits;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Tests a provider over the same path as model calls: resolves the host name, connects,
/// authenticates and lists the models. No provider charges for it.
public final class ProviderProbe {
  private final Transport network;
  private final UpstreamLimits limits;

  public ProviderProbe(Transport network, UpstreamLimits limits) {
    this.network = network;
    this.limits = limits;
  }

  /// Runs a probe within the limits. Blocks.
  ///
  /// @throws dev.agentlab.upstream.UpstreamException only if the waiting thread was interrupted
  public ProbeReport run(CallableProvider provider) {
    return switch (ModelListClient.fetch(provider, network, limits)) {
      case Outcome.Listed(List<Model> models, CallTimings timings) ->
          report(provider, Optional.empty(), models, timings);
      case Outcome.Failed(Diagnosis diagnosis, CallTimings timings) ->
          report(provider, Optional.of(diagnosis), List.of(), timings);
    };
  }

  private static ProbeReport report(
      CallableProvider provider,
      Optional<Diagnosis> diagnosis,
      List<Model> models,
      CallTimings timings) {
    List<ProbeStage> stages =
        Arrays.stream(Name.values())
            .map(name ->
                diagnosis
                    .flatMap(it -> failedOrSkipped(name, it, timings))
                    .orElseGet(() -> passedOrSkipped(name, provider, models, timings)))
            .toList();
    long totalMs = timings.resolve().plus(timings.connect()).plus(timings.response()).toMillis();
    return new ProbeReport(diagnosis.isEmpty(), stages, models, totalMs);
  }

  /// The failed stage or a stage after it; empty for a stage before it.
  private static Optional<ProbeStage> failedOrSkipped(
      Name name, Diagnosis diagnosis, CallTimings timings) {
    if (name == diagnosis.stage()) {
      return Optional.of(
          new ProbeStage(
              name,
              Status.FAILED,
              durationMs(name, timings),
              Optional.of(diagnosis.detail()),
              Optional.of(diagnosis.cause()),
              Optional.of(diagnosis.fix())));
    }
    boolean isUndetermined = name == Name.AUTHENTICATE && diagnosis.stage() == Name.LIST_MODELS;
    return isUndetermined || name.compareTo(diagnosis.stage()) > 0
        ? Optional.of(ProbeStage.skipped(name, Optional.empty()))
        : Optional.empty();
  }

  private static ProbeStage passedOrSkipped(
      Name name, CallableProvider provider, List<Model> models, CallTimings timings) {
    if (provider.transport().isPresent() && name.compareTo(Name.TLS) <= 0) {
      return ProbeStage.skipped(name, Optional.of("not reached over the network"));
    }
    return switch (name) {
      case RESOLVE, CONNECT -> ProbeStage.passed(name, durationMs(name, timings), Optional.empty());
      case TLS ->
          Origin.of(provider.modelListEndpoint().url()).secure()
              ? ProbeStage.passed(name, Optional.empty(), Optional.empty())
              : ProbeStage.skipped(name, Optional.of("plain HTTP"));
      case AUTHENTICATE ->
          provider.credential().isPresent()
              ? ProbeStage.passed(name, Optional.empty(), Optional.empty())
              : ProbeStage.skipped(name, Optional.of("no API key is configured"));
      case LIST_MODELS ->
          ProbeStage.passed(
              name, durationMs(name, timings), Optional.of(describeModels(models, provider)));
    };
  }

  // TLS is timed with the connection, and authentication with the request that lists models.
  private static Optional<Long> durationMs(Name name, CallTimings timings) {
    return switch (name) {
      case RESOLVE -> Optional.of(timings.resolve().toMillis());
      case CONNECT -> Optional.of(timings.connect().toMillis());
      case TLS -> Optional.empty();
      case AUTHENTICATE, LIST_MODELS -> Optional.of(timings.response().toMillis());
    };
  }

  private static String describeModels(List<Model> models, CallableProvider provider) {
    return switch (models.size()) {
      case 0 -> "no models. " + provider.kind().advice().noModels();
      case 1 -> "1 model";
      default -> models.size() + " models";
    };
  }
}
