package dev.agentlab.kinds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.json.Json;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.net.Cidr;
import dev.agentlab.upstream.Cancellation;
import dev.agentlab.upstream.ConnectionCounter;
import dev.agentlab.upstream.EgressPolicy;
import dev.agentlab.upstream.ForbiddenHosts;
import dev.agentlab.upstream.Resolver;
import dev.agentlab.upstream.UpstreamClient;
import dev.agentlab.upstream.UpstreamException;
import dev.agentlab.upstream.UpstreamException.Kind;
import dev.agentlab.upstream.UpstreamLimits;
import dev.agentlab.upstream.UpstreamRequest;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Tests each spelling of a forbidden host as a new `base_url`, as a stored `base_url` and as the
/// URL of a request, while a real socket listens at the address that it would reach.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForbiddenHostsTest {
  private static final ProviderKinds KINDS = ProviderKinds.standard();
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final UpstreamLimits LIMITS =
      new UpstreamLimits(TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, 10_000);

  private final EventLoops loops = new EventLoops();
  private final ConnectionCounter connections = new ConnectionCounter();

  /// Allows everything that settings can allow, and resolves every name that is not denied to the
  /// socket.
  private final UpstreamClient permissive =
      client(
          new EgressPolicy(true, List.of(Cidr.parse("0.0.0.0/0"), Cidr.parse("::/0"))),
          ConnectionCounter.resolver());

  /// Allows nothing beyond the defaults, and uses the resolver of the system.
  private final UpstreamClient strict =
      client(new EgressPolicy(false, List.of()), Resolver.system());

  @AfterAll
  void stop() throws Exception {
    permissive.stop(TIMEOUT);
    strict.stop(TIMEOUT);
    loops.stop(TIMEOUT);
    connections.close();
  }

  @ParameterizedTest
  @MethodSource("never")
  void forbiddenHostIsNeitherAcceptedNorCalled(String host) throws Exception {
    for (String url : urls(host)) {
      assertThat(parseErrors(url)).extracting(FieldError::field).containsExactly("config.base_url");
      assertNotBuilt(url);
      assertNotCalled(permissive, url);
      assertNotCalled(strict, url);
    }
    assertThat(connections.takeCount()).isZero();
  }

  @ParameterizedTest
  @MethodSource("byDefault")
  void hostDeniedByDefaultIsNotCalled(String host) throws Exception {
    for (String url : urls(host)) {
      assertNotCalled(strict, url);
      if (parseErrors(url).isEmpty()) {
        CallableProvider provider = KINDS.build(KINDS.readStored(config(url)));
        ProbeReport report = new ProviderProbe(strict, LIMITS).run(provider);

        assertThat(report.stages().getFirst().fix().orElseThrow()).contains("egress.");
      }
    }
    assertThat(connections.takeCount()).isZero();
  }

  @ParameterizedTest
  @MethodSource("tricks")
  void ambiguousUrlIsRejected(String pattern) throws Exception {
    String url = pattern.replace("PORT", Integer.toString(connections.port()));

    assertThat(parseErrors(url)).extracting(FieldError::field).containsExactly("config.base_url");
    assertThat(parseErrors(url))
        .extracting(FieldError::message)
        .noneMatch(it -> it.contains("hunter2"));
    assertNotBuilt(url);
    assertThat(connections.takeCount()).isZero();
  }

  private List<String> urls(String host) {
    int port = connections.port();
    return List.of(
        "http://%s:%d/".formatted(host, port),
        "HTTP://%s:%d/v1".formatted(host, port),
        "https://%s:%d".formatted(host, port));
  }

  private static List<FieldError> parseErrors(String url) {
    InvalidInputException error =
        catchThrowableOfType(InvalidInputException.class, () -> KINDS.parse(config(url)));
    return error == null ? List.of() : error.errors();
  }

  private static void assertNotBuilt(String url) {
    assertThatThrownBy(() -> KINDS.build(KINDS.readStored(config(url))))
        .isInstanceOf(InvalidInputException.class);
  }

  private static void assertNotCalled(UpstreamClient client, String url) {
    try {
      client.send(
          UpstreamRequest.get(new URI(url), Map.of(), Map.of()), LIMITS, new Cancellation());
      throw new AssertionError(url + " was called");
    } catch (UpstreamException e) {
      assertThat(e.kind()).as(url).isEqualTo(Kind.DENIED_BY_POLICY);
    } catch (URISyntaxException | IllegalArgumentException e) {
      // Not a valid URL.
    }
  }

  private static JsonNode config(String url) {
    ObjectNode config = Json.MAPPER.createObjectNode();
    return config.put("name", "ollama").put("base_url", url);
  }

  private UpstreamClient client(EgressPolicy egress, Resolver resolver) {
    return new UpstreamClient(loops, egress, resolver, TIMEOUT, new MemoryBudget(64 << 20));
  }

  private static Stream<String> never() {
    return ForbiddenHosts.ALWAYS_FORBIDDEN.stream();
  }

  private static Stream<String> byDefault() {
    return Stream.concat(ForbiddenHosts.LOOPBACK.stream(), ForbiddenHosts.PRIVATE.stream());
  }

  private static Stream<String> tricks() {
    return ForbiddenHosts.URLS.stream();
  }
}
