package dev.agentlab.modelclient;

import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.kinds.Model;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/// The metrics of model calls. Their names and labels are stable, because dashboards and alerts
/// depend on them. Thread-safe.
///
/// The number of series is bounded, because callers who create agents choose the model names. A
/// pair of provider and model without calls for an hour is replaced by a new one. If there is none,
/// the new one is counted as `other`.
final class ModelCallMetrics {
  /// Maximum number of pairs of provider and model with their own series, 20 to 100 series each.
  static final int MAX_SERIES_MODELS = 100;

  /// Time without calls after which the series of a pair can be removed.
  static final Duration MIN_IDLE_TIME = Duration.ofHours(1);

  private static final Duration[] DURATION_BUCKETS = {
    Duration.ofMillis(250),
    Duration.ofSeconds(1),
    Duration.ofMillis(2500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10),
    Duration.ofSeconds(30),
    Duration.ofMinutes(1),
    Duration.ofMinutes(2),
    Duration.ofMinutes(5),
  };

  private static final Duration[] FIRST_CONTENT_BUCKETS = {
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10),
    Duration.ofSeconds(30),
  };

  private record Model(String provider, String name) {}

  /// The series of one pair of provider and model.
  private static final class Series {
    private final Tags tags;
    private final Set<Meter> meters = new HashSet<>();
    private long lastCallNanos;

    private Series(Model model) {
      tags = Tags.of("provider", model.provider, "model", model.name);
    }
  }

  private final MeterRegistry registry;
  private final LongSupplier nanoTime;
  private final Series other = new Series(new Model("other", "other"));

  /// By pair, the least recently called first.
  private final Map<Model, Series> seriesByModel = new LinkedHashMap<>(16, 0.75f, true);

  /// @param nanoTime measures the time since the last call of a pair
  ModelCallMetrics(MeterRegistry registry, LongSupplier nanoTime) {
    this.registry = registry;
    this.nanoTime = nanoTime;
  }

  /// Records a call that has ended.
  synchronized void recordCall(ModelCall call, Duration duration, TokenUsage usage) {
    Series series = series(call.provider(), call.model());
    Timer timer =
        Timer.builder("agentlab.model.call.duration")
            .description("from the start of a model call, retries included, to its end")
            .tags(series.tags.and("outcome", call.outcome()))
            .serviceLevelObjectives(DURATION_BUCKETS)
            .register(registry);
    series.meters.add(timer);
    timer.record(duration);
    countTokens(series, "input", usage.totalInput());
    countTokens(series, "output", usage.output());
  }

  private void countTokens(Series series, String type, long tokens) {
    if (tokens > 0) {
      Counter counter =
          Counter.builder("agentlab.model.tokens")
              .description("tokens of model calls, as counted by the providers")
              .tags(series.tags.and("type", type))
              .register(registry);
      series.meters.add(counter);
      counter.increment((double) tokens);
    }
  }

  /// Records the first content of a stream.
  ///
  /// @param elapsed time since the start of the call
  synchronized void recordFirstContent(String provider, String model, Duration elapsed) {
    Series series = series(provider, model);
    Timer timer =
        Timer.builder("agentlab.model.time.to.first.content")
            .description("from the start of a model call to the first content of its stream")
            .tags(series.tags)
            .serviceLevelObjectives(FIRST_CONTENT_BUCKETS)
            .register(registry);
    series.meters.add(timer);
    timer.record(elapsed);
  }

  private Series series(String provider, String name) {
    Model model = new Model(provider, name);
    if (!seriesByModel.containsKey(model)
        && seriesByModel.size() == MAX_SERIES_MODELS
        && !removeIdle()) {
      return other;
    }
    Series series = seriesByModel.computeIfAbsent(model, Series::new);
    series.lastCallNanos = nanoTime.getAsLong();
    return series;
  }

  /// Removes the least recently called pair, if it has been idle long enough.
  private boolean removeIdle() {
    Map.Entry<Model, Series> eldest = seriesByModel.entrySet().iterator().next();
    long idle = nanoTime.getAsLong() - eldest.getValue().lastCallNanos;
    if (idle < MIN_IDLE_TIME.toNanos()) {
      return false;
    }
    seriesByModel.remove(eldest.getKey());
    eldest.getValue().meters.forEach(registry::remove);
    return true;
  }
}
