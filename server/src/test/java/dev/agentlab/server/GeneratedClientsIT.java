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

/// Clients generated from the API description. Each program creates providers, an agent and a key,
/// and runs the agent, with a complete and with a streamed response.
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class GeneratedClientsIT {
  @RegisterExtension private static final TestServer SERVER = new TestServer();

  @Test
  void typescriptClientUsesTheService() throws IOException {
    Path folder = LockedTools.node("openapi-typescript");
    writeDescription(folder);

    run(
        folder,
        "node",
        "node_modules/openapi-typescript/bin/cli.js",
        "openapi.json",
        "-o",
        "api.ts");
    // Only the two aliases that every output contains.
    assertThat(Files.readString(folder.resolve("api.ts")).lines())
        .filteredOn(line -> line.contains("Record<string, never>"))
        .hasSize(2)
        .allMatch(line -> line.startsWith("export type"));
    run(folder, "node", "node_modules/typescript/bin/tsc", "-p", ".");
    run(folder, "node", "out/program.js");
  }

  @Test
  void pythonClientUsesTheService() throws IOException {
    Path folder = LockedTools.python("openapi-python");
    writeDescription(folder);

    // By default the generator omits what it cannot express.
    run(
        folder,
        "venv/bin/openapi-python-client",
        "generate",
        "--path=openapi.json",
        "--output-path=client",
        "--config=config.yaml",
        "--overwrite",
        "--fail-on-warning");
    run(folder, "venv/bin/python", "program.py");
  }

  private static void writeDescription(Path folder) throws IOException {
    Files.writeString(folder.resolve("openapi.json"), SERVER.client().get("/openapi.json").text());
  }

  private static void run(Path folder, String... command) throws IOException {
    LockedTools.run(
        folder,
        Map.of(
            "AGENT_LAB_URL",
            SERVER.url().toString(),
            "AGENT_LAB_KEY",
            SERVER.adminKey(),
            "PYTHONPATH",
            "client"),
        List.of(command));
  }
}
