package dev.agentlab.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.json.Json;
import dev.agentlab.upstream.CallTimings;
import dev.agentlab.upstream.Cancellation;
import dev.agentlab.upstream.Transport;
import dev.agentlab.upstream.UpstreamLimits;
import dev.agentlab.upstream.UpstreamRequest;
import dev.agentlab.upstream.UpstreamResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ModelListClientTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final UpstreamLimits LIMITS =
      new UpstreamLimits(TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, 10_000);

  /// Computing the encoded forms of the secret for each model took minutes.
  @Test
  @Timeout(30)
  void manyModelsAreListedDespiteLongSecret() {
    ProviderKinds kinds = ProviderKinds.standard();
    CallableProvider provider =
        kinds.build(
            kinds.parse(
                Json.MAPPER.readTree(
                    """
                    {"name": "ollama", "base_url": "http://localhost", "options":
                     {"auth_type": "bearer", "token": "%s"}}\
                    """
                        .formatted(secret(16_000)))));
    String models =
        IntStream.range(0, 20_000)
            .mapToObj("{\"id\": \"model-%d\"}"::formatted)
            .collect(Collectors.joining(", ", "{\"data\": [", "]}"));

    assertThat(ModelListClient.fetch(provider, new FixedResponseTransport(models), LIMITS))
        .isInstanceOfSatisfying(
            ModelListClient.Outcome.Listed.class,
            listed -> assertThat(listed.models()).hasSize(2_000).contains(new Model("model-7")));
  }

  private static String secret(int length) {
    return new Random(1)
        .ints(length, 'a', 'z' + 1)
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }

  /// Responds to every request with the same body.
  private record FixedResponseTransport(String body) implements Transport {
    @Override
    public UpstreamResponse send(
        UpstreamRequest request, UpstreamLimits limits, Cancellation cancellation) {
      return new UpstreamResponse(
          200,
          Map.of(),
          body.getBytes(StandardCharsets.UTF_8),
          new CallTimings(Duration.ZERO, Duration.ZERO, Duration.ZERO));
    }

    @Override
    public CompletableFuture<Result> start(
        EventLoop loop, UpstreamRequest request, UpstreamLimits limits, Cancellation cancellation) {
      return CompletableFuture.completedFuture(send(request, limits, cancellation));
    }
  }
}
