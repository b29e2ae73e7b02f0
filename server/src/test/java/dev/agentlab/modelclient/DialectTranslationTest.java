package dev.agentlab.modelclient;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.dialects.ProviderErrorException;
import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.upstream.EgressPolicy;
import dev.agentlab.upstream.Resolver;
import dev.agentlab.upstream.UpstreamClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Verifies providers with another dialect over a real socket. Their responses are from the golden
/// corpus.
class DialectTranslationTest {
  private static final Path CORPUS = Path.of("src/test/resources/corpus");
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final CallPolicy POLICY =
      new CallPolicy(
          TIMEOUT, new RetryPolicy(0, Duration.ZERO, Duration.ZERO, 1, false), 10, TIMEOUT);

  private final EventLoops loops = new EventLoops();
  private final UpstreamClient upstreamClient =
      new UpstreamClient(
          loops,
          new EgressPolicy(true, List.of()),
          Resolver.system(),
          TIMEOUT,
          new MemoryBudget(64 << 20));

  @AfterEach
  void stop() throws TimeoutException {
    upstreamClient.stop(TIMEOUT);
    loops.stop(TIMEOUT);
  }

  @Test
  void bedrockBinaryStreamIsTranslatedToEvents() throws Exception {
    try (FakeUpstream upstream =
        startStreaming("application/vnd.amazon.eventstream", bytes("bedrock", "stream.bin"))) {
      CallableProvider bedrock =
          provider(
              """
              {"name": "bedrock", "base_url": "%s", "options": {"region": "eu-central-1",
               "auth_type": "sigv4", "access_key_id": "AKIAIOSFODNN7EXAMPLE",
               "secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}}\
              """
                  .formatted(upstream.url("")));

      assertThat(events(bedrock, "bedrock"))
          .isEqualTo(new String(bytes("bedrock", "client.sse"), UTF_8));

      FakeUpstream.Request request = upstream.request();
      assertThat(request.requestLine())
          .isEqualTo(
              "POST /model/anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse-stream HTTP/1.1");
      assertThat(request.header("Accept")).contains("application/vnd.amazon.eventstream");
      assertThat(request.header("Authorization").orElseThrow())
          .startsWith("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/")
          .contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date");
      assertThat(request.header("X-Amz-Date")).isPresent();
      assertThat(request.header("X-Amz-Content-Sha256")).isPresent();
    }
  }

  @Test
  void geminiStreamIsTranslatedToEvents() throws Exception {
    try (FakeUpstream upstream =
        startStreaming("text/event-stream", bytes("gemini", "stream.sse"))) {
      CallableProvider gemini =
          provider(
              "{\"name\": \"gemini\", \"base_url\": \"%s\", \"options\": {\"api_key\": \"k-1\"}}"
                  .formatted(upstream.url("/v1beta")));

      assertThat(events(gemini, "gemini"))
          .isEqualTo(new String(bytes("gemini", "client.sse"), UTF_8));

      FakeUpstream.Request request = upstream.request();
      assertThat(request.requestLine())
          .isEqualTo("POST /v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse HTTP/1.1");
      assertThat(request.header("x-goog-api-key")).contains("k-1");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "overloaded_error, true",
    "RESOURCE_EXHAUSTED, true",
    "UNAVAILABLE, true",
    "throttlingException, true",
    "serviceUnavailableException, true",
    "INVALID_ARGUMENT, false",
    "validationException, false",
  })
  void overloadErrorWithStatus200IsTransient(String type, boolean mayPass) {
    CallableProvider any = provider("{\"name\": \"ollama\", \"base_url\": \"http://localhost\"}");
    CallFailure failure =
        FailureClassifier.of(new ProviderErrorException("no", Optional.of(type)), any);

    assertThat(failure.isTransient()).isEqualTo(mayPass);
  }

  private String events(CallableProvider provider, String kind) throws Exception {
    ModelClient client =
        new ModelClient(
            upstreamClient,
            new ModelClientSettings(TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, 1 << 20),
            InstantSource.fixed(Instant.ofEpochSecond(1_750_000_000)),
            new MemoryBudget(64 << 20),
            new SimpleMeterRegistry(),
            new RecordedCalls(),
            _ -> {});
    ModelRequest request = ModelRequest.parse(Operation.CHAT, bytes(kind, "request.json"));
    CallTarget target = new CallTarget("provider", "it", provider, request.model(), POLICY);
    ModelStream stream =
        Await.result(
            client.stream(CallPlan.of(target), request, TestModelClients.unobserved(loops)));
    return new StreamSubscriber(stream.events()).readAll();
  }

  private static byte[] bytes(String kind, String file) throws IOException {
    return Files.readAllBytes(CORPUS.resolve(kind).resolve("stream-text").resolve(file));
  }

  private static FakeUpstream startStreaming(String type, byte[] body) {
    return FakeUpstream.start((_, out) -> {
      out.write(
          "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
              .formatted(type, body.length)
              .getBytes(UTF_8));
      out.write(body);
      out.flush();
    });
  }

  private static CallableProvider provider(String config) {
    ProviderKinds kinds = ProviderKinds.standard();
    return kinds.build(kinds.parse(ProviderJson.MAPPER.readTree(config)));
  }
}
