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

/// The libraries of OpenAI, Anthropic and Google for Python, on all kinds of providers.
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class PythonClientsIT {
  @RegisterExtension private static final ConformanceServer SERVER = new ConformanceServer();

  @TestFactory
  Stream<DynamicTest> openAiPythonUsesAgentLab() {
    return tests(
        Client.OPENAI_PYTHON,
        List.of(
            Target.OPENAI_DIRECT, Target.OPENAI, Target.ANTHROPIC, Target.GEMINI, Target.BEDROCK),
        "openai-python",
        "program.py",
        "{\"client\": \"openai\", \"version\": \"3.57.0\"}");
  }

  @TestFactory
  Stream<DynamicTest> openAiPythonUsesResponses() {
    return tests(
        Client.RESPONSES_PYTHON,
        List.of(
            Target.OPENAI_DIRECT,
            Target.OPENAI,
            Target.OPENAI_CHAT,
            Target.ANTHROPIC,
            Target.GEMINI,
            Target.BEDROCK),
        "openai-python",
        "responses.py",
        "{\"client\": \"openai\", \"version\": \"3.57.0\"}");
  }

  @TestFactory
  Stream<DynamicTest> anthropicPythonUsesAgentLab() {
    return tests(
        Client.ANTHROPIC_PYTHON,
        List.of(
            Target.ANTHROPIC_DIRECT,
            Target.ANTHROPIC,
            Target.OPENAI,
            Target.GEMINI,
            Target.BEDROCK),
        "anthropic-python",
        "program.py",
        "{\"client\": \"anthropic\", \"version\": \"2.14.0\"}");
  }

  @TestFactory
  Stream<DynamicTest> googlePythonUsesAgentLab() {
    return tests(
        Client.GOOGLE_PYTHON,
        List.of(
            Target.GEMINI_DIRECT, Target.GEMINI, Target.OPENAI, Target.ANTHROPIC, Target.BEDROCK),
        "google-python",
        "program.py",
        "{\"client\": \"google-genai\", \"version\": \"3.6.1\"}");
  }

  private static Stream<DynamicTest> tests(
      Client client, List<Target> targets, String tools, String program, String firstLine) {
    Path folder = LockedTools.python(tools);
    return targets.stream()
        .flatMap(target ->
            SERVER.tests(
                client,
                target,
                (settings, scenarios) -> run(folder, program, firstLine, settings, scenarios)));
  }

  private static List<JsonNode> run(
      Path folder,
      String program,
      String firstLine,
      ConformanceServer.Settings settings,
      List<String> scenarios)
      throws IOException {
    List<String> command = new ArrayList<>(List.of("venv/bin/python", program));
    command.addAll(scenarios);
    String output = LockedTools.run(folder, settings.environment(), command);
    assertThat(output).contains(firstLine);
    return ConformanceServer.parse(output);
  }
}
