package dev.agentlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.testing.LockedTools;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/// OpenAI's library for Python, on all kinds of providers.
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class OpenAiPythonIT {
  @RegisterExtension private static final ConformanceServer SERVER = new ConformanceServer();

  private static final List<Target> TARGETS =
      List.of(Target.OPENAI_DIRECT, Target.OPENAI, Target.ANTHROPIC, Target.GEMINI, Target.BEDROCK);

  @TestFactory
  Stream<DynamicTest> openAiPythonUsesAgentLab() {
    Path folder = LockedTools.python("openai-python");
    return TARGETS.stream()
        .flatMap(target ->
            SERVER.tests(
                Client.OPENAI_PYTHON,
                target,
                (settings, scenarios) -> run(folder, settings, scenarios)));
  }

  private static List<JsonNode> run(
      Path folder, ConformanceServer.Settings settings, List<String> scenarios) throws IOException {
    List<String> command = new ArrayList<>(List.of("venv/bin/python", "program.py"));
    command.addAll(scenarios);
    String output = LockedTools.run(folder, settings.environment(), command);
    assertThat(output).contains("{\"client\": \"openai\", \"version\": \"3.57.0\"}");
    return ConformanceServer.parse(output);
  }
}
