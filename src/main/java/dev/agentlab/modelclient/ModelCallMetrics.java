package dev.agentlab.modelclient;

import dev.agentlab.dialects.TokenUsage;
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

/// The metrics of model calls. Dashboards and alerts depend on their names and labels, which do not
/// change. Safe for all threads.
///
/// Whoever defines agents chooses the names of models, so the series are bounded: a pair of
/// provider and model that has not been called for an hour gives way to a new one, and what finds
/// no place is counted as `other`.
final class ModelCallMetrics {
  /// Pairs of provider and model with series of their own, some 20 to 100 each.
  static final int MAX_MODELS = 100;

  /// How long a pair keeps its series without a call.
  static final Duration MIN_IDLE = Duration.ofHours(1);

  private static final Duration[] DURATIONS = {
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

  private static final Duration[] FIRST_CONTENT = {
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

  /// The series of one pair.
  private static final class Series {
    private final Tags tags;
    private final Set<Meter> meters = new HashSet<>();
    private long calledAt;

    private Series(Model model) {
      tags = Tags.of("provider", model.provider, "model", model.name);
    }
  }

  private final MeterRegistry registry;
  private final LongSupplier nanoTime;
  private final Series other = new Series(new Model("other", "other"));

  /// By pair, the one called longest ago first.
  private final Map<Model, Series> all = new LinkedHashMap<>(16, 0.75f, true);

  /// @param nanoTime measures how long a pair has not been called
  ModelCallMetrics(MeterRegistry registry, LongSupplier nanoTime) {
    this.registry = registry;
    this.nanoTime = nanoTime;
  }

  /// Counts a call that has ended.
  synchronized void ended(ModelCall call, Duration duration, TokenUsage usage) {
    Series series = series(call.provider(), call.model());
    Timer timer =
        Timer.builder("agentlab.model.call.duration")
            .description("from the start of a model call, retries included, to its end")
            .tags(series.tags.and("outcome", call.outcome()))
            .serviceLevelObjectives(DURATIONS)
            .register(registry);
    series.meters.add(timer);
    timer.record(duration);
    count(series, "input", usage.input());
    count(series, "output", usage.output());
  }

  private void count(Series series, String type, int tokens) {
    if (tokens > 0) {
      Counter counter =
          Counter.builder("agentlab.model.tokens")
              .description("tokens of model calls, as the providers count them")
              .tags(series.tags.and("type", type))
              .register(registry);
      series.meters.add(counter);
      counter.increment(tokens);
    }
  }

  /// Measures the first content of a stream.
  ///
  /// @param elapsed since the start of the call
  synchronized void firstContent(String provider, String model, Duration elapsed) {
    Series series = series(provider, model);
    Timer timer =
        Timer.builder("agentlab.model.time.to.first.content")
            .description("from the start of a model call to the first content of its stream")
            .tags(series.tags)
            .serviceLevelObjectives(FIRST_CONTENT)
            .register(registry);
    series.meters.add(timer);
    timer.record(elapsed);
  }

  private Series series(String provider, String name) {
    Model model = new Model(provider, name);
    if (!all.containsKey(model) && all.size() == MAX_MODELS && !removeIdle()) {
      return other;
    }
    Series series = all.computeIfAbsent(model, Series::new);
    series.calledAt = nanoTime.getAsLong();
    return series;
  }

  /// Removes the pair that was called longest ago, if that is long enough.
  private boolean removeIdle() {
    Map.Entry<Model, Series> eldest = all.entrySet().iterator().next();
    long idle = nanoTime.getAsLong() - eldest.getValue().calledAt;
    if (idle < MIN_IDLE.toNanos()) {
      return false;
    }
    all.remove(eldest.getKey());
    eldest.getValue().meters.forEach(registry::remove);
    return true;
  }
}
