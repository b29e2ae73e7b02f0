package dev.agentlab.modelclient;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The metrics of model calls. Their names and labels are stable, because dashboards and alerts
/// depend on them. Thread-safe.
///
/// The number of series is bounded, because callers choose the model names. A pair of provider and
/// model has series from its first successful call; before, it is counted as the model `other` of
/// the provider. A pair without calls for an hour is replaced by a new one. If there is none, the
/// new one is counted as `other`.
final class ModelCallMetrics implements CallListener {
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

  private static final String OTHER = "other";

  private record Model(String provider, String name) {}

  /// The series of one pair of provider and model. Looked up once, because a lookup in the registry
  /// takes longer than a recording.
  private static final class Series {
    private final Tags tags;
    private final Map<String, Timer> durations = new HashMap<>();
    private final Map<String, Counter> tokens = new HashMap<>();
    private @Nullable Timer firstContent;
    private long lastCallNanos;

    private Series(Model model) {
      tags = Tags.of("provider", model.provider, "model", model.name);
    }

    private void removeFrom(MeterRegistry registry) {
      durations.values().forEach(registry::remove);
      tokens.values().forEach(registry::remove);
      Timer timer = firstContent;
      if (timer != null) {
        registry.remove(timer);
      }
    }
  }

  private final MeterRegistry registry;
  private final LongSupplier nanoTime;
  private final Series other = new Series(new Model(OTHER, OTHER));

  /// By pair, the least recently called first.
  private final Map<Model, Series> seriesByModel = new LinkedHashMap<>(16, 0.75f, true);

  /// @param nanoTime measures the time since the last call of a pair
  ModelCallMetrics(MeterRegistry registry, LongSupplier nanoTime) {
    this.registry = registry;
    this.nanoTime = nanoTime;
  }

  @Override
  public synchronized void onCallEnd(CallRecord call) {
    Series series = series(call);
    series
        .durations
        .computeIfAbsent(call.outcome(), outcome -> durationTimer(series.tags, outcome))
        .record(call.duration());
    countTokens(series, "input", call.usage().totalInput());
    countTokens(series, "output", call.usage().output());
    call.firstContent().ifPresent(elapsed -> recordFirstContent(series, elapsed));
  }

  private Timer durationTimer(Tags tags, String outcome) {
    return Timer.builder("agentlab.model.call.duration")
        .description("from the start of a model call, retries included, to its end")
        .tags(tags.and("outcome", outcome))
        .serviceLevelObjectives(DURATION_BUCKETS)
        .register(registry);
  }

  private void countTokens(Series series, String type, long tokens) {
    if (tokens > 0) {
      series
          .tokens
          .computeIfAbsent(type, _ -> tokenCounter(series.tags, type))
          .increment((double) tokens);
    }
  }

  private Counter tokenCounter(Tags tags, String type) {
    return Counter.builder("agentlab.model.tokens")
        .description(
            "tokens of model calls, as the providers report them; estimated for a stream that broke"
                + " off")
        .tags(tags.and("type", type))
        .register(registry);
  }

  private void recordFirstContent(Series series, Duration elapsed) {
    Timer timer = series.firstContent;
    if (timer == null) {
      timer =
          Timer.builder("agentlab.model.time.to.first.content")
              .description("from the start of a model call to the first content of its stream")
              .tags(series.tags)
              .serviceLevelObjectives(FIRST_CONTENT_BUCKETS)
              .register(registry);
      series.firstContent = timer;
    }
    timer.record(elapsed);
  }

  private Series series(CallRecord call) {
    Model called = new Model(call.provider(), call.model());
    return call.failure().isEmpty() || seriesByModel.containsKey(called)
        ? series(called)
        // A caller may have invented the name.
        : series(new Model(call.provider(), OTHER));
  }

  private Series series(Model model) {
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
    eldest.getValue().removeFrom(registry);
    return true;
  }
}
