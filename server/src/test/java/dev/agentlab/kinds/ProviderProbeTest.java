package dev.agentlab.kinds;

import static dev.agentlab.testing.FakeUpstream.json;
import static dev.agentlab.testing.FakeUpstream.response;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.json.Json;
import dev.agentlab.kinds.ProbeStage.Name;
import dev.agentlab.kinds.ProbeStage.Status;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.testing.TestCertificates;
import dev.agentlab.upstream.EgressPolicy;
import dev.agentlab.upstream.Resolver;
import dev.agentlab.upstream.UpstreamClient;
import dev.agentlab.upstream.UpstreamLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProviderProbeTest {
  private static final ProviderKinds KINDS = ProviderKinds.standard();
  private static final String TOKEN = "hunter2-hunter2-abcd";
  private static final Resolver RESOLVER =
      host -> {
        if (host.equals("llm.test")) {
          return List.of(InetAddress.getLoopbackAddress());
        }
        if (host.equals("metadata.test")) {
          return List.of(InetAddress.ofLiteral("169.254.169.254"));
        }
        throw new UnknownHostException(host);
      };

  private static final Duration TOTAL = Duration.ofSeconds(2);
  private static final UpstreamLimits LIMITS =
      new UpstreamLimits(Duration.ofSeconds(5), Duration.ofSeconds(5), TOTAL, TOTAL, TOTAL, 10_000);

  private final EventLoops loops = new EventLoops();
  private final UpstreamClient client =
      new UpstreamClient(
          loops,
          new EgressPolicy(true, List.of()),
          RESOLVER,
          Duration.ofSeconds(5),
          new MemoryBudget(64 << 20));

  @AfterEach
  void stop() throws TimeoutException {
    client.stop(Duration.ofSeconds(5));
    loops.stop(Duration.ofSeconds(5));
  }

  @Test
  void workingProviderPassesEveryStage() throws Exception {
    String models = "{\"data\": [{\"id\": \"llama3.2\"}, {\"id\": \"qwen3\"}, {\"no\": \"id\"}]}";
    try (FakeUpstream upstream = FakeUpstream.start(json(models))) {
      ProbeReport report = probe(ollama(upstream.url("llm.test", "").toString(), true));

      assertThat(report.ok()).isTrue();
      assertThat(report.models()).containsExactly(new Model("llama3.2"), new Model("qwen3"));
      assertThat(stageSummary(report))
          .isEqualTo(
              "resolve passed, connect passed, tls skipped, authenticate passed, list_models"
                  + " passed");
      assertThat(upstream.request().header("Authorization")).contains("Bearer " + TOKEN);
    }
  }

  @Test
  void reportIsSerializedWithWireNames() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(json("{\"data\": [{\"id\": \"m\"}]}"))) {
      var json = Json.MAPPER.valueToTree(probe(ollama(upstream.url("").toString(), false)));

      assertThat(json.propertyNames())
          .containsExactlyInAnyOrder("ok", "stages", "models", "duration_ms");
      assertThat(json.at("/stages/2/name").stringValue()).isEqualTo("tls");
      assertThat(json.at("/stages/2/status").stringValue()).isEqualTo("skipped");
      assertThat(json.at("/stages/2/detail").stringValue()).isEqualTo("plain HTTP");
      assertThat(json.at("/stages/2").propertyNames())
          .doesNotContain("cause", "fix", "duration_ms");
      assertThat(json.at("/stages/3/detail").stringValue()).isEqualTo("no API key is configured");
      assertThat(json.at("/models/0/id").stringValue()).isEqualTo("m");
    }
  }

  @ParameterizedTest
  @CsvSource({"[]", "null"})
  void providerWithoutModelsPassesWithAdvice(String data) throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(json("{\"data\": %s}".formatted(data)))) {
      ProbeReport report = probe(ollama(upstream.url("").toString(), false));

      assertThat(report.ok()).isTrue();
      assertThat(report.stages().getLast().detail().orElseThrow()).contains("ollama pull llama3.2");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          401 Unauthorized  | authenticate | The API key is wrong          | options.token
          403 Forbidden     | authenticate | not allowed                   | options.token
          404 Not Found     | list_models  | wrong path                    | with /v1
          429 Too Many      | list_models  | quota                         | Wait
          500 Error         | list_models  | is failing                    | log
          503 Unavailable   | list_models  | is failing                    | log
          400 Bad Request   | list_models  | does not accept               | https://
          302 Found         | list_models  | The URL redirects             | base_url
          204 No Content    | list_models  | other than the model API      | /v1
          """)
  void errorStatusNamesStageCauseAndFix(String status, String stage, String cause, String fix)
      throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(response(status, "text/plain", ""))) {
      ProbeStage failed = failed(probe(ollama(upstream.url("").toString(), true)));

      assertThat(failed.name()).hasToString(stage);
      assertThat(failed.detail().orElseThrow())
          .startsWith("responded with status " + status.substring(0, 3));
      assertThat(failed.cause().orElseThrow()).contains(cause);
      assertThat(failed.fix().orElseThrow()).contains(fix);
    }
  }

  @Test
  void deniedRequestWithoutTokenSuggestsToken() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(response("401 No", "text/plain", ""))) {
      ProbeStage failed = failed(probe(ollama(upstream.url("").toString(), false)));

      assertThat(failed.cause().orElseThrow()).contains("none is sent");
      assertThat(failed.fix().orElseThrow())
          .contains("Check that options.token is set", "options.auth_type");
    }
  }

  @Test
  void deniedRequestOfKindWithoutAuthTypeSuggestsOnlyKey() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(response("401 No", "text/plain", ""))) {
      CallableProvider vllm =
          provider("{\"name\": \"vllm\", \"base_url\": \"%s\"}".formatted(upstream.url("")));

      assertThat(failed(probe(vllm)).fix()).contains("Set options.api_key.");
    }
  }

  @Test
  void azureBaseUrlWithoutOpenaiSuggestsOpenai() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(response("404 No", "text/plain", ""))) {
      ProbeStage failed = failed(probe(azure(upstream.url("").toString())));

      assertThat(failed.fix().orElseThrow()).contains("should end in /openai");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          text/html        | <!DOCTYPE html><h1>Welcome</h1> | a web page
          text/plain       | Ollama is running               | something other
          application/json | {"object": "list"}              | something other
          application/json | {"data": {"id": "x"}}           | something other
          application/json | {"data": [                      | something other
          application/json | [[[[                            | something other
          """)
  void responseWithoutModelListIsDescribed(String type, String body, String content)
      throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(response("200 OK", type, body))) {
      ProbeStage failed = failed(probe(ollama(upstream.url("").toString(), true)));

      assertThat(failed.name()).isEqualTo(Name.LIST_MODELS);
      assertThat(failed.detail().orElseThrow()).contains(content).doesNotContain("Welcome");
    }
  }

  @Test
  void providerErrorIsShownWithoutSecret() throws Exception {
    String body = "{\"error\": {\"message\": \"Incorrect key: " + TOKEN + "\\n\\u0007see docs\"}}";
    try (FakeUpstream upstream =
        FakeUpstream.start(response("401 Unauthorized", "application/json", body))) {
      ProbeReport report = probe(ollama(upstream.url("").toString(), true));

      assertThat(failed(report).detail())
          .contains("responded with status 401: Incorrect key: *** see docs");
      assertThat(Json.MAPPER.writeValueAsString(report)).doesNotContain("hunter2");
    }
  }

  @Test
  void modelNameContainingSecretIsNotListed() throws Exception {
    String body = "{\"data\": [{\"id\": \"x-" + TOKEN + "\"}, {\"id\": \"m\"}]}";
    try (FakeUpstream upstream = FakeUpstream.start(json(body))) {
      assertThat(probe(ollama(upstream.url("").toString(), true)).models())
          .containsExactly(new Model("m"));
    }
  }

  @Test
  void unknownHostNameFailsToResolve() {
    ProbeReport report = probe(ollama("http://nowhere.test", false));

    assertThat(stageSummary(report))
        .isEqualTo(
            "resolve failed, connect skipped, tls skipped, authenticate skipped, list_models"
                + " skipped");
    assertThat(failed(report).cause().orElseThrow()).contains("misspelled");
  }

  @Test
  void deniedAddressNamesSettingThatAllowsAccess() {
    ProbeStage privateAddress = failed(probe(ollama("http://10.0.0.5:11434", false)));
    ProbeStage metadataAddress = failed(probe(ollama("http://metadata.test", false)));

    assertThat(privateAddress.name()).isEqualTo(Name.RESOLVE);
    assertThat(privateAddress.detail().orElseThrow()).contains("10.0.0.5 is private");
    assertThat(privateAddress.fix().orElseThrow()).contains("EGRESS_PRIVATE_NETWORKS=10.0.0.5");
    assertThat(metadataAddress.fix().orElseThrow()).contains("no setting allows");
  }

  @Test
  void redirectIsReportedWithoutSecret() throws IOException {
    String response =
        "HTTP/1.1 302 Found\r\nLocation: http://%s.test/\r\nContent-Length: 0\r\n\r\n"
            .formatted(TOKEN);
    try (FakeUpstream upstream = FakeUpstream.start(response)) {
      ProbeReport report = probe(ollama(upstream.url("").toString(), true));

      assertThat(failed(report).cause().orElseThrow()).contains("redirects to", "***");
      assertThat(Json.MAPPER.writeValueAsString(report)).doesNotContain("hunter2");
    }
  }

  @Test
  void refusedConnectionSuggestsStartingOllama() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    ProbeReport report = probe(ollama("http://llm.test:" + port, false));

    assertThat(stageSummary(report))
        .isEqualTo(
            "resolve passed, connect failed, tls skipped, authenticate skipped, list_models"
                + " skipped");
    assertThat(failed(report).fix().orElseThrow()).contains("ollama serve");
  }

  @Test
  void rejectedAddressIsNamedInTheFix() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    for (String kind : List.of("openai", "anthropic", "gemini")) {
      CallableProvider provider =
          provider(
              """
              {"name": "%s", "base_url": "http://llm.test:%d/v1", "options": {"api_key": "%s"}}
              """
                  .formatted(kind, port, TOKEN));

      assertThat(failed(probe(provider)).fix().orElseThrow())
          .contains("Try: curl http://llm.test:" + port)
          .doesNotContain("internet");
    }
  }

  @Test
  void tlsToPlainHttpPortFailsAtTlsStage() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start("HTTP/1.1 400 Bad Request\r\n\r\n")) {
      String url = upstream.url("").toString().replace("http:", "https:");
      ProbeReport report = probe(ollama(url, true));

      assertThat(failed(report).name()).isEqualTo(Name.TLS);
      assertThat(stageSummary(report)).startsWith("resolve passed, connect passed, tls failed");
    }
  }

  @Test
  void plainHttpToTlsPortSuggestsHttps(@TempDir Path folder) throws Exception {
    TestCertificates certificates = TestCertificates.create(folder, "dns:llm.test");
    try (FakeUpstream upstream = FakeUpstream.startTls(certificates.serverContext(), json("{}"))) {
      String secure = upstream.url("llm.test", "").toString();
      ProbeStage untrusted = failed(probe(ollama(secure, true)));
      ProbeStage plain = failed(probe(ollama(secure.replace("https:", "http:"), true)));

      assertThat(untrusted.name()).isEqualTo(Name.TLS);
      assertThat(untrusted.fix().orElseThrow()).contains("options.ca_certificates");
      assertThat(plain.name()).isEqualTo(Name.LIST_MODELS);
      assertThat(plain.fix().orElseThrow()).contains("use https:// in base_url");
    }
  }

  @Test
  void hangingProviderFailsWithinTimeout() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start((_, _) -> {})) {
      ProbeReport report = probe(ollama(upstream.url("").toString(), true));

      assertThat(failed(report).detail().orElseThrow()).contains("the response timed out");
      assertThat(stageSummary(report))
          .isEqualTo(
              "resolve passed, connect passed, tls skipped, authenticate skipped, list_models"
                  + " failed");
    }
  }

  private ProbeReport probe(CallableProvider provider) {
    return new ProviderProbe(client, LIMITS).run(provider);
  }

  private static ProbeStage failed(ProbeReport report) {
    assertThat(report.ok()).isFalse();
    assertThat(report.models()).isEmpty();
    return report.stages().stream()
        .filter(stage -> stage.status() == Status.FAILED)
        .findFirst()
        .orElseThrow();
  }

  private static String stageSummary(ProbeReport report) {
    return report.stages().stream()
        .map(stage -> stage.name() + " " + stage.status())
        .collect(Collectors.joining(", "));
  }

  private static CallableProvider ollama(String url, boolean withToken) {
    String options =
        withToken ? "\"auth_type\": \"bearer\", \"token\": \"%s\"".formatted(TOKEN) : "";
    return provider(
        "{\"name\": \"ollama\", \"base_url\": \"%s\", \"options\": {%s}}".formatted(url, options));
  }

  private static CallableProvider azure(String url) {
    return provider(
        """
        {"name": "azure", "base_url": "%s", "options": {"deployment": "d", "auth_type": "api_key",
         "token": "%s", "api_version": "v"}}\
        """
            .formatted(url, TOKEN));
  }

  private static CallableProvider provider(String config) {
    return KINDS.build(KINDS.parse(Json.MAPPER.readTree(config)));
  }
}
