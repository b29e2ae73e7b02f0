package dev.agentlab.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.testing.LockedTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Checks the API description with the recommended rules of linters, and the service with requests
/// generated from the description. The configuration files of the tools list the exceptions.
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ApiDescriptionIT {
  @RegisterExtension private static final TestServer SERVER = new TestServer();

  @Test
  void redoclyReportsNoProblems() throws IOException {
    Path folder = LockedTools.node("openapi-lint");
    writeDescription(folder);

    run(folder, "node", "node_modules/@redocly/cli/bin/cli.js", "lint", "openapi.json");
  }

  @Test
  void spectralReportsNoProblems() throws IOException {
    Path folder = LockedTools.node("openapi-lint");
    writeDescription(folder);

    run(
        folder,
        "node",
        "node_modules/@stoplight/spectral-cli/dist/index.js",
        "lint",
        "openapi.json",
        "--ruleset=spectral.yaml",
        "--fail-severity=hint");
  }

  @Test
  void schemathesisReportsNoProblems() throws IOException {
    Path folder = LockedTools.python("schemathesis");
    writeDescription(folder);

    String report = run(folder, "venv/bin/schemathesis", "run", "openapi.json", "--no-color");
    int total = SERVER.client().get("/openapi.json").json().findValues("operationId").size();
    assertThat(report).contains("%d selected / %d total".formatted(total - 1, total));
  }

  private static void writeDescription(Path folder) throws IOException {
    Files.writeString(folder.resolve("openapi.json"), SERVER.client().get("/openapi.json").text());
  }

  private static String run(Path folder, String... command) throws IOException {
    return LockedTools.run(
        folder,
        Map.of(
            "AGENT_LAB_URL",
            SERVER.url().toString(),
            "AGENT_LAB_KEY",
            SERVER.adminKey(),
            "REDOCLY_TELEMETRY",
            "off",
            "REDOCLY_SUPPRESS_UPDATE_NOTICE",
            "true"),
        List.of(command));
  }
}
