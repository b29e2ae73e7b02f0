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

/// The clients of Node.js: those of OpenAI's chat completions on OpenAI and on Anthropic, and those
/// of OpenAI's Responses API, of Anthropic and of Google on all kinds of providers.
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class NodeClientsIT {
  @RegisterExtension private static final ConformanceServer SERVER = new ConformanceServer();

  private static final List<Target> TARGETS =
      List.of(Target.OPENAI_DIRECT, Target.OPENAI, Target.ANTHROPIC);
  private static final List<Target> TARGETS_OF_ANTHROPIC =
      List.of(
          Target.ANTHROPIC_DIRECT, Target.ANTHROPIC, Target.OPENAI, Target.GEMINI, Target.BEDROCK);

  private static final List<Target> TARGETS_OF_RESPONSES =
      List.of(
          Target.OPENAI_DIRECT,
          Target.OPENAI,
          Target.OPENAI_CHAT,
          Target.ANTHROPIC,
          Target.GEMINI,
          Target.BEDROCK);

  private static final List<Target> TARGETS_OF_GOOGLE =
      List.of(Target.GEMINI_DIRECT, Target.GEMINI, Target.OPENAI, Target.ANTHROPIC, Target.BEDROCK);

  @TestFactory
  Stream<DynamicTest> openAiNodeUsesAgentLab() {
    return tests(
        Client.OPENAI_NODE, "openai.mjs", "{\"client\":\"openai\",\"version\":\"7.59.0\"}");
  }

  @TestFactory
  Stream<DynamicTest> aiSdkUsesAgentLab() {
    return tests(Client.AI_SDK, "ai.mjs", "{\"client\":\"ai\",\"version\":\"7.0.173\"}");
  }

  @TestFactory
  Stream<DynamicTest> openAiNodeUsesResponses() {
    return tests(
        Client.RESPONSES_NODE,
        TARGETS_OF_RESPONSES,
        "responses.mjs",
        "{\"client\":\"openai\",\"version\":\"7.59.0\"}");
  }

  @TestFactory
  Stream<DynamicTest> aiSdkUsesResponses() {
    return tests(
        Client.RESPONSES_AI_SDK,
        TARGETS_OF_RESPONSES,
        "ai-responses.mjs",
        "{\"client\":\"ai\",\"version\":\"7.0.173\"}");
  }

  @TestFactory
  Stream<DynamicTest> langChainUsesAgentLab() {
    return tests(
        Client.LANGCHAIN,
        "langchain.mjs",
        "{\"client\":\"@langchain/openai\",\"version\":\"1.6.0\"}");
  }

  @TestFactory
  Stream<DynamicTest> anthropicNodeUsesAgentLab() {
    return tests(
        Client.ANTHROPIC_NODE,
        TARGETS_OF_ANTHROPIC,
        "anthropic.mjs",
        "{\"client\":\"@anthropic-ai/sdk\",\"version\":\"1.14.0\"}");
  }

  @TestFactory
  Stream<DynamicTest> googleNodeUsesAgentLab() {
    return tests(
        Client.GOOGLE_NODE,
        TARGETS_OF_GOOGLE,
        "google.mjs",
        "{\"client\":\"@google/genai\",\"version\":\"3.3.0\"}");
  }

  private static Stream<DynamicTest> tests(Client client, String program, String firstLine) {
    return tests(client, TARGETS, program, firstLine);
  }

  private static Stream<DynamicTest> tests(
      Client client, List<Target> targets, String program, String firstLine) {
    Path folder = LockedTools.node("node-clients");
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
    List<String> command = new ArrayList<>(List.of("node", program));
    command.addAll(scenarios);
    String output = LockedTools.run(folder, settings.environment(), command);
    assertThat(output).startsWith(firstLine);
    return ConformanceServer.parse(output);
  }
}
