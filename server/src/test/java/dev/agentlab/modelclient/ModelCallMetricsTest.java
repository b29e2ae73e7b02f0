package dev.agentlab.modelclient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.dialects.Operation;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ModelCallMetricsTest {
  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ManualClock clock = new ManualClock();
  private final ModelCallMetrics metrics = new ModelCallMetrics(meters, clock);

  @Test
  void callsAreCountedByProviderModelAndOutcome() {
    recordCall("a", "m");
    recordCall("a", "m");
    recordFailure("a", "m");

    assertThat(series())
        .contains(
            "agentlab_model_call_duration_seconds_count{model=\"m\",outcome=\"success\",provider=\"a\"} 2",
            "agentlab_model_call_duration_seconds_sum{model=\"m\",outcome=\"broken\",provider=\"a\"} 3.0",
            "agentlab_model_call_duration_seconds_bucket{model=\"m\",outcome=\"broken\",provider=\"a\",le=\"2.5\"} 0",
            "agentlab_model_call_duration_seconds_bucket{model=\"m\",outcome=\"broken\",provider=\"a\",le=\"5.0\"} 1",
            "agentlab_model_tokens_total{model=\"m\",provider=\"a\",type=\"input\"} 20.0",
            "agentlab_model_tokens_total{model=\"m\",provider=\"a\",type=\"output\"} 4.0",
            "agentlab_model_time_to_first_content_seconds_bucket{model=\"m\",provider=\"a\",le=\"0.25\"} 0",
            "agentlab_model_time_to_first_content_seconds_bucket{model=\"m\",provider=\"a\",le=\"0.5\"} 3");
  }

  @Test
  void modelHasSeriesFromItsFirstSuccess() {
    recordFailure("a", "m");
    recordFailure("a", "invented");
    recordFailure("b", "invented");
    recordCall("a", "m");
    recordFailure("a", "m");

    assertThat(models()).containsExactlyInAnyOrder("other", "other", "m", "m");
    assertThat(series())
        .contains(
            "agentlab_model_call_duration_seconds_count{model=\"other\",outcome=\"broken\",provider=\"a\"} 2",
            "agentlab_model_call_duration_seconds_count{model=\"other\",outcome=\"broken\",provider=\"b\"} 1",
            "agentlab_model_call_duration_seconds_count{model=\"m\",outcome=\"broken\",provider=\"a\"} 1");
  }

  @Test
  void newModelIsCountedAsOtherWhileLimitIsReached() {
    recordMaxModels();
    recordCall("a", "new");

    assertThat(models()).hasSize(ModelCallMetrics.MAX_SERIES_MODELS + 1).contains("other");
    assertThat(series())
        .contains(
            "agentlab_model_call_duration_seconds_count{model=\"other\",outcome=\"success\",provider=\"other\"} 1");
  }

  @Test
  void newModelReplacesTheLongestIdleModel() {
    recordMaxModels();
    clock.advance(ModelCallMetrics.MIN_IDLE_TIME.minusSeconds(1));
    recordCall("a", "0");
    clock.advance(Duration.ofSeconds(1));
    recordCall("a", "new");

    assertThat(models())
        .hasSize(ModelCallMetrics.MAX_SERIES_MODELS)
        .contains("0", "2", "new")
        .doesNotContain("1", "other");
    assertThat(series()).noneMatch(line -> line.contains("model=\"1\""));
  }

  private void recordMaxModels() {
    for (int i = 0; i < ModelCallMetrics.MAX_SERIES_MODELS; i++) {
      recordCall("a", Integer.toString(i));
    }
  }

  private void recordFailure(String provider, String model) {
    metrics.onCallEnd(
        record(
            provider,
            model,
            Duration.ofSeconds(3),
            TokenUsage.NONE,
            Optional.of(FailureClassifier.truncated().toException(1))));
  }

  private void recordCall(String provider, String model) {
    metrics.onCallEnd(
        record(provider, model, Duration.ofSeconds(1), new TokenUsage(10, 2), Optional.empty()));
  }

  /// A call whose first content came after 300 ms.
  private static CallRecord record(
      String provider,
      String model,
      Duration duration,
      TokenUsage usage,
      Optional<Throwable> failure) {
    CallTarget called = TestModelClients.target("http://127.0.0.1:1", TestModelClients.POLICY);
    return new CallRecord(
        TestModelClients.SOURCE,
        Operation.CHAT,
        true,
        Instant.EPOCH,
        new CallTarget(provider, "it", called.callable(), model, called.policy()),
        Optional.empty(),
        List.of(),
        Optional.of(Duration.ofMillis(300)),
        duration,
        usage,
        CallRecord.UsageSource.REPORTED,
        Optional.empty(),
        Optional.empty(),
        0,
        0,
        List.of(),
        failure);
  }

  private Stream<String> models() {
    return meters.find("agentlab.model.call.duration").timers().stream()
        .map(timer -> String.valueOf(timer.getId().getTag("model")));
  }

  private Stream<String> series() {
    return meters.scrape().lines();
  }
}
