package dev.agentlab.cli;

import static dev.agentlab.cli.FakeProviders.withProvider;

import dev.agentlab.json.Json;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The base of tests that run provider commands in a temporary folder on a service with one
/// provider.
class ProviderCommandTestBase {
  final FakeService service = FakeProviders.service();

  @TempDir Path folder;

  @AfterEach
  void stop() {
    service.close();
  }

  CommandRun.With onService() {
    return CommandRun.With.service(service).in(folder);
  }

  CommandRun provider(String... arguments) {
    return onService().run(withProvider(arguments));
  }

  /// The body of the request with this line.
  JsonNode sent(String line) {
    return Json.MAPPER.readTree(service.requests(line).body());
  }
}
